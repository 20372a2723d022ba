/* The network of Confavreux et al., NeurIPS 2023 (Fig. 2), as a model: recurrent excitatory and
 * inhibitory populations driven by Poisson input, all four recurrent connections plastic under
 * polynomial rules. */
#include <stdio.h>

#include "model/ei_network/checkpoint.h"
#include "model/ei_network/portray.h"
#include "model/ei_network/score.h"
#include "model/if_poly/network.h"
#include "model/if_poly/random_walk.h"

static const fsbi_config_key keys[] = {
    {"eta", FSBI_KEY_REAL, offsetof(if_poly_settings, eta), "0.01", -1e6, 1e6, "learning rate",
     NULL},
    {"max_rate_checker", FSBI_KEY_REAL, offsetof(if_poly_settings, network.max_rate), "100", 1e-3,
     1e6, "Hz; the excitatory rate at which a simulation has blown up", NULL},
};

static const fsbi_config_keys key_table = {keys, sizeof keys / sizeof *keys, &ei_keys};

static fsbi_status declare_rule(fsbi_model *model, const char *connection, fsbi_error *error) {
    static const struct {
        const char *name, *unit;
        double low, high;
    } entries[IF_POLY_RULE_SIZE] = {{"tau_pre", "s", 0.01, 0.1}, {"tau_post", "s", 0.01, 0.1},
                                    {"alpha", "1", -2, 2},       {"beta", "1", -2, 2},
                                    {"gamma", "1", -2, 2},       {"kappa", "1", -2, 2}};
    for (int k = 0; k < IF_POLY_RULE_SIZE; k++) {
        fsbi_parameter parameter = {.low = entries[k].low, .high = entries[k].high};
        snprintf(parameter.name, sizeof parameter.name, "%s_%s", entries[k].name, connection);
        snprintf(parameter.unit, sizeof parameter.unit, "%s", entries[k].unit);
        FSBI_TRY(fsbi_model_add_parameter(model, &parameter, error));
    }
    return FSBI_OK;
}

static const bool plastic[EI_CONNECTIONS] = {true, true, true, true};

static fsbi_status configure(fsbi_model *model, fsbi_error *error) {
    if_poly_settings *settings = model->settings;
    FSBI_TRY(ei_settings_check(&settings->network, error));
    for (int k = 0; k < EI_CONNECTIONS; k++)
        FSBI_TRY(declare_rule(model, ei_connection_names[k], error));
    FSBI_TRY(ei_declare_input_rate(model, error));
    FSBI_TRY(ei_declare_metrics(model, plastic, error));
    FSBI_TRY(ei_declare_interim(model, plastic, error));
    FSBI_TRY(if_poly_declare_features(model, error));
    return ei_declare_traces(model, plastic, error);
}

/* Time constants and rates below zero have no meaning, whatever the prior; nor have time constants
 * of a million steps, over which a trace in single precision does not decay. */
static bool is_possible(const double *theta, double dt) {
    const double longest = 1e6 * dt;
    bool possible = theta[IF_POLY_INPUT_RATE] >= 0;
    for (size_t k = 0; k < EI_CONNECTIONS; k++) {
        const double *entry = theta + k * IF_POLY_RULE_SIZE;
        possible = possible && entry[IF_POLY_TAU_PRE] > 0 && entry[IF_POLY_TAU_PRE] < longest &&
                   entry[IF_POLY_TAU_POST] > 0 && entry[IF_POLY_TAU_POST] < longest;
    }
    return possible;
}

static fsbi_status simulate(void *workspace, const fsbi_simulation *simulation, double *metrics,
                            fsbi_outcome *outcome, fsbi_error *error) {
    if_poly_network *net = workspace;
    if (!is_possible(simulation->theta, net->shared.settings.neuron.dt)) {
        outcome->status = FSBI_SIMULATION_FAILED;
        outcome->reason = FSBI_REASON_IMPOSSIBLE;
        return FSBI_OK;
    }
    FSBI_TRY(if_poly_network_start(net, simulation->theta, simulation->stream, error));
    *outcome = ei_network_run(&net->shared, if_poly_network_step, net, simulation, metrics);
    return outcome->status == FSBI_SIMULATION_OK ? ei_network_score(&net->shared, metrics, error)
                                                 : FSBI_OK;
}

static void *create(const void *settings, fsbi_error *error) {
    return if_poly_network_create(settings, error);
}

static void destroy(void *workspace) {
    if_poly_network_destroy(workspace);
}

static void record(void *workspace, fsbi_trace_data *traces) {
    if_poly_network *net = workspace;
    ei_network_traces(&net->shared, traces);
}

static fsbi_status score(const void *settings, const fsbi_trace_data *traces, double *metrics,
                         fsbi_error *error) {
    const if_poly_settings *s = settings;
    return ei_traces_score(&s->network, plastic, traces, metrics, error);
}

/* Windows of all rules, in units of weight, whatever the weight. */
static fsbi_status portray_rules(const if_poly_network *net, const double *theta,
                                 fsbi_portrait *portrait, fsbi_error *error) {
    for (ei_connection k = 0; k < EI_CONNECTIONS; k++) {
        const fsbi_polynomial_rule rule = if_poly_rule(net, k, theta);
        double *x = NULL;
        double *y = NULL;
        FSBI_TRY(ei_portray_window(portrait, k, error));
        FSBI_TRY(fsbi_portrait_add_series(portrait,
                                          &(fsbi_series_plan){.label = "any weight",
                                                              .kind = FSBI_SERIES_LINE,
                                                              .count = EI_WINDOW_POINTS},
                                          &x, &y, error));
        for (size_t i = 0; i < EI_WINDOW_POINTS; i++) {
            x[i] = ei_window_difference(i);
            y[i] = fsbi_polynomial_rule_pair(&rule, x[i]);
        }
    }
    return FSBI_OK;
}

static fsbi_status portray(void *workspace, const fsbi_portrait_subject *subject,
                           fsbi_portrait *portrait, fsbi_error *error) {
    const if_poly_network *net = workspace;
    FSBI_TRY(portray_rules(net, subject->theta, portrait, error));
    return subject->traces == NULL ? FSBI_OK
                                   : ei_portray_traces(&net->shared.settings, plastic,
                                                       subject->traces, portrait, error);
}

const fsbi_model_type fsbi_model_if_poly = {
    .name = "if_poly",
    .summary =
        "recurrent spiking network with polynomial rules, Confavreux et al., NeurIPS 2023, Fig. 2",
    .keys = &key_table,
    .settings_size = sizeof(if_poly_settings),
    .configure = configure,
    .create = create,
    .simulate = simulate,
    .destroy = destroy,
    .record = record,
    .score = score,
    .features = if_poly_features,
    .portray = portray,
};
