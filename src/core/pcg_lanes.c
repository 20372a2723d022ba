#include "core/pcg_lanes.h"

static uint64_t draw(gsl_rng *stream) {
    const uint64_t high = gsl_rng_get(stream);
    return (high << 32) | gsl_rng_get(stream);
}

fsbi_pcg_lanes fsbi_pcg_lanes_seeded(gsl_rng *stream) {
    fsbi_pcg_lanes lanes;
    for (int k = 0; k < FSBI_PCG_LANES; k++) {
        const uint64_t initial_state = draw(stream);
        const fsbi_pcg pcg = fsbi_pcg_seeded(initial_state, draw(stream));
        lanes.state[k / FSBI_PCG_QUAD][k % FSBI_PCG_QUAD] = pcg.state;
        lanes.increment[k / FSBI_PCG_QUAD][k % FSBI_PCG_QUAD] = pcg.increment;
    }
    return lanes;
}
