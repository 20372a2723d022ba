/* A residual network of x puts out, of every component, a mean and the logarithm of a spread for
 * each entry of theta; then the components' shares before their softmax; then the log-odds that any
 * entry is known. A linear map of x, which stands after its weights, is added to the means of all
 * components. */
#include "inference/emulator.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <tgmath.h>

#include "core/memory.h"
#include "inference/network_of_x.h"
#include "inference/ridge.h"
#include "nets/batch.h"
#include "nets/elementary.h"
#include "nets/products.h"

/* Logarithms of spreads beyond these count as these, so that no sample is believed absolutely. */
static const fsbi_real least_log_spread = -4;
static const fsbi_real largest_log_spread = 2;

/* An x so many standard deviations off counts as this: nothing is known of what lies further. */
static const fsbi_real furthest = 10;

typedef struct {
    fsbi_estimator_specification specification;
    fsbi_network_of_x network;
    fsbi_real *output_gradient;
    fsbi_real *precision; /* 1 over squared spreads, where means stand in the output */
    fsbi_real *x_and_one; /* x_size + 1 features */
    fsbi_real *linear;    /* theta_size features: the linear map of x, or its gradient */
} emulator;

static size_t output_size(const fsbi_estimator_specification *specification) {
    return specification->transforms * (2 * specification->theta_size + 1) + 1;
}

static size_t network_size(const fsbi_estimator *self,
                           const fsbi_estimator_specification *specification) {
    (void)self;
    return fsbi_network_of_x_parameters(specification, output_size(specification));
}

static size_t linear_size(const fsbi_estimator_specification *specification) {
    return specification->theta_size * (specification->x_size + 1);
}

static size_t parameter_count(const fsbi_estimator *self,
                              const fsbi_estimator_specification *specification) {
    return network_size(self, specification) + linear_size(specification);
}

static void destroy(void *workspace) {
    emulator *e = workspace;
    if (e == NULL)
        return;
    fsbi_network_of_x_clear(&e->network);
    free(e->output_gradient);
    free(e->precision);
    free(e->x_and_one);
    free(e->linear);
    free(e);
}

static void *create(const fsbi_estimator *self, const fsbi_estimator_specification *specification,
                    size_t rows, fsbi_error *error) {
    (void)self;
    const size_t outputs = output_size(specification);
    const size_t stride = fsbi_batch_stride(rows);
    const size_t count = outputs * stride;
    emulator *e = fsbi_memory_allocate(1, sizeof *e, error);
    if (e == NULL)
        return NULL;
    e->specification = *specification;
    e->output_gradient = fsbi_memory_allocate(count, sizeof *e->output_gradient, error);
    e->precision = fsbi_memory_allocate(count, sizeof *e->precision, error);
    e->x_and_one =
        fsbi_memory_allocate((specification->x_size + 1) * stride, sizeof *e->x_and_one, error);
    e->linear = fsbi_memory_allocate(specification->theta_size * stride, sizeof *e->linear, error);
    if (e->output_gradient != NULL && e->precision != NULL && e->x_and_one != NULL &&
        e->linear != NULL &&
        fsbi_network_of_x_init(&e->network, specification, outputs, rows, error) == FSBI_OK)
        return e;
    destroy(e);
    return NULL;
}

/* The network begins as a small disturbance of the line, which is flat. */
static void initialise(const fsbi_estimator *self,
                       const fsbi_estimator_specification *specification, gsl_rng *stream,
                       fsbi_real *parameters) {
    static const fsbi_real small = (fsbi_real)0.1;
    const size_t size = network_size(self, specification);
    const size_t outputs = output_size(specification) * (specification->hidden_features + 1);
    fsbi_network_of_x_initialise(specification, output_size(specification), stream, parameters);
    for (size_t k = size - outputs; k < size; k++)
        parameters[k] *= small;
    memset(parameters + size, 0, linear_size(specification) * sizeof *parameters);
}

static fsbi_status prime(const fsbi_estimator *self,
                         const fsbi_estimator_specification *specification,
                         const fsbi_training_data *data, fsbi_real *parameters, fsbi_error *error) {
    return fsbi_ridge_fit(data, specification->theta_size, specification->x_size,
                          parameters + network_size(self, specification), error);
}

/* The softmax of the components' shares, as logarithms, in place. */
static void normalise_shares(fsbi_real *share, size_t components, size_t stride) {
    for (size_t i = 0; i < stride; i++) {
        fsbi_real most = share[i];
        fsbi_real sum = 0;
        for (size_t k = 1; k < components; k++)
            most = fmax(most, share[k * stride + i]);
        for (size_t k = 0; k < components; k++)
            sum += exp(share[k * stride + i] - most);
        for (size_t k = 0; k < components; k++)
            share[k * stride + i] -= most + log(sum);
    }
}

/* Adds the linear map of x to the means of all components. */
static void add_line(emulator *e, const fsbi_real *weights, size_t stride) {
    const size_t size = e->specification.theta_size;
    const size_t width = e->specification.x_size + 1;
    memcpy(e->x_and_one, e->network.x, (width - 1) * stride * sizeof *e->x_and_one);
    fsbi_batch_ones(e->x_and_one + (width - 1) * stride, stride);
    fsbi_product(weights, e->x_and_one, &(fsbi_product_sizes){size, width, stride}, e->linear);
    for (size_t k = 0; k < e->specification.transforms; k++) {
        fsbi_real *mean = e->network.output + 2 * k * size * stride;
        for (size_t i = 0; i < size * stride; i++)
            mean[i] += e->linear[i];
    }
}

/* The gradient with respect to the weights of this map. */
static void line_gradient(emulator *e, size_t stride, fsbi_real *gradient) {
    const size_t size = e->specification.theta_size;
    memset(e->linear, 0, size * stride * sizeof *e->linear);
    memset(gradient, 0, linear_size(&e->specification) * sizeof *gradient);
    for (size_t k = 0; k < e->specification.transforms; k++) {
        const fsbi_real *mean = e->output_gradient + 2 * k * size * stride;
        for (size_t i = 0; i < size * stride; i++)
            e->linear[i] += mean[i];
    }
    fsbi_product_add_outer(e->linear, e->x_and_one, size, e->specification.x_size + 1, stride,
                           gradient);
}

fsbi_emulator_prediction fsbi_emulator_predict(void *workspace, const fsbi_real *parameters,
                                               const fsbi_real *x, size_t rows) {
    emulator *e = workspace;
    const size_t size = e->specification.theta_size;
    const size_t components = e->specification.transforms;
    const size_t stride = fsbi_batch_stride(rows);
    fsbi_real *share = e->network.output + components * 2 * size * stride;
    fsbi_batch_from_rows(x, rows, e->specification.x_size, e->network.x);
    for (size_t k = 0; k < e->specification.x_size * stride; k++)
        e->network.x[k] = fmin(fmax(e->network.x[k], -furthest), furthest);
    fsbi_network_of_x_forward(&e->network, parameters, stride);
    add_line(e, parameters + network_size(NULL, &e->specification), stride);
    for (size_t k = 0; k < components; k++) {
        fsbi_real *log_spread = e->network.output + (2 * k + 1) * size * stride;
        for (size_t i = 0; i < size * stride; i++)
            log_spread[i] = fmin(fmax(log_spread[i], least_log_spread), largest_log_spread);
    }
    normalise_shares(share, components, stride);
    return (fsbi_emulator_prediction){.mean = e->network.output,
                                      .log_spread = e->network.output + size * stride,
                                      .log_share = share,
                                      .log_odds = share + components * stride,
                                      .components = components,
                                      .entry_stride = 2 * size,
                                      .stride = stride};
}

/* exp(-2 log_spread) of all components. */
static void find_precisions(emulator *e, size_t stride) {
    const size_t count = e->specification.theta_size * stride;
    const fsbi_real largest = exp(-2 * least_log_spread);
    for (size_t k = 0; k < e->specification.transforms; k++) {
        const fsbi_real *log_spread = e->network.output + (2 * k + 1) * count;
        fsbi_real *precision = e->precision + 2 * k * count;
        for (size_t i = 0; i < count; i++)
            precision[i] = largest * fsbi_real_exp_minus(2 * (log_spread[i] - least_log_spread));
    }
}

static size_t count_known(const fsbi_real *theta, size_t size) {
    size_t known = 0;
    for (size_t j = 0; j < size; j++)
        known += isnan(theta[j]) ? 0 : 1;
    return known;
}

/* log of the share of a component times its density, but for a constant. */
static double component_log(const emulator *e, const fsbi_emulator_prediction *p,
                            const fsbi_real *theta, size_t row, size_t component) {
    double sum = (double)p->log_share[component * p->stride + row];
    for (size_t j = 0; j < e->specification.theta_size; j++) {
        const size_t at = (component * p->entry_stride + j) * p->stride + row;
        if (isnan(theta[j]))
            continue;
        const fsbi_real off = p->mean[at] - theta[j];
        sum -= (double)(off * off * e->precision[at] / 2 + p->log_spread[at]);
    }
    return sum;
}

/* How far each component accounts for a row; returns the log of the mixture's density. */
static double responsibilities(const emulator *e, const fsbi_emulator_prediction *p,
                               const fsbi_real *theta, size_t row,
                               double responsibility[FSBI_EMULATOR_COMPONENTS]) {
    double most = -INFINITY;
    double sum = 0;
    for (size_t k = 0; k < p->components; k++) {
        responsibility[k] = component_log(e, p, theta, row, k);
        most = fmax(most, responsibility[k]);
    }
    for (size_t k = 0; k < p->components; k++) {
        responsibility[k] = exp(responsibility[k] - most);
        sum += responsibility[k];
    }
    for (size_t k = 0; k < p->components; k++)
        responsibility[k] /= sum;
    return most + log(sum);
}

/* Adds `share` times the gradient of -log of the mixture's density, of one component. */
static void component_gradient(emulator *e, const fsbi_emulator_prediction *p,
                               const fsbi_real *theta, size_t place[2], double share) {
    const size_t row = place[0];
    for (size_t j = 0; j < e->specification.theta_size; j++) {
        const size_t mean = (place[1] * p->entry_stride + j) * p->stride + row;
        const size_t spread = mean + e->specification.theta_size * p->stride;
        if (isnan(theta[j]))
            continue;
        const fsbi_real log_spread = e->network.output[spread];
        const fsbi_real precision = e->precision[mean];
        const fsbi_real off = e->network.output[mean] - theta[j];
        e->output_gradient[mean] = (fsbi_real)share * off * precision;
        if (log_spread > least_log_spread && log_spread < largest_log_spread)
            e->output_gradient[spread] = (fsbi_real)share * (1 - off * off * precision);
    }
}

/* The loss of a row: that of its known entries on average, and that of ending well; and `weight`
 * times its gradient with respect to the network's output, which is 0 there so far. */
static double row_loss(emulator *e, const fsbi_emulator_prediction *p, const fsbi_real *theta,
                       size_t row, double weight) {
    const size_t size = e->specification.theta_size;
    const size_t known = count_known(theta, size);
    const fsbi_real odds = p->log_odds[row];
    const fsbi_real label = known > 0 ? 1 : 0;
    fsbi_real *share_gradient = e->output_gradient + p->components * 2 * size * p->stride + row;
    double responsibility[FSBI_EMULATOR_COMPONENTS];
    double loss = (double)fsbi_real_softplus(known > 0 ? -odds : odds);
    share_gradient[p->components * p->stride] =
        (fsbi_real)weight * (fsbi_real_sigmoid(odds) - label);
    if (known == 0)
        return loss;
    loss -= responsibilities(e, p, theta, row, responsibility) / (double)known;
    const double part = weight / (double)known;
    for (size_t k = 0; k < p->components; k++) {
        const double share = exp((double)p->log_share[k * p->stride + row]);
        share_gradient[k * p->stride] = (fsbi_real)(part * (share - responsibility[k]));
        component_gradient(e, p, theta, (size_t[]){row, k}, part * responsibility[k]);
    }
    return loss;
}

static void log_prob(void *workspace, const fsbi_real *parameters,
                     const fsbi_estimator_batch *batch, fsbi_real *result) {
    emulator *e = workspace;
    const fsbi_emulator_prediction p = fsbi_emulator_predict(e, parameters, batch->x, batch->rows);
    find_precisions(e, p.stride);
    for (size_t row = 0; row < batch->rows; row++)
        result[row] =
            (fsbi_real)-row_loss(e, &p, batch->theta + row * e->specification.theta_size, row, 0);
}

static double loss_gradient(void *workspace, const fsbi_real *parameters,
                            const fsbi_estimator_batch *batch, double weight, fsbi_real *gradient) {
    emulator *e = workspace;
    const size_t size = e->specification.theta_size;
    const fsbi_emulator_prediction p = fsbi_emulator_predict(e, parameters, batch->x, batch->rows);
    find_precisions(e, p.stride);
    double loss = 0;
    memset(e->output_gradient, 0,
           output_size(&e->specification) * p.stride * sizeof *e->output_gradient);
    for (size_t row = 0; row < batch->rows; row++)
        loss += weight * row_loss(e, &p, batch->theta + row * size, row, weight);
    fsbi_network_of_x_backward(&e->network, parameters, e->output_gradient, gradient);
    line_gradient(e, p.stride, gradient + network_size(NULL, &e->specification));
    return loss;
}

const fsbi_estimator fsbi_estimator_emulator = {
    .name = "emulator",
    .of_metrics = true,
    .parameter_count = parameter_count,
    .create = create,
    .destroy = destroy,
    .initialise = initialise,
    .prime = prime,
    .decayed_count = network_size,
    .log_prob = log_prob,
    .loss_gradient = loss_gradient,
};
