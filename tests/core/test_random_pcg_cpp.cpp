// Our generator against Debian's libpcg-cpp-dev, over many states and sequences.
#include <cstdint>
#include <cstdio>
#include <pcg_random.hpp>

extern "C" {
#include "fsbi/random.h"
}

int main() {
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    int compared = 0;
    for (std::uint64_t state = 0; state < 20; state++) {
        for (std::uint64_t sequence = 0; sequence < 20; sequence++) {
            const std::uint64_t wide_state = state * UINT64_C(0x9e3779b97f4a7c15);
            pcg32 reference(wide_state, sequence);
            fsbi_random_seed_sequence(rng, wide_state, sequence);
            for (int i = 0; i < 1000; i++, compared++) {
                const std::uint32_t expected = reference();
                if (gsl_rng_get(rng) != expected) {
                    std::printf("state %llu sequence %llu: output %d differs\n",
                                (unsigned long long)wide_state, (unsigned long long)sequence, i);
                    return 1;
                }
            }
        }
    }
    gsl_rng_free(rng);
    std::printf("%d outputs equal\n", compared);
    return compared == 400000 ? 0 : 1;
}
