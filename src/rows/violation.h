/** How far a row is from meeting conditions: to rank the best when none meets them. It is not what
 * a search should descend: many conditions that are easily met outweigh the few that are not. */
#ifndef FSBI_ROWS_VIOLATION_H
#define FSBI_ROWS_VIOLATION_H

#include "config/settings.h"
#include "rows/row.h"

/** Of one interval: 0 if it is met, otherwise d / (1 + d), where d is the distance from it over its
 * width, or over its bound where it has only one; 1 where the row is not ok or the value NaN. */
double fsbi_condition_violation(const fsbi_condition *condition, const fsbi_row_shape *shape,
                                const fsbi_row *row);

/** Of a filter: the mean over its conditions, from 0 (all met) to 1. */
double fsbi_filter_violation(const fsbi_filter *filter, const fsbi_row_shape *shape,
                             const fsbi_row *row);

#endif
