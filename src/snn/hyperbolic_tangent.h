/**
 * tanh of eight numbers as a ratio of polynomials, for arguments within a range: the smaller the
 * range, the lower the degree. Minimax fits of the absolute error, which is at most 6e-8 before
 * rounding and 3e-7 with it.
 */
#ifndef FSBI_SNN_HYPERBOLIC_TANGENT_H
#define FSBI_SNN_HYPERBOLIC_TANGENT_H

#include "snn/lanes.h"

/** Largest absolute argument of each kind; beyond the last, tanh is 1 to single precision. */
#define FSBI_TANH_SMALL 2.0F
#define FSBI_TANH_MEDIUM 5.0F
#define FSBI_TANH_LARGE 8.0F

typedef enum { FSBI_TANH_OF_SMALL, FSBI_TANH_OF_MEDIUM, FSBI_TANH_OF_ANY } fsbi_tanh_range;

/** tanh y; every argument is within the range. */
static inline fsbi_lanes fsbi_tanh(fsbi_lanes y, fsbi_tanh_range range) {
    if (range == FSBI_TANH_OF_ANY)
        y = fsbi_lanes_clip(y, fsbi_lanes_of(-FSBI_TANH_LARGE), fsbi_lanes_of(FSBI_TANH_LARGE));
    const fsbi_lanes s = y * y;
    switch (range) {
    case FSBI_TANH_OF_SMALL:
        return y * (0.999999661F + s * (0.109449523F + s * 0.000958080534F)) /
               (1 + s * (0.442780291F + s * 0.0152236764F));
    case FSBI_TANH_OF_MEDIUM:
        return y *
               (0.999999724F + s * (0.125378019F + s * (0.00249903909F + s * 5.12671211e-06F))) /
               (1 + s * (0.458710135F + s * (0.0220706437F + s * 0.000167871229F)));
    case FSBI_TANH_OF_ANY:
        break;
    }
    return y *
           (0.99999997F + s * (0.134381887F + s * (0.00356415321F +
                                                   s * (2.17731976e-05F + s * 1.50617418e-08F)))) /
           (1 +
            s * (0.467715095F + s * (0.0261360046F + s * (0.000339917461F + s * 8.45363431e-07F))));
}

#endif
