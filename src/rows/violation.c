#include "rows/violation.h"

#include <math.h>

double fsbi_condition_violation(const fsbi_condition *condition, const fsbi_row_shape *shape,
                                const fsbi_row *row) {
    static const double least = 1e-12; /* an interval that is a point */
    const double value = row->values[shape->theta_count + condition->metric_index];
    const double distance = fmax(condition->low - value, value - condition->high);
    double width = condition->high - condition->low;
    if (row->status != FSBI_SIMULATION_OK || isnan(value) || distance == INFINITY)
        return 1;
    if (distance <= 0)
        return 0;
    if (!(width < INFINITY))
        width = fabs(value < condition->low ? condition->low : condition->high);
    const double d = distance / fmax(width, least);
    return d / (1 + d);
}

double fsbi_filter_violation(const fsbi_filter *filter, const fsbi_row_shape *shape,
                             const fsbi_row *row) {
    double sum = 0;
    if (filter->count == 0)
        return row->status == FSBI_SIMULATION_OK ? 0 : 1;
    for (size_t i = 0; i < filter->count; i++)
        sum += fsbi_condition_violation(&filter->conditions[i], shape, row);
    return sum / (double)filter->count;
}
