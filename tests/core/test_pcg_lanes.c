/* Each lane against fsbi_random_pcg32 with the same state and sequence. */
#include "core/pcg_lanes.h"
#include "fsbi/random.h"
#include "unit.h"

static uint64_t draw(gsl_rng *rng) {
    const uint64_t high = gsl_rng_get(rng);
    return (high << 32) | gsl_rng_get(rng);
}

static void lanes_are_generators(void **state) {
    (void)state;
    enum { NUMBERS = 100000 };
    gsl_rng *stream = gsl_rng_alloc(fsbi_random_pcg32);
    gsl_rng *lane[FSBI_PCG_LANES];
    fsbi_random_seed(stream, 17);
    for (int k = 0; k < FSBI_PCG_LANES; k++) {
        const uint64_t initial_state = draw(stream);
        lane[k] = gsl_rng_alloc(fsbi_random_pcg32);
        fsbi_random_seed_sequence(lane[k], initial_state, draw(stream));
    }
    fsbi_random_seed(stream, 17);
    fsbi_pcg_lanes lanes = fsbi_pcg_lanes_seeded(stream);
    for (int i = 0; i < NUMBERS; i++) {
        for (int q = 0; q < FSBI_PCG_QUADS; q++) {
            const fsbi_double4 numbers = fsbi_pcg_quad_next(&lanes.state[q], lanes.increment[q]);
            for (int k = 0; k < FSBI_PCG_QUAD; k++)
                assert_true(numbers[k] == (double)gsl_rng_get(lane[q * FSBI_PCG_QUAD + k]));
        }
    }
    for (int k = 0; k < FSBI_PCG_LANES; k++)
        gsl_rng_free(lane[k]);
    gsl_rng_free(stream);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(lanes_are_generators)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
