/**
 * Integrate-and-fire neurons with adaptation that also filter what a synapse may read: their
 * potential and their excitatory and inhibitory currents (the codependent neurons of Confavreux et
 * al., NeurIPS 2023). Equations and their order as in src/model/cvaif_mlp/README.md,
 * "Neuron". A filter here is y = (y + dt/tau u)(1 - dt/tau). Units: s, V; conductances in units of
 * the leak.
 */
#ifndef FSBI_SNN_CVAIF_POPULATION_H
#define FSBI_SNN_CVAIF_POPULATION_H

#include "snn/if_population.h"

typedef struct {
    fsbi_if_parameters neuron;
    double tau_adapt, adapt_increment; /**< of the adaptation conductance, and what a spike adds */
    double tau_v_trace, tau_c_exc, tau_c_inh;
} fsbi_cvaif_parameters;

typedef struct {
    fsbi_if_population neurons; /**< its own step is not used */
    float *filters;             /**< the one allocation behind the arrays */
    fsbi_trace g_adapt;
    float *v_trace;   /**< filtered potential, V */
    float *c_exc;     /**< filtered excitatory current */
    float *c_inh;     /**< filtered inhibitory current, adaptation included */
    double tau_adapt; /**< s */
    float nmda_rate, adapt_increment;
    float v_trace_rate, c_exc_rate, c_inh_rate; /**< dt/tau */
} fsbi_cvaif_population;

/** Allocates; the population is at rest. `delay` in steps. Release with
 * fsbi_cvaif_population_clear. */
fsbi_status fsbi_cvaif_population_init(fsbi_cvaif_population *population, size_t size, size_t delay,
                                       const fsbi_cvaif_parameters *parameters, fsbi_error *error);
void fsbi_cvaif_population_clear(fsbi_cvaif_population *population);

/** Puts all neurons to rest: V = v_trace = e_rest, everything else 0, no spikes under way. */
void fsbi_cvaif_population_reset(fsbi_cvaif_population *population);

/** One step of every neuron; begins the next step of `spikes` and fills it with those that fire. */
void fsbi_cvaif_population_step(fsbi_cvaif_population *population);

#endif
