/* The probability of a class: a residual network of x puts out the log-odds of theta = 1. */
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "inference/estimator.h"
#include "nets/batch.h"
#include "nets/blas_threads.h"
#include "nets/elementary.h"
#include "nets/residual_net.h"

typedef struct {
    fsbi_estimator_specification specification;
    fsbi_residual_net net;
    fsbi_real *context;  /* ones: the network has x as its input and no context */
    fsbi_real *x;        /* x_size features */
    fsbi_real *log_odds; /* 1 feature; then the gradient with respect to it */
    fsbi_real *x_gradient;
} classifier;

static fsbi_residual_net_shape net_shape(const fsbi_estimator_specification *specification) {
    return (fsbi_residual_net_shape){.input = specification->x_size,
                                     .hidden = specification->hidden_features,
                                     .blocks = specification->blocks,
                                     .output = 1};
}

static size_t parameter_count(const fsbi_estimator *self,
                              const fsbi_estimator_specification *specification) {
    (void)self;
    const fsbi_residual_net_shape net = net_shape(specification);
    return fsbi_residual_net_parameters(&net);
}

static void destroy(void *workspace) {
    classifier *c = workspace;
    if (c == NULL)
        return;
    fsbi_residual_net_clear(&c->net);
    free(c->context);
    free(c->x);
    free(c->log_odds);
    free(c->x_gradient);
    free(c);
}

static void *create(const fsbi_estimator *self, const fsbi_estimator_specification *specification,
                    size_t rows, fsbi_error *error) {
    (void)self;
    const size_t stride = fsbi_batch_stride(rows);
    const fsbi_residual_net_shape net = net_shape(specification);
    classifier *c = fsbi_memory_allocate(1, sizeof *c, error);
    if (c == NULL)
        return NULL;
    fsbi_blas_use_one_thread();
    c->specification = *specification;
    c->context = fsbi_memory_allocate(stride, sizeof *c->context, error);
    c->x = fsbi_memory_allocate(specification->x_size * stride, sizeof *c->x, error);
    c->log_odds = fsbi_memory_allocate(stride, sizeof *c->log_odds, error);
    c->x_gradient =
        fsbi_memory_allocate(specification->x_size * stride, sizeof *c->x_gradient, error);
    if (fsbi_residual_net_init(&c->net, &net, rows, error) != FSBI_OK || c->context == NULL ||
        c->x == NULL || c->log_odds == NULL || c->x_gradient == NULL) {
        destroy(c);
        return NULL;
    }
    fsbi_batch_ones(c->context, stride);
    return c;
}

static void initialise(const fsbi_estimator *self,
                       const fsbi_estimator_specification *specification, gsl_rng *stream,
                       fsbi_real *parameters) {
    (void)self;
    const fsbi_residual_net_shape net = net_shape(specification);
    fsbi_residual_net_initialise(&net, stream, parameters);
}

static void forward(classifier *c, const fsbi_real *parameters, const fsbi_real *x, size_t rows) {
    fsbi_batch_from_rows(x, rows, c->specification.x_size, c->x);
    fsbi_residual_net_forward(&c->net, parameters, c->x, c->context, fsbi_batch_stride(rows),
                              c->log_odds);
}

static void log_prob(void *workspace, const fsbi_real *parameters,
                     const fsbi_estimator_batch *batch, fsbi_real *result) {
    classifier *c = workspace;
    forward(c, parameters, batch->x, batch->rows);
    for (size_t row = 0; row < batch->rows; row++)
        result[row] =
            -fsbi_real_softplus(batch->theta[row] > 0 ? -c->log_odds[row] : c->log_odds[row]);
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
            c->log_odds[row] = 0;
            continue;
        }
        const fsbi_real odds = c->log_odds[row];
        loss += weight * (double)fsbi_real_softplus(theta[row] > 0 ? -odds : odds);
        const fsbi_real label = theta[row] > 0 ? 1 : 0;
        c->log_odds[row] = (fsbi_real)weight * (fsbi_real_sigmoid(odds) - label);
    }
    memset(gradient, 0, parameter_count(NULL, &c->specification) * sizeof *gradient);
    fsbi_residual_net_backward(&c->net, parameters, c->log_odds, gradient, c->x_gradient);
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
