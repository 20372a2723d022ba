/* Splines, linear and residual layers in double precision: gradients against central differences,
 * inverses, and derivatives against brute force. */
#include <gsl/gsl_randist.h>

#include "fsbi/random.h"
#include "inference/lu_linear.h"
#include "inference/residual_net.h"
#include "inference/spline.h"
#include "unit.h"

static const fsbi_spline_shape shape = {.bins = 10, .bound = 3, .scale = 7};

enum { PARAMETERS = 29 };

static gsl_rng *stream(unsigned long seed) {
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    gsl_rng_set(rng, seed);
    return rng;
}

static void fill(gsl_rng *rng, double deviation, size_t count, fsbi_real *values) {
    for (size_t i = 0; i < count; i++)
        values[i] = gsl_ran_gaussian(rng, deviation);
}

/* A spline of raw parameters: y and log dy/dx. */
static double spline(const fsbi_real *raw, double x, double *log_derivative) {
    fsbi_real parameters[PARAMETERS];
    memcpy(parameters, raw, sizeof parameters);
    fsbi_spline_normalise(&shape, parameters);
    *log_derivative = 0;
    return fsbi_spline_forward(&shape, parameters, x, log_derivative);
}

static void spline_is_a_spline(void **state) {
    (void)state;
    gsl_rng *rng = stream(1);
    for (int trial = 0; trial < 50; trial++) {
        fsbi_real raw[PARAMETERS];
        fsbi_real parameters[PARAMETERS];
        double ignored = 0;
        double log_derivative = 0;
        double before = -4;
        fill(rng, 5, PARAMETERS, raw);
        memcpy(parameters, raw, sizeof raw);
        fsbi_spline_normalise(&shape, parameters);
        for (double x = -3.5; x <= 3.5; x += 0.013) {
            const double h = 1e-6;
            double y = spline(raw, x, &log_derivative);
            double slope = (spline(raw, x + h, &ignored) - spline(raw, x - h, &ignored)) / (2 * h);
            assert_true(y > before);
            before = y;
            assert_near(exp(log_derivative), slope, 1e-3 * (1 + slope));
            assert_near(fsbi_spline_inverse(&shape, parameters, y), x, 1e-8);
        }
        assert_near(spline(raw, -3, &ignored), -3, 1e-12);
        assert_near(spline(raw, 3 - 1e-12, &ignored), 3, 1e-9);
        assert_near(spline(raw, 3.2, &ignored), 3.2, 0);
    }
    gsl_rng_free(rng);
}

static void spline_gradient(void **state) {
    (void)state;
    gsl_rng *rng = stream(2);
    for (int trial = 0; trial < 300; trial++) {
        fsbi_real raw[PARAMETERS], parameters[PARAMETERS], gradient[PARAMETERS];
        const double x = gsl_ran_flat(rng, -3.2, 3.2);
        const double gy = gsl_ran_gaussian(rng, 1);
        const double gl = gsl_ran_gaussian(rng, 1);
        const double h = 1e-5;
        double log_up = 0;
        double log_down = 0;
        fill(rng, 3, PARAMETERS, raw);
        memcpy(parameters, raw, sizeof raw);
        fsbi_spline_normalise(&shape, parameters);
        const double x_gradient = fsbi_spline_backward(&shape, parameters, x, gy, gl, gradient);
        for (int i = 0; i <= PARAMETERS; i++) {
            const double step = i < PARAMETERS ? h : 0;
            const double x_step = i < PARAMETERS ? 0 : 1e-6;
            fsbi_real up[PARAMETERS + 1], down[PARAMETERS + 1];
            memcpy(up, raw, sizeof raw);
            memcpy(down, raw, sizeof raw);
            up[i] += step;
            down[i] -= step;
            const double y_up = spline(up, x + x_step, &log_up);
            const double y_down = spline(down, x - x_step, &log_down);
            const double expected =
                (gy * (y_up - y_down) + gl * (log_up - log_down)) / (2 * (step + x_step));
            const double found = i < PARAMETERS ? gradient[i] : x_gradient;
            assert_near(found, expected, 1e-5 * (1 + fabs(expected)));
        }
    }
    gsl_rng_free(rng);
}

static void lu_linear(void **state) {
    (void)state;
    enum { N = 5, ROWS = 3 };
    gsl_rng *rng = stream(3);
    fsbi_real parameters[30], gradient[30] = {0}, matrices[4 * N * N], input[ROWS * N],
                              output[ROWS * N];
    fsbi_real weight[ROWS * N], input_gradient[ROWS * N], back[ROWS * N];
    assert_int_equal(fsbi_lu_linear_parameters(N), 30);
    fsbi_lu_linear_initialise(N, parameters);
    fill(rng, 1, ROWS * N, input);
    assert_near(fsbi_lu_linear_prepare(N, parameters, matrices), 0, 1e-12);
    fsbi_lu_linear_forward(N, parameters, matrices, input, ROWS, output);
    for (int i = 0; i < ROWS * N; i++)
        assert_near(output[i], input[i], 1e-12);
    fill(rng, 0.5, 30, parameters);
    fill(rng, 1, ROWS * N, weight);
    const double log_det = fsbi_lu_linear_prepare(N, parameters, matrices);
    fsbi_lu_linear_forward(N, parameters, matrices, input, ROWS, output);
    memcpy(back, output, sizeof output);
    fsbi_lu_linear_inverse(N, parameters, matrices, ROWS, back);
    for (int i = 0; i < ROWS * N; i++)
        assert_near(back[i], input[i], 1e-10);
    fsbi_lu_linear_backward(N, parameters, matrices, input, weight, ROWS, 0.7, gradient,
                            input_gradient);
    (void)log_det;
    for (int i = 0; i < 30 + ROWS * N; i++) {
        const double h = 1e-6;
        double loss[2];
        for (int side = 0; side < 2; side++) {
            fsbi_real p[30], x[ROWS * N], m[4 * N * N], y[ROWS * N];
            memcpy(p, parameters, sizeof p);
            memcpy(x, input, sizeof x);
            *(i < 30 ? &p[i] : &x[i - 30]) += side == 0 ? h : -h;
            loss[side] = 0.7 * fsbi_lu_linear_prepare(N, p, m);
            fsbi_lu_linear_forward(N, p, m, x, ROWS, y);
            for (int k = 0; k < ROWS * N; k++)
                loss[side] += weight[k] * y[k];
        }
        const double expected = (loss[0] - loss[1]) / (2 * h);
        assert_near(i < 30 ? gradient[i] : input_gradient[i - 30], expected,
                    1e-7 * (1 + fabs(expected)));
    }
    gsl_rng_free(rng);
}

static void residual_net(void **state) {
    (void)state;
    enum { ROWS = 4 };
    const fsbi_residual_net_shape net_shape = {
        .input = 3, .context = 2, .hidden = 6, .blocks = 2, .output = 5};
    const size_t count = fsbi_residual_net_parameters(&net_shape);
    assert_int_equal(count, 6 * 6 + 2 * (2 * 6 * 7 + 6 * 3) + 5 * 7);
    gsl_rng *rng = stream(4);
    fsbi_error error = {0};
    fsbi_residual_net net;
    fsbi_real *parameters = malloc(count * sizeof *parameters);
    fsbi_real *gradient = calloc(count, sizeof *gradient);
    fsbi_real input[ROWS * 3], context[ROWS * 2], output[ROWS * 5], weight[ROWS * 5],
        input_gradient[ROWS * 3];
    assert_ok(fsbi_residual_net_init(&net, &net_shape, ROWS, &error), error);
    fsbi_residual_net_initialise(&net_shape, rng, parameters);
    fill(rng, 0.6, count, parameters);
    fill(rng, 1, ROWS * 3, input);
    fill(rng, 1, ROWS * 2, context);
    fill(rng, 1, ROWS * 5, weight);
    fsbi_residual_net_forward(&net, parameters, input, context, ROWS, output);
    fsbi_residual_net_backward(&net, parameters, context, weight, ROWS, gradient, input_gradient);
    for (size_t i = 0; i < count + ROWS * 3; i++) {
        const double h = 1e-6;
        double loss[2] = {0, 0};
        fsbi_real *changed = i < count ? &parameters[i] : &input[i - count];
        const fsbi_real original = *changed;
        for (int side = 0; side < 2; side++) {
            *changed = original + (side == 0 ? h : -h);
            fsbi_residual_net_forward(&net, parameters, input, context, ROWS, output);
            for (int k = 0; k < ROWS * 5; k++)
                loss[side] += weight[k] * output[k];
        }
        *changed = original;
        const double expected = (loss[0] - loss[1]) / (2 * h);
        assert_near(i < count ? gradient[i] : input_gradient[i - count], expected,
                    1e-6 * (1 + fabs(expected)));
    }
    fsbi_residual_net_clear(&net);
    free(parameters);
    free(gradient);
    gsl_rng_free(rng);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(spline_is_a_spline),
                                       cmocka_unit_test(spline_gradient),
                                       cmocka_unit_test(lu_linear), cmocka_unit_test(residual_net)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
