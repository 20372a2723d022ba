#include "inference/lu_linear.h"

#include <gsl/gsl_cblas.h>

#include <math.h>
#include <string.h>
#include <tgmath.h>

#include "nets/elementary.h"
#include "nets/products.h"

static const fsbi_real least_diagonal = (fsbi_real)1e-3;

/* Where the parts begin in the parameters and in the prepared matrices. */
static size_t upper_offset(size_t n) {
    return n * (n - 1) / 2;
}

static size_t diagonal_offset(size_t n) {
    return n * (n - 1);
}

static size_t bias_offset(size_t n) {
    return diagonal_offset(n) + n;
}

void fsbi_lu_linear_initialise(size_t features, fsbi_real *parameters) {
    memset(parameters, 0, fsbi_lu_linear_parameters(features) * sizeof *parameters);
    for (size_t i = 0; i < features; i++)
        parameters[diagonal_offset(features) + i] =
            (fsbi_real)log(expm1(1 - (double)least_diagonal));
}

/* L, U, then L U beside the bias, then room for the gradient with respect to these. */
static size_t product_offset(size_t n) {
    return 2 * n * n;
}

static size_t product_gradient_offset(size_t n) {
    return product_offset(n) + n * (n + 1);
}

fsbi_real fsbi_lu_linear_prepare(size_t features, const fsbi_real *parameters,
                                 fsbi_real *matrices) {
    const size_t n = features;
    fsbi_real *lower = matrices;
    fsbi_real *upper = matrices + n * n;
    const fsbi_real *lower_entry = parameters;
    const fsbi_real *upper_entry = parameters + upper_offset(n);
    fsbi_real log_det = 0;
    memset(matrices, 0, 2 * n * n * sizeof *matrices);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++)
            lower[i * n + j] = *lower_entry++;
        lower[i * n + i] = 1;
        upper[i * n + i] = least_diagonal + fsbi_real_softplus(parameters[diagonal_offset(n) + i]);
        log_det += log(upper[i * n + i]);
        for (size_t j = i + 1; j < n; j++)
            upper[i * n + j] = *upper_entry++;
    }
    fsbi_real *product = matrices + product_offset(n);
    FSBI_CBLAS(gemm)
    (CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)n, (int)n, (int)n, 1, lower, (int)n, upper,
     (int)n, 0, product, (int)n + 1);
    for (size_t i = 0; i < n; i++)
        product[i * (n + 1) + n] = parameters[bias_offset(n) + i];
    return log_det;
}

void fsbi_lu_linear_forward(size_t features, const fsbi_real *matrices, const fsbi_real *input,
                            size_t stride, fsbi_real *output) {
    fsbi_product(matrices + product_offset(features), input,
                 &(fsbi_product_sizes){features, features + 1, stride}, output);
}

void fsbi_lu_linear_inverse(size_t features, const fsbi_real *matrices, size_t stride,
                            fsbi_real *values) {
    const fsbi_real *product = matrices + product_offset(features);
    for (size_t i = 0; i < features; i++)
        for (size_t j = 0; j < stride; j++)
            values[i * stride + j] -= product[i * (features + 1) + features];
    FSBI_CBLAS(trsm)
    (CblasRowMajor, CblasLeft, CblasLower, CblasNoTrans, CblasUnit, (int)features, (int)stride, 1,
     matrices, (int)features, values, (int)stride);
    FSBI_CBLAS(trsm)
    (CblasRowMajor, CblasLeft, CblasUpper, CblasNoTrans, CblasNonUnit, (int)features, (int)stride,
     1, matrices + features * features, (int)features, values, (int)stride);
}

/* Through W = L U: dL = dW U', dU = L' dW, of which only the free entries count. */
static void factor_gradient(size_t n, const fsbi_real *parameters, fsbi_real *matrices,
                            fsbi_real log_det_gradient, fsbi_real *parameter_gradient) {
    const fsbi_real *lower = matrices;
    const fsbi_real *upper = matrices + n * n;
    const fsbi_real *product_gradient = matrices + product_gradient_offset(n);
    fsbi_real *lower_gradient = parameter_gradient;
    fsbi_real *upper_gradient = parameter_gradient + upper_offset(n);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            fsbi_real sum = 0;
            for (size_t k = j; k < n; k++)
                sum += product_gradient[i * (n + 1) + k] * upper[j * n + k];
            *lower_gradient++ += sum;
        }
        for (size_t j = i; j < n; j++) {
            fsbi_real sum = 0;
            for (size_t k = i; k < n; k++)
                sum += lower[k * n + i] * product_gradient[k * (n + 1) + j];
            if (j > i) {
                *upper_gradient++ += sum;
            } else {
                fsbi_real raw = parameters[diagonal_offset(n) + i];
                parameter_gradient[diagonal_offset(n) + i] +=
                    (sum + log_det_gradient / upper[i * n + i]) * fsbi_real_sigmoid(raw);
            }
        }
    }
}

void fsbi_lu_linear_backward(size_t features, fsbi_real *matrices, const fsbi_lu_linear_pass *pass,
                             fsbi_real *parameter_gradient, fsbi_real *input_gradient) {
    const size_t n = features;
    const size_t stride = pass->stride;
    fsbi_product_transposed(matrices + product_offset(n), n + 1, pass->output_gradient,
                            &(fsbi_product_sizes){n, n, stride}, input_gradient);
    if (parameter_gradient == NULL)
        return;
    fsbi_real *product_gradient = matrices + product_gradient_offset(n);
    memset(product_gradient, 0, n * (n + 1) * sizeof *product_gradient);
    fsbi_product_add_outer(pass->output_gradient, pass->input, n, n + 1, stride, product_gradient);
    factor_gradient(n, pass->parameters, matrices, pass->log_det_gradient, parameter_gradient);
    for (size_t i = 0; i < n; i++)
        parameter_gradient[bias_offset(n) + i] += product_gradient[i * (n + 1) + n];
}
