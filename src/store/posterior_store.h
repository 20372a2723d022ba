/**
 * A posterior (or classifier) in a file: the same group whether it stands in a campaign file or in
 * one of its own. As everything in these files it is created whole, then filled by raw writes.
 */
#ifndef FSBI_STORE_POSTERIOR_STORE_H
#define FSBI_STORE_POSTERIOR_STORE_H

#include <stdbool.h>

#include "inference/calibration.h"
#include "inference/training.h"

enum { FSBI_STORE_NAME = 64, FSBI_STORE_PATH = 128 };

/** What a posterior is made for, known before it is trained. Owns its arrays. */
typedef struct {
    const fsbi_estimator *estimator;
    fsbi_estimator_specification shape;
    bool unbounded;
    size_t members;
    size_t max_epochs;
    size_t check_rows;    /**< room for the ranks of so many rows; 0: no check */
    size_t check_samples; /**< for each of them */
    char (*theta_names)[FSBI_STORE_NAME];
    char (*x_names)[FSBI_STORE_NAME];
    double *low, *high; /**< theta_size */
} fsbi_posterior_plan;

/** Allocates the arrays for the sizes in `shape`; release with fsbi_posterior_plan_clear. */
fsbi_status fsbi_posterior_plan_init(fsbi_posterior_plan *plan,
                                     const fsbi_estimator_specification *shape, fsbi_error *error);
void fsbi_posterior_plan_clear(fsbi_posterior_plan *plan);

/** The untrained posterior of a plan; release with fsbi_posterior_clear. */
fsbi_status fsbi_posterior_plan_start(const fsbi_posterior_plan *plan, fsbi_posterior *posterior,
                                      fsbi_error *error);

/** Where a posterior stands: an open file and a group in it. */
typedef struct {
    int64_t file; /**< HDF5's identifier */
    char path[FSBI_STORE_PATH];
} fsbi_posterior_place;

/** Rows that a posterior was made with. */
typedef struct {
    int64_t trained, held_out;
    int64_t left_out; /**< not finite */
} fsbi_posterior_rows;

/** Scaling and numbers of rows; independent of other ranks, as all below. */
fsbi_status fsbi_posterior_store_start(const fsbi_posterior_place *place,
                                       const fsbi_posterior *posterior,
                                       const fsbi_posterior_rows *rows, fsbi_error *error);

/** One trained member; the checksum that makes it count is written last. */
fsbi_status fsbi_posterior_store_write_member(const fsbi_posterior_place *place, size_t member,
                                              size_t parameter_count,
                                              const fsbi_training_result *result,
                                              fsbi_error *error);

/** Reads a member's weights (parameter_count); `*done` tells whether it was there, whole. */
fsbi_status fsbi_posterior_store_read_member(const fsbi_posterior_place *place, size_t member,
                                             size_t parameter_count, fsbi_real *parameters,
                                             bool *done, fsbi_error *error);

/** How many of a plan's members are there, whole. */
fsbi_status fsbi_posterior_store_count_members(const fsbi_posterior_place *place,
                                               const fsbi_posterior_plan *plan, size_t *done,
                                               fsbi_error *error);

/** What became of a check; release with fsbi_posterior_check_clear. */
typedef struct {
    int64_t rows;                     /**< ranked; -1: not done yet */
    fsbi_acceptance acceptance;       /**< of all samples drawn */
    int32_t *ranks;                   /**< rows x columns, with room for most_rows */
    fsbi_calibration_result *results; /**< columns; NaN if there were too few rows */
    size_t most_rows;
    size_t columns; /**< fsbi_calibration_columns */
} fsbi_posterior_check;

/** One that is not done yet, of a plan's posterior. Clear also after failure. */
fsbi_status fsbi_posterior_check_init(fsbi_posterior_check *check, const fsbi_posterior_plan *plan,
                                      fsbi_error *error);
void fsbi_posterior_check_clear(fsbi_posterior_check *check);

/** Writes a check, or reads it. */
fsbi_status fsbi_posterior_store_write_check(const fsbi_posterior_place *place,
                                             const fsbi_posterior_check *check, fsbi_error *error);
fsbi_status fsbi_posterior_store_read_check(const fsbi_posterior_place *place,
                                            fsbi_posterior_check *check, fsbi_error *error);

/** The classifier's threshold of log P(valid), NaN until it is known. */
fsbi_status fsbi_posterior_store_write_threshold(const fsbi_posterior_place *place,
                                                 double threshold, fsbi_error *error);

/** Whether a posterior's check, or a classifier's threshold, is there too. */
fsbi_status fsbi_posterior_store_is_complete(const fsbi_posterior_place *place,
                                             const fsbi_posterior_plan *plan, bool *complete,
                                             fsbi_error *error);

/** Reads a whole trained posterior with its plan; release both. FSBI_BAD_INPUT if it is not all
 * there. */
fsbi_status fsbi_posterior_store_load(const fsbi_posterior_place *place, fsbi_posterior_plan *plan,
                                      fsbi_posterior *posterior, fsbi_error *error);

#endif
