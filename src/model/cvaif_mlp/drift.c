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

void cvaif_mlp_features(const void *settings, const double *theta, double *features) {
    const cvaif_mlp_settings *s = settings;
    const fsbi_mlp_constants constants = cvaif_mlp_rule_constants(s);
    static const double least_weight = 0.01;
    static const double scale = 10;
    for (int p = 0; p < CVAIF_MLP_PLASTIC; p++) {
        const fsbi_mlp_rule rule = cvaif_mlp_rule(&s->network, p, theta);
        const double initial = s->network.initial_weight[cvaif_mlp_plastic[p]];
        for (size_t n = 0; n < STATES; n++)
            for (size_t r = 0; r < RATES; r++)
                for (size_t w = 0; w < WEIGHTS; w++) {
                    const fsbi_mlp_levels levels = {weights[w] * initial, states[n].v_trace,
                                                    states[n].c_exc, states[n].c_inh};
                    const double drift = fsbi_mlp_rule_drift(&constants, &rule, &levels, rates[r]) /
                                         fmax(initial, least_weight);
                    *features++ = asinh(scale * drift);
                    *features++ = asinh(scale * fabs(drift));
                }
    }
}

static fsbi_status declare(fsbi_model *model, const char *what, int p, size_t place[3],
                           fsbi_error *error) {
    char name[64];
    snprintf(name, sizeof name, "%s_%s_%s_%.3gHz_%.3gw", what,
             ei_connection_names[cvaif_mlp_plastic[p]], states[place[0]].name, rates[place[1]][0],
             weights[place[2]]);
    return fsbi_model_add_feature(model, name, "1", error);
}

fsbi_status cvaif_mlp_declare_features(fsbi_model *model, fsbi_error *error) {
    for (int p = 0; p < CVAIF_MLP_PLASTIC; p++)
        for (size_t n = 0; n < STATES; n++)
            for (size_t r = 0; r < RATES; r++)
                for (size_t w = 0; w < WEIGHTS; w++) {
                    FSBI_TRY(declare(model, "drift", p, (size_t[]){n, r, w}, error));
                    FSBI_TRY(declare(model, "drift_size", p, (size_t[]){n, r, w}, error));
                }
    return FSBI_OK;
}
