/**
 * Residual network with a context that gates each block, as the flows of the sbi package use it
 * (nflows' ResidualNet): t = W_in (u, c); in each block t += (W_1 relu(W_0 relu(t))) * sigmoid(W_c
 * c); output W_out t. Every W has a bias. All matrices are row-major, one sample a row.
 */
#ifndef FSBI_INFERENCE_RESIDUAL_NET_H
#define FSBI_INFERENCE_RESIDUAL_NET_H

#include <gsl/gsl_rng.h>

#include "fsbi/error.h"
#include "inference/real.h"

typedef struct {
    size_t input, context, hidden, blocks, output;
} fsbi_residual_net_shape;

/** Activations of a batch, which the backward pass needs; all rows x width. */
typedef struct {
    fsbi_residual_net_shape shape;
    fsbi_real *memory; /**< the one allocation behind the rest */
    fsbi_real *joined; /**< input beside context */
    fsbi_real *trunk;  /**< (blocks + 1) times rows x hidden */
    fsbi_real *inner;  /**< blocks times: W_0 relu(t) */
    fsbi_real *branch; /**< blocks times: W_1 relu(inner) */
    fsbi_real *gate;   /**< blocks times: sigmoid(W_c c) */
    fsbi_real *scratch, *scratch2, *scratch3;
} fsbi_residual_net;

/** Number of weights and biases. */
size_t fsbi_residual_net_parameters(const fsbi_residual_net_shape *shape);

/** Initial weights, as PyTorch's Linear and nflows' blocks have them. */
void fsbi_residual_net_initialise(const fsbi_residual_net_shape *shape, gsl_rng *stream,
                                  fsbi_real *parameters);

/** Room for batches of up to `rows`; release with fsbi_residual_net_clear. */
fsbi_status fsbi_residual_net_init(fsbi_residual_net *net, const fsbi_residual_net_shape *shape,
                                   size_t rows, fsbi_error *error);
void fsbi_residual_net_clear(fsbi_residual_net *net);

/** output (rows x shape.output) of input (rows x shape.input) and context (rows x shape.context).
 */
void fsbi_residual_net_forward(fsbi_residual_net *net, const fsbi_real *parameters,
                               const fsbi_real *input, const fsbi_real *context, size_t rows,
                               fsbi_real *output);

/**
 * After fsbi_residual_net_forward: adds to `parameter_gradient`, and writes the gradient with
 * respect to the input (rows x shape.input) to `input_gradient`, of a loss whose gradient with
 * respect to the output is given.
 */
void fsbi_residual_net_backward(fsbi_residual_net *net, const fsbi_real *parameters,
                                const fsbi_real *context, const fsbi_real *output_gradient,
                                size_t rows, fsbi_real *parameter_gradient,
                                fsbi_real *input_gradient);

#endif
