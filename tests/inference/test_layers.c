/* Elements, linear and residual layers in double precision: gradients against central differences,
 * inverses, and derivatives against brute force. */
#include "inference/bijector.h"
#include "inference/lu_linear.h"
#include "inference/streams.h"
#include "nets/batch.h"
#include "nets/residual_net.h"
#include "unit.h"

enum { STRIDE = FSBI_BATCH_LANES, BINS = 10, MOST_PARAMETERS = 29 };

static const fsbi_bijector_shape specification = {.bins = BINS, .bound = 3, .scale = 7};

/* One batch of raw parameters and x: y and log dy/dx of sample `at`. */
static double element(const fsbi_bijector *kind, const fsbi_real *raw, const fsbi_real *x,
                      size_t at, double *log_derivative) {
    fsbi_real parameters[MOST_PARAMETERS * STRIDE], y[STRIDE], logs[STRIDE] = {0};
    memcpy(parameters, raw, kind->parameters(BINS) * STRIDE * sizeof *raw);
    memcpy(y, x, sizeof y);
    kind->prepare(&specification, STRIDE, parameters);
    kind->forward(&specification, STRIDE, parameters, y, logs);
    *log_derivative = logs[at];
    return y[at];
}

static void check_monotone(const fsbi_bijector *kind, double deviation) {
    gsl_rng *rng = new_stream(1);
    for (int trial = 0; trial < 50; trial++) {
        fsbi_real raw[MOST_PARAMETERS * STRIDE], parameters[MOST_PARAMETERS * STRIDE];
        double log_derivative = 0, ignored = 0;
        const size_t at = (size_t)trial % STRIDE;
        double before = -INFINITY;
        fill(rng, deviation, kind->parameters(BINS) * STRIDE, raw);
        memcpy(parameters, raw, sizeof raw);
        kind->prepare(&specification, STRIDE, parameters);
        for (double at_x = -3.5; at_x <= 3.5; at_x += 0.013) {
            const double h = 1e-6;
            fsbi_real x[STRIDE], up[STRIDE], down[STRIDE], y[STRIDE];
            for (size_t l = 0; l < STRIDE; l++) {
                x[l] = at_x;
                up[l] = at_x + h;
                down[l] = at_x - h;
            }
            y[at] = element(kind, raw, x, at, &log_derivative);
            const double slope =
                (element(kind, raw, up, at, &ignored) - element(kind, raw, down, at, &ignored)) /
                (2 * h);
            assert_true(y[at] > before);
            before = y[at];
            assert_near(exp(log_derivative), slope, 1e-3 * (1 + slope));
            for (size_t l = 0; l < STRIDE; l++)
                y[l] = y[at];
            kind->inverse(&specification, STRIDE, parameters, y);
            assert_near(y[at], at_x, 1e-8);
        }
    }
    gsl_rng_free(rng);
}

static void elements_are_monotone(void **state) {
    (void)state;
    check_monotone(&fsbi_bijector_spline, 5);
    check_monotone(&fsbi_bijector_affine, 2);
}

static void spline_ends(void **state) {
    (void)state;
    gsl_rng *rng = new_stream(5);
    fsbi_real raw[MOST_PARAMETERS * STRIDE], x[STRIDE];
    double log_derivative = 0;
    fill(rng, 3, MOST_PARAMETERS * STRIDE, raw);
    const double at[] = {-3, 3 - 1e-12, 3.2, -100};
    for (size_t k = 0; k < 4; k++) {
        for (size_t l = 0; l < STRIDE; l++)
            x[l] = at[k];
        assert_near(element(&fsbi_bijector_spline, raw, x, k, &log_derivative), at[k], 1e-9);
    }
    assert_near(log_derivative, 0, 0);
    gsl_rng_free(rng);
}

static void check_gradient(const fsbi_bijector *kind) {
    gsl_rng *rng = new_stream(2);
    const size_t parameters_of = kind->parameters(BINS);
    for (int trial = 0; trial < 100; trial++) {
        fsbi_real raw[MOST_PARAMETERS * STRIDE], parameters[MOST_PARAMETERS * STRIDE];
        fsbi_real found[MOST_PARAMETERS * STRIDE], x[STRIDE], gy[STRIDE], gl[STRIDE], gx[STRIDE];
        fill(rng, 3, parameters_of * STRIDE, raw);
        fill(rng, 1, STRIDE, gy);
        fill(rng, 1, STRIDE, gl);
        for (size_t l = 0; l < STRIDE; l++)
            x[l] = gsl_ran_flat(rng, -3.2, 3.2);
        memcpy(parameters, raw, sizeof raw);
        memcpy(gx, gy, sizeof gx);
        kind->prepare(&specification, STRIDE, parameters);
        kind->backward(
            &specification, STRIDE, parameters, x,
            &(fsbi_bijector_gradients){.log_derivative = gl, .value = gx, .parameters = found});
        const size_t at = (size_t)trial % STRIDE;
        for (size_t i = 0; i <= parameters_of; i++) {
            const double h = i < parameters_of ? 1e-5 : 1e-6;
            double side[2];
            for (int k = 0; k < 2; k++) {
                fsbi_real *changed = i < parameters_of ? &raw[i * STRIDE + at] : &x[at];
                const fsbi_real original = *changed;
                double log_derivative = 0;
                *changed += k == 0 ? h : -h;
                const double y = element(kind, raw, x, at, &log_derivative);
                side[k] = gy[at] * y + gl[at] * log_derivative;
                *changed = original;
            }
            const double expected = (side[0] - side[1]) / (2 * h);
            assert_near(i < parameters_of ? found[i * STRIDE + at] : gx[at], expected,
                        1e-5 * (1 + fabs(expected)));
        }
    }
    gsl_rng_free(rng);
}

static void element_gradients(void **state) {
    (void)state;
    check_gradient(&fsbi_bijector_spline);
    check_gradient(&fsbi_bijector_affine);
}

static void lu_linear(void **state) {
    (void)state;
    enum { N = 5, COUNT = 30 };
    gsl_rng *rng = new_stream(3);
    fsbi_real parameters[COUNT], gradient[COUNT] = {0}, matrices[2 * N * N + 2 * N * (N + 1)];
    fsbi_real input[(N + 1) * STRIDE], output[N * STRIDE], weight[N * STRIDE], back[N * STRIDE];
    fsbi_real input_gradient[N * STRIDE];
    assert_int_equal(fsbi_lu_linear_parameters(N), COUNT);
    assert_int_equal(fsbi_lu_linear_room(N), sizeof matrices / sizeof *matrices);
    fsbi_lu_linear_initialise(N, parameters);
    fill(rng, 1, N * STRIDE, input);
    fsbi_batch_ones(input + N * STRIDE, STRIDE);
    assert_near(fsbi_lu_linear_prepare(N, parameters, matrices), 0, 1e-12);
    fsbi_lu_linear_forward(N, matrices, input, STRIDE, output);
    for (int i = 0; i < N * STRIDE; i++)
        assert_near(output[i], input[i], 1e-12);
    fill(rng, 0.5, COUNT, parameters);
    fill(rng, 1, N * STRIDE, weight);
    fsbi_lu_linear_prepare(N, parameters, matrices);
    fsbi_lu_linear_forward(N, matrices, input, STRIDE, output);
    memcpy(back, output, sizeof output);
    fsbi_lu_linear_inverse(N, matrices, STRIDE, back);
    for (int i = 0; i < N * STRIDE; i++)
        assert_near(back[i], input[i], 1e-10);
    fsbi_lu_linear_backward(N, matrices,
                            &(fsbi_lu_linear_pass){.parameters = parameters,
                                                   .input = input,
                                                   .output_gradient = weight,
                                                   .log_det_gradient = 0.7,
                                                   .stride = STRIDE},
                            gradient, input_gradient);
    for (int i = 0; i < COUNT + N * STRIDE; i++) {
        const double h = 1e-6;
        double loss[2];
        for (int side = 0; side < 2; side++) {
            fsbi_real p[COUNT], x[(N + 1) * STRIDE], m[2 * N * N + 2 * N * (N + 1)], y[N * STRIDE];
            memcpy(p, parameters, sizeof p);
            memcpy(x, input, sizeof x);
            *(i < COUNT ? &p[i] : &x[i - COUNT]) += side == 0 ? h : -h;
            loss[side] = 0.7 * fsbi_lu_linear_prepare(N, p, m);
            fsbi_lu_linear_forward(N, m, x, STRIDE, y);
            for (int k = 0; k < N * STRIDE; k++)
                loss[side] += weight[k] * y[k];
        }
        const double expected = (loss[0] - loss[1]) / (2 * h);
        assert_near(i < COUNT ? gradient[i] : input_gradient[i - COUNT], expected,
                    1e-7 * (1 + fabs(expected)));
    }
    gsl_rng_free(rng);
}

static const fsbi_residual_net_shape net_shape = {
    .input = 3, .context = 2, .hidden = 6, .blocks = 2, .output = 5};

static void residual_net(void **state) {
    (void)state;
    const size_t count = fsbi_residual_net_parameters(&net_shape);
    assert_int_equal(count, 6 * 6 + 2 * (2 * 6 * 7 + 6 * 3) + 5 * 7);
    gsl_rng *rng = new_stream(4);
    fsbi_error error = {0};
    fsbi_residual_net net;
    fsbi_real *parameters = malloc(count * sizeof *parameters);
    fsbi_real *gradient = calloc(count, sizeof *gradient);
    fsbi_real input[3 * STRIDE], context[3 * STRIDE], output[5 * STRIDE], weight[5 * STRIDE],
        input_gradient[3 * STRIDE];
    assert_ok(fsbi_residual_net_init(&net, &net_shape, STRIDE, &error), error);
    fsbi_residual_net_initialise(&net_shape, rng, parameters);
    fill(rng, 0.6, count, parameters);
    fill(rng, 1, 3 * STRIDE, input);
    fill(rng, 1, 2 * STRIDE, context);
    fsbi_batch_ones(context + 2 * STRIDE, STRIDE);
    fill(rng, 1, 5 * STRIDE, weight);
    fsbi_residual_net_forward(&net, parameters, input, context, STRIDE, output);
    fsbi_residual_net_backward(&net, parameters, weight, gradient, input_gradient);
    for (size_t i = 0; i < count + 3 * STRIDE; i++) {
        const double h = 1e-6;
        double loss[2] = {0, 0};
        fsbi_real *changed = i < count ? &parameters[i] : &input[i - count];
        const fsbi_real original = *changed;
        for (int side = 0; side < 2; side++) {
            *changed = original + (side == 0 ? h : -h);
            fsbi_residual_net_forward(&net, parameters, input, context, STRIDE, output);
            for (int k = 0; k < 5 * STRIDE; k++)
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

/* An output reacts to an input exactly if that comes before it; to the context always. */
static void mask(void **state) {
    (void)state;
    static const size_t input_order[] = {2, 0, 1};
    static const size_t output_order[] = {0, 1, 2, 1, 0};
    const size_t count = fsbi_residual_net_parameters(&net_shape);
    gsl_rng *rng = new_stream(6);
    fsbi_error error = {0};
    fsbi_residual_net net;
    fsbi_real *parameters = malloc(count * sizeof *parameters);
    fsbi_real *present = malloc(count * sizeof *present);
    fsbi_real input[3 * STRIDE], context[3 * STRIDE], before[5 * STRIDE], after[5 * STRIDE];
    assert_ok(fsbi_residual_net_init(&net, &net_shape, STRIDE, &error), error);
    fill(rng, 1, count, parameters);
    fill(rng, 1, 3 * STRIDE, input);
    fill(rng, 1, 2 * STRIDE, context);
    fsbi_batch_ones(context + 2 * STRIDE, STRIDE);
    fsbi_residual_net_mask(&net_shape, input_order, output_order, present);
    for (size_t i = 0; i < count; i++)
        parameters[i] *= present[i];
    fsbi_residual_net_forward(&net, parameters, input, context, STRIDE, before);
    for (size_t changed = 0; changed < 4; changed++) {
        fsbi_real *values = changed < 3 ? input + changed * STRIDE : context;
        for (size_t l = 0; l < STRIDE; l++)
            values[l] += 0.5;
        fsbi_residual_net_forward(&net, parameters, input, context, STRIDE, after);
        for (size_t k = 0; k < 5; k++) {
            double difference = 0;
            for (size_t l = 0; l < STRIDE; l++)
                difference += fabs(after[k * STRIDE + l] - before[k * STRIDE + l]);
            if (changed < 3 && input_order[changed] >= output_order[k])
                assert_near(difference, 0, 0);
            else
                assert_true(difference > 1e-3);
        }
        for (size_t l = 0; l < STRIDE; l++)
            values[l] -= 0.5;
        fsbi_residual_net_forward(&net, parameters, input, context, STRIDE, before);
    }
    fsbi_residual_net_clear(&net);
    free(parameters);
    free(present);
    gsl_rng_free(rng);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_are_monotone), cmocka_unit_test(spline_ends),
        cmocka_unit_test(element_gradients),     cmocka_unit_test(lu_linear),
        cmocka_unit_test(residual_net),          cmocka_unit_test(mask)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
