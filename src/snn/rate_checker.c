#include "snn/rate_checker.h"

#include <math.h>

fsbi_rate_checker fsbi_rate_checker_start(size_t neurons, double limit, double tau, double dt) {
    return (fsbi_rate_checker){.state = limit / 2,
                               .limit = limit,
                               .decay = exp(-dt / tau),
                               .increment = 1 / (tau * (double)neurons)};
}

bool fsbi_rate_checker_step(fsbi_rate_checker *checker, size_t spikes) {
    checker->state = checker->state * checker->decay + (double)spikes * checker->increment;
    return checker->state >= checker->limit;
}
