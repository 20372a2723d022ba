/**
 * A sparse connection from a presynaptic to a postsynaptic population: targets row by row (16 bits
 * each), and where asked for also a weight for each synapse and the synapses of each postsynaptic
 * neuron.
 */
#ifndef FSBI_SNN_CONNECTION_H
#define FSBI_SNN_CONNECTION_H

#include <gsl/gsl_rng.h>
#include <stdbool.h>

#include "snn/spike_delay.h"
#include "snn/trace.h"

/** Largest population: indices have 16 bits. */
enum { FSBI_CONNECTION_MOST_NEURONS = 65535, FSBI_CONNECTION_SPARE = 16 };

/** What a connection is drawn from. */
typedef struct {
    size_t presynaptic_size, postsynaptic_size;
    double probability; /**< of each ordered pair, independently */
    bool exclude_self;  /**< no neuron connects to itself: both populations are the same one */
    bool weighted;      /**< each synapse has a weight of its own */
    bool columns;       /**< the synapses of each postsynaptic neuron are indexed too */
} fsbi_connection_specification;

/** Synapse s of row j: row_begin[j] <= s < row_begin[j+1]; rows ascend in their targets. Targets
 * and weights can be read up to FSBI_CONNECTION_SPARE beyond the last. */
typedef struct {
    fsbi_connection_specification specification;
    size_t capacity;
    size_t synapses;
    uint32_t *row_begin;          /**< presynaptic_size + 1 */
    uint16_t *target;             /**< postsynaptic neuron of each synapse */
    float *weight;                /**< of each synapse; NULL unless weighted */
    uint32_t *column_begin;       /**< postsynaptic_size + 1; NULL unless indexed by columns */
    uint32_t *column_synapse;     /**< synapses onto each postsynaptic neuron */
    uint16_t *column_presynaptic; /**< and where each comes from */
} fsbi_connection;

/** Allocates for any draw of this shape that has a chance to occur. Release with
 * fsbi_connection_clear. */
fsbi_status fsbi_connection_init(fsbi_connection *connection,
                                 const fsbi_connection_specification *specification,
                                 fsbi_error *error);
void fsbi_connection_clear(fsbi_connection *connection);

/**
 * Draws the synapses anew, by geometric skips over all pairs in row-major order; all weights become
 * `initial_weight`. Allocates nothing. FSBI_INTERNAL if the draw does not fit (odds below 1e-20).
 */
fsbi_status fsbi_connection_draw(fsbi_connection *connection, double initial_weight,
                                 gsl_rng *stream, fsbi_error *error);

/** Synapses of a presynaptic neuron. */
static inline size_t fsbi_connection_row_length(const fsbi_connection *connection, size_t row) {
    return connection->row_begin[row + 1] - connection->row_begin[row];
}

/** The presynaptic neuron of a synapse. */
size_t fsbi_connection_row_of(const fsbi_connection *connection, size_t synapse);

/** Asks for the rows of these spikes, which are needed soon, ahead of time. */
void fsbi_connection_prefetch(const fsbi_connection *connection, const fsbi_spike_list *spikes);

/** Adds a fixed weight to the conductance of each target of each arriving spike. */
void fsbi_connection_transmit(const fsbi_connection *connection, const fsbi_spike_list *arriving,
                              float weight, fsbi_trace *conductance);

/** Adds the weight of each synapse of a row to the conductance of its target. */
void fsbi_connection_transmit_weights(const fsbi_connection *connection, size_t row,
                                      fsbi_trace *conductance);

#endif
