/**
 * Spike-train metrics of Confavreux et al., NeurIPS 2023. The whole of their definitions, edge
 * cases included, is src/metrics/README.md; an independent computation is
 * tools/reference/spike_metrics.py.
 *
 * Below, n neurons are recorded for T seconds, and c_ib is the count of neuron i in bin b. Means
 * and deviations divide by n. A bin holds its lower edge and not its upper one; spikes after the
 * last whole edge strictly inside the window are in no bin.
 */
#ifndef FSBI_SPIKE_METRICS_H
#define FSBI_SPIKE_METRICS_H

#include "fsbi/error.h"
#include "fsbi/spike_trains.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    double rate;   /**< Hz; spikes / (n T) */
    double cv_isi; /**< mean_i of std(ISI_i)/mean(ISI_i); 0 for fewer than 3 intervals */
    double std_cv; /**< std_i of the same */
    /** abs(sum_k p_k log(p_k/q_k)): p the share of all intervals, clipped to [0, 1] s, in 99 bins;
     * q an exponential distribution with the same mean interval. */
    double kl_isi;
    /** mean_b of var_i(c_ib)/mean_i(c_ib), bins of 0.1 s; 0 for a bin of at most 3 spikes. */
    double spatial_fano;
    /** mean_i of var_b(c_ib)/mean_b(c_ib), bins of 0.1 s; 0 for a neuron of at most 3 spikes. */
    double temporal_fano;
    /** Bins of 10 ms, A_i(l) = sum_b d_ib d_i,b+l, d_ib = c_ib - mean_b(c_ib): mean_i, mean_l from
     * -50 to 50 of abs(A_i(l))/max abs(A_i); 1 for std_b(c_ib) of at most 0.05. */
    double auto_cov;
    /** y_b = mean_i(c_ib), N bins of 1 ms: sum_k from 1 to N/2 - 1 of (2/N) abs(FFT(y)_k). */
    double fft;
    double std_rate_temporal; /**< std_b(y_b) */
    double std_rate_spatial;  /**< Hz; std_i of spikes_i/T */
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
