/**
 * Spike-train metrics as published with Confavreux et al., NeurIPS 2023; definitions and edge cases
 * in tools/reference/spike_metrics.py. Variances and standard deviations divide by n; bins hold
 * their lower edge and not their upper one, and spikes after the last whole edge strictly inside
 * the window are in no bin.
 */
#ifndef FSBI_SPIKE_METRICS_H
#define FSBI_SPIKE_METRICS_H

#include "fsbi/error.h"
#include "fsbi/spike_trains.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    double rate;   /**< Hz */
    double cv_isi; /**< mean over neurons of std/mean of intervals; below 3 intervals counts as 0 */
    double std_cv; /**< standard deviation over neurons of the same */
    double kl_isi; /**< divergence of the pooled interval distribution from an exponential one */
    double spatial_fano;      /**< mean over 0.1 s bins of variance/mean over neurons */
    double temporal_fano;     /**< mean over neurons of variance/mean over 0.1 s bins */
    double auto_cov;          /**< mean normalised autocorrelation of 10 ms counts up to 0.5 s */
    double fft;               /**< sum of the amplitudes of the population rate (1 ms bins) */
    double std_rate_temporal; /**< standard deviation over time of the mean count in 1 ms */
    double std_rate_spatial;  /**< standard deviation over neurons of the rate, Hz */
} fsbi_spike_metrics;

/** Shortest window, in seconds, that all metrics are defined for: auto_cov looks 0.5 s ahead. */
#define FSBI_SPIKE_METRICS_SHORTEST 0.6

/** Mean rate in Hz. */
double fsbi_spike_rate(const fsbi_spike_trains *trains);

/**
 * All metrics of one set of trains. The window must last FSBI_SPIKE_METRICS_SHORTEST at least and
 * dt must divide 1 ms; FSBI_BAD_INPUT otherwise.
 */
fsbi_status fsbi_spike_metrics_compute(const fsbi_spike_trains *trains, fsbi_spike_metrics *metrics,
                                       fsbi_error *error);

#ifdef __cplusplus
}
#endif

#endif
