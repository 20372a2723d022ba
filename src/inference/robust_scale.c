#include "inference/robust_scale.h"

#include <float.h>
#include <gsl/gsl_sort_double.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>

bool fsbi_robust_scale_is_outside(const fsbi_robust_scale *scale, double value) {
    return value < scale->low || value > scale->high;
}

/* The value that stands there most often, as zeros and what stands for something missing do. */
typedef struct {
    size_t first, count;
} run;

static run longest_run(const double *sorted, size_t rows) {
    run longest = {0, 0};
    size_t first = 0;
    for (size_t i = 1; i <= rows; i++) {
        if (i < rows && sorted[i] == sorted[first])
            continue;
        if (i - first > longest.count)
            longest = (run){first, i - first};
        first = i;
    }
    return longest;
}

static double quantile(const double *sorted, size_t rows, double share) {
    return rows > 0 ? gsl_stats_quantile_from_sorted_data(sorted, 1, rows, share) : NAN;
}

/* Fences around the sorted values, by those that are not the most frequent one: it may be far away
 * in any share. Infinite ones where too many others lie beyond: these are no exceptions. */
static void put_fences(fsbi_robust_scale *scale, double *sorted, size_t rows) {
    enum { LEAST_RUN = 5 };
    static const double ranges = 20, most_outside = 0.15, quarter = 0.25, half = 0.5;
    const run most = longest_run(sorted, rows);
    const double repeated = sorted[most.first];
    const size_t left_out = most.count >= LEAST_RUN ? most.count : 0;
    const size_t rest = rows - left_out;
    if (left_out > 0)
        memmove(sorted + most.first, sorted + most.first + most.count,
                (rows - most.first - most.count) * sizeof *sorted);
    const double median = quantile(sorted, rest, half);
    const double range = quantile(sorted, rest, 1 - quarter) - quantile(sorted, rest, quarter);
    /* Of two values that alternate, the distance between them. */
    const double spread = range > 0 || left_out == 0 ? range : fabs(median - repeated);
    size_t outside = 0;
    scale->low = median - ranges * spread;
    scale->high = median + ranges * spread;
    for (size_t i = 0; i < rest; i++)
        outside += fsbi_robust_scale_is_outside(scale, sorted[i]);
    if (spread > 0 && isfinite(spread) && (double)outside <= most_outside * (double)rows) {
        scale->outside = outside + (fsbi_robust_scale_is_outside(scale, repeated) ? left_out : 0);
        return;
    }
    scale->low = -INFINITY;
    scale->high = INFINITY;
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
    if (!(fabs(standardised) > reach)) /* NaN stays NaN */
        return standardised;
    return copysign(reach + log1p(fmin(fabs(standardised) - reach, DBL_MAX)), standardised);
}
