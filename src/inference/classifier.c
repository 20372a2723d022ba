/* The probability of a class: a residual network of x puts out the log-odds of theta = 1. */
#include <stdlib.h>

#include "core/memory.h"
#include "inference/network_of_x.h"
#include "nets/batch.h"
#include "nets/elementary.h"

/* The network's output are the log-odds; then the gradient with respect to them. */
typedef struct {
    fsbi_estimator_specification specification;
    fsbi_network_of_x network;
} classifier;

static size_t parameter_count(const fsbi_estimator *self,
                              const fsbi_estimator_specification *specification) {
    (void)self;
    return fsbi_network_of_x_parameters(specification, 1);
}

static void destroy(void *workspace) {
    classifier *c = workspace;
    if (c == NULL)
        return;
    fsbi_network_of_x_clear(&c->network);
    free(c);
}

static void *create(const fsbi_estimator *self, const fsbi_estimator_specification *specification,
                    size_t rows, fsbi_error *error) {
    (void)self;
    classifier *c = fsbi_memory_allocate(1, sizeof *c, error);
    if (c == NULL)
        return NULL;
    c->specification = *specification;
    if (fsbi_network_of_x_init(&c->network, specification, 1, rows, error) == FSBI_OK)
        return c;
    destroy(c);
    return NULL;
}

static void initialise(const fsbi_estimator *self,
                       const fsbi_estimator_specification *specification, gsl_rng *stream,
                       fsbi_real *parameters) {
    (void)self;
    fsbi_network_of_x_initialise(specification, 1, stream, parameters);
}

static void forward(classifier *c, const fsbi_real *parameters, const fsbi_real *x, size_t rows) {
    fsbi_batch_from_rows(x, rows, c->specification.x_size, c->network.x);
    fsbi_network_of_x_forward(&c->network, parameters, fsbi_batch_stride(rows));
}

static void log_prob(void *workspace, const fsbi_real *parameters,
                     const fsbi_estimator_batch *batch, fsbi_real *result) {
    classifier *c = workspace;
    forward(c, parameters, batch->x, batch->rows);
    for (size_t row = 0; row < batch->rows; row++)
        result[row] = -fsbi_real_softplus(batch->theta[row] > 0 ? -c->network.output[row]
                                                                : c->network.output[row]);
}

static double loss_gradient(void *workspace, const fsbi_real *parameters,
                            const fsbi_estimator_batch *batch, double weight, fsbi_real *gradient) {
    classifier *c = workspace;
    const size_t rows = batch->rows;
    const fsbi_real *theta = batch->theta;
    double loss = 0;
    forward(c, parameters, batch->x, rows);
    for (size_t row = 0; row < fsbi_batch_stride(rows); row++) {
        if (row >= rows) {
            c->network.output[row] = 0;
            continue;
        }
        const fsbi_real odds = c->network.output[row];
        loss += weight * (double)fsbi_real_softplus(theta[row] > 0 ? -odds : odds);
        const fsbi_real label = theta[row] > 0 ? 1 : 0;
        c->network.output[row] = (fsbi_real)weight * (fsbi_real_sigmoid(odds) - label);
    }
    fsbi_network_of_x_backward(&c->network, parameters, c->network.output, gradient);
    return loss;
}

const fsbi_estimator fsbi_estimator_classifier = {
    .name = "classifier",
    .of_classes = true,
    .parameter_count = parameter_count,
    .create = create,
    .destroy = destroy,
    .initialise = initialise,
    .log_prob = log_prob,
    .loss_gradient = loss_gradient,
};
