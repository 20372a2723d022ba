/* The small models against what they should compute. */
#include "model/run_model.h"

/* Mean and variance of x given theta over many seeds. */
static void gaussian_linear(void **state) {
    (void)state;
    enum { N = 20000 };
    fsbi_model *model = open_model("{name: gaussian_linear, dimensions: 2}");
    void *workspace = create_workspace(model);
    const double theta[2] = {0.3, -0.9};
    double mean = 0;
    double square = 0;
    for (uint64_t seed = 0; seed < N; seed++) {
        double x[2];
        simulate(model, workspace, theta, seed, x);
        mean += (x[1] + 0.9) / N;
        square += (x[0] - 0.3) * (x[0] - 0.3) / N;
    }
    assert_near(mean, 0, 5 * sqrt(0.1 / N));
    assert_near(square, 0.1, 5 * 0.1 * sqrt(2.0 / N));
    model->type->destroy(workspace);
    fsbi_model_close(model);
}

/* Mean and covariance of one of the four draws over many seeds, with five standard errors. */
static void slcp(void **state) {
    (void)state;
    enum { N = 20000 };
    fsbi_model *model = open_model("{name: slcp}");
    void *workspace = create_workspace(model);
    const double theta[5] = {0.7, -2, 0.9, -1.2, 0.6};
    const double a = 0.81, b = 1.44, r = tanh(0.6);
    double mean[2] = {0}, aa = 0, bb = 0, ab = 0, across = 0;
    for (uint64_t seed = 0; seed < N; seed++) {
        double x[8];
        simulate(model, workspace, theta, seed, x);
        const double p = x[4] - theta[0];
        const double q = x[5] - theta[1];
        mean[0] += p / N;
        mean[1] += q / N;
        aa += p * p / N;
        bb += q * q / N;
        ab += p * q / N;
        across += p * (x[7] - theta[1]) / N;
    }
    assert_near(mean[0], 0, 5 * a / sqrt(N));
    assert_near(mean[1], 0, 5 * b / sqrt(N));
    assert_near(aa, a * a, 5 * a * a * sqrt(2.0 / N));
    assert_near(bb, b * b, 5 * b * b * sqrt(2.0 / N));
    assert_near(ab, r * a * b, 5 * a * b * sqrt((1 + r * r) / N));
    assert_near(across, 0, 5 * a * b / sqrt(N));
    model->type->destroy(workspace);
    fsbi_model_close(model);
}

/* x lies on half a circle of radius 0.1 +- 0.01 around a centre that theta gives. */
static void two_moons(void **state) {
    (void)state;
    enum { N = 5000 };
    fsbi_model *model = open_model("{name: two_moons}");
    void *workspace = create_workspace(model);
    const double theta[2] = {0.5, -0.2};
    double radius = 0;
    for (uint64_t seed = 0; seed < N; seed++) {
        double x[2];
        simulate(model, workspace, theta, seed, x);
        const double dx = x[0] - (0.25 - 0.3 / sqrt(2));
        const double dy = x[1] - (-0.7 / sqrt(2));
        assert_true(dx > -1e-12);
        radius += hypot(dx, dy) / N;
    }
    assert_near(radius, 0.1, 5 * 0.01 / sqrt(N));
    model->type->destroy(workspace);
    fsbi_model_close(model);
}

static void blow_ups(void **state) {
    (void)state;
    fsbi_model *model = open_model("{name: null, blow_up_share: 0.5}");
    void *workspace = create_workspace(model);
    const double theta[2] = {0.4, 0.5};
    double x[2];
    fsbi_outcome outcome = simulate(model, workspace, theta, 1, x);
    assert_int_equal(outcome.status, FSBI_SIMULATION_BLOWN_UP);
    assert_true(isnan(x[0]) && isnan(x[1]));
    assert_string_equal(fsbi_simulation_status_name(outcome.status), "blown_up");
    model->type->destroy(workspace);
    fsbi_model_close(model);

    /* A network whose excitatory weights only grow explodes. */
    model = open_model(
        "{name: if_poly, NE: 400, NI: 100, N_input: 200, lns: 2, ls: 1, weight_poisson: 1}");
    workspace = create_workspace(model);
    double rule[25] = {0};
    double metrics[64];
    for (int k = 0; k < 24; k++)
        rule[k] = k % 6 < 2 ? 0.02 : 0;
    rule[2] = 2;
    rule[24] = 15;
    outcome = simulate(model, workspace, rule, 1, metrics);
    assert_int_equal(outcome.status, FSBI_SIMULATION_BLOWN_UP);
    assert_true(outcome.t_end > 0 && outcome.t_end < 3);
    assert_true(isnan(metrics[0]));
    model->type->destroy(workspace);
    fsbi_model_close(model);
}

/* What is not a number stays so on every scale: a failed simulation has no metrics to learn from.
 */
static void scales(void **state) {
    (void)state;
    static const struct {
        fsbi_metric metric;
        double value, scaled;
    } cases[] = {{{.scale = FSBI_SCALE_LINEAR}, -3, -3},
                 {{.scale = FSBI_SCALE_LOGARITHM, .offset = 0.5}, 0.5, 0},
                 {{.scale = FSBI_SCALE_LOGARITHM, .offset = 1}, -2, 0},
                 {{.scale = FSBI_SCALE_SQUARE_ROOT}, 9, 3},
                 {{.scale = FSBI_SCALE_BELOW_ONE, .offset = 1}, 1, 0},
                 {{.scale = FSBI_SCALE_AREA_SINE, .offset = 2}, -2, -0.881373587019543}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_near(fsbi_metric_scaled(&cases[i].metric, cases[i].value), cases[i].scaled, 1e-12);
        assert_true(isnan(fsbi_metric_scaled(&cases[i].metric, NAN)));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(gaussian_linear), cmocka_unit_test(slcp),
                                       cmocka_unit_test(two_moons), cmocka_unit_test(blow_ups),
                                       cmocka_unit_test(scales)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
