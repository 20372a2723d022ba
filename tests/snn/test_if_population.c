#include <stdlib.h>
#include <string.h>

#include "published_neuron.h"
#include "unit.h"

enum { SIZE = 100 };

static fsbi_if_population make(void) {
    fsbi_if_population population;
    fsbi_error error = {0};
    assert_ok(fsbi_if_population_init(&population, SIZE, 8, &published_neuron, &error), error);
    return population;
}

static void add(fsbi_trace *trace, size_t i, float amount) {
    trace->scaled[i] += amount * fsbi_trace_unit(trace);
}

static void rests(void **state) {
    (void)state;
    fsbi_if_population population = make();
    for (int step = 0; step < 1000; step++) {
        fsbi_if_population_step(&population);
        assert_int_equal(fsbi_spike_delay_emitted(&population.spikes)->count, 0);
    }
    assert_near(population.voltage[SIZE - 1], -70e-3, 1e-9);
    fsbi_if_population_clear(&population);
}

/* With fixed conductances the potential approaches (E_inh g_gaba + E_rest) / (1 + g_gaba + g_exc)
 * exponentially; with decaying ones the conductances themselves have closed forms. */
static void decays(void **state) {
    (void)state;
    fsbi_if_population population = make();
    population.g_ampa.scaled[3] = 0.2F;
    population.g_gaba.scaled[3] = 0.5F;
    const int steps = 200;
    for (int step = 0; step < steps; step++)
        fsbi_if_population_step(&population);
    const double t = steps * 1e-4;
    assert_near(fsbi_trace_value(&population.g_ampa, 3), 0.2 * exp(-t / 5e-3), 1e-6);
    assert_near(fsbi_trace_value(&population.g_gaba, 3), 0.5 * exp(-t / 10e-3), 1e-6);
    /* g_nmda as the recursion's closed form, a difference of two geometric sequences. */
    const double a = exp(-1e-4 / 5e-3);
    const double n = exp(-1e-4 / 100e-3);
    assert_near(population.g_nmda[3], 0.2 * (1 - n) * (pow(n, steps) - pow(a, steps)) / (n - a),
                1e-6);
    fsbi_if_population_clear(&population);
}

/* The spec's step, one neuron, double precision. */
static bool plain_step(double *v, double *thr, double *ampa, double *nmda, double *gaba) {
    const fsbi_if_parameters *p = &published_neuron;
    const double r = p->ampa_nmda_ratio;
    const double current_exc = -(r / (1 + r) * *ampa + 1 / (1 + r) * *nmda) * *v;
    const double current_inh = (*v - p->e_inh) * *gaba;
    *nmda += (1 - exp(-p->dt / p->tau_nmda)) * (*ampa - *nmda);
    *ampa *= exp(-p->dt / p->tau_ampa);
    *gaba *= exp(-p->dt / p->tau_gaba);
    *thr *= exp(-p->dt / p->tau_thr);
    *v += p->dt / p->tau_mem * (current_exc - current_inh - (*v - p->e_rest));
    *v = fmin(fmax(*v, p->e_inh), 0);
    if (*v <= p->thr_rest + *thr)
        return false;
    *v = p->e_reset;
    *thr = p->dthr;
    return true;
}

/* Every neuron gets other inputs, strong enough to make many spike; state is taken over from the
 * population before each step, so that rounding cannot add up. */
static void equals_plain_step(void **state) {
    (void)state;
    fsbi_if_population population = make();
    size_t spikes = 0;
    size_t differing = 0;
    for (int step = 0; step < 2000; step++) {
        double v[SIZE], thr[SIZE], ampa[SIZE], nmda[SIZE], gaba[SIZE];
        bool expected[SIZE];
        for (size_t i = 0; i < SIZE; i++) {
            add(&population.g_ampa, i, step % (20 + (int)i) == 0 ? 0.02F * (float)i : 0);
            add(&population.g_gaba, i, step % (31 + (int)i) == 0 ? 0.3F : 0);
            v[i] = population.voltage[i];
            thr[i] = fsbi_trace_value(&population.threshold, i);
            ampa[i] = fsbi_trace_value(&population.g_ampa, i);
            nmda[i] = population.g_nmda[i];
            gaba[i] = fsbi_trace_value(&population.g_gaba, i);
            expected[i] = plain_step(&v[i], &thr[i], &ampa[i], &nmda[i], &gaba[i]);
        }
        fsbi_if_population_step(&population);
        const fsbi_spike_list *list = fsbi_spike_delay_emitted(&population.spikes);
        bool fired[SIZE] = {false};
        for (size_t k = 0; k < list->count; k++)
            fired[list->neurons[k]] = true;
        for (size_t i = 0; i < SIZE; i++) {
            spikes += fired[i];
            if (fired[i] != expected[i]) {
                differing++; /* a potential within rounding of the threshold */
                continue;
            }
            assert_near(population.voltage[i], v[i], 2e-8);
            assert_near(fsbi_trace_value(&population.threshold, i), thr[i], 2e-8);
            assert_near(fsbi_trace_value(&population.g_ampa, i), ampa[i], 1e-6 * (1 + ampa[i]));
            assert_near(population.g_nmda[i], nmda[i], 1e-6 * (1 + nmda[i]));
            assert_near(fsbi_trace_value(&population.g_gaba, i), gaba[i], 1e-6 * (1 + gaba[i]));
        }
    }
    assert_in_range(spikes, 100, 100000);
    assert_true(differing <= 1);
    fsbi_if_population_clear(&population);
}

/* Driven as hard as can be, no neuron beats the bound that recordings are sized by. */
static void minimum_interval(void **state) {
    (void)state;
    fsbi_if_population population = make();
    const size_t bound = fsbi_if_minimum_interval(&published_neuron);
    long last = -1;
    size_t shortest = 1000000;
    for (long step = 0; step < 5000; step++) {
        population.g_ampa.scaled[0] = 1e4F * fsbi_trace_unit(&population.g_ampa);
        fsbi_if_population_step(&population);
        if (fsbi_spike_delay_emitted(&population.spikes)->count == 0)
            continue;
        if (last >= 0 && (size_t)(step - last) < shortest)
            shortest = (size_t)(step - last);
        last = step;
    }
    assert_in_range(shortest, bound, bound + 3);
    fsbi_if_population_clear(&population);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(rests), cmocka_unit_test(decays),
                                       cmocka_unit_test(equals_plain_step),
                                       cmocka_unit_test(minimum_interval)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
