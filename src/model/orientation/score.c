#include "model/orientation/score.h"

#include <math.h>

/* In the order of x. */
typedef enum {
    WEIGHT_STABILITY,
    POPULATION_STABILITY,
    BALANCE,
    MEAN_BALANCE,
    DIVERSITY,
    MEAN_DIVERSITY,
    LOCAL_DRIFT_E,
    LOCAL_DRIFT_I,
    CV_WE,
    CV_WI,
    CV_SUM,
    PM_WE,
    PM_WI,
    TUNING_A,
    TUNING_MU,
    TUNING_SIGMA,
    TUNING_R2,
    TUNING_R0,
    METRICS = ORIENTATION_METRICS
} metric;

static const fsbi_metric declared[METRICS] = {
    [WEIGHT_STABILITY] = {"weight_stability", "1", FSBI_SCALE_BELOW_ONE, false, 0.003, 0, 0, 0},
    [POPULATION_STABILITY] = {"population_stability", "1", FSBI_SCALE_BELOW_ONE, false, 0.01, 0, 0,
                              0},
    [BALANCE] = {"balance", "1", FSBI_SCALE_BELOW_ONE, false, 0.01, 0, 0, 0},
    [MEAN_BALANCE] = {"mean_balance", "1", FSBI_SCALE_BELOW_ONE, false, 0.01, 0, 0, 0},
    [DIVERSITY] = {"diversity", "1", FSBI_SCALE_BELOW_ONE, false, 0.01, 0, 0, 0},
    [MEAN_DIVERSITY] = {"mean_diversity", "1", FSBI_SCALE_BELOW_ONE, false, 0.01, 0, 0, 0},
    [LOCAL_DRIFT_E] = {"local_drift_e", "1", FSBI_SCALE_LOGARITHM, false, 0.01, 0, 0, 0},
    [LOCAL_DRIFT_I] = {"local_drift_i", "1", FSBI_SCALE_LOGARITHM, false, 0.01, 0, 0, 0},
    [CV_WE] = {"cv_we", "1", FSBI_SCALE_LOGARITHM, false, 0.01, 0, 0, 0},
    [CV_WI] = {"cv_wi", "1", FSBI_SCALE_LOGARITHM, false, 0.01, 0, 0, 0},
    [CV_SUM] = {"cv_sum", "1", FSBI_SCALE_LOGARITHM, false, 0.01, 0, 0, 0},
    [PM_WE] = {"pm_we", "1", FSBI_SCALE_LINEAR, false, 0, 0, 0, 0},
    [PM_WI] = {"pm_wi", "1", FSBI_SCALE_LINEAR, false, 0, 0, 0, 0},
    [TUNING_A] = {"tuning_A", "1", FSBI_SCALE_LOGARITHM, false, 0.01, 0, 0, 0},
    [TUNING_MU] = {"tuning_mu", "rad", FSBI_SCALE_LINEAR, false, 0, 0, 0, 0},
    [TUNING_SIGMA] = {"tuning_sigma", "rad", FSBI_SCALE_LOGARITHM, false, 0.05, 0, 0, 0},
    [TUNING_R2] = {"tuning_r2", "1", FSBI_SCALE_BELOW_ONE, false, 0.01, 0, 0, 0},
    [TUNING_R0] = {"tuning_R0", "1", FSBI_SCALE_LINEAR, false, 0, 0, 0, 0}};

fsbi_status orientation_declare_metrics(fsbi_model *model, fsbi_error *error) {
    for (int k = 0; k < METRICS; k++) {
        FSBI_TRY(fsbi_model_add_metric(model, declared[k].name, declared[k].unit, error));
        fsbi_model_scale_metric(model, declared[k].scale, declared[k].offset);
    }
    return FSBI_OK;
}

double orientation_metric_scaled(size_t index, double value) {
    return fsbi_metric_scaled(&declared[index], value);
}

/* Over synapses: the means of their deviation in time, of their mean weight in time, and of the
 * ratio of the two; the largest mean weight. */
typedef struct {
    double deviation, weight, variation, largest;
} time_statistics;

static time_statistics over_time(const orientation_population *p, double steps) {
    time_statistics found = {.largest = -INFINITY};
    const double inputs = (double)p->inputs;
    for (size_t i = 0; i < p->inputs; i++) {
        const double distance = p->synapses.distance[i] / steps;
        const double weight = p->synapses.origin[i] + distance;
        const double deviation = sqrt(fmax(p->synapses.square[i] / steps - distance * distance, 0));
        found.deviation += deviation / inputs;
        found.weight += weight / inputs;
        found.variation += weight == 0 ? 0 : deviation / weight / inputs;
        found.largest = fmax(found.largest, weight);
    }
    return found;
}

static orientation_tuning score_tuning(const orientation_recording *recording,
                                       const orientation_neuron *neuron,
                                       orientation_tuning_fit *fit, double *metrics) {
    static const double never_zero = 0.001;
    const orientation_settings *settings = neuron->settings;
    const double *angle = neuron->stimuli->angle + neuron->stimuli->count - fit->points;
    double largest = 0;
    for (size_t i = 0; i < fit->points; i++)
        largest = fmax(largest, recording->rate[i]);
    for (size_t i = 0; i < fit->points; i++)
        recording->rate[i] /= largest + never_zero;
    const orientation_tuning tuning =
        orientation_tuning_fit_run(fit, angle, recording->rate, settings->initial_fit_width);
    metrics[TUNING_A] = tuning.amplitude;
    metrics[TUNING_MU] = tuning.preferred;
    metrics[TUNING_SIGMA] = tuning.width;
    metrics[TUNING_R2] = largest == 0 ? settings->silent_r2 : tuning.r2;
    metrics[TUNING_R0] = tuning.offset;
    return tuning;
}

orientation_tuning orientation_score(const orientation_recording *recording,
                                     const orientation_neuron *neuron, orientation_tuning_fit *fit,
                                     double *metrics) {
    const double steps = (double)(recording->end - recording->begin);
    const time_statistics e = over_time(&neuron->input[ORIENTATION_E], steps);
    const time_statistics i = over_time(&neuron->input[ORIENTATION_I], steps);
    metrics[WEIGHT_STABILITY] = 1 - (e.deviation + i.deviation);
    metrics[POPULATION_STABILITY] = 1 - (e.deviation / e.weight + i.deviation / i.weight);
    metrics[BALANCE] = recording->last.balance;
    metrics[MEAN_BALANCE] = recording->mean.balance;
    metrics[DIVERSITY] = 1 - recording->last.dispersion;
    metrics[MEAN_DIVERSITY] = 1 - recording->mean.dispersion;
    metrics[LOCAL_DRIFT_E] = recording->drift[ORIENTATION_E];
    metrics[LOCAL_DRIFT_I] = recording->drift[ORIENTATION_I];
    metrics[CV_WE] = e.variation;
    metrics[CV_WI] = i.variation;
    metrics[CV_SUM] = e.variation + i.variation;
    metrics[PM_WE] = e.weight / e.largest;
    metrics[PM_WI] = i.weight / i.largest;
    return score_tuning(recording, neuron, fit, metrics);
}
