/**
 * Invertible linear layer y = L U x + b, L with unit diagonal, U's diagonal softplus + 1e-3: what
 * mixes the features between the transforms of a flow (nflows' LULinear). Batches as in batch.h.
 */
#ifndef FSBI_INFERENCE_LU_LINEAR_H
#define FSBI_INFERENCE_LU_LINEAR_H

#include "nets/real.h"

/** Strict lower part, strict upper part (row by row), raw diagonal, bias. */
static inline size_t fsbi_lu_linear_parameters(size_t features) {
    return features * (features - 1) + 2 * features;
}

/** Room, in numbers, for `matrices` below. */
static inline size_t fsbi_lu_linear_room(size_t features) {
    return 2 * features * features + 2 * features * (features + 1);
}

/** Parameters of the identity. */
void fsbi_lu_linear_initialise(size_t features, fsbi_real *parameters);

/** Writes to `matrices` what the functions below need; returns log |det|. */
fsbi_real fsbi_lu_linear_prepare(size_t features, const fsbi_real *parameters, fsbi_real *matrices);

/** output (features x stride) of input (features and a feature of ones); they must not overlap. */
void fsbi_lu_linear_forward(size_t features, const fsbi_real *matrices, const fsbi_real *input,
                            size_t stride, fsbi_real *output);

/** Undoes fsbi_lu_linear_forward in place. */
void fsbi_lu_linear_inverse(size_t features, const fsbi_real *matrices, size_t stride,
                            fsbi_real *values);

/** A pass through the layer, and a loss of it, 0 beyond the last sample. */
typedef struct {
    const fsbi_real *parameters;
    const fsbi_real *input;           /**< features and a feature of ones */
    const fsbi_real *output_gradient; /**< features x stride */
    fsbi_real log_det_gradient;       /**< with respect to the layer's log |det| */
    size_t stride;
} fsbi_lu_linear_pass;

/** Adds to `parameter_gradient` (NULL: does not), and writes `input_gradient` (features x stride).
 */
void fsbi_lu_linear_backward(size_t features, fsbi_real *matrices, const fsbi_lu_linear_pass *pass,
                             fsbi_real *parameter_gradient, fsbi_real *input_gradient);

#endif
