#include "campaign/filter.h"

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

size_t fsbi_filter_count(const fsbi_filter *filter, const fsbi_row_shape *shape, void *rows,
                         size_t count) {
    size_t met = 0;
    for (size_t i = 0; i < count; i++)
        met += fsbi_filter_met(filter, shape, fsbi_row_at(shape, rows, i));
    return met;
}
