#include "inference/robust_scale.h"

#include <gsl/gsl_sort_double.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>

bool fsbi_robust_scale_is_outside(const fsbi_robust_scale *scale, double value) {
    return value < scale->low || value > scale->high;
}

/* Fences around the sorted values; infinite ones where these are no exceptions. */
static void put_fences(fsbi_robust_scale *scale, const double *sorted, size_t rows) {
    static const double ranges = 20, most_outside = 0.15, quarter = 0.25;
    const double median = gsl_stats_median_from_sorted_data(sorted, 1, rows);
    const double spread = gsl_stats_quantile_from_sorted_data(sorted, 1, rows, 1 - quarter) -
                          gsl_stats_quantile_from_sorted_data(sorted, 1, rows, quarter);
    scale->low = median - ranges * spread;
    scale->high = median + ranges * spread;
    for (size_t i = 0; i < rows; i++)
        scale->outside += fsbi_robust_scale_is_outside(scale, sorted[i]);
    if (spread > 0 && (double)scale->outside <= most_outside * (double)rows)
        return;
    scale->low = -INFINITY;
    scale->high = INFINITY;
    scale->outside = 0;
}

/* Keeps the values within the fences, in their order. */
static size_t gather(const fsbi_robust_scale *scale, const fsbi_column *column, double *kept) {
    size_t count = 0;
    for (size_t row = 0; row < column->rows; row++)
        if (!fsbi_robust_scale_is_outside(scale, column->values[row * column->stride]))
            kept[count++] = column->values[row * column->stride];
    return count;
}

fsbi_robust_scale fsbi_robust_scale_find(const fsbi_column *column, double *room) {
    fsbi_robust_scale scale = {.low = -INFINITY, .high = INFINITY};
    size_t count = gather(&scale, column, room);
    gsl_sort(room, 1, count);
    put_fences(&scale, room, count);
    count = gather(&scale, column, room);
    scale.mean = gsl_stats_mean(room, 1, count);
    scale.deviation = sqrt(gsl_stats_variance_with_fixed_mean(room, 1, count, scale.mean));
    return scale;
}

double fsbi_robust_scale_compress(double standardised) {
    static const double reach = 10;
    const double beyond = fabs(standardised) - reach;
    return beyond > 0 ? copysign(reach + log1p(beyond), standardised) : standardised;
}
