/** What is odd about rows that a posterior is to be trained on, in words. */
#ifndef FSBI_FIT_TRAINING_NOTES_H
#define FSBI_FIT_TRAINING_NOTES_H

#include "core/text.h"
#include "fit/fit.h"

/**
 * Lines for people: columns of theta or x that are the same in all rows, and columns with rows far
 * from the others, with some of these rows. Names come from the plan. Rows with a theta far from
 * the others and beyond the prior's bounds, where there are any, are taken out of the table: no
 * density could be scaled by them.
 */
fsbi_status fsbi_training_notes_examine(fsbi_training_table *table, const fsbi_posterior_plan *plan,
                                        fsbi_text *text, fsbi_error *error);

/** What one column of x is asked at. */
typedef struct {
    const char *name;
    double low, high; /**< equal where it is fixed */
} fsbi_x_range;

/** One line if these x_size ranges lie far from what the posterior was trained on
 * (fsbi_posterior_is_far). */
fsbi_status fsbi_training_notes_far(const fsbi_posterior *posterior, const fsbi_x_range *ranges,
                                    fsbi_text *text, fsbi_error *error);

#endif
