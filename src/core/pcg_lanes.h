/**
 * Eight generators side by side, for loops that need hundreds of random numbers a step. Lane k is a
 * generator as in core/pcg.h with a stream of its own. Vector extensions of gcc and clang.
 */
#ifndef FSBI_CORE_PCG_LANES_H
#define FSBI_CORE_PCG_LANES_H

#include <gsl/gsl_rng.h>

#include "core/pcg.h"
#include "core/simd.h"

enum {
    FSBI_PCG_QUAD = FSBI_DOUBLE4,
    FSBI_PCG_QUADS = 2,
    FSBI_PCG_LANES = FSBI_PCG_QUADS * FSBI_PCG_QUAD
};

typedef uint64_t fsbi_pcg_quad __attribute__((vector_size(FSBI_PCG_QUAD * sizeof(uint64_t))));

/** Lane k is element k % FSBI_PCG_QUAD of quad k / FSBI_PCG_QUAD. */
typedef struct {
    fsbi_pcg_quad state[FSBI_PCG_QUADS], increment[FSBI_PCG_QUADS];
} fsbi_pcg_lanes;

/** Lanes that begin streams of their own; states and sequences are drawn from `stream` (of
 * fsbi_random_pcg32), lane after lane, as 64-bit numbers whose high half comes first. */
fsbi_pcg_lanes fsbi_pcg_lanes_seeded(gsl_rng *stream);

/** The next numbers of the four lanes of a quad, whole ones from 0 to 2^32 - 1; advances its state.
 */
static inline fsbi_double4 fsbi_pcg_quad_next(fsbi_pcg_quad *state, fsbi_pcg_quad increment) {
    typedef uint32_t halves __attribute__((vector_size(sizeof(fsbi_pcg_quad))));
    /* The upper half of a double between 2^52 and 2^53, whose lower half is a whole number. */
    enum { EXPONENT = 0x43300000 };
    const halves exponents = (halves){0} + EXPONENT;
    const fsbi_pcg_quad old = *state;
    *state = old * FSBI_PCG_MULTIPLIER + increment;
    const halves once = (halves)(((old >> 18) ^ old) >> 27);
    const fsbi_pcg_quad twice =
        (fsbi_pcg_quad)__builtin_shufflevector(once, once, 0, 0, 2, 2, 4, 4, 6, 6);
    const halves rotated = (halves)(twice >> (old >> 59));
    return (fsbi_double4)__builtin_shufflevector(rotated, exponents, 0, 8, 2, 8, 4, 8, 6, 8) -
           0x1p52;
}

#endif
