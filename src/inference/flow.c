/* Conditional flows. Each transform moves features by functions of one number (bijector.h), whose
 * parameters a residual network computes from other features and x, and mixes the features by an LU
 * linear layer. Coupling transforms move every other feature, given the rest; autoregressive ones
 * move all, each given those before it in the transform's order, which alternates. What comes out
 * is compared with a standard normal. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "inference/bijector.h"
#include "inference/estimator.h"
#include "inference/lu_linear.h"
#include "nets/batch.h"
#include "nets/blas.h"
#include "nets/residual_net.h"

typedef struct {
    const fsbi_bijector *bijector;
    bool autoregressive;
} flow_variant;

/* One transform: its network, what it was given, and the bijectors' parameters that came out. */
typedef struct {
    size_t moved, kept; /* numbers of features that are moved, and that the network sees */
    size_t first_moved, first_kept; /* of these features; the following ones are `step` apart */
    size_t step;
    size_t net_offset, linear_offset; /* in the weights */
    fsbi_residual_net net;
    fsbi_real *input;     /* theta_size features */
    fsbi_real *mixed;     /* theta_size features and one of ones: after the bijectors */
    fsbi_real *bijectors; /* for each moved feature as many as an bijector has parameters */
    fsbi_real *matrices;  /* of the linear layer */
} transform;

typedef struct {
    fsbi_estimator_specification specification;
    const flow_variant *variant;
    fsbi_bijector_shape bijector_shape;
    size_t bijector_parameters;
    size_t parameter_count;
    transform *transforms;
    fsbi_real *mask;   /* autoregressive: 1 for each weight that there is, 0 for others */
    fsbi_real *masked; /* weights, those that there are not being 0 */
    /* Batches of as many features as named */
    fsbi_real *context;           /* x_size and ones */
    fsbi_real *values;            /* theta_size: what the flow has come to */
    fsbi_real *gradient;          /* theta_size */
    fsbi_real *other;             /* theta_size */
    fsbi_real *kept;              /* theta_size: a network's input, and its gradient */
    fsbi_real *bijector_gradient; /* of all bijectors of a transform */
    fsbi_real *log_det;           /* 1 */
    fsbi_real *row_weight;        /* 1: gradient with respect to the log-determinant */
} flow;

static bool is_autoregressive(const fsbi_estimator *self) {
    return ((const flow_variant *)self->variant)->autoregressive;
}

static size_t moved_features(const fsbi_estimator *self,
                             const fsbi_estimator_specification *specification, size_t index) {
    if (is_autoregressive(self))
        return specification->theta_size;
    return index % 2 == 0 ? (specification->theta_size + 1) / 2 : specification->theta_size / 2;
}

static size_t bijector_parameters(const fsbi_estimator *self,
                                  const fsbi_estimator_specification *specification) {
    return ((const flow_variant *)self->variant)->bijector->parameters(specification->bins);
}

static fsbi_residual_net_shape net_shape(const fsbi_estimator *self,
                                         const fsbi_estimator_specification *specification,
                                         size_t index) {
    const size_t moved = moved_features(self, specification, index);
    const size_t kept =
        is_autoregressive(self) ? specification->theta_size : specification->theta_size - moved;
    return (fsbi_residual_net_shape){.input = kept,
                                     .context = specification->x_size,
                                     .hidden = specification->hidden_features,
                                     .blocks = specification->blocks,
                                     .output = moved * bijector_parameters(self, specification)};
}

static size_t net_parameters(const fsbi_estimator *self,
                             const fsbi_estimator_specification *specification, size_t index) {
    const fsbi_residual_net_shape net = net_shape(self, specification, index);
    return net.output == 0 ? 0 : fsbi_residual_net_parameters(&net);
}

static size_t parameter_count(const fsbi_estimator *self,
                              const fsbi_estimator_specification *specification) {
    size_t count = specification->transforms * fsbi_lu_linear_parameters(specification->theta_size);
    for (size_t i = 0; i < specification->transforms; i++)
        count += net_parameters(self, specification, i);
    return count;
}

static void destroy(void *workspace) {
    flow *f = workspace;
    if (f == NULL)
        return;
    for (size_t i = 0; f->transforms != NULL && i < f->specification.transforms; i++) {
        transform *t = &f->transforms[i];
        fsbi_residual_net_clear(&t->net);
        free(t->input);
        free(t->mixed);
        free(t->bijectors);
        free(t->matrices);
    }
    free(f->transforms);
    free(f->mask);
    free(f->masked);
    free(f->context);
    free(f->values);
    free(f->gradient);
    free(f->other);
    free(f->kept);
    free(f->bijector_gradient);
    free(f->log_det);
    free(f->row_weight);
    free(f);
}

static fsbi_real *reals(size_t count, fsbi_error *error) {
    return fsbi_memory_allocate(count, sizeof(fsbi_real), error);
}

static fsbi_status init_transform(const fsbi_estimator *self, flow *f, size_t index, size_t offset,
                                  size_t rows, fsbi_error *error) {
    const fsbi_estimator_specification *specification = &f->specification;
    const size_t stride = fsbi_batch_stride(rows);
    const fsbi_residual_net_shape net = net_shape(self, specification, index);
    transform *t = &f->transforms[index];
    t->moved = moved_features(self, specification, index);
    t->kept = net.input;
    t->step = is_autoregressive(self) ? 1 : 2;
    t->first_moved = is_autoregressive(self) ? 0 : index % 2;
    t->first_kept = is_autoregressive(self) ? 0 : 1 - index % 2;
    t->net_offset = offset;
    t->linear_offset = offset + net_parameters(self, specification, index);
    t->input = reals(specification->theta_size * stride, error);
    t->mixed = reals((specification->theta_size + 1) * stride, error);
    t->bijectors = reals(net.output * stride, error);
    t->matrices = reals(fsbi_lu_linear_room(specification->theta_size), error);
    if (t->input == NULL || t->mixed == NULL || t->bijectors == NULL || t->matrices == NULL)
        return FSBI_NO_MEMORY;
    return fsbi_residual_net_init(&t->net, &net, rows, error);
}

/* A feature's place in the order of an autoregressive transform. */
static size_t order_of(const fsbi_estimator_specification *specification, size_t index,
                       size_t feature) {
    return index % 2 == 0 ? feature : specification->theta_size - 1 - feature;
}

static fsbi_status init_masks(const fsbi_estimator *self, flow *f, fsbi_error *error) {
    const fsbi_estimator_specification *specification = &f->specification;
    const size_t n = specification->theta_size;
    f->mask = reals(f->parameter_count, error);
    f->masked = reals(f->parameter_count, error);
    size_t *order = fsbi_memory_allocate(n + n * f->bijector_parameters, sizeof *order, error);
    if (f->mask == NULL || f->masked == NULL || order == NULL) {
        free(order);
        return FSBI_NO_MEMORY;
    }
    for (size_t i = 0; i < f->parameter_count; i++)
        f->mask[i] = 1;
    for (size_t index = 0; index < specification->transforms; index++) {
        const fsbi_residual_net_shape net = net_shape(self, specification, index);
        for (size_t i = 0; i < n; i++)
            order[i] = order_of(specification, index, i);
        for (size_t k = 0; k < net.output; k++)
            order[n + k] = order_of(specification, index, k / f->bijector_parameters);
        fsbi_residual_net_mask(&net, order, order + n, f->mask + f->transforms[index].net_offset);
    }
    free(order);
    return FSBI_OK;
}

static void *create(const fsbi_estimator *self, const fsbi_estimator_specification *specification,
                    size_t rows, fsbi_error *error) {
    flow *f =
        fsbi_blas_prepare(error) == FSBI_OK ? fsbi_memory_allocate(1, sizeof *f, error) : NULL;
    if (f == NULL)
        return NULL;
    f->specification = *specification;
    f->variant = self->variant;
    f->bijector_shape =
        (fsbi_bijector_shape){.bins = specification->bins,
                              .bound = (fsbi_real)specification->tail_bound,
                              .scale = (fsbi_real)sqrt((double)specification->hidden_features)};
    f->bijector_parameters = bijector_parameters(self, specification);
    f->parameter_count = parameter_count(self, specification);
    const size_t stride = fsbi_batch_stride(rows);
    const size_t n = specification->theta_size;
    const struct {
        fsbi_real **batch;
        size_t features;
    } batches[] = {
        {&f->context, specification->x_size + 1},
        {&f->values, n},
        {&f->gradient, n},
        {&f->other, n},
        {&f->kept, n},
        {&f->bijector_gradient, moved_features(self, specification, 0) * f->bijector_parameters},
        {&f->log_det, 1},
        {&f->row_weight, 1}};
    f->transforms = fsbi_memory_allocate(specification->transforms, sizeof *f->transforms, error);
    bool complete = f->transforms != NULL;
    for (size_t i = 0; i < sizeof batches / sizeof *batches; i++) {
        *batches[i].batch = reals(batches[i].features * stride, error);
        complete = complete && *batches[i].batch != NULL;
    }
    size_t offset = 0;
    for (size_t i = 0; i < specification->transforms && complete; i++) {
        complete = init_transform(self, f, i, offset, rows, error) == FSBI_OK;
        offset += net_parameters(self, specification, i) + fsbi_lu_linear_parameters(n);
    }
    if (complete && is_autoregressive(self))
        complete = init_masks(self, f, error) == FSBI_OK;
    if (!complete) {
        destroy(f);
        return NULL;
    }
    return f;
}

static void initialise(const fsbi_estimator *self,
                       const fsbi_estimator_specification *specification, gsl_rng *stream,
                       fsbi_real *parameters) {
    for (size_t i = 0; i < specification->transforms; i++) {
        const fsbi_residual_net_shape net = net_shape(self, specification, i);
        if (net.output > 0)
            fsbi_residual_net_initialise(&net, stream, parameters);
        parameters += net_parameters(self, specification, i);
        fsbi_lu_linear_initialise(specification->theta_size, parameters);
        parameters += fsbi_lu_linear_parameters(specification->theta_size);
    }
}

/* The weights that networks compute with. */
static const fsbi_real *present_weights(flow *f, const fsbi_real *parameters) {
    if (!f->variant->autoregressive)
        return parameters;
    for (size_t i = 0; i < f->parameter_count; i++)
        f->masked[i] = f->mask[i] * parameters[i];
    return f->masked;
}

static void start_batch(flow *f, const fsbi_real *theta, const fsbi_real *x, size_t rows) {
    const size_t stride = fsbi_batch_stride(rows);
    fsbi_batch_from_rows(x, rows, f->specification.x_size, f->context);
    fsbi_batch_ones(f->context + f->specification.x_size * stride, stride);
    fsbi_batch_from_rows(theta, rows, f->specification.theta_size, f->values);
}

/* The bijectors of every sample, from the features that the network sees and from x. */
static void compute_bijectors(flow *f, transform *t, const fsbi_real *weights,
                              const fsbi_real *values, size_t stride) {
    const size_t length = f->bijector_parameters * stride;
    if (t->moved == 0)
        return;
    for (size_t j = 0; j < t->kept; j++)
        memcpy(f->kept + j * stride, values + (t->first_kept + t->step * j) * stride,
               stride * sizeof *values);
    fsbi_residual_net_forward(&t->net, weights + t->net_offset, f->kept, f->context, stride,
                              t->bijectors);
    for (size_t j = 0; j < t->moved; j++)
        f->variant->bijector->prepare(&f->bijector_shape, stride, t->bijectors + j * length);
}

/* theta -> noise, in f->values; leaves log |det| of each sample in f->log_det. */
static void forward(flow *f, const fsbi_real *weights, size_t stride) {
    const size_t n = f->specification.theta_size;
    const size_t length = f->bijector_parameters * stride;
    memset(f->log_det, 0, stride * sizeof *f->log_det);
    for (size_t i = 0; i < f->specification.transforms; i++) {
        transform *t = &f->transforms[i];
        memcpy(t->input, f->values, n * stride * sizeof *t->input);
        memcpy(t->mixed, f->values, n * stride * sizeof *t->mixed);
        fsbi_batch_ones(t->mixed + n * stride, stride);
        compute_bijectors(f, t, weights, t->input, stride);
        for (size_t j = 0; j < t->moved; j++)
            f->variant->bijector->forward(&f->bijector_shape, stride, t->bijectors + j * length,
                                          t->mixed + (t->first_moved + t->step * j) * stride,
                                          f->log_det);
        const fsbi_real log_det =
            fsbi_lu_linear_prepare(n, weights + t->linear_offset, t->matrices);
        for (size_t j = 0; j < stride; j++)
            f->log_det[j] += log_det;
        fsbi_lu_linear_forward(n, t->matrices, t->mixed, stride, f->values);
    }
}

/* log q of each sample from what `forward` left. */
static void finish_log_prob(const flow *f, size_t rows, fsbi_real *result) {
    static const double log_two_pi = 1.8378770664093454836;
    const size_t n = f->specification.theta_size;
    const size_t stride = fsbi_batch_stride(rows);
    for (size_t row = 0; row < rows; row++) {
        fsbi_real squares = 0;
        for (size_t j = 0; j < n; j++)
            squares += f->values[j * stride + row] * f->values[j * stride + row];
        result[row] = f->log_det[row] - (squares + (fsbi_real)((double)n * log_two_pi)) / 2;
    }
}

static void log_prob(void *workspace, const fsbi_real *parameters,
                     const fsbi_estimator_batch *batch, fsbi_real *result) {
    flow *f = workspace;
    start_batch(f, batch->theta, batch->x, batch->rows);
    forward(f, present_weights(f, parameters), fsbi_batch_stride(batch->rows));
    finish_log_prob(f, batch->rows, result);
}

/* Back through one transform: f->gradient is with respect to its output and becomes that to its
 * input. */
static void transform_backward(flow *f, transform *t, const fsbi_real *weights, size_t stride,
                               fsbi_real log_det_gradient, fsbi_real *gradient) {
    const size_t n = f->specification.theta_size;
    const size_t length = f->bijector_parameters * stride;
    const fsbi_lu_linear_pass pass = {.parameters = weights + t->linear_offset,
                                      .input = t->mixed,
                                      .output_gradient = f->gradient,
                                      .log_det_gradient = log_det_gradient,
                                      .stride = stride};
    fsbi_lu_linear_backward(n, t->matrices, &pass,
                            gradient == NULL ? NULL : gradient + t->linear_offset, f->other);
    for (size_t j = 0; j < t->moved; j++) {
        const size_t feature = (t->first_moved + t->step * j) * stride;
        const fsbi_bijector_gradients gradients = {.log_derivative = f->row_weight,
                                                   .value = f->other + feature,
                                                   .parameters = f->bijector_gradient + j * length};
        f->variant->bijector->backward(&f->bijector_shape, stride, t->bijectors + j * length,
                                       t->input + feature, &gradients);
    }
    if (t->moved > 0) {
        fsbi_residual_net_backward(&t->net, weights + t->net_offset, f->bijector_gradient,
                                   gradient == NULL ? NULL : gradient + t->net_offset, f->kept);
        for (size_t j = 0; j < t->kept; j++)
            for (size_t l = 0; l < stride; l++)
                f->other[(t->first_kept + t->step * j) * stride + l] += f->kept[j * stride + l];
    }
    fsbi_real *swap = f->gradient;
    f->gradient = f->other;
    f->other = swap;
}

/* After `forward`: the gradient of the sum of -weight log q; with respect to theta it remains in
 * f->gradient. */
static void backward(flow *f, const fsbi_real *weights, size_t rows, fsbi_real weight,
                     fsbi_real *gradient) {
    const size_t stride = fsbi_batch_stride(rows);
    for (size_t l = 0; l < stride; l++)
        f->row_weight[l] = l < rows ? -weight : 0;
    for (size_t j = 0; j < f->specification.theta_size; j++)
        for (size_t l = 0; l < stride; l++)
            f->gradient[j * stride + l] = -f->row_weight[l] * f->values[j * stride + l];
    for (size_t i = f->specification.transforms; i-- > 0;)
        transform_backward(f, &f->transforms[i], weights, stride, -weight * (fsbi_real)rows,
                           gradient);
}

static double loss_gradient(void *workspace, const fsbi_real *parameters,
                            const fsbi_estimator_batch *batch, double weight, fsbi_real *gradient) {
    flow *f = workspace;
    const size_t rows = batch->rows;
    const fsbi_real *weights = present_weights(f, parameters);
    start_batch(f, batch->theta, batch->x, rows);
    forward(f, weights, fsbi_batch_stride(rows));
    fsbi_real *row_log_prob = f->other; /* free until the way back */
    finish_log_prob(f, rows, row_log_prob);
    double loss = 0;
    for (size_t row = 0; row < rows; row++)
        loss -= (double)row_log_prob[row] * weight;
    memset(gradient, 0, f->parameter_count * sizeof *gradient);
    backward(f, weights, rows, (fsbi_real)weight, gradient);
    if (f->mask != NULL)
        for (size_t i = 0; i < f->parameter_count; i++)
            gradient[i] *= f->mask[i];
    return loss;
}

static void theta_gradient(void *workspace, const fsbi_real *parameters,
                           const fsbi_estimator_batch *batch, fsbi_real *result,
                           fsbi_real *gradient) {
    flow *f = workspace;
    const size_t rows = batch->rows;
    const fsbi_real *weights = present_weights(f, parameters);
    start_batch(f, batch->theta, batch->x, rows);
    forward(f, weights, fsbi_batch_stride(rows));
    finish_log_prob(f, rows, result);
    backward(f, weights, rows, -1, NULL);
    fsbi_batch_to_rows(f->gradient, rows, f->specification.theta_size, gradient);
}

/* Undoes the bijectors of one transform in f->values. An autoregressive one feature by feature,
 * each needing those before it. */
static void invert_bijectors(flow *f, size_t index, const fsbi_real *weights, size_t stride) {
    transform *t = &f->transforms[index];
    const size_t length = f->bijector_parameters * stride;
    if (f->variant->autoregressive) {
        for (size_t k = 0; k < t->moved; k++) {
            const size_t feature = order_of(&f->specification, index, k);
            compute_bijectors(f, t, weights, f->values, stride);
            f->variant->bijector->inverse(&f->bijector_shape, stride,
                                          t->bijectors + feature * length,
                                          f->values + feature * stride);
        }
        return;
    }
    compute_bijectors(f, t, weights, f->values, stride);
    for (size_t j = 0; j < t->moved; j++)
        f->variant->bijector->inverse(&f->bijector_shape, stride, t->bijectors + j * length,
                                      f->values + (t->first_moved + t->step * j) * stride);
}

static void sample(void *workspace, const fsbi_real *parameters, const fsbi_real *x, size_t rows,
                   fsbi_real *theta) {
    flow *f = workspace;
    const size_t n = f->specification.theta_size;
    const size_t stride = fsbi_batch_stride(rows);
    const fsbi_real *weights = present_weights(f, parameters);
    start_batch(f, theta, x, rows);
    for (size_t i = f->specification.transforms; i-- > 0;) {
        transform *t = &f->transforms[i];
        fsbi_lu_linear_prepare(n, weights + t->linear_offset, t->matrices);
        fsbi_lu_linear_inverse(n, t->matrices, stride, f->values);
        invert_bijectors(f, i, weights, stride);
    }
    fsbi_batch_to_rows(f->values, rows, n, theta);
}

#define FLOW(estimator_name, flow_variant_pointer)                                                 \
    {                                                                                              \
        .name = (estimator_name), .variant = (flow_variant_pointer),                               \
        .parameter_count = parameter_count, .create = create, .destroy = destroy,                  \
        .initialise = initialise, .log_prob = log_prob, .theta_gradient = theta_gradient,          \
        .loss_gradient = loss_gradient, .sample = sample                                           \
    }

static const flow_variant spline_coupling = {&fsbi_bijector_spline, false};
static const flow_variant affine_autoregressive = {&fsbi_bijector_affine, true};
static const flow_variant spline_autoregressive = {&fsbi_bijector_spline, true};

const fsbi_estimator fsbi_estimator_nsf = FLOW("nsf", &spline_coupling);
const fsbi_estimator fsbi_estimator_maf = FLOW("maf", &affine_autoregressive);
const fsbi_estimator fsbi_estimator_nsf_ar = FLOW("nsf_ar", &spline_autoregressive);
