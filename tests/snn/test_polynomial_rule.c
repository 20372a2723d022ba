/* The polynomial rule at full size for one second against a plain implementation that changes every
 * weight at every spike in double precision, driven by the same spikes: all sign combinations of
 * the coefficients, weights at 0, at the largest and between. */
#include "plain_connection.h"
#include "snn/denormals.h"
#include "snn/polynomial_rule.h"

enum { SIZE = 4096, STEPS = 10000, COMBINATIONS = 16 };
static const double rate = 4e-4; /* of a neuron in a step */

/* Relative to the weight, or to what one spike changes. */
static const double allowed = 1e-4;
static const double least = 0.01;

typedef struct {
    plain_connection synapses;
    double pre[SIZE], post[SIZE], conductance[SIZE];
} plain_rule;

static double clip(double w, const fsbi_polynomial_rule *rule) {
    return fmin(fmax(w, rule->weight_min), rule->weight_max);
}

static void step_plain(plain_rule *plain, const fsbi_polynomial_rule *rule,
                       const fsbi_spike_list *arriving, const fsbi_spike_list *emitted) {
    const fsbi_connection *c = plain->synapses.connection;
    double *w = plain->synapses.weight;
    for (size_t k = 0; k < arriving->count; k++) {
        const size_t j = arriving->neurons[k];
        for (uint32_t s = c->row_begin[j]; s < c->row_begin[j + 1]; s++) {
            plain->conductance[c->target[s]] += w[s];
            w[s] = clip(w[s] + rule->eta * (rule->alpha + rule->kappa * plain->post[c->target[s]]),
                        rule);
        }
    }
    for (size_t k = 0; k < emitted->count; k++) {
        const size_t i = emitted->neurons[k];
        for (size_t n = plain->synapses.column_begin[i]; n < plain->synapses.column_begin[i + 1];
             n++) {
            const uint32_t s = plain->synapses.column_synapse[n];
            w[s] = clip(w[s] + rule->eta *
                                   (rule->beta + rule->gamma * plain->pre[plain->synapses.row[s]]),
                        rule);
        }
    }
    for (size_t k = 0; k < arriving->count; k++)
        plain->pre[arriving->neurons[k]]++;
    for (size_t k = 0; k < emitted->count; k++)
        plain->post[emitted->neurons[k]]++;
    for (size_t i = 0; i < SIZE; i++) {
        plain->pre[i] *= exp(-1e-4 / rule->tau_pre);
        plain->post[i] *= exp(-1e-4 / rule->tau_post);
    }
}

static double between(double low, double high, gsl_rng *rng) {
    return low + (high - low) * gsl_rng_uniform(rng);
}

static fsbi_polynomial_rule draw_rule(int signs, gsl_rng *rng) {
    return (fsbi_polynomial_rule){.eta = 0.01,
                                  .alpha = between(0.2, 2, rng) * (signs & 1 ? -1 : 1),
                                  .beta = between(0.2, 2, rng) * (signs & 2 ? -1 : 1),
                                  .gamma = between(0.2, 2, rng) * (signs & 4 ? -1 : 1),
                                  .kappa = between(0.2, 2, rng) * (signs & 8 ? -1 : 1),
                                  .tau_pre = between(0.01, 0.1, rng),
                                  .tau_post = between(0.01, 0.1, rng),
                                  .weight_max = 20};
}

/* How many weights came to lie at a bound; fails where one is off. */
static size_t compare(const fsbi_polynomial_connection *plastic, const plain_rule *plain,
                      const float *conductance, double *worst) {
    size_t at_bounds = 0;
    for (size_t s = 0; s < plastic->connection.synapses; s++) {
        const double w = plain->synapses.weight[s];
        const double difference =
            relative_difference(fsbi_polynomial_connection_weight(plastic, s), w, least);
        *worst = fmax(*worst, difference);
        assert_near(difference, 0, allowed);
        at_bounds += w == 0 || w == plastic->rule.weight_max;
    }
    for (size_t i = 0; i < SIZE; i++)
        assert_near(conductance[i], plain->conductance[i], allowed * plain->conductance[i]);
    return at_bounds;
}

static void equals_plain_rule(void **state) {
    (void)state;
    const fsbi_connection_specification specification = {.presynaptic_size = SIZE,
                                                         .postsynaptic_size = SIZE,
                                                         .probability = 0.04,
                                                         .exclude_self = true,
                                                         .weighted = true};
    fsbi_polynomial_connection plastic;
    fsbi_error error = {0};
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    static uint16_t memory[2][SIZE];
    fsbi_spike_list arriving = {memory[0], 0};
    fsbi_spike_list emitted = {memory[1], 0};
    size_t at_bounds = 0;
    double worst = 0;
    assert_ok(fsbi_polynomial_connection_init(&plastic, &specification, &error), error);
    for (int signs = 0; signs < COMBINATIONS; signs++) {
        static float received[SIZE];
        fsbi_trace conductance = fsbi_trace_in(received, 1, SIZE);
        memset(received, 0, sizeof received);
        fsbi_random_seed(rng, (uint64_t)signs);
        const fsbi_polynomial_rule rule = draw_rule(signs, rng);
        assert_ok(fsbi_connection_draw(&plastic.connection, 0, rng, &error), error);
        spread_weights(&plastic.connection, 0, rule.weight_max, rng);
        fsbi_polynomial_connection_reset(&plastic, &rule, 1e-4);
        plain_rule *plain = calloc(1, sizeof *plain);
        plain->synapses = plain_connection_of(&plastic.connection);
        const unsigned mode = fsbi_denormals_flush();
        for (int step = 0; step < STEPS; step++) {
            draw_spikes(SIZE, rate, step, rng, &arriving);
            draw_spikes(SIZE, rate, step, rng, &emitted);
            fsbi_polynomial_connection_step(&plastic, &arriving, &emitted, &conductance);
            step_plain(plain, &rule, &arriving, &emitted);
        }
        fsbi_denormals_restore(mode);
        at_bounds += compare(&plastic, plain, received, &worst);
        plain_connection_free(&plain->synapses);
        free(plain);
    }
    print_message("%zu weights at bounds in the end, largest relative difference %.2g\n", at_bounds,
                  worst);
    assert_true(at_bounds > plastic.connection.synapses);
    fsbi_polynomial_connection_clear(&plastic);
    gsl_rng_free(rng);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(equals_plain_rule)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
