/* What the networks of spiking neurons share: giving hopeless simulations up; and the constant part
 * of cvaif_mlp's rule in the configuration. */
#include "config/overlay.h"
#include "core/text.h"
#include "model/cvaif_mlp/network.h"
#include "model/if_poly/network.h"
#include "model/run_model.h"

#define SMALL "NE: 200, NI: 50, N_input: 100, weight_poisson: 0.8, lns: 1, ls: 2"

/* Runs the rule a little below the middle of the prior; `metrics` must hold 32. */
static fsbi_outcome simulate_middle(const char *yaml, double *metrics) {
    fsbi_model *model = open_model(yaml);
    double theta[32];
    for (size_t i = 0; i < model->parameter_count; i++)
        theta[i] = 0.55 * model->parameters[i].low + 0.45 * model->parameters[i].high;
    void *workspace = create_workspace(model);
    const fsbi_outcome outcome = simulate(model, workspace, theta, 3, metrics);
    model->type->destroy(workspace);
    fsbi_model_close(model);
    return outcome;
}

/* Each limit ends the simulation at the end of the first window that it is broken in; limits that
 * hold change nothing. */
static void stops_hopeless_simulations(void **state) {
    (void)state;
    static const struct {
        const char *keys;
        double t_end;
    } cases[] = {{"stop_rate_max: 0.01", 1},
                 {"stop_rate_i_max: 0.01, stop_after: 0.5", 1.5},
                 {"stop_rate_min: 1000, stop_after: 0.5, stop_window: 0.2", 0.7},
                 {"stop_rate_i_min: 1000, stop_window: 0.25", 0.25}};
    double plain[64];
    double metrics[64];
    assert_int_equal(simulate_middle("{name: if_poly, " SMALL "}", plain).status,
                     FSBI_SIMULATION_OK);
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        char yaml[512];
        snprintf(yaml, sizeof yaml, "{name: if_poly, " SMALL ", %s}", cases[k].keys);
        const fsbi_outcome outcome = simulate_middle(yaml, metrics);
        assert_int_equal(outcome.status, FSBI_SIMULATION_STOPPED);
        assert_string_equal(fsbi_simulation_status_name(outcome.status), "stopped");
        assert_near(outcome.t_end, cases[k].t_end, 1e-9);
        assert_true(isnan(metrics[0]));
    }
    const fsbi_outcome outcome =
        simulate_middle("{name: if_poly, " SMALL
                        ", stop_rate_min: 0.001, stop_rate_max: 1000, stop_rate_i_max: 1e9}",
                        metrics);
    assert_int_equal(outcome.status, FSBI_SIMULATION_OK);
    assert_memory_equal(metrics, plain, 37 * sizeof *metrics);
}

static void limits_must_be_in_order(void **state) {
    (void)state;
    fsbi_model *model = NULL;
    fsbi_error error = {0};
    assert_int_equal(
        try_open_model("{name: if_poly, stop_rate_min: 5, stop_rate_max: 2}", &model, &error),
        FSBI_BAD_INPUT);
    assert_contains(error.message, "stop_rate_min");
}

/* The published constants in the configuration give what no constants give; others do not. */
static void constants_can_be_given(void **state) {
    (void)state;
    static const char head[] = "{name: cvaif_mlp, " SMALL ", rule_cst_part: [";
    double published[32], given[32], scaled[32];
    assert_int_equal(simulate_middle("{name: cvaif_mlp, " SMALL "}", published).status,
                     FSBI_SIMULATION_OK);
    for (int pass = 0; pass < 2; pass++) {
        fsbi_text yaml = {0};
        fsbi_text_append(&yaml, "%s", head);
        for (int k = 0; k < CVAIF_MLP_CONSTANTS; k++) {
            fsbi_text_append_real(&yaml, cvaif_mlp_published_constants[k] * (pass == 0 ? 1 : 1.1));
            fsbi_text_append(&yaml, ", ");
        }
        fsbi_text_append(&yaml, "]}");
        simulate_middle(yaml.characters, pass == 0 ? given : scaled);
        fsbi_text_clear(&yaml);
    }
    assert_memory_equal(given, published, 15 * sizeof *given);
    assert_memory_not_equal(scaled, published, 15 * sizeof *given);
}

static void constants_are_checked(void **state) {
    (void)state;
    static const struct {
        const char *yaml, *message;
    } cases[] = {
        {"{name: cvaif_mlp, rule_cst_part: [0.1, 0.2]}", "2 numbers instead of 504"},
        {"{name: cvaif_mlp, rule_cst_part: [0.1, x]}", "rule_cst_part"},
        {"{name: cvaif_mlp, rule_cst_part: [0.1, 1e9]}", "allowed: -1e+06 to 1e+06"},
        {"{name: cvaif_mlp, rule_cst_part: 3}", "rule_cst_part"},
        {"{name: cvaif_mlp, eta: 3}", "eta"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        fsbi_model *model = NULL;
        fsbi_error error = {0};
        assert_int_equal(try_open_model(cases[k].yaml, &model, &error), FSBI_BAD_INPUT);
        print_message("%s\n", error.message);
        assert_contains(error.message, cases[k].message);
    }
}

/* A step after which a neuron's potential is not finite. */
static void poisoned_step(void *network, gsl_rng *stream) {
    if_poly_network *net = network;
    if_poly_network_step(net, stream);
    net->excitatory.voltage[3] = NAN;
}

static fsbi_simulation_status time_out_at_third_look(void *context) {
    int *looks = context;
    return ++*looks == 3 ? FSBI_SIMULATION_TIMED_OUT : FSBI_SIMULATION_OK;
}

/* A state that is not finite is noticed within 10 ms; a watch ends a simulation where it says so.
 */
static void ends_early(void **state) {
    (void)state;
    fsbi_model *model = open_model("{name: if_poly, " SMALL "}");
    fsbi_error error = {0};
    int looks = 0;
    const fsbi_watch watch = {.look = time_out_at_third_look, .context = &looks};
    double theta[32] = {0};
    for (size_t i = 0; i < model->parameter_count; i++)
        theta[i] = 0.55 * model->parameters[i].low + 0.45 * model->parameters[i].high;
    double metrics[64];
    if_poly_network *net = create_workspace(model);
    const fsbi_simulation simulation = {
        .theta = theta, .stream = gsl_rng_alloc(fsbi_random_pcg32), .watch = &watch};
    assert_ok(if_poly_network_start(net, theta, simulation.stream, &error), error);
    fsbi_outcome outcome = ei_network_run(&net->shared, poisoned_step, net, &simulation, metrics);
    assert_int_equal(outcome.status, FSBI_SIMULATION_FAILED);
    assert_int_equal(outcome.reason, FSBI_REASON_NOT_FINITE);
    assert_near(outcome.t_end, 0.01, 1e-12);
    assert_ok(if_poly_network_start(net, theta, simulation.stream, &error), error);
    looks = 0;
    outcome = ei_network_run(&net->shared, if_poly_network_step, net, &simulation, metrics);
    assert_int_equal(outcome.status, FSBI_SIMULATION_TIMED_OUT);
    assert_near(outcome.t_end, 0.03, 1e-12);
    gsl_rng_free(simulation.stream);
    model->type->destroy(net);
    fsbi_model_close(model);
}

#define FAMILIAR                                                                                   \
    "{name: if_poly, " SMALL                                                                       \
    ", lpt: 0.2, lt: 0.5, lb0: 0.2, lb1: 0.3, lp: 0.5, lb2: 0.6, stimulus_neurons: 40"

/* Spikes of a neuron's train from `begin` to `end` (steps), both included. */
static double count_spikes(const fsbi_trace_data *traces, size_t neuron, uint32_t begin,
                           uint32_t end) {
    const uint64_t *first = traces[0].data;
    const uint32_t *step = traces[1].data;
    double count = 0;
    for (uint64_t k = first[neuron]; k < first[neuron + 1]; k++)
        count += step[k] >= begin && step[k] <= end;
    return count;
}

/* The windows are where the lengths put them: scored from 1 s on, the novel stimulus is tested from
 * 1.2 s, the familiar one from 2.3 s. */
static void familiarity_is_counted(void **state) {
    (void)state;
    enum { NEURONS = 200 };
    fsbi_model *model = open_model(FAMILIAR "}");
    double theta[32], metrics[64];
    double counts[2][NEURONS];
    for (size_t i = 0; i < model->parameter_count; i++)
        theta[i] = 0.55 * model->parameters[i].low + 0.45 * model->parameters[i].high;
    void *workspace = create_workspace(model);
    fsbi_trace_data traces[FSBI_MODEL_MOST_TRACES];
    assert_int_equal(model->metric_count, 42);
    assert_int_equal(simulate(model, workspace, theta, 3, metrics).status, FSBI_SIMULATION_OK);
    model->type->record(workspace, traces);
    assert_int_equal(traces[0].count, NEURONS + 1);
    for (size_t i = 0; i < NEURONS; i++) {
        counts[0][i] = count_spikes(traces, i, 2000, 7000);
        counts[1][i] = count_spikes(traces, i, 13000, 18000);
    }
    double mean[2];
    for (int k = 0; k < 2; k++) {
        mean[k] = gsl_stats_mean(counts[k], 1, NEURONS);
        assert_true(mean[k] > 0);
        assert_near(metrics[metric_index(model, k == 0 ? "r_nov" : "r_fam")], mean[k], 1e-12);
        assert_near(metrics[metric_index(model, k == 0 ? "std_nov" : "std_fam")],
                    gsl_stats_sd_with_fixed_mean(counts[k], 1, NEURONS, mean[k]), 1e-9);
    }
    assert_near(metrics[metric_index(model, "ratio_nov_fam")],
                (mean[0] - mean[1]) / (mean[1] + 1e-4), 1e-12);
    model->type->destroy(workspace);
    fsbi_model_close(model);
}

/* What is recorded of each connection, counted anew from the traces; w_creep is the largest of its
 * parts. */
static void observables_are_counted(void **state) {
    (void)state;
    fsbi_model *model = open_model("{name: if_poly, " SMALL "}");
    double theta[32], metrics[64];
    for (size_t i = 0; i < model->parameter_count; i++)
        theta[i] = 0.55 * model->parameters[i].low + 0.45 * model->parameters[i].high;
    void *workspace = create_workspace(model);
    fsbi_trace_data traces[FSBI_MODEL_MOST_TRACES];
    assert_int_equal(simulate(model, workspace, theta, 3, metrics).status, FSBI_SIMULATION_OK);
    model->type->record(workspace, traces);
    static const char *const names[] = {"EE", "EI", "IE", "II"};
    enum { SYNAPSES = 100 }; /* recorded_weights */
    double largest = 0;
    for (size_t k = 0; k < 4; k++) {
        char name[32];
        const float *weight = traces[4 + k].data;
        const size_t samples = traces[4 + k].count / SYNAPSES;
        assert_true(samples == 20 || samples == 21); /* every 0.1 s of 2 s */
        double first = 0, last = 0, squares = 0, at_zero = 0;
        for (size_t i = 0; i < SYNAPSES; i++) {
            const double end = (double)weight[(samples - 1) * SYNAPSES + i];
            first += (double)weight[i] / (double)SYNAPSES;
            last += end / (double)SYNAPSES;
            squares += end * end / (double)SYNAPSES;
        }
        for (size_t i = SYNAPSES; i < samples * SYNAPSES; i++)
            at_zero += weight[i] == 0 ? 1 : 0;
        snprintf(name, sizeof name, "w_first_%s", names[k]);
        assert_near(metrics[metric_index(model, name)], first, 1e-9);
        snprintf(name, sizeof name, "w_spread_%s", names[k]);
        assert_near(metrics[metric_index(model, name)], sqrt(squares - last * last), 1e-6);
        snprintf(name, sizeof name, "at_wmin_%s", names[k]);
        assert_near(metrics[metric_index(model, name)],
                    at_zero / (double)((samples - 1) * SYNAPSES), 1e-12);
        snprintf(name, sizeof name, "creep_%s", names[k]);
        const double creep = first + last > 0.1 ? 2 * (last - first) / (first + last) : 0;
        assert_near(metrics[metric_index(model, name)], creep, 1e-9);
        largest = fmax(largest, fabs(creep));
    }
    assert_near(metrics[metric_index(model, "w_creep")], largest, 1e-9);
    const fsbi_metric *creep = &model->metrics[metric_index(model, "w_creep")];
    assert_int_equal(creep->part_count, 4);
    assert_int_equal(creep->first_part, metric_index(model, "creep_EE"));
    model->type->destroy(workspace);
    fsbi_model_close(model);
}

/* Ends a simulation at a checkpoint, and keeps what it was told there. */
typedef struct {
    size_t last, asked;
    double metrics[128];
} ending;

static fsbi_simulation_status look_on(void *context) {
    (void)context;
    return FSBI_SIMULATION_OK;
}

static bool end_at(void *context, size_t checkpoint, const double *metrics) {
    ending *e = context;
    assert_int_equal(checkpoint, ++e->asked);
    memcpy(e->metrics, metrics, sizeof e->metrics);
    return checkpoint != e->last;
}

/* A checkpoint at the end of the scored second is told what the traces hold; one that ends the
 * simulation leaves its numbers, and no metric; being asked changes nothing. */
static void checkpoints_are_told(void **state) {
    (void)state;
    fsbi_model *plain = open_model("{name: if_poly, " SMALL ", recorded_e: 200, recorded_i: 50}");
    fsbi_model *model = open_model("{name: if_poly, " SMALL
                                   ", recorded_e: 200, recorded_i: 50, checkpoints: [1, 2.5]}");
    assert_int_equal(model->checkpoint_count, 2);
    assert_int_equal(model->interim_count, 15);
    assert_int_equal(model->metric_count, plain->metric_count + 30);
    double theta[32], whole[128] = {0}, metrics[128] = {0}, expected[128];
    for (size_t i = 0; i < model->parameter_count; i++)
        theta[i] = 0.55 * model->parameters[i].low + 0.45 * model->parameters[i].high;
    void *workspace = create_workspace(plain);
    assert_int_equal(simulate(plain, workspace, theta, 3, expected).status, FSBI_SIMULATION_OK);
    plain->type->destroy(workspace);
    workspace = create_workspace(model);
    assert_int_equal(simulate(model, workspace, theta, 3, whole).status, FSBI_SIMULATION_OK);
    assert_memory_equal(whole, expected, plain->metric_count * sizeof *whole);
    fsbi_trace_data traces[FSBI_MODEL_MOST_TRACES];
    model->type->record(workspace, traces);
    /* Scored from 1 s on: the second before 2.5 s is that from 0.5 to 1.5 s of the traces. */
    double spikes = 0;
    for (size_t i = 0; i < 200; i++)
        spikes += count_spikes(traces, i, 5000, 14999);
    assert_near(whole[metric_index(model, "rate_at_2.5")], spikes / 200, 1e-9);
    ending end = {.last = 2};
    const fsbi_watch watch = {.look = look_on, .go_on = end_at, .context = &end};
    fsbi_outcome outcome;
    fsbi_error error = {0};
    const fsbi_simulation simulation = {
        .theta = theta, .stream = gsl_rng_alloc(fsbi_random_pcg32), .seed = 3, .watch = &watch};
    assert_ok(fsbi_model_simulate(model, workspace, &simulation, metrics, &outcome, &error), error);
    assert_int_equal(outcome.status, FSBI_SIMULATION_STOPPED);
    assert_near(outcome.t_end, 2.5, 1e-9);
    assert_int_equal(end.asked, 2);
    for (size_t k = 0; k < model->metric_count; k++)
        if (model->metrics[k].checkpoint == 0)
            assert_true(isnan(metrics[k]));
        else
            assert_memory_equal(&metrics[k], &whole[k], sizeof *whole);
    gsl_rng_free(simulation.stream);
    model->type->destroy(workspace);
    fsbi_model_close(model);
    fsbi_model_close(plain);
    fsbi_error found = {0};
    assert_int_equal(try_open_model("{name: if_poly, checkpoints: [3, 3.5]}", &model, &found),
                     FSBI_BAD_INPUT);
    assert_contains(found.message, "a second apart or more");
}

/* Without plasticity both stimuli raise the rate, and alike: over 20 networks the two differ within
 * 4 standard errors, and both are above what comes without a stimulus. */
static void stimuli_drive_the_network(void **state) {
    (void)state;
    enum { NETWORKS = 20 };
    static const char *const rates[] = {", eta: 0, stimulus_rate: 60}",
                                        ", eta: 0, stimulus_rate: 0}"};
    double found[2][2][NETWORKS];
    for (int driven = 0; driven < 2; driven++) {
        char yaml[512];
        snprintf(yaml, sizeof yaml, "%s%s", FAMILIAR, rates[driven]);
        fsbi_model *model = open_model(yaml);
        void *workspace = create_workspace(model);
        double theta[32], metrics[64];
        for (size_t i = 0; i < model->parameter_count; i++)
            theta[i] = 0.5 * (model->parameters[i].low + model->parameters[i].high);
        for (uint64_t k = 0; k < NETWORKS; k++) {
            assert_int_equal(simulate(model, workspace, theta, k, metrics).status,
                             FSBI_SIMULATION_OK);
            found[driven][0][k] = metrics[metric_index(model, "r_nov")];
            found[driven][1][k] = metrics[metric_index(model, "r_fam")];
        }
        model->type->destroy(workspace);
        fsbi_model_close(model);
    }
    const double novel = gsl_stats_mean(found[0][0], 1, NETWORKS);
    const double familiar = gsl_stats_mean(found[0][1], 1, NETWORKS);
    assert_near(novel, familiar, 4 * standard_error(found[0][0], NETWORKS, found[0][1], NETWORKS));
    for (int k = 0; k < 2; k++)
        assert_true(fmin(novel, familiar) > 1.2 * gsl_stats_mean(found[1][k], 1, NETWORKS));
}

static void familiarity_is_checked(void **state) {
    (void)state;
    static const struct {
        const char *keys, *message;
    } cases[] = {{", lpt: 5}", "tested from 6 to 7.6 s"},
                 {", lt: 0}", "tested from 0.7 to 2.3 s"},
                 {", N_input: 79}", "there are only N_input = 79"}};
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        fsbi_model *model = NULL;
        fsbi_error error = {0};
        fsbi_config_node *base = NULL;
        fsbi_config_node *changes = NULL;
        fsbi_config_node *section = NULL;
        char text[128];
        snprintf(text, sizeof text, "{%s", cases[k].keys + 2);
        assert_ok(fsbi_config_node_parse(FAMILIAR "}", "test", &base, &error), error);
        assert_ok(fsbi_config_node_parse(text, "test", &changes, &error), error);
        assert_ok(fsbi_config_overlay(base, changes, &section, &error), error);
        assert_int_equal(fsbi_model_open(section, &model, &error), FSBI_BAD_INPUT);
        assert_contains(error.message, cases[k].message);
        fsbi_config_node_free(section);
        fsbi_config_node_free(changes);
        fsbi_config_node_free(base);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(stops_hopeless_simulations),
                                       cmocka_unit_test(limits_must_be_in_order),
                                       cmocka_unit_test(constants_can_be_given),
                                       cmocka_unit_test(constants_are_checked),
                                       cmocka_unit_test(ends_early),
                                       cmocka_unit_test(familiarity_is_counted),
                                       cmocka_unit_test(observables_are_counted),
                                       cmocka_unit_test(checkpoints_are_told),
                                       cmocka_unit_test(stimuli_drive_the_network),
                                       cmocka_unit_test(familiarity_is_checked)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
