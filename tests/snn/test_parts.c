/* The engine's small parts: delay, trace, Poisson input, rate checker, monitors. */
#include "fsbi/random.h"
#include "snn/geometric.h"
#include "snn/poisson_input.h"
#include "snn/rate_checker.h"
#include "snn/spike_monitor.h"
#include "snn/trace.h"
#include "snn/weight_monitor.h"
#include "unit.h"

static void delay(void **state) {
    (void)state;
    fsbi_spike_delay ring;
    fsbi_error error = {0};
    assert_ok(fsbi_spike_delay_init(&ring, 10, 8, &error), error);
    for (int step = 0; step < 100; step++) {
        fsbi_spike_list *now = fsbi_spike_delay_next(&ring);
        now->neurons[now->count++] = (uint16_t)(step % 10);
        const fsbi_spike_list *arriving = fsbi_spike_delay_arriving(&ring);
        assert_int_equal(fsbi_spike_delay_emitted(&ring)->neurons[0], step % 10);
        assert_int_equal(arriving->count, step < 8 ? 0 : 1);
        if (step >= 8)
            assert_int_equal(arriving->neurons[0], (step - 8) % 10);
    }
    fsbi_spike_delay_reset(&ring);
    assert_int_equal(fsbi_spike_delay_arriving(&ring)->count, 0);
    fsbi_spike_delay_clear(&ring);
}

/* Against the sum of exponentials, over long enough that the common scale is folded back many
 * times. */
static void trace(void **state) {
    (void)state;
    static const double taus[] = {0.01, 0.1};
    for (int k = 0; k < 2; k++) {
        float memory[4] = {0, -1, 0, -1};
        fsbi_trace x = fsbi_trace_in(memory, 2, 2);
        fsbi_trace_reset(&x, taus[k], 1e-4);
        double expected = 0;
        uint16_t neuron = 1;
        for (int step = 0; step < 60000; step++) {
            const fsbi_spike_list spikes = {&neuron, step % 977 == 0};
            assert_near(fsbi_trace_value(&x, 1), expected, 1e-5);
            fsbi_trace_step(&x, &spikes);
            expected = (expected + (double)spikes.count) * exp(-1e-4 / taus[k]);
        }
        assert_near(memory[0], 0, 0);
        assert_near(memory[1], -1, 0);
        assert_near(memory[3], -1, 0);
    }
}

/* Counts per neuron and over time are those of independent Bernoulli trials. */
static void poisson(void **state) {
    (void)state;
    enum { SIZE = 500, STEPS = 20000 };
    static const double rates[] = {0, 10, 300};
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    gsl_rng_set(rng, 5);
    fsbi_poisson_input input;
    fsbi_error error = {0};
    assert_ok(fsbi_poisson_input_init(&input, SIZE, 8, &error), error);
    for (int k = 0; k < 3; k++) {
        const double p = rates[k] * 1e-4;
        double total = 0;
        double squares = 0;
        fsbi_poisson_input_reset(&input, rates[k], 1e-4, rng);
        for (int step = 0; step < STEPS; step++) {
            fsbi_poisson_input_step(&input, rng);
            const fsbi_spike_list *spikes = fsbi_spike_delay_emitted(&input.spikes);
            for (size_t i = 1; i < spikes->count; i++)
                assert_true(spikes->neurons[i] > spikes->neurons[i - 1]);
            total += (double)spikes->count;
            squares += pow((double)spikes->count - SIZE * p, 2);
        }
        const double variance = SIZE * p * (1 - p);
        assert_near(total, SIZE * p * STEPS, 5 * sqrt(variance * STEPS));
        assert_near(squares / STEPS, variance,
                    5 * variance * sqrt((2 + 1 / (variance + 1e-9)) / STEPS));
    }
    fsbi_poisson_input_clear(&input);
    gsl_rng_free(rng);
}

/* Stimulated neurons fire at their rate, all others and all times at the common one. */
static void stimulus(void **state) {
    (void)state;
    enum { SIZE = 500, STEPS = 60000, FIRST = 100, COUNT = 50, BEGIN = 20000, END = 40000 };
    static const double common = 10e-4; /* probability a step */
    static const double raised = 80e-4;
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    gsl_rng_set(rng, 6);
    fsbi_poisson_input input;
    fsbi_error error = {0};
    double inside[2] = {0, 0};
    double outside[2] = {0, 0};
    assert_ok(fsbi_poisson_input_init(&input, SIZE, 8, &error), error);
    fsbi_poisson_input_reset(&input, common * 1e4, 1e-4, rng);
    for (int step = 0; step < STEPS; step++) {
        if (step == BEGIN)
            fsbi_poisson_input_stimulate(&input, FIRST, COUNT, raised * 1e4, 1e-4, rng);
        if (step == END)
            fsbi_poisson_input_stimulate(&input, 0, 0, 0, 1e-4, rng);
        fsbi_poisson_input_step(&input, rng);
        const fsbi_spike_list *spikes = fsbi_spike_delay_emitted(&input.spikes);
        const bool on = step >= BEGIN && step < END;
        for (size_t i = 0; i < spikes->count; i++) {
            const bool chosen = spikes->neurons[i] >= FIRST && spikes->neurons[i] < FIRST + COUNT;
            assert_true(i == 0 || spikes->neurons[i] > spikes->neurons[i - 1]);
            (chosen ? inside : outside)[on]++;
        }
    }
    const double trials_on = END - BEGIN;
    const double trials_off = STEPS - (END - BEGIN);
    assert_near(inside[1], COUNT * raised * trials_on, 5 * sqrt(COUNT * raised * trials_on));
    assert_near(inside[0], COUNT * common * trials_off, 5 * sqrt(COUNT * common * trials_off));
    assert_near(outside[1], (SIZE - COUNT) * common * trials_on,
                5 * sqrt((SIZE - COUNT) * common * trials_on));
    assert_near(outside[0], (SIZE - COUNT) * common * trials_off,
                5 * sqrt((SIZE - COUNT) * common * trials_off));
    fsbi_poisson_input_clear(&input);
    gsl_rng_free(rng);
}

/* At a constant rate r the state is r + (limit/2 - r) exp(-t/tau), but for the discrete steps'
 * dt/tau. */
static void rate_checker(void **state) {
    (void)state;
    fsbi_rate_checker checker = fsbi_rate_checker_start(100, 100, 1, 1e-4);
    for (int step = 0; step < 20000; step++)
        assert_false(fsbi_rate_checker_step(&checker, step % 5 == 0));
    assert_near(checker.state, 20 + 30 * exp(-2.0), 0.05);
    checker = fsbi_rate_checker_start(100, 100, 1, 1e-4);
    int step = 0;
    while (!fsbi_rate_checker_step(&checker, 2))
        step++;
    /* 200 Hz: 200 - 150 exp(-t) reaches 100 at t = log(1.5). */
    assert_near(step * 1e-4, log(1.5), 1e-3);
}

static void spike_monitor(void **state) {
    (void)state;
    fsbi_spike_monitor monitor;
    fsbi_error error = {0};
    assert_ok(fsbi_spike_monitor_init(&monitor, 3, 100, 10, &error), error);
    for (int round = 0; round < 2; round++) {
        fsbi_spike_monitor_reset(&monitor);
        uint16_t both[] = {0, 2, 5};
        uint16_t last[] = {2};
        fsbi_spike_monitor_record(&monitor, &(fsbi_spike_list){both, 3}, 4);
        fsbi_spike_monitor_record(&monitor, &(fsbi_spike_list){last, 1}, 20);
        fsbi_spike_trains trains = fsbi_spike_monitor_trains(&monitor, 100, 1e-4);
        assert_int_equal(trains.begin[1], 1);
        assert_int_equal(trains.begin[2], 1);
        assert_int_equal(trains.begin[3], 3);
        assert_int_equal(trains.step[0], 4);
        assert_int_equal(trains.step[1], 4);
        assert_int_equal(trains.step[2], 20);
    }
    fsbi_spike_monitor_clear(&monitor);
}

static float number_of(const void *plastic, size_t synapse) {
    return *(const float *)plastic + (float)synapse;
}

static void weight_monitor(void **state) {
    (void)state;
    fsbi_weight_monitor monitor;
    fsbi_error error = {0};
    assert_ok(fsbi_weight_monitor_init(&monitor, 7, 2, &error), error);
    for (float first = 0; first < 3000; first += 1000)
        fsbi_weight_monitor_record(&monitor, number_of, &first, 100);
    fsbi_weight_samples samples = fsbi_weight_monitor_samples(&monitor);
    assert_int_equal(samples.samples, 2);
    for (size_t k = 0; k < 7; k++)
        assert_true(samples.weight[7 + k] == 1000 + floorf((float)(k * 100) / 7));
    fsbi_weight_monitor_clear(&monitor);
}

/* Geometric skips by table and by logarithm: their mean and the share of zeros. */
static void geometric(void **state) {
    (void)state;
    enum { DRAWS = 200000 };
    static const double probabilities[] = {1e-3, 0.05, 0.1, 0.9};
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    gsl_rng_set(rng, 6);
    for (size_t i = 0; i < 4; i++) {
        const double p = probabilities[i];
        fsbi_geometric_table table;
        fsbi_geometric_table_fill(&table, p);
        for (int tabulated = 0; tabulated < 2; tabulated++) {
            double sum = 0;
            double zeros = 0;
            for (int k = 0; k < DRAWS; k++) {
                const uint64_t failures =
                    tabulated ? fsbi_geometric_table_failures(&table, UINT64_MAX, rng)
                              : fsbi_geometric_failures(rng, 1 / log1p(-p));
                sum += (double)failures;
                zeros += failures == 0;
            }
            assert_near(sum / DRAWS, (1 - p) / p, 4.5 * sqrt((1 - p) / DRAWS) / p);
            assert_near(zeros / DRAWS, p, 4.5 * sqrt(p * (1 - p) / DRAWS));
        }
    }
    fsbi_geometric_table never;
    fsbi_geometric_table_fill(&never, 0);
    assert_true(fsbi_geometric_table_failures(&never, 100000, rng) >= 100000);
    gsl_rng_free(rng);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delay),          cmocka_unit_test(trace),
        cmocka_unit_test(poisson),        cmocka_unit_test(stimulus),
        cmocka_unit_test(rate_checker),   cmocka_unit_test(spike_monitor),
        cmocka_unit_test(weight_monitor), cmocka_unit_test(geometric)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
