#include "fsbi/weight_metrics.h"

#include <math.h>
#include <stdbool.h>

static double sample_mean(const fsbi_weight_samples *samples, size_t sample) {
    const float *weight = samples->weight + sample * samples->synapses;
    double sum = 0;
    for (size_t k = 0; k < samples->synapses; k++)
        sum += (double)weight[k];
    return sum / (double)samples->synapses;
}

/* Weights, all samples but the first, that equal a bound. */
static size_t count_at(const fsbi_weight_samples *samples, double bound) {
    const float value = (float)bound;
    size_t found = 0;
    for (size_t k = samples->synapses; k < samples->samples * samples->synapses; k++)
        found += samples->weight[k] == value;
    return found;
}

static double share_of(const fsbi_weight_samples *samples, size_t found) {
    return samples->samples < 2
               ? NAN
               : (double)found / (double)((samples->samples - 1) * samples->synapses);
}

double fsbi_weight_share_at(const fsbi_weight_samples *samples, double bound) {
    return share_of(samples, count_at(samples, bound));
}

double fsbi_weight_saturated_share(const fsbi_weight_samples *samples, double weight_min,
                                   double weight_max) {
    const bool apart = (float)weight_min != (float)weight_max;
    return share_of(samples,
                    count_at(samples, weight_min) + (apart ? count_at(samples, weight_max) : 0));
}

double fsbi_weight_signed_creep(const fsbi_weight_samples *samples) {
    static const double negligible = 0.1;
    if (samples->samples == 0)
        return NAN;
    double first = sample_mean(samples, 0);
    double last = sample_mean(samples, samples->samples - 1);
    return first + last > negligible ? 2 * (last - first) / (first + last) : 0;
}

double fsbi_weight_creep(const fsbi_weight_samples *samples) {
    return fabs(fsbi_weight_signed_creep(samples));
}

double fsbi_weight_initial_mean(const fsbi_weight_samples *samples) {
    return samples->samples == 0 ? NAN : sample_mean(samples, 0);
}

double fsbi_weight_final_spread(const fsbi_weight_samples *samples) {
    if (samples->samples == 0)
        return NAN;
    const size_t last = samples->samples - 1;
    const float *weight = samples->weight + last * samples->synapses;
    const double mean = sample_mean(samples, last);
    double squares = 0;
    for (size_t k = 0; k < samples->synapses; k++)
        squares += ((double)weight[k] - mean) * ((double)weight[k] - mean);
    return sqrt(squares / (double)samples->synapses);
}

double fsbi_weight_final_mean(const fsbi_weight_samples *samples) {
    return samples->samples == 0 ? NAN : sample_mean(samples, samples->samples - 1);
}
