/* The rule that is a small network at full size for one second against a plain implementation in
 * double precision, driven by the same spikes: weights close together, where polynomials stand for
 * the rule, and weights at 0, at the largest and between. */
#include "plain_connection.h"
#include "snn/denormals.h"
#include "snn/mlp_rule.h"

enum { SIZE = 4096, STEPS = 10000 };
static const double rate = 2e-4; /* of a neuron in a step */

/* Relative to the weight, or to what a spike may change. */
static const double allowed = 1e-4;
static const double least = 0.1;

typedef struct {
    plain_connection synapses;
    const fsbi_mlp_constants *constants;
    double pre_fast[SIZE], pre_slow[SIZE], post_fast[SIZE], post_slow[SIZE];
} plain_rule;

static double sigmoid(double z) {
    return 1 / (1 + exp(-z));
}

static double network(const fsbi_mlp_constants *constants, const fsbi_mlp_output *output,
                      const double *u) {
    double h1[FSBI_MLP_HIDDEN_1];
    double result = output->bias;
    for (int unit = 0; unit < FSBI_MLP_HIDDEN_1; unit++) {
        double z = 0;
        for (int k = 0; k < FSBI_MLP_INPUTS; k++)
            z += constants->layer_1[unit][k] * u[k];
        h1[unit] = sigmoid(z);
    }
    for (int k = 0; k < FSBI_MLP_HIDDEN_2; k++) {
        double z = 0;
        for (int unit = 0; unit < FSBI_MLP_HIDDEN_1; unit++)
            z += constants->layer_2[k][unit] * h1[unit];
        result += output->weight[k] * sigmoid(z);
    }
    return result;
}

/* `trace`: presynaptic, postsynaptic. */
static void change(plain_rule *plain, uint32_t s, const double trace[2],
                   const fsbi_cvaif_population *target, const fsbi_mlp_rule *rule,
                   const fsbi_mlp_output *output) {
    const size_t i = plain->synapses.connection->target[s];
    double *w = &plain->synapses.weight[s];
    const double u[FSBI_MLP_INPUTS] = {2 * trace[0],
                                       2 * trace[1],
                                       *w,
                                       15 * (double)target->v_trace[i],
                                       15 * (double)target->c_exc[i],
                                       15 * (double)target->c_inh[i]};
    *w = fmin(fmax(*w + rule->eta * network(plain->constants, output, u), 0), rule->weight_max);
}

static void decay(double *trace, const fsbi_spike_list *spikes, double tau) {
    for (size_t k = 0; k < spikes->count; k++)
        trace[spikes->neurons[k]]++;
    for (size_t i = 0; i < SIZE; i++)
        trace[i] *= exp(-1e-4 / tau);
}

static void step_plain(plain_rule *plain, const fsbi_mlp_rule *rule,
                       const fsbi_cvaif_population *target, const fsbi_spike_list *arriving,
                       const fsbi_spike_list *emitted) {
    const fsbi_connection *c = plain->synapses.connection;
    for (size_t k = 0; k < arriving->count; k++) {
        const size_t j = arriving->neurons[k];
        for (uint32_t s = c->row_begin[j]; s < c->row_begin[j + 1]; s++)
            change(plain, s, (double[]){plain->pre_slow[j], plain->post_fast[c->target[s]]}, target,
                   rule, &rule->pre);
    }
    for (size_t k = 0; k < emitted->count; k++) {
        const size_t i = emitted->neurons[k];
        for (size_t n = plain->synapses.column_begin[i]; n < plain->synapses.column_begin[i + 1];
             n++) {
            const uint32_t s = plain->synapses.column_synapse[n];
            change(plain, s,
                   (double[]){plain->pre_fast[plain->synapses.row[s]], plain->post_slow[i]}, target,
                   rule, &rule->post);
        }
    }
    decay(plain->pre_fast, arriving, plain->constants->tau_pre_fast);
    decay(plain->pre_slow, arriving, plain->constants->tau_pre_slow);
    decay(plain->post_fast, emitted, plain->constants->tau_post_fast);
    decay(plain->post_slow, emitted, plain->constants->tau_post_slow);
}

static fsbi_mlp_constants draw_constants(gsl_rng *rng) {
    fsbi_mlp_constants constants = {
        .tau_pre_fast = 0.01, .tau_pre_slow = 0.1, .tau_post_fast = 0.01, .tau_post_slow = 0.1};
    for (int unit = 0; unit < FSBI_MLP_HIDDEN_1; unit++) {
        for (int k = 0; k < FSBI_MLP_INPUTS; k++)
            constants.layer_1[unit][k] = 0.8 * gsl_rng_uniform(rng) - 0.4;
        for (int k = 0; k < FSBI_MLP_HIDDEN_2; k++)
            constants.layer_2[k][unit] = 0.28 * gsl_rng_uniform(rng) - 0.14;
    }
    return constants;
}

static fsbi_mlp_output draw_output(gsl_rng *rng) {
    fsbi_mlp_output output;
    for (int k = 0; k < FSBI_MLP_HIDDEN_2; k++)
        output.weight[k] = 2 * gsl_rng_uniform(rng) - 1;
    output.bias = 2 * gsl_rng_uniform(rng) - 1;
    return output;
}

/* What the rule sees of the neurons: anything like a network's, drifting. */
static void set_filters(fsbi_cvaif_population *target, int step, gsl_rng *rng) {
    for (size_t i = 0; i < SIZE && step == 0; i++) {
        target->v_trace[i] = (float)(-0.07 + 0.015 * gsl_rng_uniform(rng));
        target->c_exc[i] = (float)(0.3 * gsl_rng_uniform(rng));
        target->c_inh[i] = (float)(0.3 * gsl_rng_uniform(rng));
    }
    for (size_t i = (size_t)step % 100; i < SIZE; i += 100)
        target->c_exc[i] += 1e-4F * target->c_inh[i];
}

static double run(fsbi_mlp_connection *plastic, fsbi_cvaif_population *target, double eta,
                  bool spread, uint64_t seed) {
    static uint16_t memory[2][SIZE];
    static float received[SIZE];
    fsbi_trace conductance = fsbi_trace_in(received, 1, SIZE);
    fsbi_spike_list arriving = {memory[0], 0};
    fsbi_spike_list emitted = {memory[1], 0};
    fsbi_error error = {0};
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    fsbi_random_seed(rng, seed);
    const fsbi_mlp_constants constants = draw_constants(rng);
    const fsbi_mlp_rule rule = {
        .eta = eta, .pre = draw_output(rng), .post = draw_output(rng), .weight_max = 20};
    assert_ok(fsbi_connection_draw(&plastic->connection, 0.13, rng, &error), error);
    if (spread)
        spread_weights(&plastic->connection, 0, rule.weight_max, rng);
    fsbi_mlp_connection_reset(plastic, &constants, &rule, 1e-4);
    plain_rule *plain = calloc(1, sizeof *plain);
    plain->constants = &constants;
    plain->synapses = plain_connection_of(&plastic->connection);
    const unsigned mode = fsbi_denormals_flush();
    for (int step = 0; step < STEPS; step++) {
        set_filters(target, step, rng);
        draw_spikes(SIZE, rate, step, rng, &arriving);
        draw_spikes(SIZE, rate, step, rng, &emitted);
        fsbi_mlp_connection_step(plastic, target, &arriving, &emitted, &conductance);
        step_plain(plain, &rule, target, &arriving, &emitted);
    }
    fsbi_denormals_restore(mode);
    double worst = 0;
    for (size_t s = 0; s < plastic->connection.synapses; s++)
        worst = fmax(worst, relative_difference(fsbi_mlp_connection_weight(plastic, s),
                                                plain->synapses.weight[s], least));
    print_message("eta %g, weights %s: largest relative difference %.2g\n", eta,
                  spread ? "between and at bounds" : "close together", worst);
    plain_connection_free(&plain->synapses);
    free(plain);
    gsl_rng_free(rng);
    return worst;
}

static void equals_plain_rule(void **state) {
    (void)state;
    const fsbi_connection_specification specification = {.presynaptic_size = SIZE,
                                                         .postsynaptic_size = SIZE,
                                                         .probability = 0.04,
                                                         .exclude_self = true,
                                                         .weighted = true,
                                                         .columns = true};
    const fsbi_cvaif_parameters parameters = {
        {.dt = 1e-4, .tau_ampa = 1, .tau_gaba = 1, .tau_nmda = 1, .tau_mem = 1, .tau_thr = 1},
        .tau_adapt = 1,
        .tau_v_trace = 1,
        .tau_c_exc = 1,
        .tau_c_inh = 1};
    fsbi_mlp_connection plastic;
    fsbi_cvaif_population target;
    fsbi_error error = {0};
    assert_ok(fsbi_mlp_connection_init(&plastic, &specification, &error), error);
    assert_ok(fsbi_cvaif_population_init(&target, SIZE, 8, &parameters, &error), error);
    assert_true(run(&plastic, &target, 0.01, false, 1) <= allowed);
    assert_true(run(&plastic, &target, 1, false, 2) <= allowed);
    assert_true(run(&plastic, &target, 1, true, 3) <= allowed);
    fsbi_mlp_connection_clear(&plastic);
    fsbi_cvaif_population_clear(&target);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(equals_plain_rule)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
