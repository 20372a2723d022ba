/** Which rows meet conditions. */
#ifndef FSBI_ROWS_ROW_FILTER_H
#define FSBI_ROWS_ROW_FILTER_H

#include "rows/row_set.h"

/** Whether a finished row is ok and its metric lies in the condition's interval. */
bool fsbi_condition_met(const fsbi_condition *condition, const fsbi_row_shape *shape,
                        const fsbi_row *row);

/** Whether it lies in the intervals of all conditions; with none, whether the row is ok. */
bool fsbi_filter_met(const fsbi_filter *filter, const fsbi_row_shape *shape, const fsbi_row *row);

/**
 * The filter with every best share turned into the interval of the values that it holds: of the
 * finite ones, n, that meet all intervals of the filter, those from the value of rank
 * ceil(share n) on, equal ones included. The two functions above then say which rows meet it.
 * `resolved->conditions` is allocated, owned by the caller.
 */
fsbi_status fsbi_filter_resolve(const fsbi_filter *filter, const fsbi_row_set *set,
                                fsbi_filter *resolved, fsbi_error *error);

/** Number of the rows that meet the filter, its best shares being shares of these rows. */
fsbi_status fsbi_filter_count(const fsbi_filter *filter, const fsbi_row_set *set, size_t *met,
                              fsbi_error *error);

#endif
