#include "fsbi/random.h"

typedef struct {
    uint64_t state;
    uint64_t increment;
} pcg32_state;

static uint32_t pcg32_next(pcg32_state *pcg) {
    uint64_t old = pcg->state;
    pcg->state = old * UINT64_C(6364136223846793005) + pcg->increment;
    uint32_t xorshifted = (uint32_t)(((old >> 18) ^ old) >> 27);
    uint32_t rotation = (uint32_t)(old >> 59);
    return (xorshifted >> rotation) | (xorshifted << ((32 - rotation) & 31));
}

static void pcg32_seed(pcg32_state *pcg, uint64_t initial_state, uint64_t sequence) {
    pcg->state = 0;
    pcg->increment = (sequence << 1) | 1;
    pcg32_next(pcg);
    pcg->state += initial_state;
    pcg32_next(pcg);
}

static void pcg32_set(void *state, unsigned long seed) {
    pcg32_seed(state, seed, 54);
}

static unsigned long pcg32_get(void *state) {
    return pcg32_next(state);
}

static double pcg32_get_double(void *state) {
    uint64_t high = pcg32_next(state) >> 5;
    uint64_t low = pcg32_next(state) >> 6;
    return (double)((high << 26) | low) * 0x1p-53;
}

static const gsl_rng_type pcg32_type = {.name = "pcg32",
                                        .max = UINT32_MAX,
                                        .min = 0,
                                        .size = sizeof(pcg32_state),
                                        .set = pcg32_set,
                                        .get = pcg32_get,
                                        .get_double = pcg32_get_double};

const gsl_rng_type *const fsbi_random_pcg32 = &pcg32_type;

void fsbi_random_seed_sequence(gsl_rng *rng, uint64_t initial_state, uint64_t sequence) {
    pcg32_seed(gsl_rng_state(rng), initial_state, sequence);
}

/* The finaliser of SplitMix64 (Steele, Lea and Flood 2014): a bijection that mixes all 64 bits. */
static uint64_t mix(uint64_t value) {
    value = (value ^ (value >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    value = (value ^ (value >> 27)) * UINT64_C(0x94d049bb133111eb);
    return value ^ (value >> 31);
}

static const uint64_t golden_gamma = UINT64_C(0x9e3779b97f4a7c15);

uint64_t fsbi_random_stream_seed(uint64_t campaign_seed, fsbi_random_purpose purpose,
                                 uint64_t round, uint64_t row) {
    uint64_t seed = mix(campaign_seed + golden_gamma);
    seed = mix(seed + (uint64_t)purpose + golden_gamma);
    seed = mix(seed + round + golden_gamma);
    return mix(seed + row + golden_gamma);
}

void fsbi_random_seed(gsl_rng *rng, uint64_t stream_seed) {
    fsbi_random_seed_sequence(rng, mix(stream_seed + golden_gamma),
                              mix(stream_seed + 2 * golden_gamma));
}
