/* Populations where the answer is known: normalisations, masses of two modes, moments, and what is
 * exact about them: the same whoever computes P. */
#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_statistics_double.h>

#include "fsbi/random.h"
#include "search/effective_size.h"
#include "search/population.h"
#include "unit.h"

enum { MEMBERS = 1000, CANDIDATES = 50000 };

/* A problem: log P in a box of so many dimensions, and the log of the mean of P there. */
typedef struct {
    const char *name;
    size_t dimension;
    double half_width;
    double (*log_probability)(const double *point, size_t dimension);
    double log_mean;
} problem;

static double squared_distance(const double *point, size_t dimension, double centre) {
    double sum = 0;
    for (size_t k = 0; k < dimension; k++)
        sum += (point[k] - centre) * (point[k] - centre);
    return sum;
}

/* Two normal modes of width 0.02 with masses of 9 to 1. */
static double two_modes(const double *point, size_t dimension) {
    static const double precision = 1 / (2 * 0.02 * 0.02);
    const double a = -precision * squared_distance(point, dimension, 0.5);
    const double b = -precision * squared_distance(point, dimension, -0.5);
    return log(0.9 * exp(a) + 0.1 * exp(b) + 1e-300);
}

/* Four sums that must be nearly 0, the other directions being free. */
static double near_equalities(const double *point, size_t dimension) {
    enum { EQUALITIES = 4 };
    static const double width = 0.05;
    double sum = 0;
    for (size_t e = 0; e < EQUALITIES; e++) {
        double s = 0;
        for (size_t k = e; k < dimension; k += EQUALITIES)
            s += point[k];
        sum -= s * s / (2 * width * width);
    }
    return sum;
}

/* A ball in 6 dimensions, whose edge is a little soft. */
static double ball(const double *point, size_t dimension) {
    static const double radius = 0.4;
    static const double softness = 0.005;
    return -log1p(exp((sqrt(squared_distance(point, dimension, 0)) - radius) / softness));
}

/* Mean of a normal peak of this width in a box [-1, 1]^dimension. */
static double log_peak(double width, size_t dimension) {
    return (double)dimension * log(width * sqrt(2 * M_PI) / 2);
}

/* The density at 0 of the sum of 6 numbers uniform in [-1, 1] is 0.275 (Irwin and Hall: 11/20 of
 * the standard one, for half the width), and hardly varies over the width of an equality. */
static double log_equalities(void) {
    static const double density = 11.0 / 40;
    return 4 * log(density * 0.05 * sqrt(2 * M_PI));
}

static double log_ball(void) {
    /* Volume of the ball over that of the box; the soft edge adds 5/6 pi^2 (softness/radius)^2 ...
     */
    const double volume = pow(M_PI, 3) / gsl_sf_gamma(4) * pow(0.4, 6);
    const double soft = 1 + 6 * 5 / 2.0 * pow(M_PI * 0.005 / 0.4, 2) / 3;
    return log(volume * soft / 64);
}

static fsbi_status evaluate(void *context, const double *points, size_t count,
                            double *log_probability, fsbi_error *error) {
    const problem *p = context;
    (void)error;
    for (size_t i = 0; i < count; i++)
        log_probability[i] = p->log_probability(points + i * p->dimension, p->dimension);
    return FSBI_OK;
}

typedef struct {
    double low[24], high[24];
    fsbi_population_target target;
    fsbi_population population;
    gsl_rng *stream;
} run;

static void start(run *r, problem *p, uint64_t seed) {
    fsbi_error error = {0};
    for (size_t k = 0; k < p->dimension; k++) {
        r->low[k] = -p->half_width;
        r->high[k] = p->half_width;
    }
    r->target = (fsbi_population_target){.dimension = p->dimension,
                                         .low = r->low,
                                         .high = r->high,
                                         .log_probability = evaluate,
                                         .context = p};
    r->stream = fsbi_random_allocate(&error);
    assert_non_null(r->stream);
    fsbi_random_seed(r->stream, seed);
    assert_ok(
        fsbi_population_init(&r->population, &r->target, MEMBERS, CANDIDATES, r->stream, &error),
        error);
    assert_ok(fsbi_population_start(&r->population, &error), error);
    assert_ok(fsbi_population_sharpen(&r->population, 1, &error), error);
}

static void finish(run *r) {
    fsbi_population_clear(&r->population);
    gsl_rng_free(r->stream);
}

/* log of the normalisation: over ten seeds the mean is within four standard errors of the truth,
 * and one seed's error is below 0.3. */
static void normalisations(void **state) {
    (void)state;
    problem problems[] = {
        {"two modes", 4, 1, two_modes, log_peak(0.02, 4)},
        {"four near-equalities", 24, 1, near_equalities, log_equalities()},
        {"ball", 6, 1, ball, log_ball()},
    };
    enum { SEEDS = 10 };
    for (size_t i = 0; i < sizeof problems / sizeof *problems; i++) {
        double off[SEEDS];
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            run r;
            start(&r, &problems[i], seed);
            assert_true(r.population.power == 1);
            off[seed] = r.population.log_normalisation - problems[i].log_mean;
            finish(&r);
        }
        const double mean = gsl_stats_mean(off, 1, SEEDS);
        const double error = gsl_stats_sd(off, 1, SEEDS) / sqrt(SEEDS);
        print_message("%s: log normalisation off by %.3f +- %.3f\n", problems[i].name, mean, error);
        assert_near(mean, 0, 4 * error + 0.01);
        assert_true(error * sqrt(SEEDS) < 0.3);
    }
}

/* Both modes keep their masses: the share of the smaller one, pooled over ten seeds. Resampling
 * varies it by the square root of its share over the effective draws in it, some 20 of 200 a seed.
 */
static void masses(void **state) {
    (void)state;
    problem p = {"two modes", 4, 1, two_modes, 0};
    enum { SEEDS = 10 };
    double share[SEEDS];
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        run r;
        size_t smaller = 0;
        start(&r, &p, seed);
        for (size_t i = 0; i < MEMBERS; i++)
            smaller += r.population.points[i * 4] < 0;
        share[seed] = (double)smaller / MEMBERS;
        finish(&r);
    }
    const double mean = gsl_stats_mean(share, 1, SEEDS);
    const double error = gsl_stats_sd(share, 1, SEEDS) / sqrt(SEEDS);
    print_message("mass of the smaller mode: %.3f +- %.3f\n", mean, error);
    assert_near(mean, 0.1, 4 * error);
}

/* The mean square of the difference of two of six uniform numbers whose sum is nearly 0, by
 * rejection. */
static double free_spread(gsl_rng *stream) {
    double sum = 0;
    size_t taken = 0;
    while (taken < 20000) {
        double x[6];
        double total = 0;
        for (size_t k = 0; k < 6; k++) {
            x[k] = 2 * gsl_rng_uniform(stream) - 1;
            total += x[k];
        }
        if (fabs(total) > 0.05)
            continue;
        sum += (x[0] - x[1]) * (x[0] - x[1]);
        taken++;
    }
    return sum / (double)taken;
}

/* At power 4 the spread of the sums is half of that at power 1; free directions stay uniform. */
static void sharper(void **state) {
    (void)state;
    problem p = {"four near-equalities", 24, 1, near_equalities, 0};
    fsbi_error error = {0};
    run r;
    start(&r, &p, 1);
    double squares[2] = {0};
    for (int power = 1; power <= 4; power += 3) {
        assert_ok(fsbi_population_sharpen(&r.population, power, &error), error);
        for (size_t i = 0; i < MEMBERS; i++) {
            double sum = 0;
            for (size_t k = 0; k < 24; k += 4)
                sum += r.population.points[i * 24 + k];
            squares[power > 1] += sum * sum / MEMBERS;
        }
    }
    /* Variances of 1000 members, of which at least 300 effective: relative errors of 8 % each. */
    assert_near(sqrt(squares[0]), 0.05, 4 * 0.05 * 0.04);
    assert_near(sqrt(squares[1] / squares[0]), 0.5, 4 * 0.5 * 0.06);
    double spread = 0;
    for (size_t i = 0; i < MEMBERS; i++)
        spread += pow(r.population.points[i * 24] - r.population.points[i * 24 + 4], 2) / MEMBERS;
    const double expected = free_spread(r.stream);
    print_message("spread of a free direction: %.3f, by rejection %.3f\n", spread, expected);
    assert_near(spread, expected, 4 * expected * 0.08);
    finish(&r);
}

static void sizes(void **state) {
    (void)state;
    const double equal[] = {-700, -700, -700, -700};
    const double one[] = {0, -800, -900, -1000};
    assert_near(fsbi_effective_size(equal, 4, 1), 4, 1e-12);
    assert_near(fsbi_effective_size(one, 4, 1), 1, 1e-12);
    assert_near(fsbi_effective_size(one, 4, 0), 4, 1e-12);
    assert_near(fsbi_log_mean_exp(equal, 4, 1), -700, 1e-9);
    assert_near(fsbi_log_mean_exp(one, 4, 1), -log(4), 1e-12);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(normalisations), cmocka_unit_test(masses),
                                       cmocka_unit_test(sharper), cmocka_unit_test(sizes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
