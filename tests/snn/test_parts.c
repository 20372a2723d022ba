/* The engine's small parts: delay, trace, Poisson input, rate checker, monitors. */
#include "fsbi/random.h"
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
        fsbi_trace x;
        fsbi_error error = {0};
        assert_ok(fsbi_trace_init(&x, 2, &error), error);
        fsbi_trace_reset(&x, taus[k], 1e-4);
        double expected = 0;
        uint16_t neuron = 1;
        for (int step = 0; step < 60000; step++) {
            const fsbi_spike_list spikes = {&neuron, step % 977 == 0};
            assert_near(x.scaled[1] * x.scale, expected, 1e-5);
            fsbi_trace_step(&x, &spikes);
            expected = (expected + (double)spikes.count) * exp(-1e-4 / taus[k]);
        }
        assert_near(x.scaled[0], 0, 0);
        fsbi_trace_clear(&x);
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

static void weight_monitor(void **state) {
    (void)state;
    const fsbi_connection_shape shape = {10, 10, 1, false, true};
    fsbi_plastic_connection plastic;
    const fsbi_polynomial_rule rule = {.weight_max = 100};
    fsbi_weight_monitor monitor;
    fsbi_error error = {0};
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    assert_ok(fsbi_plastic_connection_init(&plastic, &shape, &error), error);
    assert_ok(fsbi_connection_draw(&plastic.connection, 0, rng, &error), error);
    assert_ok(fsbi_weight_monitor_init(&monitor, 7, 2, &error), error);
    for (size_t s = 0; s < 100; s++)
        plastic.connection.weight[s] = (float)s;
    fsbi_plastic_connection_reset(&plastic, &rule, 0.1, 0.1, 1e-4);
    fsbi_weight_monitor_record(&monitor, &plastic);
    fsbi_weight_monitor_record(&monitor, &plastic);
    fsbi_weight_samples samples = fsbi_weight_monitor_samples(&monitor);
    assert_int_equal(samples.samples, 2);
    for (size_t k = 0; k < 7; k++)
        assert_true(samples.weight[7 + k] == floorf((float)(k * 100) / 7));
    fsbi_weight_monitor_clear(&monitor);
    fsbi_plastic_connection_clear(&plastic);
    gsl_rng_free(rng);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(delay),         cmocka_unit_test(trace),
        cmocka_unit_test(poisson),       cmocka_unit_test(rate_checker),
        cmocka_unit_test(spike_monitor), cmocka_unit_test(weight_monitor)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
