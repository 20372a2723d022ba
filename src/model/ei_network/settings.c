#include "model/ei_network/settings.h"

#include <math.h>
#include <stdio.h>

#include "fsbi/spike_metrics.h"
#include "snn/connection.h"

#define FIELD(field) offsetof(ei_settings, field)

/* Single precision holds about 1e38; nothing physical needs more than this. */
#define LARGE 1e6

static const fsbi_config_key keys[] = {
    {"lns", FSBI_KEY_REAL, FIELD(seconds_before), "60", 0, 1e5, "s simulated before scoring", NULL},
    {"ls", FSBI_KEY_REAL, FIELD(seconds_scored), "10", 1, 1e5, "s simulated and scored", NULL},
    {"NE", FSBI_KEY_INTEGER, FIELD(excitatory), "4096", 1, FSBI_CONNECTION_MOST_NEURONS,
     "excitatory neurons", NULL},
    {"NI", FSBI_KEY_INTEGER, FIELD(inhibitory), "1024", 1, FSBI_CONNECTION_MOST_NEURONS,
     "inhibitory neurons", NULL},
    {"N_input", FSBI_KEY_INTEGER, FIELD(input), "5000", 1, FSBI_CONNECTION_MOST_NEURONS,
     "Poisson input neurons", NULL},
    {"sparseness", FSBI_KEY_REAL, FIELD(sparseness), "0.1", 0, 1,
     "probability of each recurrent synapse", NULL},
    {"sparseness_poisson", FSBI_KEY_REAL, FIELD(sparseness_poisson), "0.05", 0, 1,
     "probability of each synapse from the input", NULL},
    {"weight_poisson", FSBI_KEY_REAL, FIELD(weight_poisson), "0.075", 0, LARGE,
     "fixed weight of the input, in units of the leak", NULL},
    {"wee", FSBI_KEY_REAL, FIELD(initial_weight[EI_EE]), "0.1", 0, LARGE, "initial weight, E to E",
     NULL},
    {"wei", FSBI_KEY_REAL, FIELD(initial_weight[EI_EI]), "0.1", 0, LARGE, "initial weight, E to I",
     NULL},
    {"wie", FSBI_KEY_REAL, FIELD(initial_weight[EI_IE]), "1", 0, LARGE, "initial weight, I to E",
     NULL},
    {"wii", FSBI_KEY_REAL, FIELD(initial_weight[EI_II]), "1", 0, LARGE, "initial weight, I to I",
     NULL},
    {"wmin", FSBI_KEY_REAL, FIELD(weight_min), "0", -LARGE, LARGE,
     "lower bound of every plastic weight", NULL},
    {"wmax", FSBI_KEY_REAL, FIELD(weight_max), "20", 0, LARGE,
     "upper bound of every plastic weight", NULL},
    {"dt", FSBI_KEY_REAL, FIELD(neuron.dt), "1e-4", 1e-6, 1e-3,
     "s, integration step; must divide 1 ms", NULL},
    {"delay_steps", FSBI_KEY_INTEGER, FIELD(delay_steps), "8", 1, 10000, "axonal delay in steps",
     NULL},
    {"tau_ampa", FSBI_KEY_REAL, FIELD(neuron.tau_ampa), "5e-3", 1e-5, 100, "s", NULL},
    {"tau_gaba", FSBI_KEY_REAL, FIELD(neuron.tau_gaba), "10e-3", 1e-5, 100, "s", NULL},
    {"tau_nmda", FSBI_KEY_REAL, FIELD(neuron.tau_nmda), "100e-3", 1e-5, 100, "s", NULL},
    {"ampa_nmda_ratio", FSBI_KEY_REAL, FIELD(neuron.ampa_nmda_ratio), "0.3", 0, LARGE,
     "r: A_ampa = r/(1+r), A_nmda = 1/(1+r)", NULL},
    {"tau_mem", FSBI_KEY_REAL, FIELD(neuron.tau_mem), "20e-3", 1e-4, 100,
     "s, membrane time constant", NULL},
    {"e_rest", FSBI_KEY_REAL, FIELD(neuron.e_rest), "-70e-3", -1, 1, "V, resting potential", NULL},
    {"e_reset", FSBI_KEY_REAL, FIELD(neuron.e_reset), "-70e-3", -1, 1, "V, after a spike", NULL},
    {"e_inh", FSBI_KEY_REAL, FIELD(neuron.e_inh), "-80e-3", -1, 1,
     "V, inhibitory reversal and lowest potential", NULL},
    {"e_exc", FSBI_KEY_REAL, FIELD(neuron.e_exc), "0", -1, 1,
     "V, excitatory reversal and highest potential", NULL},
    {"thr_rest", FSBI_KEY_REAL, FIELD(neuron.thr_rest), "-50e-3", -1, 1, "V, threshold at rest",
     NULL},
    {"dthr", FSBI_KEY_REAL, FIELD(neuron.dthr), "100e-3", 0, 10,
     "V, what a spike raises the threshold to, above rest", NULL},
    {"tau_thr", FSBI_KEY_REAL, FIELD(neuron.tau_thr), "5e-3", 1e-5, 100, "s, of the threshold",
     NULL},
    {"tau_checker", FSBI_KEY_REAL, FIELD(tau_checker), "1", 1e-3, 1e5,
     "s over which the excitatory rate is averaged that max_rate_checker limits", NULL},
    {"recorded_e", FSBI_KEY_INTEGER, FIELD(recorded_excitatory), "1000", 1,
     FSBI_CONNECTION_MOST_NEURONS, "first E neurons whose spikes are scored (at most NE)", NULL},
    {"recorded_i", FSBI_KEY_INTEGER, FIELD(recorded_inhibitory), "500", 1,
     FSBI_CONNECTION_MOST_NEURONS, "first I neurons whose spikes are scored (at most NI)", NULL},
    {"recorded_weights", FSBI_KEY_INTEGER, FIELD(recorded_weights), "100", 1, 1000000,
     "weights of each connection that are scored, every 0.1 s", NULL},
    {"stop_after", FSBI_KEY_REAL, FIELD(stop.after), "0", 0, 1e5,
     "s of network time before a simulation can be stopped by the four limits below", NULL},
    {"stop_window", FSBI_KEY_REAL, FIELD(stop.window), "1", 1e-3, 1e5,
     "s over which rates are compared with these limits, window by window", NULL},
    {"stop_rate_min", FSBI_KEY_REAL, FIELD(stop.rate_min), "0", 0, INFINITY,
     "Hz; below this excitatory rate a simulation is stopped", NULL},
    {"stop_rate_max", FSBI_KEY_REAL, FIELD(stop.rate_max), ".inf", 0, INFINITY,
     "Hz; above this excitatory rate a simulation is stopped", NULL},
    {"stop_rate_i_min", FSBI_KEY_REAL, FIELD(stop.rate_i_min), "0", 0, INFINITY,
     "Hz; below this inhibitory rate a simulation is stopped", NULL},
    {"stop_rate_i_max", FSBI_KEY_REAL, FIELD(stop.rate_i_max), ".inf", 0, INFINITY,
     "Hz; above this inhibitory rate a simulation is stopped", NULL},
    {"checkpoints", FSBI_KEY_LIST, FIELD(checkpoints), "[]", 1, 1e5,
     "s of network time at which a search asks whether to go on, as in [3, 10, 30]", NULL},
    {"lpt", FSBI_KEY_REAL, FIELD(familiarity.before), "0", 0, 1e5,
     "s before the familiar stimulus, see lp", NULL},
    {"lt", FSBI_KEY_REAL, FIELD(familiarity.training), "0", 0, 1e5,
     "s in which the familiar stimulus becomes familiar", NULL},
    {"lb0", FSBI_KEY_REAL, FIELD(familiarity.break_0), "0", 0, 1e5, "s of break after that", NULL},
    {"lb1", FSBI_KEY_REAL, FIELD(familiarity.break_1), "0", 0, 1e5,
     "s of break before the novel stimulus", NULL},
    {"lp", FSBI_KEY_REAL, FIELD(familiarity.presentation), "0", 0, 1e5,
     "s in which the novel and then the familiar stimulus is tested (metrics r_nov, r_fam, "
     "std_nov, std_fam, ratio_nov_fam); 0: there are no stimuli",
     NULL},
    {"lb2", FSBI_KEY_REAL, FIELD(familiarity.break_2), "0", 0, 1e5,
     "s of break between the two tests", NULL},
    {"stimulus_neurons", FSBI_KEY_INTEGER, FIELD(familiarity.neurons), "500", 1,
     FSBI_CONNECTION_MOST_NEURONS, "input neurons of each stimulus", NULL},
    {"stimulus_rate", FSBI_KEY_REAL, FIELD(familiarity.rate), "50", 0, 1e4,
     "Hz, of these while it is shown", NULL},
};

const fsbi_config_keys ei_keys = {keys, sizeof keys / sizeof *keys, NULL};

const double ei_weight_interval = 0.1;

const char *const ei_connection_names[EI_CONNECTIONS] = {"EE", "EI", "IE", "II"};

static fsbi_status check_checkpoints(const ei_settings *settings, fsbi_error *error) {
    const fsbi_config_list *at = &settings->checkpoints;
    const double end = settings->seconds_before + settings->seconds_scored;
    if (at->count > EI_CHECKPOINTS)
        return fsbi_error_set(error, FSBI_BAD_INPUT, "%zu checkpoints; at most %d are allowed",
                              at->count, EI_CHECKPOINTS);
    for (size_t k = 0; k < at->count; k++)
        if (at->number[k] >= end || (k > 0 && at->number[k] < at->number[k - 1] + 1))
            return fsbi_error_set(error, FSBI_BAD_INPUT,
                                  "checkpoints must be a second apart or more, in ascending order, "
                                  "and before lns + ls = %g s",
                                  end);
    return FSBI_OK;
}

fsbi_status ei_settings_check(ei_settings *settings, fsbi_error *error) {
    static const double whole = 1e-6;
    double per_millisecond = 1e-3 / settings->neuron.dt;
    if (fabs(per_millisecond - round(per_millisecond)) > whole)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "dt = %g s does not divide 1 ms, the metrics' finest bin",
                              settings->neuron.dt);
    double steps = (settings->seconds_before + settings->seconds_scored) / settings->neuron.dt;
    if (steps >= UINT32_MAX)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "lns + ls is %.3g steps of dt; at most 4.29e9 can be counted", steps);
    for (int k = 0; k < EI_CONNECTIONS; k++)
        if (settings->initial_weight[k] < settings->weight_min ||
            settings->initial_weight[k] > settings->weight_max)
            return fsbi_error_set(error, FSBI_BAD_INPUT,
                                  "an initial weight of %g is not within wmin = %g and wmax = %g",
                                  settings->initial_weight[k], settings->weight_min,
                                  settings->weight_max);
    if (settings->neuron.e_inh > settings->neuron.e_rest ||
        settings->neuron.e_rest > settings->neuron.e_exc)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "the potentials must be ordered e_inh <= e_rest <= e_exc");
    if (settings->stop.rate_min > settings->stop.rate_max ||
        settings->stop.rate_i_min > settings->stop.rate_i_max)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "a rate cannot be both below stop_rate_min (or stop_rate_i_min) and "
                              "above its maximum: the limits are the wrong way round");
    const ei_recorded_time recorded = {settings->input, settings->seconds_before,
                                       settings->seconds_scored};
    FSBI_TRY(ei_familiarity_check(&settings->familiarity, &recorded, error));
    FSBI_TRY(check_checkpoints(settings, error));
    if (settings->recorded_excitatory > settings->excitatory)
        settings->recorded_excitatory = settings->excitatory;
    if (settings->recorded_inhibitory > settings->inhibitory)
        settings->recorded_inhibitory = settings->inhibitory;
    return FSBI_OK;
}

fsbi_status ei_declare_input_rate(fsbi_model *model, fsbi_error *error) {
    static const fsbi_parameter input = {
        .name = "input_rate", .unit = "Hz", .low = 5, .high = 15, .nuisance = true};
    return fsbi_model_add_parameter(model, &input, error);
}

/* Four of each connection, then the creep of all, whose largest magnitude is w_creep. */
static fsbi_status declare_observables(fsbi_model *model, const bool plastic[EI_CONNECTIONS],
                                       fsbi_error *error) {
    static const struct {
        const char *name;
        fsbi_metric_scale scale;
        double offset;
    } kinds[] = {{"w_first", FSBI_SCALE_LOGARITHM, 0.01},
                 {"w_spread", FSBI_SCALE_LOGARITHM, 0.01},
                 {"at_wmin", FSBI_SCALE_SQUARE_ROOT, 0},
                 {"at_wmax", FSBI_SCALE_SQUARE_ROOT, 0}};
    static const double negligible_creep = 0.02;
    char name[FSBI_MODEL_NAME];
    size_t count = 0;
    for (int k = 0; k < EI_CONNECTIONS; k++) {
        for (size_t i = 0; plastic[k] && i < sizeof kinds / sizeof *kinds; i++) {
            snprintf(name, sizeof name, "%s_%s", kinds[i].name, ei_connection_names[k]);
            FSBI_TRY(fsbi_model_add_observable(model, name, "1", error));
            fsbi_model_scale_metric(model, kinds[i].scale, kinds[i].offset);
        }
    }
    for (int k = 0; k < EI_CONNECTIONS; k++) {
        if (!plastic[k])
            continue;
        snprintf(name, sizeof name, "creep_%s", ei_connection_names[k]);
        FSBI_TRY(fsbi_model_add_observable(model, name, "1", error));
        fsbi_model_scale_metric(model, FSBI_SCALE_AREA_SINE, negligible_creep);
        count++;
    }
    fsbi_model_set_parts(model, EI_W_CREEP, count);
    return FSBI_OK;
}

fsbi_status ei_declare_metrics(fsbi_model *model, const bool plastic[EI_CONNECTIONS],
                               fsbi_error *error) {
    static const struct {
        const char *name, *unit;
        fsbi_metric_scale scale;
        double offset;
    } metrics[EI_FINAL_WEIGHTS] = {{"rate", "Hz", FSBI_SCALE_LOGARITHM, 0.05},
                                   {"rate_i", "Hz", FSBI_SCALE_LOGARITHM, 0.05},
                                   {"cv_isi", "1", FSBI_SCALE_SQUARE_ROOT, 0},
                                   {"kl_isi", "1", FSBI_SCALE_LOGARITHM, 0.01},
                                   {"spatial_Fano", "1", FSBI_SCALE_LOGARITHM, 0.02},
                                   {"temporal_Fano", "1", FSBI_SCALE_LOGARITHM, 0.02},
                                   {"auto_cov", "1", FSBI_SCALE_LOGARITHM, 0.01},
                                   {"fft", "1", FSBI_SCALE_LOGARITHM, 0.01},
                                   {"std_rate_temporal", "1", FSBI_SCALE_LOGARITHM, 0.001},
                                   {"std_rate_spatial", "Hz", FSBI_SCALE_LOGARITHM, 0.05},
                                   {"std_cv", "1", FSBI_SCALE_SQUARE_ROOT, 0},
                                   {"w_blow", "1", FSBI_SCALE_SQUARE_ROOT, 0},
                                   {"w_creep", "1", FSBI_SCALE_LOGARITHM, 0.005}};
    static const struct {
        const char *name;
        double offset;
    } final_weights[EI_CONNECTIONS] = {
        {"weef", 0.01}, {"weif", 0.01}, {"wief", 0.1}, {"wiif", 0.1}};
    for (int k = 0; k < EI_FINAL_WEIGHTS; k++) {
        FSBI_TRY(fsbi_model_add_metric(model, metrics[k].name, metrics[k].unit, error));
        fsbi_model_scale_metric(model, metrics[k].scale, metrics[k].offset);
    }
    for (int k = 0; k < EI_CONNECTIONS; k++) {
        if (!plastic[k])
            continue;
        FSBI_TRY(fsbi_model_add_metric(model, final_weights[k].name, "1", error));
        fsbi_model_scale_metric(model, FSBI_SCALE_LOGARITHM, final_weights[k].offset);
    }
    const ei_settings *settings = model->settings;
    FSBI_TRY(ei_familiarity_declare(&settings->familiarity, model, error));
    return declare_observables(model, plastic, error);
}

size_t ei_final_metric_count(const ei_settings *settings, size_t plastic) {
    enum { OF_CONNECTION = 6 }; /* the final weight and five observables */
    return EI_FINAL_WEIGHTS + OF_CONNECTION * plastic +
           ei_familiarity_count(&settings->familiarity);
}

size_t ei_steps(const ei_settings *settings, double seconds) {
    return (size_t)llround(seconds / settings->neuron.dt);
}
