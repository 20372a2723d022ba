/**
 * Eight single-precision numbers side by side, for loops that no compiler vectorises by itself.
 * Vector extensions of gcc and clang: one instruction where the processor has vectors of 32 bytes,
 * several where it has shorter ones or none.
 */
#ifndef FSBI_SNN_LANES_H
#define FSBI_SNN_LANES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#ifdef __AVX__
#include <immintrin.h>
#endif

enum { FSBI_LANES = 8 };

typedef float fsbi_lanes __attribute__((vector_size(FSBI_LANES * sizeof(float))));
/** Of a comparison: all bits set where it holds. */
typedef int32_t fsbi_lanes_mask __attribute__((vector_size(FSBI_LANES * sizeof(int32_t))));

/** The same number in every lane. */
static inline fsbi_lanes fsbi_lanes_of(float value) {
    return (fsbi_lanes){value, value, value, value, value, value, value, value};
}

/** From memory of any alignment. */
static inline fsbi_lanes fsbi_lanes_load(const float *from) {
    fsbi_lanes lanes;
    memcpy(&lanes, from, sizeof lanes);
    return lanes;
}

static inline void fsbi_lanes_store(fsbi_lanes lanes, float *to) {
    memcpy(to, &lanes, sizeof lanes);
}

/** The first `count` lanes, or all of them when `count` is larger. */
static inline void fsbi_lanes_store_first(fsbi_lanes lanes, size_t count, float *to) {
    if (count >= FSBI_LANES)
        fsbi_lanes_store(lanes, to);
    else
        for (size_t k = 0; k < count; k++)
            to[k] = lanes[k];
}

/** from[index[0]], from[index[1]], ... */
static inline fsbi_lanes fsbi_lanes_gather(const float *from, const uint16_t index[FSBI_LANES]) {
    return (fsbi_lanes){from[index[0]], from[index[1]], from[index[2]], from[index[3]],
                        from[index[4]], from[index[5]], from[index[6]], from[index[7]]};
}

/** The larger one in each lane; for numbers, not for NaN. */
static inline fsbi_lanes fsbi_lanes_larger(fsbi_lanes a, fsbi_lanes b) {
    const fsbi_lanes_mask first = a > b;
    return (fsbi_lanes)((first & (fsbi_lanes_mask)a) | (~first & (fsbi_lanes_mask)b));
}

/** The smaller one in each lane; for numbers, not for NaN. */
static inline fsbi_lanes fsbi_lanes_smaller(fsbi_lanes a, fsbi_lanes b) {
    const fsbi_lanes_mask first = a < b;
    return (fsbi_lanes)((first & (fsbi_lanes_mask)a) | (~first & (fsbi_lanes_mask)b));
}

static inline fsbi_lanes fsbi_lanes_absolute(fsbi_lanes lanes) {
    return (fsbi_lanes)((fsbi_lanes_mask)lanes & INT32_MAX);
}

/** The same numbers, of which the compiler does not know where they come from: sums with a product
 * then remain additions, instead of fused multiplications and additions, which wait for the units
 * that multiply while those that add idle. */
static inline fsbi_lanes fsbi_lanes_opaque(fsbi_lanes lanes) {
#ifdef __AVX__
    __asm__("" : "+x"(lanes));
#endif
    return lanes;
}

/** `lanes` where the mask holds, 0 elsewhere. */
static inline fsbi_lanes fsbi_lanes_where(fsbi_lanes_mask mask, fsbi_lanes lanes) {
    return (fsbi_lanes)(mask & (fsbi_lanes_mask)lanes);
}

/** Each lane within its bounds; for numbers, not for NaN. */
static inline fsbi_lanes fsbi_lanes_clip(fsbi_lanes lanes, fsbi_lanes low, fsbi_lanes high) {
#ifdef __AVX__
    /* gcc does not make these out of comparisons. */
    return _mm256_min_ps(_mm256_max_ps(lanes, low), high);
#else
    const fsbi_lanes_mask below = lanes < low;
    lanes = (fsbi_lanes)((below & (fsbi_lanes_mask)low) | (~below & (fsbi_lanes_mask)lanes));
    const fsbi_lanes_mask above = lanes > high;
    return (fsbi_lanes)((above & (fsbi_lanes_mask)high) | (~above & (fsbi_lanes_mask)lanes));
#endif
}

/** Whether the mask holds in any lane. */
static inline bool fsbi_lanes_any(fsbi_lanes_mask mask) {
#ifdef __AVX__
    return _mm256_movemask_ps((__m256)mask) != 0;
#else
    int32_t any = 0;
    for (int k = 0; k < FSBI_LANES; k++)
        any |= mask[k];
    return any != 0;
#endif
}

/** Lists first + l for each lane l in which the mask holds; returns how many. All of `list`'s next
 * eight entries may be written. */
static inline size_t fsbi_lanes_list(fsbi_lanes_mask mask, uint8_t first, uint8_t *list) {
#if defined(__AVX__) && defined(__BMI2__)
    const uint64_t numbers = UINT64_C(0x0706050403020100);
    const uint64_t ones = UINT64_C(0x0101010101010101);
    const unsigned bits = (unsigned)_mm256_movemask_ps((__m256)mask);
    const uint64_t packed = _pext_u64(numbers, _pdep_u64(bits, ones) * UINT8_MAX) + first * ones;
    memcpy(list, &packed, sizeof packed);
    return (size_t)__builtin_popcount(bits);
#else
    size_t count = 0;
    for (int k = 0; k < FSBI_LANES; k++) {
        list[count] = (uint8_t)(first + k);
        count += mask[k] != 0;
    }
    return count;
#endif
}

/** Four columns of eight from eight quartets that stand anywhere: lane l of column[k] is number k
 * of row[l]. */
static inline void fsbi_lanes_transpose(const float *const row[FSBI_LANES], fsbi_lanes column[4]) {
    typedef float quartet __attribute__((vector_size(4 * sizeof(float))));
    fsbi_lanes pair[4];
    for (int k = 0; k < 4; k++) {
        quartet low, high;
        memcpy(&low, row[k], sizeof low);
        memcpy(&high, row[k + 4], sizeof high);
        pair[k] = __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7);
    }
    const fsbi_lanes a = __builtin_shufflevector(pair[0], pair[1], 0, 8, 1, 9, 4, 12, 5, 13);
    const fsbi_lanes b = __builtin_shufflevector(pair[0], pair[1], 2, 10, 3, 11, 6, 14, 7, 15);
    const fsbi_lanes c = __builtin_shufflevector(pair[2], pair[3], 0, 8, 1, 9, 4, 12, 5, 13);
    const fsbi_lanes d = __builtin_shufflevector(pair[2], pair[3], 2, 10, 3, 11, 6, 14, 7, 15);
    column[0] = __builtin_shufflevector(a, c, 0, 1, 8, 9, 4, 5, 12, 13);
    column[1] = __builtin_shufflevector(a, c, 2, 3, 10, 11, 6, 7, 14, 15);
    column[2] = __builtin_shufflevector(b, d, 0, 1, 8, 9, 4, 5, 12, 13);
    column[3] = __builtin_shufflevector(b, d, 2, 3, 10, 11, 6, 7, 14, 15);
}

#endif
