/** Independent Poisson neurons of one rate: each spikes in a step with probability rate dt, at most
 * once. */
#ifndef FSBI_SNN_POISSON_INPUT_H
#define FSBI_SNN_POISSON_INPUT_H

#include <gsl/gsl_rng.h>

#include "snn/spike_delay.h"

typedef struct {
    size_t size;
    uint64_t next; /**< trials until the next spike, counted over neurons and then steps */
    double inverse_log;
    fsbi_spike_delay spikes;
} fsbi_poisson_input;

/** `delay` in steps. Release with fsbi_poisson_input_clear. */
fsbi_status fsbi_poisson_input_init(fsbi_poisson_input *input, size_t size, size_t delay,
                                    fsbi_error *error);
void fsbi_poisson_input_clear(fsbi_poisson_input *input);

/** Begins anew with this rate (Hz) at steps of `dt` (s). */
void fsbi_poisson_input_reset(fsbi_poisson_input *input, double rate, double dt, gsl_rng *stream);

/** Begins the next step of `spikes` and fills it. */
void fsbi_poisson_input_step(fsbi_poisson_input *input, gsl_rng *stream);

#endif
