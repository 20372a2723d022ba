#include "rows/row_filter.h"

#include <float.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>

#include "config/filter.h"
#include "core/memory.h"

bool fsbi_condition_met(const fsbi_condition *condition, const fsbi_row_shape *shape,
                        const fsbi_row *row) {
    double value = row->values[shape->theta_count + condition->metric_index];
    return row->status == FSBI_SIMULATION_OK && value >= condition->low && value <= condition->high;
}

bool fsbi_filter_met(const fsbi_filter *filter, const fsbi_row_shape *shape, const fsbi_row *row) {
    for (size_t i = 0; i < filter->count; i++)
        if (!fsbi_condition_met(&filter->conditions[i], shape, row))
            return false;
    return row->status == FSBI_SIMULATION_OK;
}

/* The finite values of a metric in rows that meet the filter's intervals; as many as there are. */
static size_t collect_values(const fsbi_filter *filter, size_t metric_index,
                             const fsbi_row_set *set, double *values) {
    size_t count = 0;
    for (size_t round = set->first; round < set->end; round++) {
        for (size_t i = 0; i < set->rounds[round].simulations; i++) {
            const fsbi_row *row = fsbi_row_at(set->shape, set->rows[round], i);
            const double value = row->values[set->shape->theta_count + metric_index];
            if (fsbi_filter_met(filter, set->shape, row) && isfinite(value))
                values[count++] = value;
        }
    }
    return count;
}

/* How many of `count` values a share holds; products that rounding lifts above a whole number do
 * not count as more. */
static size_t share_of(double share, size_t count) {
    static const double rounding = 1e-12;
    return (size_t)ceil(share * (double)count * (1 - rounding));
}

static void resolve_condition(const fsbi_filter *filter, fsbi_condition *condition,
                              const fsbi_row_set *set, double *values) {
    const size_t count = collect_values(filter, condition->metric_index, set, values);
    condition->low = fmax(condition->low, -DBL_MAX);
    condition->high = fmin(condition->high, DBL_MAX);
    if (count == 0)
        return;
    gsl_sort(values, 1, count);
    condition->low = fmax(condition->low, values[count - share_of(condition->top, count)]);
    condition->high = fmin(condition->high, values[share_of(condition->bottom, count) - 1]);
    condition->top = condition->bottom = 1;
}

fsbi_status fsbi_filter_resolve(const fsbi_filter *filter, const fsbi_row_set *set,
                                fsbi_filter *resolved, fsbi_error *error) {
    *resolved = *filter;
    double *values = fsbi_memory_allocate(fsbi_row_set_count(set), sizeof *values, error);
    resolved->conditions =
        fsbi_memory_copy(filter->conditions, filter->count * sizeof *filter->conditions, error);
    if (values == NULL || resolved->conditions == NULL) {
        free(values);
        free(resolved->conditions);
        resolved->conditions = NULL;
        return FSBI_NO_MEMORY;
    }
    for (size_t i = 0; i < filter->count; i++)
        if (fsbi_condition_is_relative(&filter->conditions[i]))
            resolve_condition(filter, &resolved->conditions[i], set, values);
    free(values);
    return FSBI_OK;
}

fsbi_status fsbi_filter_count(const fsbi_filter *filter, const fsbi_row_set *set, size_t *met,
                              fsbi_error *error) {
    fsbi_filter resolved = {0};
    *met = 0;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_filter_resolve(filter, set, &resolved, error));
    for (size_t round = set->first; round < set->end; round++)
        for (size_t i = 0; i < set->rounds[round].simulations; i++)
            *met += fsbi_filter_met(&resolved, set->shape,
                                    fsbi_row_at(set->shape, set->rows[round], i));
done:
    free(resolved.conditions);
    return status;
}
