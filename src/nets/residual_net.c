#include "nets/residual_net.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "nets/batch.h"
#include "nets/elementary.h"
#include "nets/products.h"

/* A layer's weights within the flat parameter vector: outputs x (inputs + 1). */
typedef struct {
    size_t offset, inputs, outputs;
} layer;

static size_t layer_end(layer l) {
    return l.offset + l.outputs * (l.inputs + 1);
}

static layer input_layer(const fsbi_residual_net_shape *s) {
    return (layer){0, s->input + s->context, s->hidden};
}

enum { FIRST, SECOND, CONTEXT, LAYERS_PER_BLOCK };

static layer block_layer(const fsbi_residual_net_shape *s, size_t block, int which) {
    size_t own = s->hidden * (s->hidden + 1);
    size_t offset = layer_end(input_layer(s)) + block * (2 * own + s->hidden * (s->context + 1));
    return (layer){offset + (size_t)which * own, which == CONTEXT ? s->context : s->hidden,
                   s->hidden};
}

static layer output_layer(const fsbi_residual_net_shape *s) {
    size_t offset = s->blocks == 0 ? layer_end(input_layer(s))
                                   : layer_end(block_layer(s, s->blocks - 1, CONTEXT));
    return (layer){offset, s->hidden, s->output};
}

size_t fsbi_residual_net_parameters(const fsbi_residual_net_shape *shape) {
    return layer_end(output_layer(shape));
}

static void initialise_layer(layer l, double range, gsl_rng *stream, fsbi_real *parameters) {
    for (size_t i = l.offset; i < layer_end(l); i++)
        parameters[i] = (fsbi_real)gsl_ran_flat(stream, -range, range);
}

void fsbi_residual_net_initialise(const fsbi_residual_net_shape *shape, gsl_rng *stream,
                                  fsbi_real *parameters) {
    static const double nearly_nothing = 1e-3;
    double hidden_range = 1 / sqrt((double)shape->hidden);
    double input_range = 1 / sqrt((double)(shape->input + shape->context));
    double context_range = 1 / sqrt((double)(shape->context > 0 ? shape->context : 1));
    initialise_layer(input_layer(shape), input_range, stream, parameters);
    for (size_t block = 0; block < shape->blocks; block++) {
        initialise_layer(block_layer(shape, block, FIRST), hidden_range, stream, parameters);
        initialise_layer(block_layer(shape, block, SECOND), nearly_nothing, stream, parameters);
        initialise_layer(block_layer(shape, block, CONTEXT), context_range, stream, parameters);
    }
    initialise_layer(output_layer(shape), hidden_range, stream, parameters);
}

/* A hidden unit knows the inputs of an order below its own; some know the context only. */
static size_t hidden_order(const fsbi_residual_net_shape *shape, size_t unit) {
    return unit % shape->input;
}

static void mask_layer(const fsbi_residual_net_shape *shape, layer l, const size_t *output_order,
                       const size_t *input_order, fsbi_real *mask) {
    for (size_t k = 0; k < l.outputs; k++) {
        fsbi_real *row = mask + l.offset + k * (l.inputs + 1);
        for (size_t i = 0; i <= l.inputs; i++) {
            bool known = true;
            if (input_order != NULL)
                known = i >= shape->input || input_order[i] < hidden_order(shape, k);
            else if (i < l.inputs && output_order != NULL)
                known = hidden_order(shape, i) <= output_order[k];
            else if (i < l.inputs)
                known = hidden_order(shape, i) <= hidden_order(shape, k);
            row[i] = known;
        }
    }
}

void fsbi_residual_net_mask(const fsbi_residual_net_shape *shape, const size_t *input_order,
                            const size_t *output_order, fsbi_real *mask) {
    for (size_t i = 0; i < fsbi_residual_net_parameters(shape); i++)
        mask[i] = 1;
    mask_layer(shape, input_layer(shape), NULL, input_order, mask);
    for (size_t block = 0; block < shape->blocks; block++) {
        mask_layer(shape, block_layer(shape, block, FIRST), NULL, NULL, mask);
        mask_layer(shape, block_layer(shape, block, SECOND), NULL, NULL, mask);
    }
    mask_layer(shape, output_layer(shape), output_order, NULL, mask);
}

fsbi_status fsbi_residual_net_init(fsbi_residual_net *net, const fsbi_residual_net_shape *shape,
                                   size_t samples, fsbi_error *error) {
    *net = (fsbi_residual_net){.shape = *shape};
    const size_t stride = fsbi_batch_stride(samples);
    const size_t joined = shape->input + shape->context + 1;
    const size_t wide = shape->hidden + 1;
    const size_t widest = shape->input > shape->hidden ? shape->input : shape->hidden;
    const struct {
        fsbi_real **part;
        size_t features;
    } parts[] = {{&net->joined, joined},
                 {&net->trunk, wide},
                 {&net->outer, wide * shape->blocks},
                 {&net->inner, wide * shape->blocks},
                 {&net->branch, shape->hidden * shape->blocks},
                 {&net->gate, shape->hidden * shape->blocks},
                 {&net->gradient, shape->hidden},
                 {&net->scratch, shape->hidden},
                 {&net->scratch_2, widest}};
    size_t features = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        features += parts[i].features;
    net->memory = fsbi_memory_allocate(features * stride, sizeof *net->memory, error);
    if (net->memory == NULL)
        return FSBI_NO_MEMORY;
    fsbi_real *next = net->memory;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        *parts[i].part = next;
        next += parts[i].features * stride;
    }
    return FSBI_OK;
}

void fsbi_residual_net_clear(fsbi_residual_net *net) {
    free(net->memory);
    *net = (fsbi_residual_net){0};
}

static void apply(const fsbi_real *parameters, layer l, const fsbi_real *input, size_t stride,
                  fsbi_real *output) {
    fsbi_product(parameters + l.offset, input,
                 &(fsbi_product_sizes){l.outputs, l.inputs + 1, stride}, output);
}

static void add_gradient(layer l, const fsbi_real *input, const fsbi_real *output_gradient,
                         size_t stride, fsbi_real *parameter_gradient) {
    if (parameter_gradient != NULL)
        fsbi_product_add_outer(output_gradient, input, l.outputs, l.inputs + 1, stride,
                               parameter_gradient + l.offset);
}

static void relu(const fsbi_real *input, size_t count, fsbi_real *output) {
    for (size_t i = 0; i < count; i++)
        output[i] = input[i] > 0 ? input[i] : 0;
}

static void block_forward(fsbi_residual_net *net, const fsbi_real *parameters,
                          const fsbi_real *context, size_t block) {
    const fsbi_residual_net_shape *s = &net->shape;
    const size_t stride = net->stride;
    const size_t wide = s->hidden * stride;
    fsbi_real *outer = net->outer + block * (wide + stride);
    fsbi_real *inner = net->inner + block * (wide + stride);
    fsbi_real *branch = net->branch + block * wide;
    fsbi_real *gate = net->gate + block * wide;
    relu(net->trunk, wide, outer);
    fsbi_batch_ones(outer + wide, stride);
    apply(parameters, block_layer(s, block, FIRST), outer, stride, inner);
    relu(inner, wide, inner);
    fsbi_batch_ones(inner + wide, stride);
    apply(parameters, block_layer(s, block, SECOND), inner, stride, branch);
    apply(parameters, block_layer(s, block, CONTEXT), context, stride, gate);
    for (size_t i = 0; i < wide; i++) {
        gate[i] = fsbi_real_sigmoid(gate[i]);
        net->trunk[i] += branch[i] * gate[i];
    }
}

void fsbi_residual_net_forward(fsbi_residual_net *net, const fsbi_real *parameters,
                               const fsbi_real *input, const fsbi_real *context, size_t stride,
                               fsbi_real *output) {
    const fsbi_residual_net_shape *s = &net->shape;
    net->stride = stride;
    memcpy(net->joined, input, s->input * stride * sizeof *input);
    memcpy(net->joined + s->input * stride, context, (s->context + 1) * stride * sizeof *context);
    apply(parameters, input_layer(s), net->joined, stride, net->trunk);
    for (size_t block = 0; block < s->blocks; block++)
        block_forward(net, parameters, context, block);
    fsbi_batch_ones(net->trunk + s->hidden * stride, stride);
    apply(parameters, output_layer(s), net->trunk, stride, output);
}

/* One block: net->gradient with respect to what it puts out becomes that with respect to what it
 * takes in. */
static void block_backward(fsbi_residual_net *net, const fsbi_real *parameters, size_t block,
                           fsbi_real *parameter_gradient) {
    const fsbi_residual_net_shape *s = &net->shape;
    const size_t stride = net->stride;
    const size_t wide = s->hidden * stride;
    const fsbi_real *context = net->joined + s->input * stride;
    const fsbi_real *outer = net->outer + block * (wide + stride);
    const fsbi_real *inner = net->inner + block * (wide + stride);
    const fsbi_real *branch = net->branch + block * wide;
    const fsbi_real *gate = net->gate + block * wide;
    const layer first = block_layer(s, block, FIRST);
    const layer second = block_layer(s, block, SECOND);
    fsbi_real *gradient = net->gradient;
    fsbi_real *scratch = net->scratch;
    fsbi_real *scratch_2 = net->scratch_2;
    for (size_t i = 0; i < wide; i++) {
        scratch[i] = gradient[i] * gate[i];
        scratch_2[i] = scratch[i] * branch[i] * (1 - gate[i]);
    }
    add_gradient(block_layer(s, block, CONTEXT), context, scratch_2, stride, parameter_gradient);
    add_gradient(second, inner, scratch, stride, parameter_gradient);
    fsbi_product_transposed(parameters + second.offset, s->hidden + 1, scratch,
                            &(fsbi_product_sizes){s->hidden, s->hidden, stride}, scratch_2);
    for (size_t i = 0; i < wide; i++)
        scratch_2[i] = inner[i] > 0 ? scratch_2[i] : 0;
    add_gradient(first, outer, scratch_2, stride, parameter_gradient);
    fsbi_product_transposed(parameters + first.offset, s->hidden + 1, scratch_2,
                            &(fsbi_product_sizes){s->hidden, s->hidden, stride}, scratch);
    for (size_t i = 0; i < wide; i++)
        gradient[i] += outer[i] > 0 ? scratch[i] : 0;
}

void fsbi_residual_net_backward(fsbi_residual_net *net, const fsbi_real *parameters,
                                const fsbi_real *output_gradient, fsbi_real *parameter_gradient,
                                fsbi_real *input_gradient) {
    const fsbi_residual_net_shape *s = &net->shape;
    const size_t stride = net->stride;
    const layer in = input_layer(s);
    const layer out = output_layer(s);
    add_gradient(out, net->trunk, output_gradient, stride, parameter_gradient);
    fsbi_product_transposed(parameters + out.offset, s->hidden + 1, output_gradient,
                            &(fsbi_product_sizes){s->hidden, s->output, stride}, net->gradient);
    for (size_t block = s->blocks; block-- > 0;)
        block_backward(net, parameters, block, parameter_gradient);
    add_gradient(in, net->joined, net->gradient, stride, parameter_gradient);
    if (s->input > 0)
        fsbi_product_transposed(parameters, in.inputs + 1, net->gradient,
                                &(fsbi_product_sizes){s->input, s->hidden, stride}, input_gradient);
}
