/**
 * Training of one ensemble member: part of the rows is held out, batches are drawn anew in every
 * epoch, and the weights with the best validation loss are what remains ("Inference as published").
 */
#ifndef FSBI_INFERENCE_TRAINING_H
#define FSBI_INFERENCE_TRAINING_H

#include "inference/estimator.h"

typedef struct {
    double learning_rate;
    size_t batch_size;
    double validation_fraction;
    size_t patience; /**< epochs without improvement before it stops */
    size_t max_epochs;
    double clip_norm;
} fsbi_training_settings;

/** (theta, x), standardised; borrowed. */
typedef struct {
    const fsbi_real *theta; /**< rows x theta_size */
    const fsbi_real *x;     /**< rows x x_size */
    size_t rows;
} fsbi_training_data;

/** What training gives; the arrays are the caller's. */
typedef struct {
    fsbi_real *parameters; /**< the estimator's parameter_count: the best weights */
    double *training_loss; /**< max_epochs; mean of -log q in standardised units, NaN after the last
                              epoch */
    double *validation_loss; /**< max_epochs */
    size_t epochs;
    double best_validation_loss;
} fsbi_training_result;

/**
 * Trains from initial weights drawn from `stream`, which also decides on the split and the batches.
 * FSBI_HOPELESS if no epoch gives a finite validation loss.
 */
fsbi_status fsbi_training_run(const fsbi_estimator *estimator, const fsbi_estimator_shape *shape,
                              const fsbi_training_settings *settings,
                              const fsbi_training_data *data, gsl_rng *stream,
                              fsbi_training_result *result, fsbi_error *error);

#endif
