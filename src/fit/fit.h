/** Training a posterior, or a classifier, over the ranks, and checking it. */
#ifndef FSBI_FIT_FIT_H
#define FSBI_FIT_FIT_H

#include <mpi.h>
#include <stdbool.h>
#include <stdio.h>

#include "config/config.h"
#include "fsbi/random.h"
#include "store/posterior_store.h"

/** Where a row comes from. */
typedef struct {
    bool of_campaign; /**< otherwise there are no rounds */
    size_t round, row;
} fsbi_training_origin;

/** Rows to train on: rows x theta_size and rows x x_size; release with fsbi_training_table_clear.
 */
typedef struct {
    double *theta, *x;
    double *weights;               /**< how much each row counts; NULL: all count alike */
    fsbi_training_origin *origins; /**< of each row; NULL: they are counted from 0 */
    size_t rows;
    size_t left_out; /**< rows that were not finite */
} fsbi_training_table;

void fsbi_training_table_clear(fsbi_training_table *table);

/** What a fit is done with; the same on all ranks. */
typedef struct {
    MPI_Comm comm;
    int first_worker; /**< ranks below this one do not train */
    FILE *report;     /**< used on rank 0 */
    const char *what; /**< "round 0: posterior" */
    const fsbi_config_inference *settings;
    double weight_decay;
    bool own_held_out; /**< each member holds out other rows */
    uint64_t seed;
    size_t round; /**< these name the random streams, with the purposes */
    fsbi_random_purpose train, split;
    fsbi_posterior_place place;    /**< where the members go as soon as they are trained */
    const fsbi_posterior *initial; /**< networks that members start from; NULL: none */
} fsbi_fit;

/** A fit with its data split, on all ranks; release with fsbi_fit_data_clear. */
typedef struct {
    double *theta, *x; /**< the training rows, then those held out */
    double *weights;   /**< likewise; NULL: all count alike */
    size_t training_rows, held_out_rows;
    size_t left_out;
} fsbi_fit_data;

void fsbi_fit_data_clear(fsbi_fit_data *data);

/**
 * Gives rank 0's table to all and splits it; the standardisation of `posterior` is taken from the
 * training rows. Collective.
 */
fsbi_status fsbi_fit_share(const fsbi_fit *fit, const fsbi_training_table *table,
                           fsbi_posterior *posterior, fsbi_fit_data *data, fsbi_error *error);

/** Trains the members that the file does not have; afterwards all ranks have all. Collective. */
fsbi_status fsbi_fit_train(const fsbi_fit *fit, const fsbi_fit_data *data,
                           fsbi_posterior *posterior, fsbi_error *error);

/**
 * Shares, trains and checks a posterior, but for what the file has already, and says on rank 0 what
 * the check means. Rows of rank 0's table that cannot be scaled are left out (training_notes.h).
 * Collective; afterwards all ranks have the posterior, to be released with fsbi_posterior_clear.
 */
fsbi_status fsbi_fit_posterior(const fsbi_fit *fit, fsbi_training_table *table,
                               const fsbi_posterior_plan *plan, fsbi_posterior *posterior,
                               fsbi_error *error);

/** Whether the networks of a plan can start from those of a posterior. */
bool fsbi_fit_can_start_from(const fsbi_posterior_plan *plan, const fsbi_posterior *initial);

#endif
