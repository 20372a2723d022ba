/** Bernoulli trials by the length of the runs between successes. Whole trials are counted by
 * rounding down each time, which is what makes the density right. */
#ifndef FSBI_SNN_GEOMETRIC_H
#define FSBI_SNN_GEOMETRIC_H

#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdint.h>

/**
 * Number of failures before the next success: geometric, exact. `inverse_log` is 1 / log1p(-p).
 * For successes of any rarity.
 */
static inline uint64_t fsbi_geometric_failures(gsl_rng *stream, double inverse_log) {
    double failures = log(gsl_rng_uniform_pos(stream)) * inverse_log;
    return failures < 0x1p62 ? (uint64_t)failures : UINT64_C(1) << 62;
}

/* Of the table: entries, and buckets that a search begins in by the draw's leading bits. */
enum { FSBI_GEOMETRIC_ENTRIES = 512, FSBI_GEOMETRIC_BUCKETS = 256, FSBI_GEOMETRIC_SHIFT = 24 };

/** The same distribution by a table, several times faster for frequent successes; probabilities are
 * those of 32-bit integers, off by 1.2e-10 at most. */
typedef struct {
    uint32_t more[FSBI_GEOMETRIC_ENTRIES];  /**< a draw below: more failures than the index */
    uint16_t least[FSBI_GEOMETRIC_BUCKETS]; /**< failures at least, for draws of this bucket */
} fsbi_geometric_table;

/** For successes of probability `p`, 0 to 1; `stream` draws all 32 bits. */
static inline void fsbi_geometric_table_fill(fsbi_geometric_table *table, double p) {
    double chance = 1;
    for (int k = 0; k < FSBI_GEOMETRIC_ENTRIES; k++) {
        chance *= 1 - p;
        table->more[k] = (uint32_t)fmin(round(chance * 0x1p32), UINT32_MAX);
    }
    for (uint32_t bucket = 0, k = 0; bucket < FSBI_GEOMETRIC_BUCKETS; bucket++) {
        const uint32_t from_top = FSBI_GEOMETRIC_BUCKETS - 1 - bucket;
        const uint32_t last = ((from_top + 1) << FSBI_GEOMETRIC_SHIFT) - 1;
        while (k < FSBI_GEOMETRIC_ENTRIES && last < table->more[k])
            k++;
        table->least[from_top] = (uint16_t)k;
    }
}

/** Failures before the next success, or a number from `most` on when there are as many. */
static inline uint64_t fsbi_geometric_table_failures(const fsbi_geometric_table *table,
                                                     uint64_t most, gsl_rng *stream) {
    uint64_t failures = 0;
    for (; failures < most; failures += FSBI_GEOMETRIC_ENTRIES) {
        const uint32_t draw = (uint32_t)gsl_rng_get(stream);
        uint32_t k = table->least[draw >> FSBI_GEOMETRIC_SHIFT];
        while (k < FSBI_GEOMETRIC_ENTRIES && draw < table->more[k])
            k++;
        if (k < FSBI_GEOMETRIC_ENTRIES)
            return failures + k;
    }
    return failures;
}

#endif
