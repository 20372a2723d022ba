#include "model/ei_network/score.h"

#include <math.h>

#include "fsbi/spike_metrics.h"
#include "fsbi/weight_metrics.h"

static fsbi_status score_spikes(const ei_record *record, double *metrics, fsbi_error *error) {
    fsbi_spike_metrics spikes;
    FSBI_TRY(fsbi_spike_metrics_compute(&record->excitatory, &spikes, error));
    metrics[EI_RATE] = spikes.rate;
    metrics[EI_RATE_I] = fsbi_spike_rate(&record->inhibitory);
    metrics[EI_CV_ISI] = spikes.cv_isi;
    metrics[EI_KL_ISI] = spikes.kl_isi;
    metrics[EI_SPATIAL_FANO] = spikes.spatial_fano;
    metrics[EI_TEMPORAL_FANO] = spikes.temporal_fano;
    metrics[EI_AUTO_COV] = spikes.auto_cov;
    metrics[EI_FFT] = spikes.fft;
    metrics[EI_STD_RATE_TEMPORAL] = spikes.std_rate_temporal;
    metrics[EI_STD_RATE_SPATIAL] = spikes.std_rate_spatial;
    metrics[EI_STD_CV] = spikes.std_cv;
    return FSBI_OK;
}

/* Returns where the next metrics go. */
static double *score_weights(const ei_settings *settings, const ei_record *record,
                             double *metrics) {
    double *final_weight = metrics + EI_FINAL_WEIGHTS;
    double saturated = 0;
    metrics[EI_W_CREEP] = 0;
    for (int k = 0; k < EI_CONNECTIONS; k++) {
        const fsbi_weight_samples *samples = &record->weights[k];
        if (samples->weight == NULL)
            continue;
        saturated +=
            fsbi_weight_saturated_share(samples, settings->weight_min, settings->weight_max);
        metrics[EI_W_CREEP] = fmax(metrics[EI_W_CREEP], fsbi_weight_creep(samples));
        *final_weight++ = fsbi_weight_final_mean(samples);
    }
    metrics[EI_W_BLOW] = saturated / (double)(final_weight - (metrics + EI_FINAL_WEIGHTS));
    return final_weight;
}

/* In the order of ei_declare_observables. */
static void score_observables(const ei_settings *settings, const ei_record *record,
                              double *observables) {
    for (int k = 0; k < EI_CONNECTIONS; k++) {
        const fsbi_weight_samples *samples = &record->weights[k];
        if (samples->weight == NULL)
            continue;
        *observables++ = fsbi_weight_initial_mean(samples);
        *observables++ = fsbi_weight_final_spread(samples);
        *observables++ = fsbi_weight_share_at(samples, settings->weight_min);
        *observables++ = fsbi_weight_share_at(samples, settings->weight_max);
    }
    for (int k = 0; k < EI_CONNECTIONS; k++)
        if (record->weights[k].weight != NULL)
            *observables++ = fsbi_weight_signed_creep(&record->weights[k]);
}

static fsbi_status score_record(const ei_settings *settings, const ei_record *record,
                                double *metrics, fsbi_error *error) {
    FSBI_TRY(score_spikes(record, metrics, error));
    double *next = score_weights(settings, record, metrics);
    next = ei_familiarity_score(&settings->familiarity, &record->excitatory,
                                settings->seconds_before, next);
    score_observables(settings, record, next);
    return FSBI_OK;
}

fsbi_status ei_network_score(ei_network *net, double *metrics, fsbi_error *error) {
    const ei_record record = ei_network_record(net);
    return score_record(&net->settings, &record, metrics, error);
}

fsbi_status ei_traces_score(const ei_settings *settings, const bool plastic[EI_CONNECTIONS],
                            const fsbi_trace_data *traces, double *metrics, fsbi_error *error) {
    ei_record record;
    FSBI_TRY(ei_record_read(settings, plastic, traces, &record, error));
    return score_record(settings, &record, metrics, error);
}
