/**
 * Residual network with a context that gates each block, as the flows of the sbi package use it
 * (nflows' ResidualNet): t = W_in (u, c); in each block t += (W_1 relu(W_0 relu(t))) * sigmoid(W_c
 * c); output W_out t. Every W acts on its input and a one, so its last column is the bias. Batches
 * as in batch.h.
 */
#ifndef FSBI_NETS_RESIDUAL_NET_H
#define FSBI_NETS_RESIDUAL_NET_H

#include <gsl/gsl_rng.h>

#include "fsbi/error.h"
#include "nets/real.h"

typedef struct {
    size_t input, context, hidden, blocks, output;
} fsbi_residual_net_shape;

/** What the backward pass needs of the forward one. Widths in features. */
typedef struct {
    fsbi_residual_net_shape shape;
    size_t stride;        /**< of the last forward pass */
    fsbi_real *memory;    /**< the one allocation behind the rest */
    fsbi_real *joined;    /**< input, context, one */
    fsbi_real *trunk;     /**< hidden, one: t after the last block so far */
    fsbi_real *outer;     /**< blocks times (hidden, one): relu(t) */
    fsbi_real *inner;     /**< blocks times (hidden, one): relu(W_0 relu(t)) */
    fsbi_real *branch;    /**< blocks times hidden: W_1 relu(...) */
    fsbi_real *gate;      /**< blocks times hidden: sigmoid(W_c c) */
    fsbi_real *gradient;  /**< hidden */
    fsbi_real *scratch;   /**< hidden */
    fsbi_real *scratch_2; /**< hidden, or input if that is more */
} fsbi_residual_net;

/** Number of weights, biases among them. */
size_t fsbi_residual_net_parameters(const fsbi_residual_net_shape *shape);

/** Initial weights, as PyTorch's Linear and nflows' blocks have them. */
void fsbi_residual_net_initialise(const fsbi_residual_net_shape *shape, gsl_rng *stream,
                                  fsbi_real *parameters);

/**
 * Which weights an autoregressive network has: `mask` (as long as the parameters) is 1 for these, 0
 * for the others. Input i is known to output k if input_order[i] < output_order[k]; orders are 0 ..
 * shape.input - 1 (Germain et al. 2015, MADE). The context and biases are known to all.
 */
void fsbi_residual_net_mask(const fsbi_residual_net_shape *shape, const size_t *input_order,
                            const size_t *output_order, fsbi_real *mask);

/** Room for batches of up to `samples`; release with fsbi_residual_net_clear. */
fsbi_status fsbi_residual_net_init(fsbi_residual_net *net, const fsbi_residual_net_shape *shape,
                                   size_t samples, fsbi_error *error);
void fsbi_residual_net_clear(fsbi_residual_net *net);

/** output (shape.output x stride) of input (shape.input x stride) and context (shape.context
 * features and a feature of ones). */
void fsbi_residual_net_forward(fsbi_residual_net *net, const fsbi_real *parameters,
                               const fsbi_real *input, const fsbi_real *context, size_t stride,
                               fsbi_real *output);

/**
 * After fsbi_residual_net_forward: adds to `parameter_gradient` (NULL: does not), and writes to
 * `input_gradient` (shape.input x stride), the gradient of a loss whose gradient with respect to
 * the output is given, 0 beyond the last sample.
 */
void fsbi_residual_net_backward(fsbi_residual_net *net, const fsbi_real *parameters,
                                const fsbi_real *output_gradient, fsbi_real *parameter_gradient,
                                fsbi_real *input_gradient);

#endif
