/** The synapses of a connection by postsynaptic neuron, and spikes to drive it with: what plain
 * implementations of plasticity rules in the tests share. */
#ifndef FSBI_TESTS_SNN_PLAIN_CONNECTION_H
#define FSBI_TESTS_SNN_PLAIN_CONNECTION_H

#include "fsbi/random.h"
#include "snn/connection.h"
#include "unit.h"

typedef struct {
    const fsbi_connection *connection;
    size_t *column_begin;
    uint32_t *column_synapse;
    uint16_t *row; /**< of each synapse */
    double *weight;
} plain_connection;

/** Copies the weights as they stand. Release with plain_connection_free. */
static inline plain_connection plain_connection_of(const fsbi_connection *c) {
    const size_t columns = c->specification.postsynaptic_size;
    plain_connection p = {
        c, calloc(columns + 2, sizeof(size_t)), calloc(c->synapses, sizeof(uint32_t)),
        calloc(c->synapses, sizeof(uint16_t)), calloc(c->synapses, sizeof(double))};
    for (size_t s = 0; s < c->synapses; s++) {
        p.column_begin[c->target[s] + 2]++;
        p.weight[s] = c->weight[s];
    }
    for (size_t i = 2; i < columns + 2; i++)
        p.column_begin[i] += p.column_begin[i - 1];
    for (size_t j = 0; j < c->specification.presynaptic_size; j++) {
        for (uint32_t s = c->row_begin[j]; s < c->row_begin[j + 1]; s++) {
            p.row[s] = (uint16_t)j;
            p.column_synapse[p.column_begin[c->target[s] + 1]++] = s;
        }
    }
    return p;
}

static inline void plain_connection_free(plain_connection *p) {
    free(p->column_begin);
    free(p->column_synapse);
    free(p->row);
    free(p->weight);
}

/** A third of the weights at each bound, a third anywhere between. */
static inline void spread_weights(fsbi_connection *c, double low, double high, gsl_rng *rng) {
    for (size_t s = 0; s < c->synapses; s++) {
        const double u = gsl_rng_uniform(rng);
        c->weight[s] = (float)(u < 1.0 / 3   ? low
                               : u < 2.0 / 3 ? high
                                             : low + (high - low) * gsl_rng_uniform(rng));
    }
}

/** One step's spikes: each neuron with probability `p`, a few (of index below 8) much more often,
 * and now and then a tenth of all together. */
static inline void draw_spikes(size_t neurons, double p, int step, gsl_rng *rng,
                               fsbi_spike_list *spikes) {
    enum { BUSY = 8, TOGETHER = 2500 };
    spikes->count = 0;
    for (size_t i = 0; i < neurons; i++) {
        const double often = i < BUSY ? 20 * p : step % TOGETHER == TOGETHER - 1 ? 0.1 : p;
        if (gsl_rng_uniform(rng) < often)
            spikes->neurons[spikes->count++] = (uint16_t)i;
    }
}

/** Largest difference of two weights relative to the second, or to `least` where that is larger. */
static inline double relative_difference(double weight, double plain, double least) {
    return fabs(weight - plain) / fmax(fabs(plain), least);
}

#endif
