#include <string.h>

#include "fsbi/random.h"
#include "snn/connection.h"
#include "unit.h"

static gsl_rng *stream(unsigned long seed) {
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    gsl_rng_set(rng, seed);
    return rng;
}

static fsbi_connection make(size_t pre, size_t post, double p, bool exclude_self, bool plastic) {
    const fsbi_connection_specification specification = {.presynaptic_size = pre,
                                                         .postsynaptic_size = post,
                                                         .probability = p,
                                                         .exclude_self = exclude_self,
                                                         .weighted = plastic,
                                                         .columns = plastic};
    fsbi_connection connection;
    fsbi_error error = {0};
    assert_ok(fsbi_connection_init(&connection, &specification, &error), error);
    return connection;
}

static void draw(fsbi_connection *connection, gsl_rng *rng) {
    fsbi_error error = {0};
    assert_ok(fsbi_connection_draw(connection, 0.5, rng, &error), error);
}

/* The number of synapses is binomial: mean and variance over many draws; no rounding of the skips
 * shifts them. */
static void density(void **state) {
    (void)state;
    enum { DRAWS = 400 };
    static const double probabilities[] = {0.02, 0.1, 0.5, 0.9};
    gsl_rng *rng = stream(1);
    for (size_t k = 0; k < 4; k++) {
        const double p = probabilities[k];
        fsbi_connection connection = make(60, 50, p, false, false);
        const double mean = 3000 * p;
        const double variance = mean * (1 - p);
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < DRAWS; i++) {
            draw(&connection, rng);
            double deviation = (double)connection.synapses - mean;
            sum += deviation;
            squares += deviation * deviation;
        }
        assert_near(sum / DRAWS, 0, 4.5 * sqrt(variance / DRAWS));
        assert_near(squares / DRAWS / variance, 1, 4.5 * sqrt(2.0 / DRAWS));
        fsbi_connection_clear(&connection);
    }
    gsl_rng_free(rng);
}

static void structure(void **state) {
    (void)state;
    gsl_rng *rng = stream(2);
    fsbi_connection connection = make(300, 300, 0.1, true, true);
    draw(&connection, rng);
    draw(&connection, rng);
    size_t *seen = calloc(connection.synapses, sizeof *seen);
    for (size_t row = 0; row < 300; row++) {
        for (uint32_t s = connection.row_begin[row]; s < connection.row_begin[row + 1]; s++) {
            assert_int_not_equal(connection.target[s], row);
            assert_true(s == connection.row_begin[row] ||
                        connection.target[s] > connection.target[s - 1]);
            assert_true(connection.weight[s] == 0.5F);
            assert_int_equal(fsbi_connection_row_of(&connection, s), row);
        }
    }
    for (size_t column = 0; column < 300; column++) {
        for (uint32_t c = connection.column_begin[column]; c < connection.column_begin[column + 1];
             c++) {
            const uint32_t s = connection.column_synapse[c];
            const uint16_t row = connection.column_presynaptic[c];
            assert_int_equal(connection.target[s], column);
            assert_true(s >= connection.row_begin[row] && s < connection.row_begin[row + 1]);
            seen[s]++;
        }
    }
    for (size_t s = 0; s < connection.synapses; s++)
        assert_int_equal(seen[s], 1);
    assert_int_equal(connection.column_begin[300], connection.synapses);
    free(seen);
    fsbi_connection_clear(&connection);
    gsl_rng_free(rng);
}

static void extremes(void **state) {
    (void)state;
    gsl_rng *rng = stream(3);
    fsbi_connection full = make(20, 30, 1, false, true);
    draw(&full, rng);
    assert_int_equal(full.synapses, 600);
    fsbi_connection full_but_self = make(20, 20, 1, true, true);
    draw(&full_but_self, rng);
    assert_int_equal(full_but_self.synapses, 380);
    fsbi_connection none = make(20, 30, 0, false, true);
    draw(&none, rng);
    assert_int_equal(none.synapses, 0);
    assert_int_equal(none.row_begin[20], 0);
    fsbi_connection_clear(&full);
    fsbi_connection_clear(&full_but_self);
    fsbi_connection_clear(&none);
    gsl_rng_free(rng);
}

static void transmits(void **state) {
    (void)state;
    gsl_rng *rng = stream(4);
    fsbi_connection connection = make(10, 40, 0.3, false, false);
    draw(&connection, rng);
    uint16_t neurons[] = {1, 7, 9};
    const fsbi_spike_list arriving = {neurons, 3};
    float scaled[40] = {0};
    float expected[40] = {0};
    fsbi_trace conductance = fsbi_trace_in(scaled, 1, 40);
    conductance.scale = 0.5;
    for (int k = 0; k < 3; k++)
        for (uint32_t s = connection.row_begin[neurons[k]];
             s < connection.row_begin[neurons[k] + 1]; s++)
            expected[connection.target[s]] += 0.5F;
    fsbi_connection_transmit(&connection, &arriving, 0.25F, &conductance);
    assert_memory_equal(scaled, expected, sizeof expected);
    fsbi_connection_clear(&connection);
    gsl_rng_free(rng);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(density), cmocka_unit_test(structure),
                                       cmocka_unit_test(extremes), cmocka_unit_test(transmits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
