#include "inference/lu_linear.h"

#include <math.h>
#include <string.h>
#include <tgmath.h>

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

static fsbi_real softplus(fsbi_real x) {
    return x > 20 ? x : log1p(exp(x));
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
        upper[i * n + i] = least_diagonal + softplus(parameters[diagonal_offset(n) + i]);
        log_det += log(upper[i * n + i]);
        for (size_t j = i + 1; j < n; j++)
            upper[i * n + j] = *upper_entry++;
    }
    fsbi_real_times(lower, upper, n, n, n, matrices + 2 * n * n);
    return log_det;
}

void fsbi_lu_linear_forward(size_t features, const fsbi_real *parameters, const fsbi_real *matrices,
                            const fsbi_real *input, size_t rows, fsbi_real *output) {
    for (size_t row = 0; row < rows; row++)
        memcpy(output + row * features, parameters + bias_offset(features),
               features * sizeof *output);
    fsbi_real_times_transposed(input, matrices + 2 * features * features, rows, features, features,
                               1, output);
}

void fsbi_lu_linear_inverse(size_t features, const fsbi_real *parameters, const fsbi_real *matrices,
                            size_t rows, fsbi_real *values) {
    const fsbi_real *bias = parameters + bias_offset(features);
    for (size_t row = 0; row < rows; row++)
        for (size_t i = 0; i < features; i++)
            values[row * features + i] -= bias[i];
    FSBI_CBLAS(trsm)
    (CblasRowMajor, CblasRight, CblasLower, CblasTrans, CblasUnit, (int)rows, (int)features, 1,
     matrices, (int)features, values, (int)features);
    FSBI_CBLAS(trsm)
    (CblasRowMajor, CblasRight, CblasUpper, CblasTrans, CblasNonUnit, (int)rows, (int)features, 1,
     matrices + features * features, (int)features, values, (int)features);
}

/* Through W = L U: dL = dW U', dU = L' dW, of which only the free entries count. */
static void factor_gradient(size_t n, const fsbi_real *parameters, fsbi_real *matrices,
                            fsbi_real log_det_gradient, fsbi_real *parameter_gradient) {
    const fsbi_real *lower = matrices;
    const fsbi_real *upper = matrices + n * n;
    const fsbi_real *product_gradient = matrices + 3 * n * n;
    fsbi_real *lower_gradient = parameter_gradient;
    fsbi_real *upper_gradient = parameter_gradient + upper_offset(n);
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++) {
            fsbi_real sum = 0;
            for (size_t k = j; k < n; k++)
                sum += product_gradient[i * n + k] * upper[j * n + k];
            *lower_gradient++ += sum;
        }
        for (size_t j = i; j < n; j++) {
            fsbi_real sum = 0;
            for (size_t k = i; k < n; k++)
                sum += lower[k * n + i] * product_gradient[k * n + j];
            if (j > i) {
                *upper_gradient++ += sum;
            } else {
                fsbi_real raw = parameters[diagonal_offset(n) + i];
                parameter_gradient[diagonal_offset(n) + i] +=
                    (sum + log_det_gradient / upper[i * n + i]) / (1 + exp(-raw));
            }
        }
    }
}

void fsbi_lu_linear_backward(size_t features, const fsbi_real *parameters, fsbi_real *matrices,
                             const fsbi_real *input, const fsbi_real *output_gradient, size_t rows,
                             fsbi_real log_det_gradient, fsbi_real *parameter_gradient,
                             fsbi_real *input_gradient) {
    const size_t n = features;
    fsbi_real *product_gradient = matrices + 3 * n * n;
    memset(product_gradient, 0, n * n * sizeof *product_gradient);
    fsbi_real_add_transposed_times(output_gradient, input, rows, n, n, product_gradient);
    factor_gradient(n, parameters, matrices, log_det_gradient, parameter_gradient);
    fsbi_real *bias = parameter_gradient + bias_offset(n);
    for (size_t row = 0; row < rows; row++)
        for (size_t i = 0; i < n; i++)
            bias[i] += output_gradient[row * n + i];
    fsbi_real_times(output_gradient, matrices + 2 * n * n, rows, n, n, input_gradient);
}
