/**
 * Watches a population's rate and tells when it has exploded: s = s exp(-dt/tau) + n/(tau N) for n
 * spikes of N neurons in a step, starting at half the limit (src/model/if_poly/README.md, "One
 * step of the network", 4).
 */
#ifndef FSBI_SNN_RATE_CHECKER_H
#define FSBI_SNN_RATE_CHECKER_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    double state; /**< Hz */
    double limit; /**< Hz */
    double decay;
    double increment; /**< of one spike, Hz */
} fsbi_rate_checker;

/** A checker for `neurons` neurons with limit (Hz), tau and dt (s). */
fsbi_rate_checker fsbi_rate_checker_start(size_t neurons, double limit, double tau, double dt);

/** Takes in one step's spikes; true once the limit is reached. */
bool fsbi_rate_checker_step(fsbi_rate_checker *checker, size_t spikes);

#endif
