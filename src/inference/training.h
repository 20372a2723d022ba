/**
 * Training of one network: batches are drawn anew in every epoch, and
 * the weights with the best loss on the rows held out are what remains.
 *
 * Several processes can train one network together. A batch is cut into the same slices whatever
 * their number, and the slices' gradients are added as a binary tree, so the result is the same.
 */
#ifndef FSBI_INFERENCE_TRAINING_H
#define FSBI_INFERENCE_TRAINING_H

#include <stdbool.h>

#include "inference/estimator.h"

typedef struct {
    double learning_rate;
    size_t batch_size;
    size_t patience; /**< epochs without improvement before it stops */
    size_t max_epochs;
    double clip_norm;
    double weight_decay; /**< share of learning_rate by which weights shrink in a step (Loshchilov
                            and Hutter 2019); 0: none */
} fsbi_training_settings;

/** (theta, x), standardised; borrowed. */
typedef struct fsbi_training_data {
    const fsbi_real *theta; /**< rows x theta_size */
    const fsbi_real *x;     /**< rows x x_size */
    const double *weights; /**< rows: how often each is drawn in an epoch, but for a factor, and how
                              much it counts among those held out; NULL: all alike */
    size_t training_rows;  /**< at least 1 */
    size_t held_out_rows;  /**< at least 1; they follow the training rows */
    size_t rotation;       /**< where the first training row stands; rows go round in a circle */
} fsbi_training_data;

/** Where a row stands in these arrays: training rows count from 0, those held out follow. */
size_t fsbi_training_place(const fsbi_training_data *data, size_t row);

/** Processes that train one network together; every one gets the result. */
typedef struct {
    size_t size;  /**< a power of two, at most fsbi_training_slices */
    size_t index; /**< of this process */
    /** Sends `bytes` bytes to a colleague and receives as many from it; not called if size is 1. */
    void (*exchange)(void *context, size_t colleague, const void *send, void *receive,
                     size_t bytes);
    /** Before each epoch: whether to give up, the same answer in the whole team; NULL: never. */
    bool (*stop)(void *context);
    void *context;
} fsbi_training_team;

/** What training gives; the arrays are the caller's. */
typedef struct {
    fsbi_real *parameters; /**< the estimator's parameter_count: the best weights */
    double *training_loss; /**< max_epochs; mean of -log q in standardised units, NaN after the last
                              epoch */
    double *validation_loss; /**< max_epochs */
    size_t max_epochs;       /**< as in the settings */
    size_t epochs;
    double best_validation_loss;
} fsbi_training_result;

/** Slices that a batch is cut into: a power of two. */
size_t fsbi_training_slices(size_t batch_size);

/** What is trained, and how; borrowed. */
typedef struct {
    const fsbi_estimator *estimator;
    const fsbi_estimator_specification *specification;
    const fsbi_training_settings *settings;
    const fsbi_training_data *data;
    const fsbi_training_team *team;
    const fsbi_real *initial; /**< weights to start from; NULL: drawn from the stream */
    bool primed; /**< start, rather, from what the estimator's `prime` makes of these */
} fsbi_training;

/**
 * Trains one network. The stream decides on the initial weights and the batches; it must be the
 * same in all processes of the team. FSBI_HOPELESS if no epoch gives a finite validation loss,
 * FSBI_UNFINISHED if it was to give up.
 */
fsbi_status fsbi_training_run(const fsbi_training *training, gsl_rng *stream,
                              fsbi_training_result *result, fsbi_error *error);

#endif
