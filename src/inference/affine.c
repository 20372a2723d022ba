#include "inference/bijector.h"
#include "nets/elementary.h"

static size_t parameters_of(size_t bins) {
    (void)bins;
    return 2;
}

static void prepare(const fsbi_bijector_shape *specification, size_t stride,
                    fsbi_real *parameters) {
    (void)specification;
    (void)stride;
    (void)parameters;
}

static fsbi_real scale_of(fsbi_real raw) {
    return fsbi_bijector_least_slope + fsbi_real_softplus(raw + fsbi_bijector_raw_of_one);
}

static void forward(const fsbi_bijector_shape *specification, size_t stride,
                    const fsbi_real *parameters, fsbi_real *x, fsbi_real *log_derivative) {
    (void)specification;
    for (size_t j = 0; j < stride; j++) {
        const fsbi_real scale = scale_of(parameters[j]);
        x[j] = scale * x[j] + parameters[stride + j];
        log_derivative[j] += fsbi_real_log(scale);
    }
}

static void inverse(const fsbi_bijector_shape *specification, size_t stride,
                    const fsbi_real *parameters, fsbi_real *y) {
    (void)specification;
    for (size_t j = 0; j < stride; j++)
        y[j] = (y[j] - parameters[stride + j]) / scale_of(parameters[j]);
}

static void backward(const fsbi_bijector_shape *specification, size_t stride,
                     const fsbi_real *parameters, const fsbi_real *x,
                     const fsbi_bijector_gradients *gradients) {
    (void)specification;
    const fsbi_real *log_derivative_gradient = gradients->log_derivative;
    fsbi_real *gradient = gradients->value;
    fsbi_real *parameter_gradient = gradients->parameters;
    for (size_t j = 0; j < stride; j++) {
        const fsbi_real scale = scale_of(parameters[j]);
        parameter_gradient[j] = (gradient[j] * x[j] + log_derivative_gradient[j] / scale) *
                                fsbi_real_sigmoid(parameters[j] + fsbi_bijector_raw_of_one);
        parameter_gradient[stride + j] = gradient[j];
        gradient[j] *= scale;
    }
}

const fsbi_bijector fsbi_bijector_affine = {
    .parameters = parameters_of,
    .prepare = prepare,
    .forward = forward,
    .inverse = inverse,
    .backward = backward,
};
