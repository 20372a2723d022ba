#include "search/condition_probability.h"

#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "inference/emulator.h"
#include "inference/robust_scale.h"
#include "search/effective_size.h"

size_t fsbi_search_input_size(const fsbi_model *model) {
    return fsbi_model_inferred_count(model) + model->feature_count;
}

void fsbi_search_inputs(const fsbi_model *model, const double *theta, double *inputs) {
    for (size_t k = 0; k < model->parameter_count; k++) {
        const fsbi_parameter *p = &model->parameters[k];
        if (p->nuisance)
            continue;
        *inputs++ = p->high > p->low ? (2 * theta[k] - p->low - p->high) / (p->high - p->low) : 0;
    }
    if (model->feature_count > 0)
        model->type->features(model->settings, theta, inputs);
}

size_t fsbi_search_target_size(const fsbi_model *model) {
    return model->metric_count - model->checkpoint_count * model->interim_count;
}

void fsbi_search_targets(const fsbi_model *model, const double *metrics, double *targets) {
    for (size_t k = 0; k < fsbi_search_target_size(model); k++) {
        const double scaled = fsbi_metric_scaled(&model->metrics[k], metrics[k]);
        targets[k] = isfinite(scaled) ? scaled : NAN;
    }
}

size_t fsbi_search_interim_input_size(const fsbi_model *model) {
    return fsbi_search_input_size(model) + model->checkpoint_count + model->interim_count;
}

bool fsbi_search_interim_inputs(const fsbi_model *model, const double *known, size_t checkpoint,
                                const double *metrics, double *inputs) {
    const size_t rule = fsbi_search_input_size(model);
    const size_t first = fsbi_search_target_size(model) + (checkpoint - 1) * model->interim_count;
    bool there = true;
    memcpy(inputs, known, rule * sizeof *inputs);
    for (size_t k = 0; k < model->checkpoint_count; k++)
        inputs[rule + k] = k + 1 == checkpoint;
    for (size_t k = 0; k < model->interim_count; k++) {
        const double scaled = fsbi_metric_scaled(&model->metrics[first + k], metrics[first + k]);
        there = there && isfinite(scaled);
        inputs[rule + model->checkpoint_count + k] = scaled;
    }
    return there;
}

/* log(1 / (1 + exp(-x))) */
static double log_sigmoid(double x) {
    return x < 0 ? x - log1p(exp(x)) : -log1p(exp(-x));
}

/* Log-odds of a probability given by its logarithm. */
static double log_odds(double log_probability) {
    static const double certain = -1e-9;
    const double l = fmin(log_probability, certain);
    return l - log(-expm1(l));
}

fsbi_search_recalibration fsbi_search_recalibrate(const fsbi_search_predictions *predictions) {
    /* Newton's method on the posterior under normal priors of these widths. */
    static const double intercept_width = 2;
    static const double slope_width = 0.3;
    enum { ITERATIONS = 30 };
    fsbi_search_recalibration r = {0, 1};
    for (int iteration = 0; iteration < ITERATIONS; iteration++) {
        double gradient[2] = {-r.intercept / (intercept_width * intercept_width),
                              (1 - r.slope) / (slope_width * slope_width)};
        double curvature[3] = {1 / (intercept_width * intercept_width), 0,
                               1 / (slope_width * slope_width)};
        for (size_t i = 0; i < predictions->count; i++) {
            const double x = log_odds(predictions->log_probability[i]);
            const double p = exp(log_sigmoid(r.intercept + r.slope * x));
            const double weight = predictions->weights == NULL ? 1 : predictions->weights[i];
            const double off = weight * (predictions->met[i] - p);
            const double curve = weight * p * (1 - p);
            gradient[0] += off;
            gradient[1] += off * x;
            curvature[0] += curve;
            curvature[1] += curve * x;
            curvature[2] += curve * x * x;
        }
        const double determinant = curvature[0] * curvature[2] - curvature[1] * curvature[1];
        static const double longest = 0.5;
        const double step[2] = {
            (curvature[2] * gradient[0] - curvature[1] * gradient[1]) / determinant,
            (curvature[0] * gradient[1] - curvature[1] * gradient[0]) / determinant};
        const double shorten = fmin(1, longest / fmax(fabs(step[0]), fabs(step[1])));
        r.intercept += shorten * step[0];
        r.slope += shorten * step[1];
    }
    static const double least_slope = 0.1; /* the order of rules stays what it is */
    r.slope = fmax(r.slope, least_slope);
    return r;
}

double fsbi_search_recalibrated(const fsbi_search_recalibration *recalibration,
                                double log_probability) {
    return log_sigmoid(recalibration->intercept + recalibration->slope * log_odds(log_probability));
}

void fsbi_condition_probability_clear(fsbi_condition_probability *computation) {
    if (computation->workspace != NULL)
        computation->networks->estimator->destroy(computation->workspace);
    free(computation->entry);
    free(computation->low);
    free(computation->high);
    free(computation->theta);
    free(computation->inputs);
    free(computation->log_members);
    free(computation->x);
    *computation = (fsbi_condition_probability){0};
}

/* An end of an interval as networks see the metric; what no value lies beyond is infinite. */
static double standardise(const fsbi_condition_probability *c, size_t entry, double value) {
    const fsbi_metric *metric = &c->model->metrics[entry];
    const bool not_negative =
        metric->scale == FSBI_SCALE_LOGARITHM || metric->scale == FSBI_SCALE_SQUARE_ROOT;
    const bool below_one = metric->scale == FSBI_SCALE_BELOW_ONE;
    if (value == -INFINITY || (not_negative && value <= 0))
        return -INFINITY;
    if (value == INFINITY || (below_one && value >= 1))
        return INFINITY;
    return fsbi_robust_scale_compress(
        (fsbi_metric_scaled(metric, value) - c->networks->theta_mean[entry]) /
        c->networks->theta_std[entry]);
}

static void add_interval(fsbi_condition_probability *c, size_t entry, double low, double high) {
    c->entry[c->interval_count] = entry;
    c->low[c->interval_count] = standardise(c, entry, low);
    c->high[c->interval_count] = standardise(c, entry, high);
    c->interval_count++;
}

/* Whether the networks have learned of all parts of a metric. */
static bool knows_parts(const fsbi_condition_probability *c, const fsbi_metric *metric) {
    for (size_t k = 0; k < metric->part_count; k++)
        if (!isfinite(c->networks->theta_std[metric->first_part + k]))
            return false;
    return metric->part_count > 0;
}

/* A metric that is the largest magnitude of others says less than these. */
static void add_condition(fsbi_condition_probability *c, const fsbi_condition *condition) {
    const fsbi_metric *metric = &c->model->metrics[condition->metric_index];
    const bool in_parts = condition->low <= 0 && knows_parts(c, metric);
    for (size_t k = 0; in_parts && k < metric->part_count; k++)
        add_interval(c, metric->first_part + k, -condition->high, condition->high);
    if (!in_parts)
        add_interval(c, condition->metric_index, condition->low, condition->high);
}

static size_t most_intervals(const fsbi_model *model, const fsbi_filter *conditions) {
    size_t count = conditions->count;
    for (size_t i = 0; i < conditions->count; i++)
        count += model->metrics[conditions->conditions[i].metric_index].part_count;
    return count;
}

fsbi_status fsbi_condition_probability_init(fsbi_condition_probability *computation,
                                            const fsbi_model *model, const fsbi_posterior *networks,
                                            const fsbi_filter *conditions, fsbi_error *error) {
    enum { BLOCK = FSBI_CONDITION_PROBABILITY_BLOCK };
    fsbi_condition_probability *c = computation;
    *c = (fsbi_condition_probability){
        .model = model, .networks = networks, .conditions = conditions};
    const size_t inputs = networks->specification.x_size;
    const size_t intervals = most_intervals(model, conditions);
    c->entry = fsbi_memory_allocate(intervals, sizeof *c->entry, error);
    c->low = fsbi_memory_allocate(intervals, sizeof *c->low, error);
    c->high = fsbi_memory_allocate(intervals, sizeof *c->high, error);
    c->theta = fsbi_memory_allocate(model->parameter_count, sizeof *c->theta, error);
    c->inputs = fsbi_memory_allocate(BLOCK * inputs, sizeof *c->inputs, error);
    c->x = fsbi_memory_allocate(BLOCK * inputs, sizeof *c->x, error);
    c->log_members = fsbi_memory_allocate(BLOCK * networks->members, sizeof *c->log_members, error);
    c->workspace =
        networks->estimator->create(networks->estimator, &networks->specification, BLOCK, error);
    if (c->entry == NULL || c->low == NULL || c->high == NULL || c->theta == NULL ||
        c->inputs == NULL || c->x == NULL || c->log_members == NULL || c->workspace == NULL)
        return FSBI_NO_MEMORY;
    for (size_t i = 0; i < conditions->count; i++)
        add_condition(c, &conditions->conditions[i]);
    for (size_t k = 0; k < model->parameter_count; k++) /* nuisance entries stay in the middle */
        c->theta[k] = (model->parameters[k].low + model->parameters[k].high) / 2;
    return FSBI_OK;
}

static double normal_below(double x) {
    return erfc(-x / M_SQRT2) / 2;
}

/* log P that one component of a network gives to sample `i` of its batch, if it ends well. */
static double component_log(const fsbi_condition_probability *c, const fsbi_emulator_prediction *p,
                            size_t component, size_t i) {
    static const double least = 1e-6; /* no condition excludes a rule for good */
    double sum = (double)p->log_share[component * p->stride + i];
    for (size_t k = 0; k < c->interval_count; k++) {
        const size_t at = (component * p->entry_stride + c->entry[k]) * p->stride + i;
        const double mean = (double)p->mean[at];
        const double spread = exp((double)p->log_spread[at]);
        const double within =
            normal_below((c->high[k] - mean) / spread) - normal_below((c->low[k] - mean) / spread);
        sum += log(fmax(within, least));
    }
    return sum;
}

static double member_log(const fsbi_condition_probability *c, const fsbi_emulator_prediction *p,
                         size_t i) {
    double of_components[FSBI_EMULATOR_COMPONENTS];
    for (size_t k = 0; k < p->components; k++)
        of_components[k] = component_log(c, p, k, i);
    return log_sigmoid((double)p->log_odds[i]) + log((double)p->components) +
           fsbi_log_mean_exp(of_components, p->components, 1);
}

void fsbi_condition_probability_log_of_inputs(fsbi_condition_probability *computation,
                                              const double *inputs, size_t count,
                                              double *log_probability) {
    fsbi_condition_probability *c = computation;
    const fsbi_posterior *networks = c->networks;
    const size_t size = networks->specification.x_size;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < size; k++)
            c->x[i * size + k] = (fsbi_real)fsbi_robust_scale_compress(
                (inputs[i * size + k] - networks->x_mean[k]) / networks->x_std[k]);
    for (size_t member = 0; member < networks->members; member++) {
        const fsbi_emulator_prediction p = fsbi_emulator_predict(
            c->workspace, networks->parameters + member * networks->parameter_count, c->x, count);
        for (size_t i = 0; i < count; i++)
            c->log_members[i * networks->members + member] = member_log(c, &p, i);
    }
    for (size_t i = 0; i < count; i++)
        log_probability[i] =
            gsl_stats_mean(c->log_members + i * networks->members, 1, networks->members);
}

void fsbi_condition_probability_log(fsbi_condition_probability *computation, const double *inferred,
                                    size_t count, double *log_probability) {
    fsbi_condition_probability *c = computation;
    const size_t dimension = fsbi_model_inferred_count(c->model);
    for (size_t i = 0; i < count; i++) {
        fsbi_model_scatter_inferred(c->model, inferred + i * dimension, c->theta);
        fsbi_search_inputs(c->model, c->theta, c->inputs + i * fsbi_search_input_size(c->model));
    }
    fsbi_condition_probability_log_of_inputs(c, c->inputs, count, log_probability);
}
