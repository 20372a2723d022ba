#include "fsbi/random.h"

#include "core/pcg.h"

static void pcg32_set(void *state, unsigned long seed) {
    *(fsbi_pcg *)state = fsbi_pcg_seeded(seed, 54);
}

static unsigned long pcg32_get(void *state) {
    return fsbi_pcg_next(state);
}

static double pcg32_get_double(void *state) {
    uint64_t high = fsbi_pcg_next(state) >> 5;
    uint64_t low = fsbi_pcg_next(state) >> 6;
    return (double)((high << 26) | low) * 0x1p-53;
}

static const gsl_rng_type pcg32_type = {.name = "pcg32",
                                        .max = UINT32_MAX,
                                        .min = 0,
                                        .size = sizeof(fsbi_pcg),
                                        .set = pcg32_set,
                                        .get = pcg32_get,
                                        .get_double = pcg32_get_double};

const gsl_rng_type *const fsbi_random_pcg32 = &pcg32_type;

gsl_rng *fsbi_random_allocate(fsbi_error *error) {
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    if (rng == NULL)
        fsbi_error_set(error, FSBI_NO_MEMORY, "out of memory for a random stream");
    return rng;
}

void fsbi_random_seed_sequence(gsl_rng *rng, uint64_t initial_state, uint64_t sequence) {
    *(fsbi_pcg *)gsl_rng_state(rng) = fsbi_pcg_seeded(initial_state, sequence);
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
