/** Mean and standard deviation of a column that a few rows cannot take over. */
#ifndef FSBI_INFERENCE_ROBUST_SCALE_H
#define FSBI_INFERENCE_ROBUST_SCALE_H

#include <stdbool.h>
#include <stddef.h>

#include "fsbi/error.h"

/** Finite numbers, `stride` apart. */
typedef struct {
    const double *values;
    size_t stride, rows;
} fsbi_column;

/** How such a column is scaled. */
typedef struct {
    double mean, deviation; /**< of the values within the fences; 0: they do not differ */
    double low, high;       /**< the fences; infinite where too many lie beyond them */
    size_t outside;         /**< rows beyond them */
} fsbi_robust_scale;

/**
 * Puts fences 20 interquartile ranges from the median (Tukey 1977 has 1.5, for what is odd; here
 * only what would hide the rest is left out), both taken without the value that stands there most
 * often. Where more than 15 % of the rows, other than that value, lie beyond them these are no
 * exceptions, and there are no fences. `room` has space for the rows.
 */
fsbi_robust_scale fsbi_robust_scale_find(const fsbi_column *column, double *room);

/** Whether a value lies beyond the fences. */
bool fsbi_robust_scale_is_outside(const fsbi_robust_scale *scale, double value);

/**
 * What networks see of a standardised x: itself up to 10 standard deviations from 0, from there on
 * its logarithm grows, so that a value such as 1e36 stays a number among others. Odd and
 * increasing.
 */
double fsbi_robust_scale_compress(double standardised);

#endif
