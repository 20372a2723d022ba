/* Conditional neural spline flow. Each transform is a coupling layer, which moves every other
 * feature by a spline whose parameters a residual network computes from the remaining features and
 * x, followed by an LU linear layer that mixes them. What comes out is compared with a standard
 * normal. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <tgmath.h>

#include "core/memory.h"
#include "inference/blas_threads.h"
#include "inference/estimator.h"
#include "inference/lu_linear.h"
#include "inference/residual_net.h"
#include "inference/spline.h"

/* One transform: its network, what it was given, and the splines that came out. */
typedef struct {
    size_t moved, kept;       /* numbers of features that splines move, and that pass */
    size_t first_moved;       /* moved features are first_moved, first_moved + 2, ... */
    size_t parameters_offset; /* of the network; the linear layer's follow */
    fsbi_residual_net net;
    fsbi_real *input;    /* rows x theta_size */
    fsbi_real *mixed;    /* rows x theta_size: after the splines */
    fsbi_real *splines;  /* rows x moved x parameters of a spline */
    fsbi_real *matrices; /* of the linear layer */
} transform;

typedef struct {
    fsbi_estimator_shape shape;
    fsbi_spline_shape spline;
    transform *transforms;
    fsbi_real *kept;            /* rows x at most theta_size: input of a network */
    fsbi_real *kept_gradient;   /* the same */
    fsbi_real *gradient;        /* rows x theta_size */
    fsbi_real *other;           /* rows x theta_size */
    fsbi_real *spline_gradient; /* rows x moved x parameters of a spline */
    fsbi_real *log_prob;        /* rows */
} nsf;

static size_t moved_features(const fsbi_estimator_shape *shape, size_t index) {
    return index % 2 == 0 ? (shape->theta_size + 1) / 2 : shape->theta_size / 2;
}

static fsbi_residual_net_shape net_shape(const fsbi_estimator_shape *shape, size_t index) {
    size_t moved = moved_features(shape, index);
    return (fsbi_residual_net_shape){.input = shape->theta_size - moved,
                                     .context = shape->x_size,
                                     .hidden = shape->hidden_features,
                                     .blocks = shape->blocks,
                                     .output = moved * fsbi_spline_parameters(shape->bins)};
}

static size_t net_parameters(const fsbi_estimator_shape *shape, size_t index) {
    fsbi_residual_net_shape net = net_shape(shape, index);
    return net.output == 0 ? 0 : fsbi_residual_net_parameters(&net);
}

static size_t parameter_count(const fsbi_estimator_shape *shape) {
    size_t count = shape->transforms * fsbi_lu_linear_parameters(shape->theta_size);
    for (size_t i = 0; i < shape->transforms; i++)
        count += net_parameters(shape, i);
    return count;
}

static void destroy(void *workspace) {
    nsf *flow = workspace;
    if (flow == NULL)
        return;
    for (size_t i = 0; flow->transforms != NULL && i < flow->shape.transforms; i++) {
        transform *t = &flow->transforms[i];
        fsbi_residual_net_clear(&t->net);
        free(t->input);
        free(t->mixed);
        free(t->splines);
        free(t->matrices);
    }
    free(flow->transforms);
    free(flow->kept);
    free(flow->kept_gradient);
    free(flow->gradient);
    free(flow->other);
    free(flow->spline_gradient);
    free(flow->log_prob);
    free(flow);
}

static fsbi_real *reals(size_t rows, size_t columns, fsbi_error *error) {
    return fsbi_memory_allocate(rows * columns, sizeof(fsbi_real), error);
}

static fsbi_status init_transform(nsf *flow, size_t index, size_t offset, size_t rows,
                                  fsbi_error *error) {
    const fsbi_estimator_shape *shape = &flow->shape;
    transform *t = &flow->transforms[index];
    t->moved = moved_features(shape, index);
    t->kept = shape->theta_size - t->moved;
    t->first_moved = index % 2;
    t->parameters_offset = offset;
    const fsbi_residual_net_shape net = net_shape(shape, index);
    t->input = reals(rows, shape->theta_size, error);
    t->mixed = reals(rows, shape->theta_size, error);
    t->splines = reals(rows, net.output, error);
    t->matrices = reals(1, fsbi_lu_linear_room(shape->theta_size), error);
    if (t->input == NULL || t->mixed == NULL || t->splines == NULL || t->matrices == NULL)
        return FSBI_NO_MEMORY;
    return fsbi_residual_net_init(&t->net, &net, rows, error);
}

static void *create(const fsbi_estimator_shape *shape, size_t rows, fsbi_error *error) {
    nsf *flow = fsbi_memory_allocate(1, sizeof *flow, error);
    if (flow == NULL)
        return NULL;
    fsbi_blas_use_one_thread();
    flow->shape = *shape;
    flow->spline = (fsbi_spline_shape){.bins = shape->bins,
                                       .bound = (fsbi_real)shape->tail_bound,
                                       .scale = sqrt((fsbi_real)shape->hidden_features)};
    flow->transforms = fsbi_memory_allocate(shape->transforms, sizeof *flow->transforms, error);
    flow->kept = reals(rows, shape->theta_size, error);
    flow->kept_gradient = reals(rows, shape->theta_size, error);
    flow->gradient = reals(rows, shape->theta_size, error);
    flow->other = reals(rows, shape->theta_size, error);
    flow->spline_gradient =
        reals(rows, moved_features(shape, 0) * fsbi_spline_parameters(shape->bins), error);
    flow->log_prob = reals(rows, 1, error);
    bool complete = flow->transforms != NULL && flow->kept != NULL && flow->kept_gradient != NULL &&
                    flow->gradient != NULL && flow->other != NULL &&
                    flow->spline_gradient != NULL && flow->log_prob != NULL;
    size_t offset = 0;
    for (size_t i = 0; i < shape->transforms && complete; i++) {
        complete = init_transform(flow, i, offset, rows, error) == FSBI_OK;
        offset += net_parameters(shape, i) + fsbi_lu_linear_parameters(shape->theta_size);
    }
    if (!complete) {
        destroy(flow);
        return NULL;
    }
    return flow;
}

static void initialise(const fsbi_estimator_shape *shape, gsl_rng *stream, fsbi_real *parameters) {
    for (size_t i = 0; i < shape->transforms; i++) {
        fsbi_residual_net_shape net = net_shape(shape, i);
        if (net.output > 0)
            fsbi_residual_net_initialise(&net, stream, parameters);
        parameters += net_parameters(shape, i);
        fsbi_lu_linear_initialise(shape->theta_size, parameters);
        parameters += fsbi_lu_linear_parameters(shape->theta_size);
    }
}

/* Copies the features that pass from or to rows of theta_size. */
static void gather_kept(const nsf *flow, const transform *t, const fsbi_real *theta, size_t rows,
                        fsbi_real *kept) {
    for (size_t row = 0; row < rows; row++)
        for (size_t j = 0; j < t->kept; j++)
            kept[row * t->kept + j] =
                theta[row * flow->shape.theta_size + 2 * j + 1 - t->first_moved];
}

static void add_kept(const nsf *flow, const transform *t, const fsbi_real *kept, size_t rows,
                     fsbi_real *theta) {
    for (size_t row = 0; row < rows; row++)
        for (size_t j = 0; j < t->kept; j++)
            theta[row * flow->shape.theta_size + 2 * j + 1 - t->first_moved] +=
                kept[row * t->kept + j];
}

/* The splines of every row, from the features that pass and from x. */
static void compute_splines(nsf *flow, transform *t, const fsbi_real *parameters,
                            const fsbi_real *theta, const fsbi_real *x, size_t rows) {
    const size_t length = fsbi_spline_parameters(flow->shape.bins);
    if (t->moved == 0)
        return;
    gather_kept(flow, t, theta, rows, flow->kept);
    fsbi_residual_net_forward(&t->net, parameters + t->parameters_offset, flow->kept, x, rows,
                              t->splines);
    for (size_t k = 0; k < rows * t->moved; k++)
        fsbi_spline_normalise(&flow->spline, t->splines + k * length);
}

static const fsbi_real *linear_parameters(const nsf *flow, size_t index,
                                          const fsbi_real *parameters) {
    return parameters + flow->transforms[index].parameters_offset +
           net_parameters(&flow->shape, index);
}

/* theta -> noise; leaves log |det| of each row in flow->log_prob and the noise in flow->gradient.
 */
static void forward(nsf *flow, const fsbi_real *parameters, const fsbi_real *theta,
                    const fsbi_real *x, size_t rows) {
    const size_t n = flow->shape.theta_size;
    const size_t length = fsbi_spline_parameters(flow->shape.bins);
    memset(flow->log_prob, 0, rows * sizeof *flow->log_prob);
    memcpy(flow->gradient, theta, rows * n * sizeof *theta);
    for (size_t i = 0; i < flow->shape.transforms; i++) {
        transform *t = &flow->transforms[i];
        memcpy(t->input, flow->gradient, rows * n * sizeof *theta);
        memcpy(t->mixed, t->input, rows * n * sizeof *theta);
        compute_splines(flow, t, parameters, t->input, x, rows);
        const fsbi_real *linear = linear_parameters(flow, i, parameters);
        fsbi_real log_det = fsbi_lu_linear_prepare(n, linear, t->matrices);
        for (size_t row = 0; row < rows; row++) {
            for (size_t j = 0; j < t->moved; j++) {
                fsbi_real *value = &t->mixed[row * n + t->first_moved + 2 * j];
                *value =
                    fsbi_spline_forward(&flow->spline, t->splines + (row * t->moved + j) * length,
                                        *value, &flow->log_prob[row]);
            }
            flow->log_prob[row] += log_det;
        }
        fsbi_lu_linear_forward(n, linear, t->matrices, t->mixed, rows, flow->gradient);
    }
}

static void log_prob(void *workspace, const fsbi_real *parameters, const fsbi_real *theta,
                     const fsbi_real *x, size_t rows, fsbi_real *result) {
    static const double log_two_pi = 1.8378770664093454836;
    nsf *flow = workspace;
    const size_t n = flow->shape.theta_size;
    forward(flow, parameters, theta, x, rows);
    for (size_t row = 0; row < rows; row++) {
        fsbi_real squares = 0;
        for (size_t j = 0; j < n; j++)
            squares += flow->gradient[row * n + j] * flow->gradient[row * n + j];
        result[row] = flow->log_prob[row] - (squares + (fsbi_real)((double)n * log_two_pi)) / 2;
    }
}

/* Back through one transform: flow->gradient is with respect to its output and becomes that to its
 * input. */
static void transform_backward(nsf *flow, size_t index, const fsbi_real *parameters,
                               const fsbi_real *x, size_t rows, fsbi_real weight,
                               fsbi_real *gradient) {
    const size_t n = flow->shape.theta_size;
    const size_t length = fsbi_spline_parameters(flow->shape.bins);
    transform *t = &flow->transforms[index];
    const size_t linear = t->parameters_offset + net_parameters(&flow->shape, index);
    fsbi_lu_linear_backward(n, parameters + linear, t->matrices, t->mixed, flow->gradient, rows,
                            -weight * (fsbi_real)rows, gradient + linear, flow->other);
    for (size_t row = 0; row < rows; row++) {
        for (size_t j = 0; j < t->moved; j++) {
            const size_t feature = row * n + t->first_moved + 2 * j;
            const size_t spline = (row * t->moved + j) * length;
            flow->other[feature] =
                fsbi_spline_backward(&flow->spline, t->splines + spline, t->input[feature],
                                     flow->other[feature], -weight, flow->spline_gradient + spline);
        }
    }
    if (t->moved > 0) {
        fsbi_residual_net_backward(&t->net, parameters + t->parameters_offset, x,
                                   flow->spline_gradient, rows, gradient + t->parameters_offset,
                                   flow->kept_gradient);
        add_kept(flow, t, flow->kept_gradient, rows, flow->other);
    }
    fsbi_real *swap = flow->gradient;
    flow->gradient = flow->other;
    flow->other = swap;
}

static double loss_gradient(void *workspace, const fsbi_real *parameters, const fsbi_real *theta,
                            const fsbi_real *x, size_t rows, fsbi_real *gradient) {
    nsf *flow = workspace;
    const size_t n = flow->shape.theta_size;
    const fsbi_real weight = 1 / (fsbi_real)rows;
    fsbi_real *row_log_prob = flow->kept; /* free once forward is done */
    log_prob(flow, parameters, theta, x, rows, row_log_prob);
    double loss = 0;
    for (size_t row = 0; row < rows; row++)
        loss -= (double)row_log_prob[row] / (double)rows;
    memset(gradient, 0, parameter_count(&flow->shape) * sizeof *gradient);
    for (size_t k = 0; k < rows * n; k++)
        flow->gradient[k] *= weight;
    for (size_t i = flow->shape.transforms; i-- > 0;)
        transform_backward(flow, i, parameters, x, rows, weight, gradient);
    return loss;
}

static void sample(void *workspace, const fsbi_real *parameters, const fsbi_real *x, size_t rows,
                   fsbi_real *theta) {
    nsf *flow = workspace;
    const size_t n = flow->shape.theta_size;
    const size_t length = fsbi_spline_parameters(flow->shape.bins);
    for (size_t i = flow->shape.transforms; i-- > 0;) {
        transform *t = &flow->transforms[i];
        const fsbi_real *linear = linear_parameters(flow, i, parameters);
        fsbi_lu_linear_prepare(n, linear, t->matrices);
        fsbi_lu_linear_inverse(n, linear, t->matrices, rows, theta);
        compute_splines(flow, t, parameters, theta, x, rows);
        for (size_t row = 0; row < rows; row++) {
            for (size_t j = 0; j < t->moved; j++) {
                fsbi_real *value = &theta[row * n + t->first_moved + 2 * j];
                *value = fsbi_spline_inverse(&flow->spline,
                                             t->splines + (row * t->moved + j) * length, *value);
            }
        }
    }
}

const fsbi_estimator fsbi_estimator_nsf = {
    .name = "nsf",
    .parameter_count = parameter_count,
    .create = create,
    .destroy = destroy,
    .initialise = initialise,
    .log_prob = log_prob,
    .loss_gradient = loss_gradient,
    .sample = sample,
};
