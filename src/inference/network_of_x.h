/** A residual network that has x as its input and no context, with room for its batches: what the
 * estimators that are no flows consist of. Private to inference/. */
#ifndef FSBI_INFERENCE_NETWORK_OF_X_H
#define FSBI_INFERENCE_NETWORK_OF_X_H

#include "inference/estimator.h"
#include "nets/residual_net.h"

typedef struct {
    fsbi_residual_net net;
    fsbi_real *context; /**< ones */
    fsbi_real *x;       /**< x_size features */
    fsbi_real *output;  /**< `outputs` features */
    fsbi_real *x_gradient;
} fsbi_network_of_x;

/** Number of weights of such a network with so many outputs. */
size_t fsbi_network_of_x_parameters(const fsbi_estimator_specification *specification,
                                    size_t outputs);

/** Initial weights. */
void fsbi_network_of_x_initialise(const fsbi_estimator_specification *specification, size_t outputs,
                                  gsl_rng *stream, fsbi_real *parameters);

/** Room for batches of up to `rows` samples; release with fsbi_network_of_x_clear, also after
 * failure.
 */
fsbi_status fsbi_network_of_x_init(fsbi_network_of_x *network,
                                   const fsbi_estimator_specification *specification,
                                   size_t outputs, size_t rows, fsbi_error *error);
void fsbi_network_of_x_clear(fsbi_network_of_x *network);

/** Fills `output` from `x`. */
void fsbi_network_of_x_forward(fsbi_network_of_x *network, const fsbi_real *parameters,
                               size_t stride);

/** After that: overwrites `gradient` with that of a loss whose gradient with respect to the output
 * is given, 0 beyond the last sample. */
void fsbi_network_of_x_backward(fsbi_network_of_x *network, const fsbi_real *parameters,
                                const fsbi_real *output_gradient, fsbi_real *gradient);

#endif
