#include "model/cvaif_mlp/drift.h"

#include <math.h>
#include <stdio.h>

/* Weights over the initial one, rates in Hz of both populations, and states of the postsynaptic
 * neuron in V: a quiet one, and a busy one. */
enum { WEIGHTS = 3, RATES = 3, STATES = 2 };
static const double weights[WEIGHTS] = {0, 1, 3};
static const double rates[RATES][2] = {{2, 2}, {5, 5}, {15, 15}};
static const struct {
    const char *name;
    double v_trace, c_exc, c_inh;
} states[STATES] = {{"quiet", -0.06, 0.03, 0.02}, {"busy", -0.05, 0.06, 0.04}};

/* Where one drift is taken: a plastic connection, and indices of the above. */
typedef struct {
    int connection;
    size_t state, rate, weight;
} place;

enum { PLACES = CVAIF_MLP_PLASTIC * STATES * RATES * WEIGHTS };

static place place_of(size_t index) {
    return (place){.weight = index % WEIGHTS,
                   .rate = index / WEIGHTS % RATES,
                   .state = index / WEIGHTS / RATES % STATES,
                   .connection = (int)(index / WEIGHTS / RATES / STATES)};
}

void cvaif_mlp_features(const void *settings, const double *theta, double *features) {
    const cvaif_mlp_settings *s = settings;
    const fsbi_mlp_constants constants = cvaif_mlp_rule_constants(s);
    static const double least_weight = 0.01;
    static const double scale = 10;
    for (size_t i = 0; i < PLACES; i++) {
        const place at = place_of(i);
        const fsbi_mlp_rule rule = cvaif_mlp_rule(&s->network, at.connection, theta);
        const double initial = s->network.initial_weight[cvaif_mlp_plastic[at.connection]];
        const fsbi_mlp_levels levels = {weights[at.weight] * initial, states[at.state].v_trace,
                                        states[at.state].c_exc, states[at.state].c_inh};
        const double drift = fsbi_mlp_rule_drift(&constants, &rule, &levels, rates[at.rate]) /
                             fmax(initial, least_weight);
        *features++ = asinh(scale * drift);
        *features++ = asinh(scale * fabs(drift));
    }
}

static fsbi_status declare(fsbi_model *model, const char *what, const place *at,
                           fsbi_error *error) {
    char name[64];
    snprintf(name, sizeof name, "%s_%s_%s_%.3gHz_%.3gw", what,
             ei_connection_names[cvaif_mlp_plastic[at->connection]], states[at->state].name,
             rates[at->rate][0], weights[at->weight]);
    return fsbi_model_add_feature(model, name, "1", error);
}

fsbi_status cvaif_mlp_declare_features(fsbi_model *model, fsbi_error *error) {
    for (size_t i = 0; i < PLACES; i++) {
        const place at = place_of(i);
        FSBI_TRY(declare(model, "drift", &at, error));
        FSBI_TRY(declare(model, "drift_size", &at, error));
    }
    return FSBI_OK;
}
