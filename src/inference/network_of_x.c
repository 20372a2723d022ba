#include "inference/network_of_x.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "nets/batch.h"
#include "nets/blas.h"

static fsbi_residual_net_shape net_shape(const fsbi_estimator_specification *specification,
                                         size_t outputs) {
    return (fsbi_residual_net_shape){.input = specification->x_size,
                                     .hidden = specification->hidden_features,
                                     .blocks = specification->blocks,
                                     .output = outputs};
}

size_t fsbi_network_of_x_parameters(const fsbi_estimator_specification *specification,
                                    size_t outputs) {
    const fsbi_residual_net_shape shape = net_shape(specification, outputs);
    return fsbi_residual_net_parameters(&shape);
}

void fsbi_network_of_x_initialise(const fsbi_estimator_specification *specification, size_t outputs,
                                  gsl_rng *stream, fsbi_real *parameters) {
    const fsbi_residual_net_shape shape = net_shape(specification, outputs);
    fsbi_residual_net_initialise(&shape, stream, parameters);
}

fsbi_status fsbi_network_of_x_init(fsbi_network_of_x *network,
                                   const fsbi_estimator_specification *specification,
                                   size_t outputs, size_t rows, fsbi_error *error) {
    const size_t stride = fsbi_batch_stride(rows);
    const size_t inputs = specification->x_size;
    const fsbi_residual_net_shape shape = net_shape(specification, outputs);
    *network = (fsbi_network_of_x){0};
    FSBI_TRY(fsbi_blas_prepare(error));
    FSBI_TRY(fsbi_residual_net_init(&network->net, &shape, rows, error));
    network->context = fsbi_memory_allocate(stride, sizeof *network->context, error);
    network->x = fsbi_memory_allocate(inputs * stride, sizeof *network->x, error);
    network->output = fsbi_memory_allocate(outputs * stride, sizeof *network->output, error);
    network->x_gradient = fsbi_memory_allocate(inputs * stride, sizeof *network->x_gradient, error);
    if (network->context == NULL || network->x == NULL || network->output == NULL ||
        network->x_gradient == NULL)
        return FSBI_NO_MEMORY;
    fsbi_batch_ones(network->context, stride);
    return FSBI_OK;
}

void fsbi_network_of_x_clear(fsbi_network_of_x *network) {
    fsbi_residual_net_clear(&network->net);
    free(network->context);
    free(network->x);
    free(network->output);
    free(network->x_gradient);
    *network = (fsbi_network_of_x){0};
}

void fsbi_network_of_x_forward(fsbi_network_of_x *network, const fsbi_real *parameters,
                               size_t stride) {
    fsbi_residual_net_forward(&network->net, parameters, network->x, network->context, stride,
                              network->output);
}

void fsbi_network_of_x_backward(fsbi_network_of_x *network, const fsbi_real *parameters,
                                const fsbi_real *output_gradient, fsbi_real *gradient) {
    memset(gradient, 0, fsbi_residual_net_parameters(&network->net.shape) * sizeof *gradient);
    fsbi_residual_net_backward(&network->net, parameters, output_gradient, gradient,
                               network->x_gradient);
}
