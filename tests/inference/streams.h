/** Random numbers for tests of networks. */
#ifndef FSBI_TESTS_STREAMS_H
#define FSBI_TESTS_STREAMS_H

#include <gsl/gsl_randist.h>

#include "fsbi/random.h"
#include "nets/real.h"

static inline gsl_rng *new_stream(unsigned long seed) {
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    gsl_rng_set(rng, seed);
    return rng;
}

static inline void fill(gsl_rng *rng, double deviation, size_t count, fsbi_real *values) {
    for (size_t i = 0; i < count; i++)
        values[i] = (fsbi_real)gsl_ran_gaussian(rng, deviation);
}

#endif
