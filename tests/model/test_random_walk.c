/* The features of `if_poly` against synapses that are simulated spike by spike, without a network:
 * Poisson spikes of both sides, traces, the rule, and the bound at 0. Over 60 rules of the prior
 * the closed form must rank the mean weights of each connection as the simulations do (0.95), and
 * come within 0.1 of the shares near 0 on average. */
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sort.h>

#include "fsbi/random.h"
#include "model/run_model.h"
#include "snn/polynomial_rule.h"

enum { CONNECTIONS = 4, RULES = 60, SYNAPSES = 300, RULE_SIZE = 6, FEATURES = 98 };

static const double rate[CONNECTIONS][2] = {{2.3, 2.3}, {2.3, 2.1}, {2.1, 2.3}, {2.1, 2.1}};
static const double start[CONNECTIONS] = {0.1, 0.1, 1, 1};
static const char *const names[CONNECTIONS] = {"EE", "EI", "IE", "II"};

/* Weight after 70 s. */
static double run_synapse(const double *rule, const double *rates, double w, gsl_rng *rng) {
    const double eta = 0.01;
    double t = 0;
    double pre = 0;
    double post = 0;
    for (;;) {
        const double wait = gsl_ran_exponential(rng, 1 / (rates[0] + rates[1]));
        t += wait;
        if (t > 70)
            return w;
        pre *= exp(-wait / rule[0]);
        post *= exp(-wait / rule[1]);
        const bool presynaptic = gsl_rng_uniform(rng) * (rates[0] + rates[1]) < rates[0];
        w += eta * (presynaptic ? rule[2] + rule[5] * post : rule[3] + rule[4] * pre);
        w = fmin(fmax(w, 0), 20);
        if (presynaptic)
            pre++;
        else
            post++;
    }
}

static size_t find_feature(const fsbi_model *model, const char *what, const char *connection) {
    char name[64];
    snprintf(name, sizeof name, "%s_%s_at_2.3_2.1", what, connection);
    for (size_t k = 0; k < model->feature_count; k++)
        if (strcmp(model->features[k].name, name) == 0)
            return k;
    fail_msg("there is no feature %s", name);
    return 0;
}

static double rank_correlation(const double *a, const double *b) {
    double work[2 * RULES];
    return gsl_stats_spearman(a, 1, b, 1, RULES, work);
}

static void spike_by_spike(void **state) {
    (void)state;
    fsbi_model *model = open_model("{name: if_poly}");
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    static double predicted[2][CONNECTIONS][RULES], found[2][CONNECTIONS][RULES];
    double theta[25], features[FEATURES];
    assert_int_equal(model->feature_count, FEATURES);
    for (size_t rule = 0; rule < RULES; rule++) {
        for (size_t k = 0; k < 25; k++)
            theta[k] = gsl_ran_flat(rng, model->parameters[k].low, model->parameters[k].high);
        model->type->features(model->settings, theta, features);
        for (size_t c = 0; c < CONNECTIONS; c++) {
            for (size_t i = 0; i < SYNAPSES; i++) {
                const double w = run_synapse(theta + c * RULE_SIZE, rate[c], start[c], rng);
                found[0][c][rule] += w / SYNAPSES;
                found[1][c][rule] += (w <= 0.02) / (double)SYNAPSES;
            }
            predicted[0][c][rule] = features[find_feature(model, "weight", names[c])];
            predicted[1][c][rule] = features[find_feature(model, "near_bound", names[c])];
        }
    }
    for (size_t c = 0; c < CONNECTIONS; c++) {
        const double weight = rank_correlation(predicted[0][c], found[0][c]);
        double off = 0;
        for (size_t rule = 0; rule < RULES; rule++)
            off += fabs(predicted[1][c][rule] * predicted[1][c][rule] - found[1][c][rule]) / RULES;
        print_message("%s: rank correlation of mean weights %.3f, shares near 0 off by %.3f\n",
                      names[c], weight, off);
        assert_true(weight >= 0.95 && off < 0.1);
    }
    gsl_rng_free(rng);
    fsbi_model_close(model);
}

/* Finite at every corner of the box that was drawn, where exponents are largest. */
static void finite_at_corners(void **state) {
    (void)state;
    fsbi_model *model = open_model("{name: if_poly}");
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    double theta[25], features[FEATURES];
    for (int trial = 0; trial < 2000; trial++) {
        for (size_t k = 0; k < 25; k++)
            theta[k] =
                gsl_rng_uniform(rng) < 0.5 ? model->parameters[k].low : model->parameters[k].high;
        model->type->features(model->settings, theta, features);
        for (size_t k = 0; k < FEATURES; k++)
            assert_true(isfinite(features[k]));
    }
    gsl_rng_free(rng);
    fsbi_model_close(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(spike_by_spike),
                                       cmocka_unit_test(finite_at_corners)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
