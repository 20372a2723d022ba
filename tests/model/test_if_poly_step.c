/* The whole network, one step at a time, against a plain implementation of the specification in
 * double precision: dense loops over synapses in the specified order, nothing shared with the
 * engine but the state before each step. The comparison starts anew from the engine's state at
 * every step, so that rounding does not grow. */
#include <stdlib.h>
#include <string.h>

#include "fsbi/random.h"
#include "model/if_poly/network.h"
#include "unit.h"

enum { NE = 90, NI = 40, INPUTS = 80, STEPS = 8000, MOST = 100 };

/* A network small enough to be plain, wired densely and driven hard, so that weights hit both
 * bounds often. */
static const char settings_yaml[] =
    "{name: if_poly, NE: 90, NI: 40, N_input: 80, sparseness: 0.4, sparseness_poisson: 0.3, "
    "weight_poisson: 0.6,"
    " wmax: 1.2, lns: 0, ls: 1, recorded_e: 10, recorded_i: 10, recorded_weights: 10}";

typedef struct {
    double v[MOST], thr[MOST], ampa[MOST], nmda[MOST], gaba[MOST];
    bool fired[MOST];
} plain_population;

typedef struct {
    plain_population excitatory, inhibitory;
    double *weight[EI_CONNECTIONS];
    double pre[EI_CONNECTIONS][MOST], post[EI_CONNECTIONS][MOST];
} plain_network;

static void copy_population(const fsbi_if_population *from, plain_population *to) {
    for (size_t i = 0; i < from->size; i++) {
        to->v[i] = from->voltage[i];
        to->thr[i] = fsbi_trace_value(&from->threshold, i);
        to->ampa[i] = fsbi_trace_value(&from->g_ampa, i);
        to->nmda[i] = from->g_nmda[i];
        to->gaba[i] = fsbi_trace_value(&from->g_gaba, i);
    }
}

static void copy_trace(const fsbi_trace *from, double *to) {
    for (size_t i = 0; i < from->size; i++)
        to[i] = fsbi_trace_value(from, i);
}

static void copy_network(const if_poly_network *net, bool weights, plain_network *plain) {
    copy_population(&net->excitatory, &plain->excitatory);
    copy_population(&net->inhibitory, &plain->inhibitory);
    for (int k = 0; k < EI_CONNECTIONS; k++) {
        const fsbi_polynomial_connection *plastic = &net->plastic[k];
        for (size_t s = 0; weights && s < plastic->connection.synapses; s++)
            plain->weight[k][s] = fsbi_polynomial_connection_weight(plastic, s);
        copy_trace(&plastic->presynaptic_trace, plain->pre[k]);
        copy_trace(&plastic->postsynaptic_trace, plain->post[k]);
    }
}

static void step_population(plain_population *p, size_t size, const fsbi_if_parameters *c) {
    const double r = c->ampa_nmda_ratio;
    for (size_t i = 0; i < size; i++) {
        double exc = -(r / (1 + r) * p->ampa[i] + 1 / (1 + r) * p->nmda[i]) * p->v[i];
        double inh = (p->v[i] - c->e_inh) * p->gaba[i];
        p->nmda[i] += (1 - exp(-c->dt / c->tau_nmda)) * (p->ampa[i] - p->nmda[i]);
        p->ampa[i] *= exp(-c->dt / c->tau_ampa);
        p->gaba[i] *= exp(-c->dt / c->tau_gaba);
        p->thr[i] *= exp(-c->dt / c->tau_thr);
        p->v[i] += c->dt / c->tau_mem * (exc - inh - (p->v[i] - c->e_rest));
        p->v[i] = fmin(fmax(p->v[i], c->e_inh), c->e_exc);
        p->fired[i] = p->v[i] > c->thr_rest + p->thr[i];
        if (p->fired[i]) {
            p->v[i] = c->e_reset;
            p->thr[i] = c->dthr;
        }
    }
}

static void mark(const fsbi_spike_list *spikes, bool *spiked) {
    memset(spiked, 0, MOST * sizeof *spiked);
    for (size_t k = 0; k < spikes->count; k++)
        spiked[spikes->neurons[k]] = true;
}

static void transmit_input(const fsbi_connection *connection, const bool *arriving, double weight,
                           plain_population *target) {
    for (size_t j = 0; j < INPUTS; j++)
        for (uint32_t s = connection->row_begin[j]; arriving[j] && s < connection->row_begin[j + 1];
             s++)
            target->ampa[connection->target[s]] += weight;
}

/* Forward, then back: two separate passes over all synapses, every change clipped. */
static void step_connection(plain_network *plain, int k, const fsbi_polynomial_connection *plastic,
                            const bool *arriving, plain_population *target, double *conductance) {
    const fsbi_connection *c = &plastic->connection;
    const fsbi_polynomial_rule *rule = &plastic->rule;
    for (size_t j = 0; j < c->specification.presynaptic_size; j++) {
        for (uint32_t s = c->row_begin[j]; arriving[j] && s < c->row_begin[j + 1]; s++) {
            const uint16_t i = c->target[s];
            conductance[i] += plain->weight[k][s];
            double w =
                plain->weight[k][s] + rule->eta * (rule->alpha + rule->kappa * plain->post[k][i]);
            plain->weight[k][s] = fmin(fmax(w, 0), rule->weight_max);
        }
    }
    for (size_t j = 0; j < c->specification.presynaptic_size; j++) {
        for (uint32_t s = c->row_begin[j]; s < c->row_begin[j + 1]; s++) {
            if (!target->fired[c->target[s]])
                continue;
            double w =
                plain->weight[k][s] + rule->eta * (rule->beta + rule->gamma * plain->pre[k][j]);
            plain->weight[k][s] = fmin(fmax(w, 0), rule->weight_max);
        }
    }
    for (size_t j = 0; j < c->specification.presynaptic_size; j++)
        plain->pre[k][j] = (plain->pre[k][j] + arriving[j]) * plastic->presynaptic_trace.decay;
    for (size_t i = 0; i < c->specification.postsynaptic_size; i++)
        plain->post[k][i] =
            (plain->post[k][i] + target->fired[i]) * plastic->postsynaptic_trace.decay;
}

/* `arriving` of the step to come, by E, I and input. */
static void step_plain(plain_network *plain, const if_poly_network *net, bool arriving[3][MOST]) {
    const ei_settings *s = &net->shared.settings;
    plain_population *e = &plain->excitatory;
    plain_population *i = &plain->inhibitory;
    step_population(e, NE, &s->neuron);
    step_population(i, NI, &s->neuron);
    transmit_input(&net->shared.input_to_excitatory, arriving[2], s->weight_poisson, e);
    transmit_input(&net->shared.input_to_inhibitory, arriving[2], s->weight_poisson, i);
    step_connection(plain, EI_EE, &net->plastic[EI_EE], arriving[0], e, e->ampa);
    step_connection(plain, EI_EI, &net->plastic[EI_EI], arriving[0], i, i->ampa);
    step_connection(plain, EI_IE, &net->plastic[EI_IE], arriving[1], e, e->gaba);
    step_connection(plain, EI_II, &net->plastic[EI_II], arriving[1], i, i->gaba);
}

static size_t compare_population(const fsbi_if_population *engine, const plain_population *plain) {
    bool fired[MOST];
    size_t differing = 0;
    mark(fsbi_spike_delay_emitted(&engine->spikes), fired);
    for (size_t i = 0; i < engine->size; i++) {
        if (fired[i] != plain->fired[i]) {
            differing++;
            continue;
        }
        assert_near(engine->voltage[i], plain->v[i], 1e-7);
        assert_near(fsbi_trace_value(&engine->threshold, i), plain->thr[i], 1e-7);
        assert_near(fsbi_trace_value(&engine->g_ampa, i), plain->ampa[i],
                    1e-5 * (1 + plain->ampa[i]));
        assert_near(engine->g_nmda[i], plain->nmda[i], 1e-5 * (1 + plain->nmda[i]));
        assert_near(fsbi_trace_value(&engine->g_gaba, i), plain->gaba[i],
                    1e-5 * (1 + plain->gaba[i]));
    }
    return differing;
}

static size_t compare_network(const if_poly_network *net, bool weights,
                              const plain_network *plain) {
    size_t differing = compare_population(&net->excitatory, &plain->excitatory) +
                       compare_population(&net->inhibitory, &plain->inhibitory);
    for (int k = 0; k < EI_CONNECTIONS && differing == 0; k++) {
        const fsbi_polynomial_connection *plastic = &net->plastic[k];
        double trace[MOST];
        for (size_t s = 0; weights && s < plastic->connection.synapses; s++)
            assert_near(fsbi_polynomial_connection_weight(plastic, s), plain->weight[k][s], 2e-5);
        copy_trace(&plastic->presynaptic_trace, trace);
        for (size_t j = 0; j < plastic->connection.specification.presynaptic_size; j++)
            assert_near(trace[j], plain->pre[k][j], 1e-5);
        copy_trace(&plastic->postsynaptic_trace, trace);
        for (size_t i = 0; i < plastic->connection.specification.postsynaptic_size; i++)
            assert_near(trace[i], plain->post[k][i], 1e-5);
    }
    return differing;
}

static fsbi_model *open_model(void) {
    fsbi_config_node *section = NULL;
    fsbi_model *model = NULL;
    fsbi_error error = {0};
    assert_ok(fsbi_config_node_parse(settings_yaml, "test", &section, &error), error);
    assert_ok(fsbi_model_open(section, &model, &error), error);
    fsbi_config_node_free(section);
    return model;
}

/* Rules from the prior; the first with the shortest time constants, whose traces are rescaled most
 * often. */
static void draw_rule(const fsbi_model *model, uint64_t rule, gsl_rng *rng, double *theta) {
    fsbi_random_seed(rng, rule);
    for (int k = 0; k < 25; k++)
        theta[k] = model->parameters[k].low +
                   gsl_rng_uniform(rng) * (model->parameters[k].high - model->parameters[k].low);
    for (int k = 0; k < 24; k++)
        if (rule == 0 && k % IF_POLY_RULE_SIZE <= IF_POLY_TAU_POST)
            theta[k] = 0.01;
    theta[24] *= 10;
}

/* What the comparison of one rule has seen. */
typedef struct {
    size_t steps, spikes, at_bounds, between;
} tally;

/* Steps both until the end, or until a potential within rounding of the threshold makes them part.
 */
static void compare_rule(if_poly_network *net, gsl_rng *rng, int sync_interval, tally *seen) {
    bool(*emitted)[3][MOST] = calloc(STEPS, sizeof *emitted);
    plain_network plain = {0};
    for (int k = 0; k < EI_CONNECTIONS; k++)
        plain.weight[k] = calloc(net->plastic[k].connection.synapses + 1, sizeof(double));
    size_t differing = 0;
    for (int step = 0; step < STEPS && differing == 0; step++) {
        bool arriving[3][MOST] = {{false}};
        if (step >= 8)
            memcpy(arriving, emitted[step - 8], sizeof arriving);
        copy_network(net, step % sync_interval == 0, &plain);
        if_poly_network_step(net, rng);
        mark(fsbi_spike_delay_emitted(&net->excitatory.spikes), emitted[step][0]);
        mark(fsbi_spike_delay_emitted(&net->inhibitory.spikes), emitted[step][1]);
        mark(fsbi_spike_delay_emitted(&net->shared.input.spikes), emitted[step][2]);
        step_plain(&plain, net, arriving);
        differing = compare_network(net, (step + 1) % sync_interval == 0, &plain);
        seen->spikes += fsbi_spike_delay_emitted(&net->excitatory.spikes)->count;
        seen->steps++;
    }
    for (int k = 0; k < EI_CONNECTIONS; k++) {
        for (size_t s = 0; s < net->plastic[k].connection.synapses; s++) {
            const float w = fsbi_polynomial_connection_weight(&net->plastic[k], s);
            seen->at_bounds += w == 0 || w == 1.2F;
            seen->between += w > 0 && w < 1.2F;
        }
        free(plain.weight[k]);
    }
    free(emitted);
}

static void equals_plain_network(void **state) {
    (void)state;
    static const int sync_intervals[] = {1, 97, 800, 4000};
    enum { RULES = 8 };
    fsbi_model *model = open_model();
    fsbi_error error = {0};
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    tally seen = {0};
    if_poly_network *net = if_poly_network_create(model->settings, &error);
    assert_non_null(net);
    for (uint64_t rule = 0; rule < RULES; rule++) {
        double theta[25];
        draw_rule(model, rule, rng, theta);
        assert_ok(if_poly_network_start(net, theta, rng, &error), error);
        compare_rule(net, rng, sync_intervals[rule % 4], &seen);
    }
    print_message("%zu steps, %zu spikes, %zu weights at bounds, %zu between\n", seen.steps,
                  seen.spikes, seen.at_bounds, seen.between);
    assert_true(seen.steps > (size_t)RULES * STEPS * 3 / 4);
    assert_true(seen.spikes > 1000);
    assert_true(seen.at_bounds > 100);
    assert_true(seen.between > 100);
    if_poly_network_destroy(net);
    gsl_rng_free(rng);
    fsbi_model_close(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(equals_plain_network)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
