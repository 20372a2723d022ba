/** Which rows meet conditions. */
#ifndef FSBI_CAMPAIGN_FILTER_H
#define FSBI_CAMPAIGN_FILTER_H

#include "config/config.h"
#include "store/row.h"

/** Whether a finished row is ok and its metric lies in the interval. */
bool fsbi_condition_met(const fsbi_condition *condition, const fsbi_row_shape *shape,
                        const fsbi_row *row);

/** Whether all conditions are met; with none, whether the row is ok. */
bool fsbi_filter_met(const fsbi_filter *filter, const fsbi_row_shape *shape, const fsbi_row *row);

/** Number of `rows` that meet the filter. */
size_t fsbi_filter_count(const fsbi_filter *filter, const fsbi_row_shape *shape, void *rows,
                         size_t count);

#endif
