/* The features of `cvaif_mlp` against the engine: a connection between neurons that spike at 5 Hz
 * independently of each other, postsynaptic neurons held in one state, and a learning rate so small
 * that weights stay where they are. Over 30 rules of the prior the closed form must rank the drifts
 * as the engine does (0.95; traces do not stand at their means, and the rule is not linear). */
#include <gsl/gsl_randist.h>

#include "model/cvaif_mlp/network.h"
#include "model/run_model.h"

enum { SIZE = 64, RULES = 30, SECONDS = 6, STEPS = SECONDS * 10000, PARAMETERS = 23 };
static const double dt = 1e-4;
static const double rate = 5;

static void hold_state(fsbi_cvaif_population *target) {
    for (size_t i = 0; i < SIZE; i++) {
        target->v_trace[i] = -0.06F;
        target->c_exc[i] = 0.03F;
        target->c_inh[i] = 0.02F;
    }
}

static void draw_spikes(gsl_rng *rng, fsbi_spike_list *spikes, uint16_t *memory) {
    *spikes = (fsbi_spike_list){memory, 0};
    for (uint16_t i = 0; i < SIZE; i++)
        if (gsl_rng_uniform(rng) < rate * dt)
            memory[spikes->count++] = i;
}

/* Mean change of a weight per s, over the learning rate. */
static double run(fsbi_mlp_connection *plastic, fsbi_cvaif_population *target,
                  const fsbi_mlp_constants *constants, fsbi_mlp_rule rule, gsl_rng *rng) {
    static uint16_t memory[2][SIZE];
    static float received[SIZE];
    static const double slow = 1e-5;
    static const double initial = 0.1;
    fsbi_trace conductance = fsbi_trace_in(received, 1, SIZE);
    fsbi_error error = {0};
    rule.eta = slow;
    assert_ok(fsbi_connection_draw(&plastic->connection, initial, rng, &error), error);
    fsbi_mlp_connection_reset(plastic, constants, &rule, dt);
    hold_state(target);
    for (int step = 0; step < STEPS; step++) {
        fsbi_spike_list arriving;
        fsbi_spike_list emitted;
        draw_spikes(rng, &arriving, memory[0]);
        draw_spikes(rng, &emitted, memory[1]);
        fsbi_mlp_connection_step(plastic, target, &arriving, &emitted, &conductance);
    }
    double sum = 0;
    for (size_t s = 0; s < plastic->connection.synapses; s++)
        sum += (double)fsbi_mlp_connection_weight(plastic, s) - initial;
    return sum / (double)plastic->connection.synapses / SECONDS / slow;
}

static size_t find_feature(const fsbi_model *model, const char *name) {
    for (size_t k = 0; k < model->feature_count; k++)
        if (strcmp(model->features[k].name, name) == 0)
            return k;
    fail_msg("there is no feature %s", name);
    return 0;
}

static void spike_by_spike(void **state) {
    (void)state;
    const fsbi_connection_specification specification = {.presynaptic_size = SIZE,
                                                         .postsynaptic_size = SIZE,
                                                         .probability = 0.5,
                                                         .weighted = true,
                                                         .columns = true};
    const fsbi_cvaif_parameters parameters = {
        {.dt = 1e-4, .tau_ampa = 1, .tau_gaba = 1, .tau_nmda = 1, .tau_mem = 1, .tau_thr = 1},
        .tau_adapt = 1,
        .tau_v_trace = 1,
        .tau_c_exc = 1,
        .tau_c_inh = 1};
    fsbi_model *model = open_model("{name: cvaif_mlp}");
    const cvaif_mlp_settings *settings = model->settings;
    const fsbi_mlp_constants constants = cvaif_mlp_rule_constants(settings);
    const size_t feature = find_feature(model, "drift_EE_quiet_5Hz_1w");
    double *features = calloc(model->feature_count, sizeof *features);
    double predicted[RULES], found[RULES], work[2 * RULES], theta[PARAMETERS];
    fsbi_mlp_connection plastic;
    fsbi_cvaif_population target;
    fsbi_error error = {0};
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    assert_ok(fsbi_mlp_connection_init(&plastic, &specification, &error), error);
    assert_ok(fsbi_cvaif_population_init(&target, SIZE, 8, &parameters, &error), error);
    for (size_t r = 0; r < RULES; r++) {
        for (size_t k = 0; k < PARAMETERS; k++)
            theta[k] = gsl_ran_flat(rng, model->parameters[k].low, model->parameters[k].high);
        theta[0] = 1; /* eta_EE: the drift is proportional to it */
        model->type->features(settings, theta, features);
        predicted[r] = features[feature];
        found[r] =
            run(&plastic, &target, &constants, cvaif_mlp_rule(&settings->network, 0, theta), rng);
    }
    const double correlation = gsl_stats_spearman(predicted, 1, found, 1, RULES, work);
    print_message("rank correlation of drifts: %.3f\n", correlation);
    assert_true(correlation >= 0.95);
    fsbi_mlp_connection_clear(&plastic);
    fsbi_cvaif_population_clear(&target);
    gsl_rng_free(rng);
    free(features);
    fsbi_model_close(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(spike_by_spike)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
