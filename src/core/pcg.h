/** PCG XSH-RR 64/32 (see fsbi/random.h), one generator at a time. */
#ifndef FSBI_CORE_PCG_H
#define FSBI_CORE_PCG_H

#include <stdint.h>

typedef struct {
    uint64_t state;
    uint64_t increment; /**< odd */
} fsbi_pcg;

#define FSBI_PCG_MULTIPLIER UINT64_C(6364136223846793005)

/** The next 32-bit number. */
static inline uint32_t fsbi_pcg_next(fsbi_pcg *pcg) {
    const uint64_t old = pcg->state;
    pcg->state = old * FSBI_PCG_MULTIPLIER + pcg->increment;
    const uint32_t xorshifted = (uint32_t)(((old >> 18) ^ old) >> 27);
    const uint32_t rotation = (uint32_t)(old >> 59);
    return (xorshifted >> rotation) | (xorshifted << ((32 - rotation) & 31));
}

/** At the beginning of a stream, as PCG's reference pcg32_srandom_r(initial_state, sequence). */
static inline fsbi_pcg fsbi_pcg_seeded(uint64_t initial_state, uint64_t sequence) {
    fsbi_pcg pcg = {.state = 0, .increment = (sequence << 1) | 1};
    fsbi_pcg_next(&pcg);
    pcg.state += initial_state;
    fsbi_pcg_next(&pcg);
    return pcg;
}

#endif
