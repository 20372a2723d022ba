/**
 * Exponential and logarithm without branches, which compilers vectorise within a loop: a few units
 * in the last place in single precision. In double precision (tests of gradients) the library's.
 */
#ifndef FSBI_NETS_ELEMENTARY_H
#define FSBI_NETS_ELEMENTARY_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "nets/real.h"

#ifdef FSBI_DOUBLE_NETS

static inline fsbi_real fsbi_real_exp_minus(fsbi_real size) {
    return exp(-size);
}

static inline fsbi_real fsbi_real_log(fsbi_real x) {
    return log(x);
}

#else

static inline float fsbi_real_of_bits(int32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline int32_t fsbi_real_bits(float value) {
    int32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/** exp(-size) for a size of at least 0; beyond 87 it counts as 87. */
static inline fsbi_real fsbi_real_exp_minus(fsbi_real size) {
    const float rounder = 0x1.8p23F;    /* adding it leaves no digits after the point */
    const int32_t largest = 0x42AE0000; /* 87; non-negative numbers are ordered as their bits are */
    const int32_t bits = fsbi_real_bits(size);
    const float x = -fsbi_real_of_bits(bits < largest ? bits : largest);
    const float shifted = x * 1.44269504F + rounder;
    const float power = shifted - rounder;
    /* x = power ln 2 + r, with ln 2 in two parts of which the first has few digits */
    const float r = (x - power * 0.693359375F) + power * 2.12194440e-4F;
    const float series =
        1 +
        r * (1 +
             r * (1.0F / 2 +
                  r * (1.0F / 6 +
                       r * (1.0F / 24 + r * (1.0F / 120 + r * (1.0F / 720 + r * (1.0F / 5040)))))));
    return series *
           fsbi_real_of_bits((int32_t)((uint32_t)fsbi_real_bits(shifted) << 23) + 0x3F800000);
}

/** Natural logarithm of a positive, normal number. */
static inline fsbi_real fsbi_real_log(fsbi_real x) {
    /* x = 2^power m with m between sqrt(1/2) and sqrt(2) */
    const int32_t offset = 0x3F3504F3;
    const int32_t bits = fsbi_real_bits(x) - offset;
    const float power = (float)(bits >> 23);
    const float m = fsbi_real_of_bits((bits & 0x7FFFFF) + offset);
    const float s = (m - 1) / (m + 1);
    const float t = s * s;
    const float series = 2 * s * (1 + t * (1.0F / 3 + t * (1.0F / 5 + t * (1.0F / 7 + t / 9))));
    return power * 0.693359375F + (series - power * 2.12194440e-4F);
}

#endif

/** log(1 + exp x). */
static inline fsbi_real fsbi_real_softplus(fsbi_real x) {
    const fsbi_real size = (fsbi_real)fabs(x);
    return (x + size) / 2 + fsbi_real_log(1 + fsbi_real_exp_minus(size));
}

static inline fsbi_real fsbi_real_sigmoid(fsbi_real x) {
    const fsbi_real e = fsbi_real_exp_minus((fsbi_real)fabs(x));
    return (x < 0 ? e : 1) / (1 + e);
}

#endif
