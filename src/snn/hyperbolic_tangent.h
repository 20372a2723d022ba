/**
 * tanh of eight numbers as a ratio of polynomials, for arguments within a range: the smaller the
 * range, the lower the degree. Minimax fits of the absolute error, which is at most 6e-8 before
 * rounding and 4e-7 with it.
 */
#ifndef FSBI_SNN_HYPERBOLIC_TANGENT_H
#define FSBI_SNN_HYPERBOLIC_TANGENT_H

#include "core/simd.h"

/** Largest absolute argument of each kind; beyond the last, tanh is 1 to single precision. */
#define FSBI_TANH_SMALL 2.0F
#define FSBI_TANH_MEDIUM 5.0F
#define FSBI_TANH_LARGE 8.0F

/** What results are multiplied by; it spares the small range, the most frequent one, an operation.
 */
#define FSBI_TANH_SCALE 15.889767F

typedef enum { FSBI_TANH_OF_SMALL, FSBI_TANH_OF_MEDIUM, FSBI_TANH_OF_ANY } fsbi_tanh_range;

/** FSBI_TANH_SCALE tanh y; every argument is within the range. */
static inline fsbi_float8 fsbi_tanh(fsbi_float8 y, fsbi_tanh_range range) {
    if (range == FSBI_TANH_OF_ANY)
        y = fsbi_float8_clip(y, fsbi_float8_of(-FSBI_TANH_LARGE), fsbi_float8_of(FSBI_TANH_LARGE));
    const fsbi_float8 s = fsbi_float8_opaque(y * y);
    switch (range) {
    case FSBI_TANH_OF_SMALL:
        return y * ((s + 10.0145389F) * (s + 104.223794F)) /
               ((s + 2.46785317F) * (s + 26.6171247F));
    case FSBI_TANH_OF_MEDIUM:
        return y * (15.8897626F + s * (1.9922275F + s * (0.0397091488F + s * 8.14622607e-05F))) /
               (1 + s * (0.458710135F + s * (0.0220706437F + s * 0.000167871229F)));
    case FSBI_TANH_OF_ANY:
        break;
    }
    return y *
           (15.8897665F +
            s * (2.13529687F + s * (0.0566335639F + s * (0.000345971036F + s * 2.39327568e-07F)))) /
           (1 +
            s * (0.467715095F + s * (0.0261360046F + s * (0.000339917461F + s * 8.45363431e-07F))));
}

#endif
