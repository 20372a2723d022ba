#include "snn/if_population.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

enum { ARRAYS = 5 };

static fsbi_if_step_constants constants_of(const fsbi_if_parameters *p) {
    double r = p->ampa_nmda_ratio;
    return (fsbi_if_step_constants){.a_ampa = (float)(r / (1 + r)),
                                    .a_nmda = (float)(1 / (1 + r)),
                                    .nmda_rate = (float)(-expm1(-p->dt / p->tau_nmda)),
                                    .membrane_rate = (float)(p->dt / p->tau_mem),
                                    .e_rest = (float)p->e_rest,
                                    .e_reset = (float)p->e_reset,
                                    .e_inh = (float)p->e_inh,
                                    .e_exc = (float)p->e_exc,
                                    .thr_rest = (float)p->thr_rest,
                                    .dthr = (float)p->dthr};
}

fsbi_status fsbi_if_population_init(fsbi_if_population *population, size_t size, size_t delay,
                                    const fsbi_if_parameters *parameters, fsbi_error *error) {
    size_t padded = (size + FSBI_FLOAT8 - 1) / FSBI_FLOAT8 * FSBI_FLOAT8;
    *population = (fsbi_if_population){.size = size,
                                       .padded_size = padded,
                                       .tau_threshold = parameters->tau_thr,
                                       .tau_ampa = parameters->tau_ampa,
                                       .tau_gaba = parameters->tau_gaba,
                                       .dt = parameters->dt,
                                       .constants = constants_of(parameters)};
    population->state = fsbi_memory_allocate(ARRAYS * padded, sizeof(float), error);
    if (population->state == NULL ||
        fsbi_spike_delay_init(&population->spikes, padded, delay, error) != FSBI_OK)
        return FSBI_NO_MEMORY;
    population->voltage = population->state;
    population->g_nmda = population->state + padded;
    population->threshold = fsbi_trace_in(population->state + 2 * padded, 1, padded);
    population->g_ampa = fsbi_trace_in(population->state + 3 * padded, 1, padded);
    population->g_gaba = fsbi_trace_in(population->state + 4 * padded, 1, padded);
    fsbi_if_population_reset(population);
    return FSBI_OK;
}

void fsbi_if_population_clear(fsbi_if_population *population) {
    free(population->state);
    fsbi_spike_delay_clear(&population->spikes);
    *population = (fsbi_if_population){0};
}

void fsbi_if_population_reset(fsbi_if_population *population) {
    memset(population->state, 0, ARRAYS * population->padded_size * sizeof(float));
    for (size_t i = 0; i < population->padded_size; i++)
        population->voltage[i] = population->constants.e_rest;
    fsbi_trace_reset(&population->threshold, population->tau_threshold, population->dt);
    fsbi_trace_reset(&population->g_ampa, population->tau_ampa, population->dt);
    fsbi_trace_reset(&population->g_gaba, population->tau_gaba, population->dt);
    fsbi_spike_delay_reset(&population->spikes);
}

/* One step of the neurons from `begin` on, but for what a spike resets; says which fired. */
static inline fsbi_float8_mask step_lanes(const fsbi_if_population *population, size_t begin) {
    const fsbi_if_step_constants *c = &population->constants;
    const fsbi_float8 v = fsbi_float8_load(population->voltage + begin);
    const fsbi_float8 ampa =
        fsbi_float8_load(population->g_ampa.scaled + begin) * (float)population->g_ampa.scale;
    const fsbi_float8 gaba =
        fsbi_float8_load(population->g_gaba.scaled + begin) * (float)population->g_gaba.scale;
    const fsbi_float8 nmda = fsbi_float8_load(population->g_nmda + begin);
    const fsbi_float8_mask fired = fsbi_if_step_membrane(
        population, begin, v, (c->a_ampa * ampa + c->a_nmda * nmda) * (c->e_exc - v),
        (v - c->e_inh) * gaba);
    fsbi_float8_store(nmda + c->nmda_rate * (ampa - nmda), population->g_nmda + begin);
    return fired;
}

void fsbi_if_population_step(fsbi_if_population *population) {
    fsbi_trace_decay(&population->threshold);
    /* A copy of its own: stores to the state could otherwise change what the loop reads. */
    const fsbi_if_population state = *population;
    fsbi_spike_list *spikes = fsbi_spike_delay_next(&population->spikes);
    for (size_t begin = 0; begin < state.padded_size; begin += FSBI_FLOAT8) {
        const fsbi_float8_mask fired = step_lanes(&state, begin);
        if (fsbi_float8_any(fired))
            fsbi_if_fire(&state, fired, begin, spikes);
    }
    fsbi_trace_decay(&population->g_ampa);
    fsbi_trace_decay(&population->g_gaba);
}

size_t fsbi_if_minimum_interval(const fsbi_if_parameters *p) {
    double room = p->e_exc - p->thr_rest;
    if (room <= 0 || p->dthr <= room)
        return 1;
    double steps = p->tau_thr * log(p->dthr / room) / p->dt;
    /* Single precision may let a spike through a step early; nothing else can. */
    return steps > 2 ? (size_t)steps - 1 : 1;
}
