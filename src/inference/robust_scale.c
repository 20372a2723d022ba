#include "inference/robust_scale.h"

#include <float.h>
#include <gsl/gsl_sort_double.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <string.h>

bool fsbi_robust_scale_is_outside(const fsbi_robust_scale *scale, double value) {
    return value < scale->low || value > scale->high;
}

/* Values that stand there again and again, as zeros and what stands for something missing do. */
enum { MOST_RUNS = 20, LEAST_RUN = 5 };

typedef struct {
    double values[MOST_RUNS];
    size_t counts[MOST_RUNS];
    size_t count;
} runs;

/* The end of the run of equal values that begins at `first` of the sorted ones. */
static size_t end_of_run(const double *sorted, size_t rows, size_t first) {
    size_t end = first + 1;
    while (end < rows && sorted[end] == sorted[first])
        end++;
    return end;
}

/* The length from which on runs are taken out: a twentieth of the rows, if a fifth of them is left
 * then; otherwise that of the longest. */
static size_t find_least(const double *sorted, size_t rows) {
    enum { SHARE = 20, LEFT_SHARE = 5 };
    const size_t share = rows / SHARE > LEAST_RUN ? rows / SHARE : LEAST_RUN;
    size_t longest = LEAST_RUN;
    size_t left = rows;
    for (size_t first = 0, end = 0; first < rows; first = end) {
        end = end_of_run(sorted, rows, first);
        longest = end - first > longest ? end - first : longest;
        left -= end - first >= share ? end - first : 0;
    }
    return LEFT_SHARE * left >= rows ? share : longest;
}

/* Takes such runs out of the sorted values; returns how many are left. */
static size_t take_out(double *sorted, size_t rows, size_t least, runs *taken) {
    size_t kept = 0;
    *taken = (runs){.count = 0};
    for (size_t first = 0, end = 0; first < rows; first = end) {
        end = end_of_run(sorted, rows, first);
        if (end - first >= least && taken->count < MOST_RUNS) {
            taken->values[taken->count] = sorted[first];
            taken->counts[taken->count++] = end - first;
            continue;
        }
        memmove(sorted + kept, sorted + first, (end - first) * sizeof *sorted);
        kept += end - first;
    }
    return kept;
}

static double quantile(const double *sorted, size_t rows, double share) {
    return rows > 0 ? gsl_stats_quantile_from_sorted_data(sorted, 1, rows, share) : NAN;
}

/* Fences around the sorted values, by those that are not repeated: what is may be far away in any
 * share. Infinite ones where too many others lie beyond: these are no exceptions. */
static void put_fences(fsbi_robust_scale *scale, double *sorted, size_t rows) {
    static const double ranges = 20, most_outside = 0.15, quarter = 0.25, half = 0.5;
    runs taken;
    const size_t rest = take_out(sorted, rows, find_least(sorted, rows), &taken);
    const double median = quantile(sorted, rest, half);
    const double range = quantile(sorted, rest, 1 - quarter) - quantile(sorted, rest, quarter);
    /* Of two values that alternate, the distance between them. */
    const double spread = range > 0 || taken.count == 0 ? range : fabs(median - taken.values[0]);
    size_t outside = 0;
    scale->low = median - ranges * spread;
    scale->high = median + ranges * spread;
    for (size_t i = 0; i < rest; i++)
        outside += fsbi_robust_scale_is_outside(scale, sorted[i]);
    if (!(spread > 0) || !isfinite(spread) || (double)outside > most_outside * (double)rows) {
        scale->low = -INFINITY;
        scale->high = INFINITY;
        return;
    }
    scale->outside = outside;
    for (size_t i = 0; i < taken.count; i++)
        if (fsbi_robust_scale_is_outside(scale, taken.values[i]))
            scale->outside += taken.counts[i];
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
