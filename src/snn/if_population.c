#include "snn/if_population.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

/* Neurons updated together before the rare spikes among them are looked for. */
enum { BLOCK = 64, ARRAYS = 5 };

static fsbi_if_step_constants constants_of(const fsbi_if_parameters *p) {
    double r = p->ampa_nmda_ratio;
    return (fsbi_if_step_constants){.a_ampa = (float)(r / (1 + r)),
                                    .a_nmda = (float)(1 / (1 + r)),
                                    .decay_ampa = (float)exp(-p->dt / p->tau_ampa),
                                    .decay_gaba = (float)exp(-p->dt / p->tau_gaba),
                                    .decay_threshold = (float)exp(-p->dt / p->tau_thr),
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
    size_t padded = (size + BLOCK - 1) / BLOCK * BLOCK;
    *population = (fsbi_if_population){
        .size = size, .padded_size = padded, .constants = constants_of(parameters)};
    population->state = fsbi_memory_allocate(ARRAYS * padded, sizeof(float), error);
    if (population->state == NULL ||
        fsbi_spike_delay_init(&population->spikes, padded, delay, error) != FSBI_OK)
        return FSBI_NO_MEMORY;
    population->voltage = population->state;
    population->threshold = population->state + padded;
    population->g_ampa = population->state + 2 * padded;
    population->g_nmda = population->state + 3 * padded;
    population->g_gaba = population->state + 4 * padded;
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
    fsbi_spike_delay_reset(&population->spikes);
}

/* One block of neurons; `fired` says which spiked, the result whether any did. */
static int step_block(const fsbi_if_step_constants *restrict c, float *restrict voltage,
                      float *restrict threshold, float *restrict g_ampa, float *restrict g_nmda,
                      float *restrict g_gaba, int32_t *restrict fired) {
    int32_t any = 0;
    for (size_t i = 0; i < BLOCK; i++) {
        float v = voltage[i];
        float ampa = g_ampa[i];
        float nmda = g_nmda[i];
        float gaba = g_gaba[i];
        float current_exc = (c->a_ampa * ampa + c->a_nmda * nmda) * (c->e_exc - v);
        float current_inh = (v - c->e_inh) * gaba;
        g_nmda[i] = nmda + c->nmda_rate * (ampa - nmda);
        g_ampa[i] = ampa * c->decay_ampa;
        g_gaba[i] = gaba * c->decay_gaba;
        float above_rest = threshold[i] * c->decay_threshold;
        v += c->membrane_rate * (current_exc - current_inh - (v - c->e_rest));
        v = v < c->e_inh ? c->e_inh : v;
        v = v > c->e_exc ? c->e_exc : v;
        int32_t spike = v > c->thr_rest + above_rest;
        voltage[i] = spike ? c->e_reset : v;
        threshold[i] = spike ? c->dthr : above_rest;
        fired[i] = spike;
        any |= spike;
    }
    return any;
}

void fsbi_if_population_step(fsbi_if_population *population) {
    /* A copy of its own: stores to the state could otherwise change what the loop reads. */
    const fsbi_if_step_constants constants = population->constants;
    fsbi_spike_list *spikes = fsbi_spike_delay_next(&population->spikes);
    int32_t fired[BLOCK];
    for (size_t begin = 0; begin < population->padded_size; begin += BLOCK) {
        if (!step_block(&constants, population->voltage + begin, population->threshold + begin,
                        population->g_ampa + begin, population->g_nmda + begin,
                        population->g_gaba + begin, fired))
            continue;
        size_t end = population->size - begin < BLOCK ? population->size - begin : BLOCK;
        for (size_t i = 0; i < end; i++)
            if (fired[i])
                spikes->neurons[spikes->count++] = (uint16_t)(begin + i);
    }
}

size_t fsbi_if_minimum_interval(const fsbi_if_parameters *p) {
    double room = p->e_exc - p->thr_rest;
    if (room <= 0 || p->dthr <= room)
        return 1;
    double steps = p->tau_thr * log(p->dthr / room) / p->dt;
    /* Single precision may let a spike through a step early; nothing else can. */
    return steps > 2 ? (size_t)steps - 1 : 1;
}
