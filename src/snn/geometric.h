/** Bernoulli trials by the length of the runs between successes. */
#ifndef FSBI_SNN_GEOMETRIC_H
#define FSBI_SNN_GEOMETRIC_H

#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdint.h>

/**
 * Number of failures before the next success: geometric, exact. `inverse_log` is 1 / log1p(-p).
 * Whole trials are counted by rounding down each time, which is what makes the density right.
 */
static inline uint64_t fsbi_geometric_failures(gsl_rng *stream, double inverse_log) {
    double failures = log(gsl_rng_uniform_pos(stream)) * inverse_log;
    return failures < 0x1p62 ? (uint64_t)failures : UINT64_C(1) << 62;
}

#endif
