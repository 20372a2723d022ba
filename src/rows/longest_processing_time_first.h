/** The order in which rows are handed out. */
#ifndef FSBI_ROWS_LONGEST_PROCESSING_TIME_FIRST_H
#define FSBI_ROWS_LONGEST_PROCESSING_TIME_FIRST_H

#include "rows/row_set.h"

/**
 * Puts the indices of `count` rows of the set's last round, which have their thetas, in the order
 * of the time that their simulations are expected to take, longest first (Graham 1969), so that no
 * long one begins when the others are out of work. The logarithm of the time is fitted to the
 * finished rows of `set` by a ridge regression on the parameters and their squares; where these are
 * few or take next to no time, the order stays as it is.
 */
fsbi_status fsbi_longest_processing_time_first(const fsbi_model *model, const fsbi_row_set *set,
                                               size_t *indices, size_t count, fsbi_error *error);

#endif
