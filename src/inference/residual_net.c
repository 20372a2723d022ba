#include "inference/residual_net.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <tgmath.h>

#include "core/memory.h"

/* An affine layer within the flat parameter vector: weight (outputs x inputs), then bias. */
typedef struct {
    size_t offset, inputs, outputs;
} layer;

enum { LAYERS_PER_BLOCK = 3 };

static size_t layer_end(layer l) {
    return l.offset + l.outputs * (l.inputs + 1);
}

static layer input_layer(const fsbi_residual_net_shape *s) {
    return (layer){0, s->input + s->context, s->hidden};
}

/* which: 0 and 1 the block's own layers, 2 the context's. */
static layer block_layer(const fsbi_residual_net_shape *s, size_t block, int which) {
    size_t own = s->hidden * (s->hidden + 1);
    size_t offset = layer_end(input_layer(s)) + block * (2 * own + s->hidden * (s->context + 1));
    return (layer){offset + (size_t)which * own, which == 2 ? s->context : s->hidden, s->hidden};
}

static layer output_layer(const fsbi_residual_net_shape *s) {
    size_t offset =
        s->blocks == 0 ? layer_end(input_layer(s)) : layer_end(block_layer(s, s->blocks - 1, 2));
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
    initialise_layer(input_layer(shape), 1 / sqrt((double)(shape->input + shape->context)), stream,
                     parameters);
    for (size_t block = 0; block < shape->blocks; block++) {
        initialise_layer(block_layer(shape, block, 0), hidden_range, stream, parameters);
        initialise_layer(block_layer(shape, block, 1), nearly_nothing, stream, parameters);
        initialise_layer(block_layer(shape, block, 2), 1 / sqrt((double)shape->context), stream,
                         parameters);
    }
    initialise_layer(output_layer(shape), hidden_range, stream, parameters);
}

fsbi_status fsbi_residual_net_init(fsbi_residual_net *net, const fsbi_residual_net_shape *shape,
                                   size_t rows, fsbi_error *error) {
    *net = (fsbi_residual_net){.shape = *shape};
    const size_t joined = rows * (shape->input + shape->context);
    const size_t wide = rows * shape->hidden;
    const size_t widest =
        rows * (shape->input + shape->context > shape->hidden ? shape->input + shape->context
                                                              : shape->hidden);
    net->memory = fsbi_memory_allocate(joined + wide * (shape->blocks * 4 + 1) + 2 * wide + widest,
                                       sizeof *net->memory, error);
    if (net->memory == NULL)
        return FSBI_NO_MEMORY;
    net->joined = net->memory;
    net->trunk = net->joined + joined;
    net->inner = net->trunk + wide * (shape->blocks + 1);
    net->branch = net->inner + wide * shape->blocks;
    net->gate = net->branch + wide * shape->blocks;
    net->scratch = net->gate + wide * shape->blocks;
    net->scratch2 = net->scratch + wide;
    net->scratch3 = net->scratch2 + wide;
    return FSBI_OK;
}

void fsbi_residual_net_clear(fsbi_residual_net *net) {
    free(net->memory);
    *net = (fsbi_residual_net){0};
}

static void affine(const fsbi_real *parameters, layer l, const fsbi_real *input, size_t rows,
                   fsbi_real *output) {
    const fsbi_real *weight = parameters + l.offset;
    const fsbi_real *bias = weight + l.outputs * l.inputs;
    for (size_t row = 0; row < rows; row++)
        memcpy(output + row * l.outputs, bias, l.outputs * sizeof *bias);
    fsbi_real_times_transposed(input, weight, rows, l.inputs, l.outputs, 1, output);
}

static void affine_gradient(layer l, const fsbi_real *input, const fsbi_real *output_gradient,
                            size_t rows, fsbi_real *parameter_gradient) {
    fsbi_real *weight = parameter_gradient + l.offset;
    fsbi_real *bias = weight + l.outputs * l.inputs;
    fsbi_real_add_transposed_times(output_gradient, input, rows, l.outputs, l.inputs, weight);
    for (size_t row = 0; row < rows; row++)
        for (size_t i = 0; i < l.outputs; i++)
            bias[i] += output_gradient[row * l.outputs + i];
}

static void relu(const fsbi_real *input, size_t count, fsbi_real *output) {
    for (size_t i = 0; i < count; i++)
        output[i] = input[i] > 0 ? input[i] : 0;
}

void fsbi_residual_net_forward(fsbi_residual_net *net, const fsbi_real *parameters,
                               const fsbi_real *input, const fsbi_real *context, size_t rows,
                               fsbi_real *output) {
    const fsbi_residual_net_shape *s = &net->shape;
    const size_t wide = rows * s->hidden;
    const size_t joined = s->input + s->context;
    for (size_t row = 0; row < rows; row++) {
        memcpy(net->joined + row * joined, input + row * s->input, s->input * sizeof *input);
        memcpy(net->joined + row * joined + s->input, context + row * s->context,
               s->context * sizeof *context);
    }
    affine(parameters, input_layer(s), net->joined, rows, net->trunk);
    for (size_t block = 0; block < s->blocks; block++) {
        const fsbi_real *trunk = net->trunk + block * wide;
        fsbi_real *next = net->trunk + (block + 1) * wide;
        fsbi_real *inner = net->inner + block * wide;
        fsbi_real *branch = net->branch + block * wide;
        fsbi_real *gate = net->gate + block * wide;
        relu(trunk, wide, net->scratch);
        affine(parameters, block_layer(s, block, 0), net->scratch, rows, inner);
        relu(inner, wide, net->scratch);
        affine(parameters, block_layer(s, block, 1), net->scratch, rows, branch);
        affine(parameters, block_layer(s, block, 2), context, rows, gate);
        for (size_t i = 0; i < wide; i++) {
            gate[i] = 1 / (1 + exp(-gate[i]));
            next[i] = trunk[i] + branch[i] * gate[i];
        }
    }
    affine(parameters, output_layer(s), net->trunk + s->blocks * wide, rows, output);
}

/* One block: `gradient` with respect to what it puts out becomes that with respect to what it takes
 * in. */
static void block_backward(fsbi_residual_net *net, const fsbi_real *parameters,
                           const fsbi_real *context, size_t block, size_t rows,
                           fsbi_real *parameter_gradient, fsbi_real *gradient) {
    const fsbi_residual_net_shape *s = &net->shape;
    const size_t wide = rows * s->hidden;
    const fsbi_real *trunk = net->trunk + block * wide;
    const fsbi_real *inner = net->inner + block * wide;
    const fsbi_real *branch = net->branch + block * wide;
    const fsbi_real *gate = net->gate + block * wide;
    fsbi_real *other = net->scratch2;
    for (size_t i = 0; i < wide; i++)
        other[i] = gradient[i] * branch[i] * gate[i] * (1 - gate[i]);
    affine_gradient(block_layer(s, block, 2), context, other, rows, parameter_gradient);
    for (size_t i = 0; i < wide; i++)
        other[i] = gradient[i] * gate[i];
    fsbi_real *activation = net->scratch3;
    relu(inner, wide, activation);
    affine_gradient(block_layer(s, block, 1), activation, other, rows, parameter_gradient);
    fsbi_real_times(other, parameters + block_layer(s, block, 1).offset, rows, s->hidden, s->hidden,
                    activation);
    for (size_t i = 0; i < wide; i++)
        other[i] = inner[i] > 0 ? activation[i] : 0;
    relu(trunk, wide, activation);
    affine_gradient(block_layer(s, block, 0), activation, other, rows, parameter_gradient);
    fsbi_real_times(other, parameters + block_layer(s, block, 0).offset, rows, s->hidden, s->hidden,
                    activation);
    for (size_t i = 0; i < wide; i++)
        gradient[i] += trunk[i] > 0 ? activation[i] : 0;
}

void fsbi_residual_net_backward(fsbi_residual_net *net, const fsbi_real *parameters,
                                const fsbi_real *context, const fsbi_real *output_gradient,
                                size_t rows, fsbi_real *parameter_gradient,
                                fsbi_real *input_gradient) {
    const fsbi_residual_net_shape *s = &net->shape;
    const size_t joined = s->input + s->context;
    fsbi_real *gradient = net->scratch;
    const layer out = output_layer(s);
    affine_gradient(out, net->trunk + s->blocks * rows * s->hidden, output_gradient, rows,
                    parameter_gradient);
    fsbi_real_times(output_gradient, parameters + out.offset, rows, s->output, s->hidden, gradient);
    for (size_t block = s->blocks; block-- > 0;)
        block_backward(net, parameters, context, block, rows, parameter_gradient, gradient);
    affine_gradient(input_layer(s), net->joined, gradient, rows, parameter_gradient);
    fsbi_real_times(gradient, parameters, rows, s->hidden, joined, net->scratch3);
    for (size_t row = 0; row < rows; row++)
        memcpy(input_gradient + row * s->input, net->scratch3 + row * joined,
               s->input * sizeof *input_gradient);
}
