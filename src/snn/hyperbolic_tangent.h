/**
 * tanh of eight numbers as a ratio of polynomials, for arguments within a range: the smaller the
 * range, the lower the degree. Minimax fits of the absolute error, which is at most 6e-8 before
 * rounding and 3e-7 with it.
 */
#ifndef FSBI_SNN_HYPERBOLIC_TANGENT_H
#define FSBI_SNN_HYPERBOLIC_TANGENT_H

#include "snn/lanes.h"

/** Largest absolute argument of each kind; beyond the last, tanh is 1 to single precision. */
#define FSBI_TANH_SMALL 1.0F
#define FSBI_TANH_MEDIUM 3.0F
#define FSBI_TANH_LARGE 8.0F

typedef enum { FSBI_TANH_OF_SMALL, FSBI_TANH_OF_MEDIUM, FSBI_TANH_OF_ANY } fsbi_tanh_range;

/** tanh y; every argument is within the range. */
static inline fsbi_lanes fsbi_tanh(fsbi_lanes y, fsbi_tanh_range range) {
    if (range == FSBI_TANH_OF_ANY)
        y = fsbi_lanes_clip(y, fsbi_lanes_of(-FSBI_TANH_LARGE), fsbi_lanes_of(FSBI_TANH_LARGE));
    const fsbi_lanes s = y * y;
    switch (range) {
    case FSBI_TANH_OF_SMALL:
        return y * (0.999999753F + s * 0.0942319041F) /
               (1 + s * (0.427561398F + s * 0.00920342545F));
    case FSBI_TANH_OF_MEDIUM:
        return y * (0.999999868F + s * (0.119350793F + s * 0.00185220121F)) /
               (1 + s * (0.452683339F + s * (0.0194146627F + s * 8.09050157e-05F)));
    case FSBI_TANH_OF_ANY:
        break;
    }
    return y *
           (0.99999997F +
            s * (0.134381887F +
                 s * (0.00356415321F + s * (2.17731976e-05F + s * 1.50617418e-08F)))) /
           (1 + s * (0.467715095F +
                     s * (0.0261360046F + s * (0.000339917461F + s * 8.45363431e-07F))));
}

#endif
