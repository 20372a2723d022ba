/**
 * Postsynaptic changes of a connection's weights, put off until they matter: a postsynaptic spike's
 * change of a synapse is needed only when its presynaptic neuron next spikes, and then a whole row
 * is brought up to date at once, sequentially in memory. Order and clipping are those of changing
 * every weight at every spike.
 *
 * Each postsynaptic neuron keeps its last spikes; one that must make room for a newer one is first
 * carried out on the synapses that have not seen it.
 */
#ifndef FSBI_SNN_DEFERRED_UPDATES_H
#define FSBI_SNN_DEFERRED_UPDATES_H

#include "snn/connection.h"
#include "snn/trace.h"

/** Spikes kept for each postsynaptic neuron. */
enum { FSBI_DEFERRED_SPIKES = 4 };

/** The last spikes of a neuron, newest first; step -1: none. */
typedef struct {
    int32_t step[FSBI_DEFERRED_SPIKES];
    float factor[FSBI_DEFERRED_SPIKES]; /**< of the scaled presynaptic trace */
} fsbi_deferred_spikes;

typedef struct {
    fsbi_deferred_spikes *spikes; /**< of each postsynaptic neuron */
    int32_t *unseen;     /**< of each row: spikes from this step on are not in its weights yet */
    int32_t *arrival;    /**< of each row: step of its last presynaptic spike; -1: none */
    float *trace_before; /**< of each row: scaled trace just before that spike */
    float change;        /**< of a weight, whatever the trace */
    float weight_min, weight_max;
    int32_t now;      /**< the present step */
    int32_t all_seen; /**< spikes before this step are in all weights */
} fsbi_deferred_updates;

/** For connections of this shape; release with fsbi_deferred_updates_clear. */
fsbi_status fsbi_deferred_updates_init(fsbi_deferred_updates *deferred,
                                       const fsbi_connection_shape *shape, fsbi_error *error);
void fsbi_deferred_updates_clear(fsbi_deferred_updates *deferred);

/** Begins at step 0 with nothing put off. */
void fsbi_deferred_updates_reset(fsbi_deferred_updates *deferred,
                                 const fsbi_connection_shape *shape, float change, float weight_min,
                                 float weight_max);

/** Brings a row up to date with all spikes recorded so far. */
void fsbi_deferred_updates_apply_row(fsbi_deferred_updates *deferred, fsbi_connection *connection,
                                     const fsbi_trace *presynaptic_trace, size_t row);

/** Notes that a presynaptic spike arrives in the present step, before the trace takes it in. */
void fsbi_deferred_updates_arrive(fsbi_deferred_updates *deferred,
                                  const fsbi_trace *presynaptic_trace, size_t row);

/** Records a postsynaptic spike of the present step: every synapse onto the neuron changes by
 * change + factor x trace. */
void fsbi_deferred_updates_record(fsbi_deferred_updates *deferred, fsbi_connection *connection,
                                  const fsbi_trace *presynaptic_trace, size_t neuron, float factor);

/** Ends the step; call it before the presynaptic trace's own step, whose rescaling needs all rows
 * up to date. */
void fsbi_deferred_updates_end_step(fsbi_deferred_updates *deferred, fsbi_connection *connection,
                                    const fsbi_trace *presynaptic_trace);

#endif
