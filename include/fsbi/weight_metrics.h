/** Weight metrics of Confavreux et al., NeurIPS 2023, each of one connection's samples. How those
 * of several connections become w_blow and w_creep stands in src/metrics/README.md. */
#ifndef FSBI_WEIGHT_METRICS_H
#define FSBI_WEIGHT_METRICS_H

#include "fsbi/weight_samples.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Share of the weights, all samples but the first, that equal `weight_min` or `weight_max` in
 * single precision; NaN with fewer than 2 samples. */
double fsbi_weight_saturated_share(const fsbi_weight_samples *samples, double weight_min,
                                   double weight_max);

/** abs(2 (b - a)/(a + b)), a and b the mean weight of the first and last sample; 0 where a + b <=
 * 0.1, NaN without samples. */
double fsbi_weight_creep(const fsbi_weight_samples *samples);

/** The same with its sign: positive where weights grow. */
double fsbi_weight_signed_creep(const fsbi_weight_samples *samples);

/** Mean weight of the first sample; NaN without samples. */
double fsbi_weight_initial_mean(const fsbi_weight_samples *samples);

/** Standard deviation over synapses of the last sample's weights; NaN without samples. */
double fsbi_weight_final_spread(const fsbi_weight_samples *samples);

/** Share of the weights, all samples but the first, that equal `bound` in single precision; NaN
 * with fewer than 2 samples. */
double fsbi_weight_share_at(const fsbi_weight_samples *samples, double bound);

/** Mean weight of the last sample; NaN without samples. */
double fsbi_weight_final_mean(const fsbi_weight_samples *samples);

#ifdef __cplusplus
}
#endif

#endif
