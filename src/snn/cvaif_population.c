#include "snn/cvaif_population.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

enum { FILTERS = 4 };

fsbi_status fsbi_cvaif_population_init(fsbi_cvaif_population *population, size_t size, size_t delay,
                                       const fsbi_cvaif_parameters *parameters, fsbi_error *error) {
    const double dt = parameters->neuron.dt;
    *population = (fsbi_cvaif_population){.nmda_rate = (float)(dt / parameters->neuron.tau_nmda),
                                          .tau_adapt = parameters->tau_adapt,
                                          .adapt_increment = (float)parameters->adapt_increment,
                                          .v_trace_rate = (float)(dt / parameters->tau_v_trace),
                                          .c_exc_rate = (float)(dt / parameters->tau_c_exc),
                                          .c_inh_rate = (float)(dt / parameters->tau_c_inh)};
    FSBI_TRY(
        fsbi_if_population_init(&population->neurons, size, delay, &parameters->neuron, error));
    const size_t padded = population->neurons.padded_size;
    population->filters = fsbi_memory_allocate(FILTERS * padded, sizeof(float), error);
    if (population->filters == NULL)
        return FSBI_NO_MEMORY;
    population->g_adapt = fsbi_trace_in(population->filters, 1, padded);
    population->v_trace = population->filters + padded;
    population->c_exc = population->filters + 2 * padded;
    population->c_inh = population->filters + 3 * padded;
    fsbi_cvaif_population_reset(population);
    return FSBI_OK;
}

void fsbi_cvaif_population_clear(fsbi_cvaif_population *population) {
    fsbi_if_population_clear(&population->neurons);
    free(population->filters);
    *population = (fsbi_cvaif_population){0};
}

void fsbi_cvaif_population_reset(fsbi_cvaif_population *population) {
    const size_t padded = population->neurons.padded_size;
    fsbi_if_population_reset(&population->neurons);
    memset(population->filters, 0, FILTERS * padded * sizeof(float));
    fsbi_trace_reset(&population->g_adapt, population->tau_adapt, population->neurons.dt);
    for (size_t i = 0; i < padded; i++)
        population->v_trace[i] = population->neurons.constants.e_rest;
}

static inline fsbi_float8 filter(fsbi_float8 y, fsbi_float8 u, float rate) {
    return (y + rate * u) * (1 - rate);
}

/* One step of the neurons from `begin` on, but for what a spike changes; says which fired. */
static inline fsbi_float8_mask step_lanes(const fsbi_cvaif_population *p, size_t begin) {
    const fsbi_if_step_constants *c = &p->neurons.constants;
    const fsbi_float8 v = fsbi_float8_load(p->neurons.voltage + begin);
    const fsbi_float8 ampa =
        fsbi_float8_load(p->neurons.g_ampa.scaled + begin) * (float)p->neurons.g_ampa.scale;
    const fsbi_float8 gaba =
        fsbi_float8_load(p->neurons.g_gaba.scaled + begin) * (float)p->neurons.g_gaba.scale;
    const fsbi_float8 adapt = fsbi_float8_load(p->g_adapt.scaled + begin) * (float)p->g_adapt.scale;
    const fsbi_float8 nmda =
        filter(fsbi_float8_load(p->neurons.g_nmda + begin), ampa, p->nmda_rate);
    const fsbi_float8 exc = (c->a_ampa * ampa + c->a_nmda * nmda) * (c->e_exc - v);
    const fsbi_float8 inh = (v - c->e_inh) * (gaba + adapt);
    const fsbi_float8 c_exc = filter(fsbi_float8_load(p->c_exc + begin), exc, p->c_exc_rate);
    const fsbi_float8 c_inh = filter(fsbi_float8_load(p->c_inh + begin), inh, p->c_inh_rate);
    const fsbi_float8 v_trace = filter(fsbi_float8_load(p->v_trace + begin), v, p->v_trace_rate);
    const fsbi_float8_mask fired = fsbi_if_step_membrane(&p->neurons, begin, v, exc, inh);
    fsbi_float8_store(nmda, p->neurons.g_nmda + begin);
    fsbi_float8_store(c_exc, p->c_exc + begin);
    fsbi_float8_store(c_inh, p->c_inh + begin);
    fsbi_float8_store(v_trace, p->v_trace + begin);
    return fired;
}

void fsbi_cvaif_population_step(fsbi_cvaif_population *population) {
    fsbi_trace_decay(&population->neurons.threshold);
    fsbi_trace_decay(&population->neurons.g_ampa);
    fsbi_trace_decay(&population->neurons.g_gaba);
    fsbi_trace_decay(&population->g_adapt);
    /* A copy of its own: stores to the state could otherwise change what the loop reads. */
    const fsbi_cvaif_population state = *population;
    fsbi_spike_list *spikes = fsbi_spike_delay_next(&population->neurons.spikes);
    for (size_t begin = 0; begin < state.neurons.padded_size; begin += FSBI_FLOAT8) {
        const fsbi_float8_mask fired = step_lanes(&state, begin);
        if (fsbi_float8_any(fired))
            fsbi_if_fire(&state.neurons, fired, begin, spikes);
    }
    for (size_t k = 0; k < spikes->count; k++)
        population->g_adapt.scaled[spikes->neurons[k]] +=
            population->adapt_increment * fsbi_trace_unit(&population->g_adapt);
}
