/* The window of a rule, in closed form, against the engine: one presynaptic and one postsynaptic
 * spike at every distance, on one synapse. */
#include "fsbi/random.h"
#include "snn/mlp_rule.h"
#include "snn/polynomial_rule.h"
#include "unit.h"

enum { SIZE = 4, PRE = 2, POST = 1, FIRST = 10, LONGEST = 600 };
static const double dt = 1e-4;
static const double initial_weight = 1.5;
static const fsbi_connection_specification specification = {.presynaptic_size = SIZE,
                                                            .postsynaptic_size = SIZE,
                                                            .probability = 1,
                                                            .weighted = true,
                                                            .columns = true};

/* Differences in steps that are tried, of both signs. */
static const int differences[] = {0, 1, 2, 7, 50, 333, LONGEST};
enum { DIFFERENCES = sizeof differences / sizeof *differences };

/* Single precision, of a weight above 1. */
static const double allowed = 1e-6;

/* Where the synapse from PRE to POST is. */
enum { SYNAPSE = PRE * SIZE + POST };

/* The spike of `neuron` in this step, if it is the one at `when`. */
static fsbi_spike_list spike_at(uint16_t *neuron, int step, int when) {
    return (fsbi_spike_list){neuron, step == when ? 1 : 0};
}

typedef void stepper(void *plastic, const fsbi_spike_list *arriving, const fsbi_spike_list *emitted,
                     fsbi_trace *conductance);

/* One pair; `difference` in steps from the presynaptic to the postsynaptic spike. */
static void run_pair(stepper *step, void *plastic, int difference) {
    static float received[SIZE];
    fsbi_trace conductance = fsbi_trace_in(received, 1, SIZE);
    uint16_t pre[] = {PRE};
    uint16_t post[] = {POST};
    const int pre_at = FIRST + (difference < 0 ? -difference : 0);
    const int post_at = pre_at + difference;
    for (int t = 0; t <= FIRST + LONGEST; t++) {
        const fsbi_spike_list arriving = spike_at(pre, t, pre_at);
        const fsbi_spike_list emitted = spike_at(post, t, post_at);
        step(plastic, &arriving, &emitted, &conductance);
    }
}

static void step_polynomial(void *plastic, const fsbi_spike_list *arriving,
                            const fsbi_spike_list *emitted, fsbi_trace *conductance) {
    fsbi_polynomial_connection_step(plastic, arriving, emitted, conductance);
}

static void polynomial_rule(void **state) {
    (void)state;
    const fsbi_polynomial_rule rule = {.eta = 0.01,
                                       .alpha = -0.4,
                                       .beta = 0.3,
                                       .gamma = 1.7,
                                       .kappa = -1.1,
                                       .tau_pre = 0.02,
                                       .tau_post = 0.035,
                                       .weight_max = 20};
    fsbi_polynomial_connection plastic;
    fsbi_error error = {0};
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    assert_ok(fsbi_polynomial_connection_init(&plastic, &specification, &error), error);
    for (int k = 0; k < 2 * DIFFERENCES; k++) {
        const int difference = k < DIFFERENCES ? differences[k] : -differences[k - DIFFERENCES];
        assert_ok(fsbi_connection_draw(&plastic.connection, initial_weight, rng, &error), error);
        fsbi_polynomial_connection_reset(&plastic, &rule, dt);
        run_pair(step_polynomial, &plastic, difference);
        assert_near(fsbi_polynomial_connection_weight(&plastic, SYNAPSE) - initial_weight,
                    fsbi_polynomial_rule_pair(&rule, difference * dt), allowed);
        assert_near(fsbi_polynomial_connection_weight(&plastic, SYNAPSE - 1) - initial_weight,
                    rule.eta * rule.alpha, allowed);
    }
    fsbi_polynomial_connection_clear(&plastic);
    gsl_rng_free(rng);
}

/* A connection under a rule that is a network, with the neurons that it reads. */
typedef struct {
    fsbi_mlp_connection plastic;
    fsbi_cvaif_population target;
} mlp_synapses;

static void step_mlp(void *synapses, const fsbi_spike_list *arriving,
                     const fsbi_spike_list *emitted, fsbi_trace *conductance) {
    mlp_synapses *s = synapses;
    fsbi_mlp_connection_step(&s->plastic, &s->target, arriving, emitted, conductance);
}

static double between(double low, double high, gsl_rng *rng) {
    return low + (high - low) * gsl_rng_uniform(rng);
}

static void draw_rule(fsbi_mlp_constants *constants, fsbi_mlp_rule *rule, gsl_rng *rng) {
    *constants = (fsbi_mlp_constants){
        .tau_pre_fast = 0.01, .tau_pre_slow = 0.1, .tau_post_fast = 0.015, .tau_post_slow = 0.1};
    *rule = (fsbi_mlp_rule){.eta = 0.1, .weight_max = 20};
    for (int i = 0; i < FSBI_MLP_HIDDEN_1; i++) {
        for (int k = 0; k < FSBI_MLP_INPUTS; k++)
            constants->layer_1[i][k] = between(-0.4, 0.4, rng);
        for (int j = 0; j < FSBI_MLP_HIDDEN_2; j++)
            constants->layer_2[j][i] = between(-0.14, 0.14, rng);
    }
    for (int j = 0; j < FSBI_MLP_HIDDEN_2; j++) {
        rule->pre.weight[j] = between(-1, 1, rng);
        rule->post.weight[j] = between(-1, 1, rng);
    }
    rule->pre.bias = between(-1, 1, rng);
    rule->post.bias = between(-1, 1, rng);
}

static void mlp_rule(void **state) {
    (void)state;
    const fsbi_cvaif_parameters parameters = {
        {.dt = dt, .tau_ampa = 1, .tau_gaba = 1, .tau_nmda = 1, .tau_mem = 1, .tau_thr = 1},
        .tau_adapt = 1,
        .tau_v_trace = 1,
        .tau_c_exc = 1,
        .tau_c_inh = 1};
    const fsbi_mlp_levels levels = {initial_weight, -0.058, 0.04, 0.03};
    mlp_synapses s;
    fsbi_error error = {0};
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    fsbi_random_seed(rng, 7);
    assert_ok(fsbi_mlp_connection_init(&s.plastic, &specification, &error), error);
    assert_ok(fsbi_cvaif_population_init(&s.target, SIZE, 8, &parameters, &error), error);
    s.target.v_trace[POST] = (float)levels.v_trace;
    s.target.c_exc[POST] = (float)levels.c_exc;
    s.target.c_inh[POST] = (float)levels.c_inh;
    for (int k = 0; k < 2 * DIFFERENCES; k++) {
        const int difference = k < DIFFERENCES ? differences[k] : -differences[k - DIFFERENCES];
        fsbi_mlp_constants constants;
        fsbi_mlp_rule rule;
        draw_rule(&constants, &rule, rng);
        assert_ok(fsbi_connection_draw(&s.plastic.connection, initial_weight, rng, &error), error);
        fsbi_mlp_connection_reset(&s.plastic, &constants, &rule, dt);
        run_pair(step_mlp, &s, difference);
        assert_near(fsbi_mlp_connection_weight(&s.plastic, SYNAPSE) - initial_weight,
                    fsbi_mlp_rule_pair(&constants, &rule, &levels, difference * dt), 10 * allowed);
    }
    fsbi_mlp_connection_clear(&s.plastic);
    fsbi_cvaif_population_clear(&s.target);
    gsl_rng_free(rng);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(polynomial_rule),
                                       cmocka_unit_test(mlp_rule)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
