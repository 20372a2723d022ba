/**
 * A posterior (or classifier) in a file: the same group whether it stands in a campaign file or in
 * one of its own. As everything in these files it is created whole, then filled by raw writes.
 */
#ifndef FSBI_STORE_POSTERIOR_STORE_H
#define FSBI_STORE_POSTERIOR_STORE_H

#include <stdbool.h>

#include "inference/posterior_check.h"
#include "inference/posterior_plan.h"
#include "inference/training.h"
#include "store/file.h"

enum { FSBI_STORE_PATH = 128 };

/** Where a posterior stands: an open file and a group in it. */
typedef struct {
    fsbi_store_file file;
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

/** Writes a check, or reads it. */
fsbi_status fsbi_posterior_store_write_check(const fsbi_posterior_place *place,
                                             const fsbi_posterior_check *check, fsbi_error *error);
fsbi_status fsbi_posterior_store_read_check(const fsbi_posterior_place *place,
                                            fsbi_posterior_check *check, fsbi_error *error);

/** The largest weight that a row counted with in training; NaN where rows have no weights. */
fsbi_status fsbi_posterior_store_write_weight_cap(const fsbi_posterior_place *place, double cap,
                                                  fsbi_error *error);

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
