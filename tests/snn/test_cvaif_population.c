/* The adapting neurons against a plain implementation of the specification in double precision,
 * started anew from the engine's state at every step. */
#include "fsbi/random.h"
#include "published_neuron.h"
#include "snn/cvaif_population.h"
#include "unit.h"

enum { SIZE = 101, STEPS = 5000 };

static fsbi_cvaif_parameters parameters(void) {
    return (fsbi_cvaif_parameters){.neuron = published_neuron,
                                   .tau_adapt = 0.1,
                                   .adapt_increment = 0.1,
                                   .tau_v_trace = 1,
                                   .tau_c_exc = 0.5,
                                   .tau_c_inh = 0.25};
}

typedef struct {
    double v, thr, ampa, nmda, gaba, adapt, v_trace, c_exc, c_inh;
    bool fired;
} plain_neuron;

static plain_neuron copy_neuron(const fsbi_cvaif_population *p, size_t i) {
    return (plain_neuron){.v = p->neurons.voltage[i],
                          .thr = fsbi_trace_value(&p->neurons.threshold, i),
                          .ampa = fsbi_trace_value(&p->neurons.g_ampa, i),
                          .nmda = p->neurons.g_nmda[i],
                          .gaba = fsbi_trace_value(&p->neurons.g_gaba, i),
                          .adapt = fsbi_trace_value(&p->g_adapt, i),
                          .v_trace = p->v_trace[i],
                          .c_exc = p->c_exc[i],
                          .c_inh = p->c_inh[i]};
}

static double filter(double y, double u, double tau) {
    const double m = published_neuron.dt / tau;
    return (y + m * u) * (1 - m);
}

static void step_plain(plain_neuron *n) {
    const fsbi_if_parameters *c = &published_neuron;
    const fsbi_cvaif_parameters p = parameters();
    const double r = c->ampa_nmda_ratio;
    n->ampa *= exp(-c->dt / c->tau_ampa);
    n->gaba *= exp(-c->dt / c->tau_gaba);
    n->adapt *= exp(-c->dt / p.tau_adapt);
    n->nmda = filter(n->nmda, n->ampa, c->tau_nmda);
    const double exc = -(r / (1 + r) * n->ampa + 1 / (1 + r) * n->nmda) * n->v;
    const double inh = (n->v - c->e_inh) * (n->gaba + n->adapt);
    n->c_exc = filter(n->c_exc, exc, p.tau_c_exc);
    n->c_inh = filter(n->c_inh, inh, p.tau_c_inh);
    n->v_trace = filter(n->v_trace, n->v, p.tau_v_trace);
    n->thr *= exp(-c->dt / c->tau_thr);
    n->v += c->dt / c->tau_mem * (exc - inh - (n->v - c->e_rest));
    n->v = fmin(fmax(n->v, c->e_inh), 0);
    n->fired = n->v > c->thr_rest + n->thr;
    if (n->fired) {
        n->v = c->e_reset;
        n->thr = c->dthr;
        n->adapt += p.adapt_increment;
    }
}

static void compare(const fsbi_cvaif_population *p, size_t i, const plain_neuron *plain) {
    const plain_neuron engine = copy_neuron(p, i);
    assert_near(engine.v, plain->v, 1e-7);
    assert_near(engine.thr, plain->thr, 1e-7);
    assert_near(engine.ampa, plain->ampa, 1e-6 * (1 + plain->ampa));
    assert_near(engine.nmda, plain->nmda, 1e-6 * (1 + plain->nmda));
    assert_near(engine.gaba, plain->gaba, 1e-6 * (1 + plain->gaba));
    assert_near(engine.adapt, plain->adapt, 1e-6 * (1 + plain->adapt));
    assert_near(engine.v_trace, plain->v_trace, 1e-7);
    assert_near(engine.c_exc, plain->c_exc, 1e-6);
    assert_near(engine.c_inh, plain->c_inh, 1e-6);
}

static void add(fsbi_trace *trace, size_t i, float amount) {
    trace->scaled[i] += amount * fsbi_trace_unit(trace);
}

static void drive(fsbi_cvaif_population *p, gsl_rng *rng) {
    for (size_t i = 0; i < SIZE; i++) {
        add(&p->neurons.g_ampa, i, gsl_rng_uniform(rng) < 0.05 ? 0.8F : 0);
        add(&p->neurons.g_gaba, i, gsl_rng_uniform(rng) < 0.02 ? 0.3F : 0);
    }
}

static void equals_plain_neurons(void **state) {
    (void)state;
    const fsbi_cvaif_parameters published = parameters();
    fsbi_cvaif_population population;
    fsbi_error error = {0};
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    size_t spikes = 0;
    size_t ties = 0;
    fsbi_random_seed(rng, 1);
    assert_ok(fsbi_cvaif_population_init(&population, SIZE, 8, &published, &error), error);
    for (int step = 0; step < STEPS; step++) {
        plain_neuron plain[SIZE];
        bool fired[SIZE] = {false};
        drive(&population, rng);
        for (size_t i = 0; i < SIZE; i++)
            plain[i] = copy_neuron(&population, i);
        fsbi_cvaif_population_step(&population);
        const fsbi_spike_list *emitted = fsbi_spike_delay_emitted(&population.neurons.spikes);
        for (size_t k = 0; k < emitted->count; k++)
            fired[emitted->neurons[k]] = true;
        for (size_t i = 0; i < SIZE; i++) {
            step_plain(&plain[i]);
            spikes += fired[i];
            ties += fired[i] != plain[i].fired;
            if (fired[i] == plain[i].fired)
                compare(&population, i, &plain[i]);
        }
    }
    print_message("%zu spikes; %zu neurons too near the threshold to tell\n", spikes, ties);
    assert_true(spikes > 500);
    assert_true(ties <= 5);
    fsbi_cvaif_population_clear(&population);
    gsl_rng_free(rng);
}

/* At rest nothing happens, and the filters stay where they begin. */
static void rests(void **state) {
    (void)state;
    const fsbi_cvaif_parameters published = parameters();
    fsbi_cvaif_population population;
    fsbi_error error = {0};
    assert_ok(fsbi_cvaif_population_init(&population, SIZE, 8, &published, &error), error);
    for (int step = 0; step < 1000; step++)
        fsbi_cvaif_population_step(&population);
    assert_near(population.neurons.voltage[SIZE - 1], -70e-3, 1e-9);
    assert_near(population.v_trace[0], -70e-3, 1e-6);
    assert_near(population.c_exc[0], 0, 0);
    fsbi_cvaif_population_clear(&population);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(equals_plain_neurons),
                                       cmocka_unit_test(rests)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
