#include "model/orientation/population.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

fsbi_status orientation_population_init(orientation_population *population, size_t inputs,
                                        fsbi_error *error) {
    double **arrays[] = {&population->synapses.unscaled,  &population->synapses.rate,
                         &population->synapses.noiseless, &population->synapses.origin,
                         &population->synapses.distance,  &population->synapses.square};
    population->inputs = inputs;
    population->padded = (inputs + FSBI_PCG_LANES - 1) / FSBI_PCG_LANES * FSBI_PCG_LANES;
    for (size_t k = 0; k < FSBI_PCG_LANES; k++)
        population->is_input[k] = population->padded - FSBI_PCG_LANES + k < inputs;
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        *arrays[i] = fsbi_memory_allocate(population->padded, sizeof(double), error);
        if (*arrays[i] == NULL)
            return FSBI_NO_MEMORY;
    }
    return FSBI_OK;
}

void orientation_population_clear(orientation_population *population) {
    free(population->synapses.unscaled);
    free(population->synapses.rate);
    free(population->synapses.noiseless);
    free(population->synapses.origin);
    free(population->synapses.distance);
    free(population->synapses.square);
}

void orientation_population_start(orientation_population *population, double mean,
                                  gsl_rng *stream) {
    for (size_t i = 0; i < population->inputs; i++)
        population->synapses.unscaled[i] = 2 * mean * gsl_rng_uniform(stream);
    population->scale = 1;
}

void orientation_population_show(orientation_population *population, const double *rate,
                                 size_t groups) {
    const size_t group_size = population->inputs / groups;
    for (size_t g = 0; g < groups; g++)
        for (size_t i = 0; i < group_size; i++)
            population->synapses.noiseless[g * group_size + i] = rate[g];
}

/* What all inputs have in common in one step. */
typedef struct {
    fsbi_double4 scale, by_rate, constant, noise;
} step_factors;

/* Sums that grow input by input. */
typedef struct {
    fsbi_double4 sum, drive;
} step_sums;

static inline __attribute__((always_inline)) step_sums
learn_quad(const orientation_synapses *synapses, const step_factors *factors, size_t i,
           fsbi_double4 random, bool record, step_sums sums) {
    const fsbi_double4 unscaled = fsbi_double4_load(synapses->unscaled + i);
    if (record) {
        const fsbi_double4 distance =
            factors->scale * unscaled - fsbi_double4_load(synapses->origin + i);
        fsbi_double4_store(fsbi_double4_load(synapses->distance + i) + distance,
                           synapses->distance + i);
        fsbi_double4_store(fsbi_double4_load(synapses->square + i) + distance * distance,
                           synapses->square + i);
    }
    const fsbi_double4 drifted = factors->scale * unscaled + factors->constant;
    const fsbi_double4 learned = fsbi_double4_positive_part(
        drifted + factors->by_rate * fsbi_double4_load(synapses->rate + i));
    const fsbi_double4 rate = fsbi_double4_load(synapses->noiseless + i) + factors->noise * random;
    fsbi_double4_store(learned, synapses->unscaled + i);
    fsbi_double4_store(rate, synapses->rate + i);
    return (step_sums){sums.sum + learned, sums.drive + learned * rate};
}

static inline __attribute__((always_inline)) void
learn(orientation_population *p, double postsynaptic, bool record, fsbi_pcg_lanes *noise) {
    /* Copies, which no store through a pointer can change: they stay in registers. */
    const orientation_synapses synapses = p->synapses;
    fsbi_pcg_quad state[FSBI_PCG_QUADS] = {noise->state[0], noise->state[1]};
    const fsbi_pcg_quad increment[FSBI_PCG_QUADS] = {noise->increment[0], noise->increment[1]};
    const size_t last = p->padded - FSBI_PCG_LANES;
    const double by_rate = p->learning * (p->rule.alpha * postsynaptic + p->rule.beta);
    const double constant = p->learning * (p->rule.gamma * postsynaptic + p->rule.delta);
    const step_factors factors = {fsbi_double4_of(p->scale), fsbi_double4_of(by_rate),
                                  fsbi_double4_of(constant), fsbi_double4_of(p->noise * 0x1p-32)};
    step_sums sums = {fsbi_double4_of(0), fsbi_double4_of(0)};
    for (size_t i = 0; i < last; i += FSBI_PCG_LANES)
        for (size_t q = 0; q < FSBI_PCG_QUADS; q++)
            sums = learn_quad(&synapses, &factors, i + q * FSBI_PCG_QUAD,
                              fsbi_pcg_quad_next(&state[q], increment[q]), record, sums);
    /* The last lanes may belong to no input: their weights stay 0. */
    for (size_t q = 0; q < FSBI_PCG_QUADS; q++) {
        const fsbi_double4 is_input = fsbi_double4_load(p->is_input + q * FSBI_PCG_QUAD);
        const step_factors masked = {factors.scale, factors.by_rate * is_input,
                                     factors.constant * is_input, factors.noise};
        sums = learn_quad(&synapses, &masked, last + q * FSBI_PCG_QUAD,
                          fsbi_pcg_quad_next(&state[q], increment[q]), record, sums);
    }
    p->sum = fsbi_double4_total(sums.sum);
    p->drive = fsbi_double4_total(sums.drive);
    for (size_t q = 0; q < FSBI_PCG_QUADS; q++)
        noise->state[q] = state[q];
}

void orientation_population_learn(orientation_population *population, double postsynaptic,
                                  bool record, fsbi_pcg_lanes *noise) {
    if (record)
        learn(population, postsynaptic, true, noise);
    else
        learn(population, postsynaptic, false, noise);
}

void orientation_population_begin(orientation_population *population, fsbi_pcg_lanes *noise) {
    const double learning = population->learning;
    population->learning = 0;
    learn(population, 0, false, noise);
    population->learning = learning;
}

void orientation_population_mark(orientation_population *population) {
    for (size_t i = 0; i < population->padded; i++) {
        population->synapses.origin[i] = population->scale * population->synapses.unscaled[i];
        population->synapses.distance[i] = 0;
        population->synapses.square[i] = 0;
    }
}

void orientation_population_record(orientation_population *population) {
    for (size_t i = 0; i < population->inputs; i++) {
        const double distance =
            population->scale * population->synapses.unscaled[i] - population->synapses.origin[i];
        population->synapses.distance[i] += distance;
        population->synapses.square[i] += distance * distance;
    }
}
