/**
 * What a plastic synapse reads of its postsynaptic neuron: the last spikes, newest first, and the
 * trace. They stand in quartets, the trace with the newest spikes, so that few bytes are read where
 * few spikes matter.
 *
 * A spike's time is told by the scale that the presynaptic traces had in its step: it decays from
 * step to step, so that a smaller one is later, and a presynaptic trace's value in that step is its
 * scaled value times this.
 */
#ifndef FSBI_SNN_SPIKE_HISTORY_H
#define FSBI_SNN_SPIKE_HISTORY_H

#include <float.h>
#include <stdbool.h>
#include <stddef.h>

enum {
    FSBI_HISTORY_LEVELS = 3,
    FSBI_HISTORY_QUARTET = 4,
    FSBI_HISTORY_TRACE = 3 /**< place of the trace in level 0 */
};

/** Stands for a spike before all times: none, or one that every weight has seen. */
#define FSBI_HISTORY_NONE FLT_MAX

typedef float fsbi_history_quartet[FSBI_HISTORY_QUARTET];

/** Of a population; higher levels hold older spikes. */
typedef struct {
    size_t neurons;
    fsbi_history_quartet *level[FSBI_HISTORY_LEVELS]; /**< of each neuron */
} fsbi_spike_history;

/** Spikes in a quartet of this level. */
static inline int fsbi_history_level_spikes(int level) {
    return level == 0 ? FSBI_HISTORY_TRACE : FSBI_HISTORY_QUARTET;
}

/** Forgets all spikes; leaves the traces. */
static inline void fsbi_spike_history_forget(fsbi_spike_history *history) {
    for (int level = 0; level < FSBI_HISTORY_LEVELS; level++)
        for (size_t i = 0; i < history->neurons; i++)
            for (int k = 0; k < fsbi_history_level_spikes(level); k++)
                history->level[level][i][k] = FSBI_HISTORY_NONE;
}

/** Records a spike; the oldest makes room for it. */
static inline void fsbi_spike_history_record(fsbi_spike_history *history, size_t neuron,
                                             float scale) {
    for (int level = 0; level < FSBI_HISTORY_LEVELS; level++) {
        float *spike = history->level[level][neuron];
        const int last = fsbi_history_level_spikes(level) - 1;
        const float older = spike[last];
        for (int k = last; k > 0; k--)
            spike[k] = spike[k - 1];
        spike[0] = scale;
        scale = older;
    }
}

/** Whether the next spike makes one be forgotten that came after a step of scale `seen`. */
static inline bool fsbi_spike_history_full(const fsbi_spike_history *history, size_t neuron,
                                           float seen) {
    return history->level[FSBI_HISTORY_LEVELS - 1][neuron][FSBI_HISTORY_QUARTET - 1] < seen;
}

#endif
