/* A residual network of x puts out a mean and the logarithm of a spread for every entry of theta,
 * and the log-odds that any is known. */
#include "inference/emulator.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <tgmath.h>

#include "core/memory.h"
#include "nets/batch.h"
#include "nets/blas_threads.h"
#include "nets/elementary.h"
#include "nets/residual_net.h"

/* Logarithms of spreads beyond these count as these, so that no sample is believed absolutely. */
static const fsbi_real least_log_spread = -4;
static const fsbi_real largest_log_spread = 2;

/* An x so many standard deviations off counts as this: nothing is known of what lies further. */
static const fsbi_real furthest = 10;

typedef struct {
    fsbi_estimator_specification specification;
    fsbi_residual_net net;
    fsbi_real *context; /* ones: the network has x as its input and no context */
    fsbi_real *x;       /* x_size features */
    fsbi_real *output;  /* means, log spreads, log-odds */
    fsbi_real *output_gradient;
    fsbi_real *x_gradient;
} emulator;

static fsbi_residual_net_shape net_shape(const fsbi_estimator_specification *specification) {
    return (fsbi_residual_net_shape){.input = specification->x_size,
                                     .hidden = specification->hidden_features,
                                     .blocks = specification->blocks,
                                     .output = 2 * specification->theta_size + 1};
}

static size_t parameter_count(const fsbi_estimator *self,
                              const fsbi_estimator_specification *specification) {
    (void)self;
    const fsbi_residual_net_shape net = net_shape(specification);
    return fsbi_residual_net_parameters(&net);
}

static void destroy(void *workspace) {
    emulator *e = workspace;
    if (e == NULL)
        return;
    fsbi_residual_net_clear(&e->net);
    free(e->context);
    free(e->x);
    free(e->output);
    free(e->output_gradient);
    free(e->x_gradient);
    free(e);
}

static void *create(const fsbi_estimator *self, const fsbi_estimator_specification *specification,
                    size_t rows, fsbi_error *error) {
    (void)self;
    const size_t stride = fsbi_batch_stride(rows);
    const fsbi_residual_net_shape net = net_shape(specification);
    emulator *e = fsbi_memory_allocate(1, sizeof *e, error);
    if (e == NULL)
        return NULL;
    fsbi_blas_use_one_thread();
    e->specification = *specification;
    e->context = fsbi_memory_allocate(stride, sizeof *e->context, error);
    e->x = fsbi_memory_allocate(specification->x_size * stride, sizeof *e->x, error);
    e->output = fsbi_memory_allocate(net.output * stride, sizeof *e->output, error);
    e->output_gradient =
        fsbi_memory_allocate(net.output * stride, sizeof *e->output_gradient, error);
    e->x_gradient =
        fsbi_memory_allocate(specification->x_size * stride, sizeof *e->x_gradient, error);
    if (fsbi_residual_net_init(&e->net, &net, rows, error) != FSBI_OK || e->context == NULL ||
        e->x == NULL || e->output == NULL || e->output_gradient == NULL || e->x_gradient == NULL) {
        destroy(e);
        return NULL;
    }
    fsbi_batch_ones(e->context, stride);
    return e;
}

static void initialise(const fsbi_estimator *self,
                       const fsbi_estimator_specification *specification, gsl_rng *stream,
                       fsbi_real *parameters) {
    (void)self;
    const fsbi_residual_net_shape net = net_shape(specification);
    fsbi_residual_net_initialise(&net, stream, parameters);
}

fsbi_emulator_prediction fsbi_emulator_predict(void *workspace, const fsbi_real *parameters,
                                               const fsbi_real *x, size_t rows) {
    emulator *e = workspace;
    const size_t size = e->specification.theta_size;
    const size_t stride = fsbi_batch_stride(rows);
    fsbi_batch_from_rows(x, rows, e->specification.x_size, e->x);
    for (size_t k = 0; k < e->specification.x_size * stride; k++)
        e->x[k] = fmin(fmax(e->x[k], -furthest), furthest);
    fsbi_residual_net_forward(&e->net, parameters, e->x, e->context, stride, e->output);
    for (size_t k = size * stride; k < 2 * size * stride; k++)
        e->output[k] = fmin(fmax(e->output[k], least_log_spread), largest_log_spread);
    return (fsbi_emulator_prediction){.mean = e->output,
                                      .log_spread = e->output + size * stride,
                                      .log_odds = e->output + 2 * size * stride,
                                      .stride = stride};
}

static size_t count_known(const fsbi_real *theta, size_t size) {
    size_t known = 0;
    for (size_t j = 0; j < size; j++)
        known += isnan(theta[j]) ? 0 : 1;
    return known;
}

/* The loss of a row: that of its known entries on average, and that of ending well. With `weight`
 * above 0 also weight times its gradient with respect to the network's output. */
static double row_loss(emulator *e, const fsbi_emulator_prediction *p, const fsbi_real *theta,
                       size_t row, double weight) {
    const size_t size = e->specification.theta_size;
    const size_t stride = p->stride;
    const size_t known = count_known(theta, size);
    const fsbi_real odds = p->log_odds[row];
    const fsbi_real label = known > 0 ? 1 : 0;
    double loss = (double)fsbi_real_softplus(known > 0 ? -odds : odds);
    e->output_gradient[2 * size * stride + row] =
        (fsbi_real)weight * (fsbi_real_sigmoid(odds) - label);
    const fsbi_real share = (fsbi_real)(weight / (double)(known > 0 ? known : 1));
    for (size_t j = 0; j < size; j++) {
        fsbi_real *mean_gradient = &e->output_gradient[j * stride + row];
        fsbi_real *spread_gradient = &e->output_gradient[(size + j) * stride + row];
        *mean_gradient = *spread_gradient = 0;
        if (isnan(theta[j]))
            continue;
        const fsbi_real log_spread = p->log_spread[j * stride + row];
        const fsbi_real precision = exp(-2 * log_spread);
        const fsbi_real off = p->mean[j * stride + row] - theta[j];
        loss += (double)(off * off * precision / 2 + log_spread) / (double)known;
        *mean_gradient = share * off * precision;
        if (log_spread > least_log_spread && log_spread < largest_log_spread)
            *spread_gradient = share * (1 - off * off * precision);
    }
    return loss;
}

static void log_prob(void *workspace, const fsbi_real *parameters,
                     const fsbi_estimator_batch *batch, fsbi_real *result) {
    emulator *e = workspace;
    const fsbi_emulator_prediction p = fsbi_emulator_predict(e, parameters, batch->x, batch->rows);
    for (size_t row = 0; row < batch->rows; row++)
        result[row] =
            (fsbi_real)-row_loss(e, &p, batch->theta + row * e->specification.theta_size, row, 0);
}

static double loss_gradient(void *workspace, const fsbi_real *parameters,
                            const fsbi_estimator_batch *batch, double weight, fsbi_real *gradient) {
    emulator *e = workspace;
    const size_t size = e->specification.theta_size;
    const fsbi_emulator_prediction p = fsbi_emulator_predict(e, parameters, batch->x, batch->rows);
    double loss = 0;
    for (size_t row = 0; row < batch->rows; row++)
        loss += weight * row_loss(e, &p, batch->theta + row * size, row, weight);
    for (size_t j = 0; j < 2 * size + 1; j++)
        for (size_t row = batch->rows; row < p.stride; row++)
            e->output_gradient[j * p.stride + row] = 0;
    memset(gradient, 0, parameter_count(NULL, &e->specification) * sizeof *gradient);
    fsbi_residual_net_backward(&e->net, parameters, e->output_gradient, gradient, e->x_gradient);
    return loss;
}

const fsbi_estimator fsbi_estimator_emulator = {
    .name = "emulator",
    .parameter_count = parameter_count,
    .create = create,
    .destroy = destroy,
    .initialise = initialise,
    .log_prob = log_prob,
    .loss_gradient = loss_gradient,
};
