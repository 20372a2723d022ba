/** Independent Poisson neurons of one rate, of which some can fire at another for a while: each
 * spikes in a step with probability rate dt, at most once. */
#ifndef FSBI_SNN_POISSON_INPUT_H
#define FSBI_SNN_POISSON_INPUT_H

#include <gsl/gsl_rng.h>

#include "snn/spike_delay.h"

/** Neurons that fire at a rate of their own for a while. */
typedef struct {
    size_t first, count; /**< count 0: none */
    uint64_t next;       /**< trials until their next spike, counted as `next` below */
    double inverse_log;
} fsbi_poisson_stimulus;

typedef struct {
    size_t size;
    uint64_t next; /**< trials until the next spike, counted over neurons and then steps */
    double inverse_log;
    fsbi_poisson_stimulus stimulus;
    fsbi_spike_delay spikes;
} fsbi_poisson_input;

/** `delay` in steps. Release with fsbi_poisson_input_clear. */
fsbi_status fsbi_poisson_input_init(fsbi_poisson_input *input, size_t size, size_t delay,
                                    fsbi_error *error);
void fsbi_poisson_input_clear(fsbi_poisson_input *input);

/** Begins anew with this rate (Hz) at steps of `dt` (s). */
void fsbi_poisson_input_reset(fsbi_poisson_input *input, double rate, double dt, gsl_rng *stream);

/** From the next step on, neurons `first` .. `first + count - 1` fire at this rate (Hz); count 0:
 * all at the common rate again. */
void fsbi_poisson_input_stimulate(fsbi_poisson_input *input, size_t first, size_t count,
                                  double rate, double dt, gsl_rng *stream);

/** Begins the next step of `spikes` and fills it. */
void fsbi_poisson_input_step(fsbi_poisson_input *input, gsl_rng *stream);

#endif
