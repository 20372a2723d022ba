/* The network of Confavreux et al., NeurIPS 2023 (Fig. 4), as a model: adapting neurons, the
 * connections onto excitatory neurons plastic under rules that are a small network each. */
#include <stdio.h>

#include "model/cvaif_mlp/drift.h"
#include "model/cvaif_mlp/network.h"
#include "model/ei_network/checkpoint.h"
#include "model/ei_network/portray.h"
#include "model/ei_network/score.h"

#define FIELD(field) offsetof(cvaif_mlp_settings, field)

static const fsbi_config_key keys[] = {
    {"max_rate_checker", FSBI_KEY_REAL, FIELD(network.max_rate), "50", 1e-3, 1e6,
     "Hz; the excitatory rate at which a simulation has blown up", NULL},
    {"tau_adapt", FSBI_KEY_REAL, FIELD(tau_adapt), "0.1", 1e-5, 100,
     "s, of the adaptation conductance", NULL},
    {"dg_adapt", FSBI_KEY_REAL, FIELD(adapt_increment), "0.1", 0, 1e6,
     "what a spike adds to the adaptation conductance, in units of the leak", NULL},
    {"tau_vtrace", FSBI_KEY_REAL, FIELD(tau_v_trace), "1", 1e-3, 1e5,
     "s over which the rule sees the potential filtered", NULL},
    {"tau_cexc", FSBI_KEY_REAL, FIELD(tau_c_exc), "1", 1e-3, 1e5,
     "s over which the rule sees the excitatory current filtered", NULL},
    {"tau_cinh", FSBI_KEY_REAL, FIELD(tau_c_inh), "1", 1e-3, 1e5,
     "s over which the rule sees the inhibitory current filtered", NULL},
    {"rule_cst_part", FSBI_KEY_LIST, FIELD(rule_constants), "[]", -1e6, 1e6,
     "504 numbers, the rule's constant part: time constants in s (presynaptic fast, slow, "
     "postsynaptic fast, slow), first layer, second layer; none: as published",
     NULL},
};

static const fsbi_config_keys key_table = {keys, sizeof keys / sizeof *keys, &ei_keys};

static fsbi_status check_constants(const fsbi_config_list *list, fsbi_error *error) {
    if (list->count == 0)
        return FSBI_OK;
    if (list->count != CVAIF_MLP_CONSTANTS)
        return fsbi_error_set(error, FSBI_BAD_INPUT, "rule_cst_part has %zu numbers instead of %d",
                              list->count, CVAIF_MLP_CONSTANTS);
    for (int k = 0; k < CVAIF_MLP_TIME_CONSTANTS; k++)
        if (!(list->number[k] > 0))
            return fsbi_error_set(error, FSBI_BAD_INPUT,
                                  "number %d of rule_cst_part is a time constant and must be above "
                                  "0, but is %g",
                                  k + 1, list->number[k]);
    return FSBI_OK;
}

static fsbi_status declare_output(fsbi_model *model, const char *spike, ei_connection connection,
                                  fsbi_error *error) {
    for (int unit = 0; unit < CVAIF_MLP_OUTPUT; unit++) {
        fsbi_parameter parameter = {.unit = "1", .low = -1, .high = 1};
        if (unit < FSBI_MLP_HIDDEN_2)
            snprintf(parameter.name, sizeof parameter.name, "W_%s_%s_%d", spike,
                     ei_connection_names[connection], unit);
        else
            snprintf(parameter.name, sizeof parameter.name, "b_%s_%s", spike,
                     ei_connection_names[connection]);
        FSBI_TRY(fsbi_model_add_parameter(model, &parameter, error));
    }
    return FSBI_OK;
}

static fsbi_status declare_parameters(fsbi_model *model, fsbi_error *error) {
    for (int p = 0; p < CVAIF_MLP_PLASTIC; p++) {
        fsbi_parameter eta = {.unit = "1", .low = 0, .high = 1};
        snprintf(eta.name, sizeof eta.name, "eta_%s", ei_connection_names[cvaif_mlp_plastic[p]]);
        FSBI_TRY(fsbi_model_add_parameter(model, &eta, error));
    }
    for (int p = 0; p < CVAIF_MLP_PLASTIC; p++) {
        FSBI_TRY(declare_output(model, "pre", cvaif_mlp_plastic[p], error));
        FSBI_TRY(declare_output(model, "post", cvaif_mlp_plastic[p], error));
    }
    return ei_declare_input_rate(model, error);
}

static const bool plastic[EI_CONNECTIONS] = {[EI_EE] = true, [EI_IE] = true};

static fsbi_status configure(fsbi_model *model, fsbi_error *error) {
    cvaif_mlp_settings *settings = model->settings;
    FSBI_TRY(ei_settings_check(&settings->network, error));
    FSBI_TRY(check_constants(&settings->rule_constants, error));
    FSBI_TRY(declare_parameters(model, error));
    FSBI_TRY(ei_declare_metrics(model, plastic, error));
    FSBI_TRY(ei_declare_interim(model, plastic, error));
    FSBI_TRY(cvaif_mlp_declare_features(model, error));
    return ei_declare_traces(model, plastic, error);
}

static fsbi_status simulate(void *workspace, const fsbi_simulation *simulation, double *metrics,
                            fsbi_outcome *outcome, fsbi_error *error) {
    cvaif_mlp_network *net = workspace;
    if (!(simulation->theta[CVAIF_MLP_INPUT_RATE] >= 0)) {
        outcome->status = FSBI_SIMULATION_FAILED;
        outcome->reason = FSBI_REASON_IMPOSSIBLE;
        return FSBI_OK;
    }
    FSBI_TRY(cvaif_mlp_network_start(net, simulation->theta, simulation->stream, error));
    *outcome = ei_network_run(&net->shared, cvaif_mlp_network_step, net, simulation, metrics);
    return outcome->status == FSBI_SIMULATION_OK ? ei_network_score(&net->shared, metrics, error)
                                                 : FSBI_OK;
}

static void *create(const void *settings, fsbi_error *error) {
    return cvaif_mlp_network_create(settings, error);
}

static void destroy(void *workspace) {
    cvaif_mlp_network_destroy(workspace);
}

static void record(void *workspace, fsbi_trace_data *traces) {
    cvaif_mlp_network *net = workspace;
    ei_network_traces(&net->shared, traces);
}

static fsbi_status score(const void *settings, const fsbi_trace_data *traces, double *metrics,
                         fsbi_error *error) {
    const cvaif_mlp_settings *s = settings;
    return ei_traces_score(&s->network, plastic, traces, metrics, error);
}

/* The window of one rule at a quiet, a balanced and a strongly driven neuron, of initial weight. */
static fsbi_status portray_rule(const cvaif_mlp_network *net, int p, const double *theta,
                                fsbi_portrait *portrait, fsbi_error *error) {
    static const struct {
        double v_trace, c_exc, c_inh; /* V */
    } neurons[] = {{-0.07, 0, 0}, {-0.06, 0.03, 0.02}, {-0.05, 0.06, 0.04}};
    const fsbi_mlp_rule rule = cvaif_mlp_rule(&net->shared.settings, p, theta);
    const ei_connection connection = cvaif_mlp_plastic[p];
    FSBI_TRY(ei_portray_window(portrait, connection, error));
    for (size_t n = 0; n < sizeof neurons / sizeof *neurons; n++) {
        const fsbi_mlp_levels levels = {net->shared.settings.initial_weight[connection],
                                        neurons[n].v_trace, neurons[n].c_exc, neurons[n].c_inh};
        double *x = NULL;
        double *y = NULL;
        char label[2 * FSBI_PORTRAIT_NAME];
        snprintf(label, sizeof label, "w %g, V %g, I_E %g, I_I %g mV", levels.weight,
                 1e3 * levels.v_trace, 1e3 * levels.c_exc, 1e3 * levels.c_inh);
        FSBI_TRY(fsbi_portrait_add_series(portrait,
                                          &(fsbi_series_plan){.label = label,
                                                              .kind = FSBI_SERIES_LINE,
                                                              .count = EI_WINDOW_POINTS},
                                          &x, &y, error));
        for (size_t i = 0; i < EI_WINDOW_POINTS; i++) {
            x[i] = ei_window_difference(i);
            y[i] = fsbi_mlp_rule_pair(&net->constants, &rule, &levels, x[i]);
        }
    }
    return FSBI_OK;
}

static fsbi_status portray(void *workspace, const fsbi_portrait_subject *subject,
                           fsbi_portrait *portrait, fsbi_error *error) {
    const cvaif_mlp_network *net = workspace;
    for (int p = 0; p < CVAIF_MLP_PLASTIC; p++)
        FSBI_TRY(portray_rule(net, p, subject->theta, portrait, error));
    return subject->traces == NULL ? FSBI_OK
                                   : ei_portray_traces(&net->shared.settings, plastic,
                                                       subject->traces, portrait, error);
}

const fsbi_model_type fsbi_model_cvaif_mlp = {
    .name = "cvaif_mlp",
    .summary = "recurrent spiking network whose rules are small networks, Confavreux et al., "
               "NeurIPS 2023, Fig. 4",
    .keys = &key_table,
    .settings_size = sizeof(cvaif_mlp_settings),
    .configure = configure,
    .create = create,
    .simulate = simulate,
    .destroy = destroy,
    .record = record,
    .score = score,
    .features = cvaif_mlp_features,
    .portray = portray,
};
