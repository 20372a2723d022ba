/**
 * Conductance-based integrate-and-fire neurons with AMPA, NMDA and GABA conductances and a moving
 * threshold (relative refractoriness): Confavreux et al., NeurIPS 2023; equations and their order
 * as in src/model/if_poly/README.md, "Neuron". Units: s, V; conductances in
 * units of the leak.
 */
#ifndef FSBI_SNN_IF_POPULATION_H
#define FSBI_SNN_IF_POPULATION_H

#include "core/simd.h"
#include "snn/spike_delay.h"
#include "snn/trace.h"

typedef struct {
    double dt;
    double tau_ampa, tau_gaba, tau_nmda;
    double ampa_nmda_ratio; /**< r: A_ampa = r/(1+r), A_nmda = 1/(1+r) */
    double tau_mem;
    double e_rest, e_reset, e_inh, e_exc;
    double thr_rest, dthr, tau_thr;
} fsbi_if_parameters;

/** The same for one step, in single precision. */
typedef struct {
    float a_ampa, a_nmda;
    float nmda_rate, membrane_rate;
    float e_rest, e_reset, e_inh, e_exc;
    float thr_rest, dthr;
} fsbi_if_step_constants;

/** State of all neurons, single precision, arrays padded to whole lanes. */
typedef struct {
    size_t size;
    size_t padded_size;
    float *state; /**< the one allocation behind the arrays */
    float *voltage;
    float *g_nmda;
    fsbi_trace threshold;                         /**< above thr_rest */
    fsbi_trace g_ampa;                            /**< connections from E and input add here */
    fsbi_trace g_gaba;                            /**< connections from I add here */
    double tau_threshold, tau_ampa, tau_gaba, dt; /**< s */
    fsbi_spike_delay spikes;
    fsbi_if_step_constants constants;
} fsbi_if_population;

/** Allocates; the population is at rest. `delay` in steps. Release with fsbi_if_population_clear.
 */
fsbi_status fsbi_if_population_init(fsbi_if_population *population, size_t size, size_t delay,
                                    const fsbi_if_parameters *parameters, fsbi_error *error);
void fsbi_if_population_clear(fsbi_if_population *population);

/** Puts all neurons to rest: V = e_rest, everything else 0, no spikes under way. */
void fsbi_if_population_reset(fsbi_if_population *population);

/** One step of every neuron; begins the next step of `spikes` and fills it with those that fire. */
void fsbi_if_population_step(fsbi_if_population *population);

/**
 * For neurons of other kinds with the same membrane. One step of the potential of eight neurons
 * from `begin` on, which is `v` before, under these currents, but for what a spike resets; says
 * which fired. The threshold's decay in this step comes first.
 */
static inline fsbi_float8_mask fsbi_if_step_membrane(const fsbi_if_population *population,
                                                     size_t begin, fsbi_float8 v,
                                                     fsbi_float8 current_exc,
                                                     fsbi_float8 current_inh) {
    const fsbi_if_step_constants *c = &population->constants;
    const fsbi_float8 threshold =
        c->thr_rest +
        fsbi_float8_load(population->threshold.scaled + begin) * (float)population->threshold.scale;
    const fsbi_float8 stepped =
        fsbi_float8_clip(v + c->membrane_rate * (current_exc - current_inh - (v - c->e_rest)),
                         fsbi_float8_of(c->e_inh), fsbi_float8_of(c->e_exc));
    fsbi_float8_store(stepped, population->voltage + begin);
    return stepped > threshold;
}

/** Resets those of eight neurons from `begin` on that fired, and lists them. */
static inline void fsbi_if_fire(const fsbi_if_population *population, fsbi_float8_mask fired,
                                size_t begin, fsbi_spike_list *spikes) {
    for (size_t i = begin; i < begin + FSBI_FLOAT8 && i < population->size; i++) {
        if (!fired[i - begin])
            continue;
        population->voltage[i] = population->constants.e_reset;
        population->threshold.scaled[i] =
            population->constants.dthr * fsbi_trace_unit(&population->threshold);
        spikes->neurons[spikes->count++] = (uint16_t)i;
    }
}

/** The shortest interval between two spikes of one neuron, in steps: the threshold must fall below
 * e_exc first. */
size_t fsbi_if_minimum_interval(const fsbi_if_parameters *parameters);

#endif
