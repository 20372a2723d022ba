/**
 * Checkpoints: what is known of a network on its way, over the second before each of them. Rates of
 * both populations; how much the excitatory rate goes up and down in bins of 10 ms, relative to its
 * mean; of each plastic connection the mean weight, its change, and the share at its lower bound.
 */
#ifndef FSBI_MODEL_EI_NETWORK_CHECKPOINT_H
#define FSBI_MODEL_EI_NETWORK_CHECKPOINT_H

#include "model/ei_network/network.h"

/** Declares the interim numbers: rate_at_3, rate_i_at_3, bumps_at_3, w_EE_at_3, dw_EE_at_3,
 * at_wmin_EE_at_3 and so on for a checkpoint at 3 s. */
fsbi_status ei_declare_interim(fsbi_model *model, const bool plastic[EI_CONNECTIONS],
                               fsbi_error *error);

/** A simulation under way. */
typedef struct {
    const ei_network *net;
    double *interim;              /**< where the next checkpoint's numbers go */
    size_t next;                  /**< checkpoint, from 0 */
    size_t begin, end, bin_steps; /**< steps of the second before it, and of a bin of it */
    size_t excitatory, inhibitory, in_bin;
    double squares;                     /**< of the bins' counts */
    double mean_before[EI_CONNECTIONS]; /**< weight at the beginning of the second */
} ei_checkpoints;

/** Those of a simulation that begins; its interim numbers go into `metrics`, behind the others. */
ei_checkpoints ei_checkpoints_start(const ei_network *net, double *metrics);

/** Takes in the spikes of a step; true at a checkpoint, whose numbers are there now. */
bool ei_checkpoints_step(ei_checkpoints *checkpoints, size_t step);

#endif
