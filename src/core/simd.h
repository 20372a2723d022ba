/**
 * Numbers side by side, for loops that no compiler vectorises well by itself: eight in single
 * precision (fsbi_float8), four in double precision (fsbi_double4). Vector extensions of gcc and
 * clang: one instruction where the processor has vectors of 32 bytes, several where it has shorter
 * ones or none.
 */
#ifndef FSBI_CORE_SIMD_H
#define FSBI_CORE_SIMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifdef __AVX__
#include <immintrin.h>
#endif

/** Numbers of a vector. */
enum { FSBI_FLOAT8 = 8, FSBI_DOUBLE4 = 4 };

typedef float fsbi_float8 __attribute__((vector_size(FSBI_FLOAT8 * sizeof(float))));
typedef double fsbi_double4 __attribute__((vector_size(FSBI_DOUBLE4 * sizeof(double))));
/** Of a comparison: all bits set where it holds. */
typedef int32_t fsbi_float8_mask __attribute__((vector_size(FSBI_FLOAT8 * sizeof(int32_t))));
typedef int64_t fsbi_double4_mask __attribute__((vector_size(FSBI_DOUBLE4 * sizeof(int64_t))));

/** The same number in every lane. */
static inline fsbi_float8 fsbi_float8_of(float value) {
    return (fsbi_float8){value, value, value, value, value, value, value, value};
}

/** From memory of any alignment. */
static inline fsbi_float8 fsbi_float8_load(const float *from) {
    fsbi_float8 lanes;
    memcpy(&lanes, from, sizeof lanes);
    return lanes;
}

static inline void fsbi_float8_store(fsbi_float8 lanes, float *to) {
    memcpy(to, &lanes, sizeof lanes);
}

/** a where the mask holds, b elsewhere. */
static inline fsbi_float8 fsbi_float8_choose(fsbi_float8_mask mask, fsbi_float8 a, fsbi_float8 b) {
    return (fsbi_float8)((mask & (fsbi_float8_mask)a) | (~mask & (fsbi_float8_mask)b));
}

/** The first `count` lanes, or all of them when `count` is larger. */
static inline void fsbi_float8_store_first(fsbi_float8 lanes, size_t count, float *to) {
    if (count >= FSBI_FLOAT8)
        fsbi_float8_store(lanes, to);
    else
        for (size_t k = 0; k < count; k++)
            to[k] = lanes[k];
}

/** from[index[0]], from[index[1]], ... */
static inline fsbi_float8 fsbi_float8_gather(const float *from, const uint16_t index[FSBI_FLOAT8]) {
    return (fsbi_float8){from[index[0]], from[index[1]], from[index[2]], from[index[3]],
                         from[index[4]], from[index[5]], from[index[6]], from[index[7]]};
}

/** The larger one in each lane; for numbers, not for NaN. */
static inline fsbi_float8 fsbi_float8_larger(fsbi_float8 a, fsbi_float8 b) {
    return fsbi_float8_choose(a > b, a, b);
}

/** The smaller one in each lane; for numbers, not for NaN. */
static inline fsbi_float8 fsbi_float8_smaller(fsbi_float8 a, fsbi_float8 b) {
    return fsbi_float8_choose(a < b, a, b);
}

static inline fsbi_float8 fsbi_float8_absolute(fsbi_float8 lanes) {
    return (fsbi_float8)((fsbi_float8_mask)lanes & INT32_MAX);
}

/** The same numbers, of which the compiler does not know where they come from: sums with a product
 * then remain additions, instead of fused multiplications and additions, which wait for the units
 * that multiply while those that add idle. */
static inline fsbi_float8 fsbi_float8_opaque(fsbi_float8 lanes) {
#ifdef __AVX__
    __asm__("" : "+x"(lanes));
#endif
    return lanes;
}

/** `lanes` where the mask holds, 0 elsewhere. */
static inline fsbi_float8 fsbi_float8_where(fsbi_float8_mask mask, fsbi_float8 lanes) {
    return (fsbi_float8)(mask & (fsbi_float8_mask)lanes);
}

/** Each lane within its bounds; for numbers, not for NaN. */
static inline fsbi_float8 fsbi_float8_clip(fsbi_float8 lanes, fsbi_float8 low, fsbi_float8 high) {
#ifdef __AVX__
    /* gcc does not make these out of comparisons. */
    return _mm256_min_ps(_mm256_max_ps(lanes, low), high);
#else
    lanes = fsbi_float8_choose(lanes < low, low, lanes);
    return fsbi_float8_choose(lanes > high, high, lanes);
#endif
}

/** Whether the mask holds in any lane. */
static inline bool fsbi_float8_any(fsbi_float8_mask mask) {
#ifdef __AVX__
    return _mm256_movemask_ps((__m256)mask) != 0;
#else
    int32_t any = 0;
    for (int k = 0; k < FSBI_FLOAT8; k++)
        any |= mask[k];
    return any != 0;
#endif
}

/** Lists first + l for each lane l in which the mask holds; returns how many. All of `list`'s next
 * eight entries may be written. */
static inline size_t fsbi_float8_list(fsbi_float8_mask mask, uint8_t first, uint8_t *list) {
#if defined(__AVX__) && defined(__BMI2__)
    const uint64_t numbers = UINT64_C(0x0706050403020100);
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const unsigned bits = (unsigned)_mm256_movemask_ps((__m256)mask);
    const uint64_t packed = _pext_u64(numbers, _pdep_u64(bits, ones) * UINT8_MAX) + first * ones;
    memcpy(list, &packed, sizeof packed);
    return (size_t)__builtin_popcount(bits);
#else
    size_t count = 0;
    for (int k = 0; k < FSBI_FLOAT8; k++) {
        list[count] = (uint8_t)(first + k);
        count += mask[k] != 0;
    }
    return count;
#endif
}

/** Four columns of eight from eight quartets that stand anywhere: lane l of column[k] is number k
 * of row[l]. */
static inline void fsbi_float8_transpose(const float *const row[FSBI_FLOAT8],
                                         fsbi_float8 column[4]) {
    typedef float quartet __attribute__((vector_size(4 * sizeof(float))));
    fsbi_float8 pair[4];
    for (int k = 0; k < 4; k++) {
        quartet low, high;
        memcpy(&low, row[k], sizeof low);
        memcpy(&high, row[k + 4], sizeof high);
        pair[k] = __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7);
    }
    const fsbi_float8 a = __builtin_shufflevector(pair[0], pair[1], 0, 8, 1, 9, 4, 12, 5, 13);
    const fsbi_float8 b = __builtin_shufflevector(pair[0], pair[1], 2, 10, 3, 11, 6, 14, 7, 15);
    const fsbi_float8 c = __builtin_shufflevector(pair[2], pair[3], 0, 8, 1, 9, 4, 12, 5, 13);
    const fsbi_float8 d = __builtin_shufflevector(pair[2], pair[3], 2, 10, 3, 11, 6, 14, 7, 15);
    column[0] = __builtin_shufflevector(a, c, 0, 1, 8, 9, 4, 5, 12, 13);
    column[1] = __builtin_shufflevector(a, c, 2, 3, 10, 11, 6, 7, 14, 15);
    column[2] = __builtin_shufflevector(b, d, 0, 1, 8, 9, 4, 5, 12, 13);
    column[3] = __builtin_shufflevector(b, d, 2, 3, 10, 11, 6, 7, 14, 15);
}

/** The same number in every lane. */
static inline fsbi_double4 fsbi_double4_of(double value) {
    return (fsbi_double4){value, value, value, value};
}

/** From and to memory of any alignment. */
static inline fsbi_double4 fsbi_double4_load(const double *from) {
    fsbi_double4 lanes;
    memcpy(&lanes, from, sizeof lanes);
    return lanes;
}

static inline void fsbi_double4_store(fsbi_double4 lanes, double *to) {
    memcpy(to, &lanes, sizeof lanes);
}

/** a where the mask holds, b elsewhere. */
static inline fsbi_double4 fsbi_double4_choose(fsbi_double4_mask mask, fsbi_double4 a,
                                               fsbi_double4 b) {
    return (fsbi_double4)((mask & (fsbi_double4_mask)a) | (~mask & (fsbi_double4_mask)b));
}

/** The sum of the lanes. */
static inline double fsbi_double4_total(fsbi_double4 lanes) {
    return (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]);
}

/** The larger of each lane and 0; for numbers, not for NaN. */
static inline fsbi_double4 fsbi_double4_positive_part(fsbi_double4 lanes) {
#ifdef __AVX__
    /* gcc does not make this out of a comparison. */
    return _mm256_max_pd(lanes, fsbi_double4_of(0));
#else
    return (fsbi_double4)((fsbi_double4_mask)lanes & (lanes > fsbi_double4_of(0)));
#endif
}

#endif
