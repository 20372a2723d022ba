#include "inference/training.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/interrupt.h"
#include "core/memory.h"
#include "nets/adam.h"

/* Rows of a slice: what networks compute at once. MOST_SLICES limits how many processes can share
 * the training of one network. */
enum { SLICE_ROWS = 128, MOST_SLICES = 1024, MOST_LEVELS = 11 };

/* Everything that a run of training needs besides its arguments. */
typedef struct {
    const fsbi_estimator *estimator;
    const fsbi_estimator_specification *specification;
    const fsbi_training_data *data;
    const fsbi_training_team *team;
    size_t batches;  /* of one epoch, nearly equal */
    size_t slices;   /* of each batch, and of the rows held out; a power of two */
    size_t levels;   /* of the tree of slices */
    size_t capacity; /* rows of the largest slice */
    size_t weights;
    size_t *order; /* permutation of the training rows */
    void *workspace;
    fsbi_adam adam;
    fsbi_real *parameters; /* of the present epoch */
    fsbi_real *gradients;  /* levels + 1 gradients */
    fsbi_real *theta, *x;  /* one slice */
    fsbi_real *log_prob;
    double *loss; /* sum over the epoch, of each slice */
} trainer;

size_t fsbi_training_place(const fsbi_training_data *data, size_t row) {
    return (row + data->rotation) % (data->training_rows + data->held_out_rows);
}

size_t fsbi_training_slices(size_t batch_size) {
    size_t slices = 1;
    while (slices < MOST_SLICES && slices * SLICE_ROWS < batch_size)
        slices *= 2;
    return slices;
}

static void clear(trainer *t) {
    free(t->order);
    free(t->parameters);
    free(t->gradients);
    free(t->theta);
    free(t->x);
    free(t->log_prob);
    free(t->loss);
    fsbi_adam_clear(&t->adam);
    t->estimator->destroy(t->workspace);
}

static fsbi_status init(trainer *t, const fsbi_training_settings *settings, fsbi_error *error) {
    const size_t rows = t->data->training_rows;
    const size_t batch = settings->batch_size < rows ? settings->batch_size : rows;
    t->weights = t->estimator->parameter_count(t->estimator, t->specification);
    t->batches = (rows + batch - 1) / batch;
    t->slices = fsbi_training_slices(settings->batch_size);
    while ((size_t)1 << t->levels < t->slices)
        t->levels++;
    t->capacity = (batch + t->slices - 1) / t->slices;
    t->order = fsbi_memory_allocate(rows, sizeof *t->order, error);
    t->parameters = fsbi_memory_allocate(t->weights, sizeof *t->parameters, error);
    t->gradients = fsbi_memory_allocate(t->weights * (t->levels + 1), sizeof *t->gradients, error);
    t->theta =
        fsbi_memory_allocate(t->capacity * t->specification->theta_size, sizeof *t->theta, error);
    t->x = fsbi_memory_allocate(t->capacity * t->specification->x_size, sizeof *t->x, error);
    t->log_prob = fsbi_memory_allocate(t->capacity, sizeof *t->log_prob, error);
    t->loss = fsbi_memory_allocate(t->slices, sizeof *t->loss, error);
    t->workspace = t->estimator->create(t->estimator, t->specification, t->capacity, error);
    if (t->order == NULL || t->parameters == NULL || t->gradients == NULL || t->theta == NULL ||
        t->x == NULL || t->log_prob == NULL || t->loss == NULL || t->workspace == NULL)
        return FSBI_NO_MEMORY;
    for (size_t i = 0; i < rows; i++)
        t->order[i] = i;
    return fsbi_adam_init(&t->adam, t->weights, settings->learning_rate, error);
}

static size_t slice_begin(size_t slice, size_t rows, size_t slices) {
    return slice * rows / slices;
}

/* The rows of one slice side by side: those that `order` names, or following ones if it is NULL. */
static void gather(trainer *t, const size_t *order, size_t begin, size_t rows) {
    const size_t theta_size = t->specification->theta_size;
    const size_t x_size = t->specification->x_size;
    for (size_t row = 0; row < rows; row++) {
        const size_t from =
            fsbi_training_place(t->data, order == NULL ? begin + row : order[begin + row]);
        memcpy(t->theta + row * theta_size, t->data->theta + from * theta_size,
               theta_size * sizeof *t->theta);
        memcpy(t->x + row * x_size, t->data->x + from * x_size, x_size * sizeof *t->x);
    }
}

/* A batch's rows within the order. */
typedef struct {
    size_t begin, rows;
} batch_range;

static void slice_gradient(trainer *t, const batch_range *batch, size_t slice,
                           fsbi_real *gradient) {
    const size_t begin = slice_begin(slice, batch->rows, t->slices);
    const size_t rows = slice_begin(slice + 1, batch->rows, t->slices) - begin;
    if (rows == 0) {
        memset(gradient, 0, t->weights * sizeof *gradient);
        return;
    }
    gather(t, t->order, batch->begin + begin, rows);
    t->loss[slice] += (double)batch->rows *
                      t->estimator->loss_gradient(t->workspace, t->parameters,
                                                  &(fsbi_estimator_batch){t->theta, t->x, rows},
                                                  1 / (double)batch->rows, gradient);
}

static void add(fsbi_real *sum, const fsbi_real *summand, size_t count) {
    for (size_t i = 0; i < count; i++)
        sum[i] += summand[i];
}

/* Adds up slices first .. first + 2^level - 1 as a tree; the sum is left in t->gradients's part
 * `level`. */
static fsbi_real *tree_gradient(trainer *t, const batch_range *batch, size_t first, size_t level) {
    fsbi_real *sum = t->gradients + level * t->weights;
    if (level == 0) {
        slice_gradient(t, batch, first, sum);
        return sum;
    }
    memcpy(sum, tree_gradient(t, batch, first, level - 1), t->weights * sizeof *sum);
    add(sum, tree_gradient(t, batch, first + ((size_t)1 << (level - 1)), level - 1), t->weights);
    return sum;
}

/* Levels of the tree that one process of the team adds up by itself. */
static size_t own_levels(const trainer *t) {
    size_t levels = t->levels;
    for (size_t size = t->team->size; size > 1; size /= 2)
        levels--;
    return levels;
}

/* The gradient of a whole batch, in every process of the team. */
static fsbi_real *batch_gradient(trainer *t, const batch_range *batch) {
    const size_t own = own_levels(t);
    fsbi_real *sum = tree_gradient(t, batch, t->team->index << own, own);
    /* A larger team adds at the levels above, whose room is free. */
    for (size_t step = 1; step < t->team->size; step *= 2) {
        fsbi_real *theirs = t->gradients + (own + 1) * t->weights;
        t->team->exchange(t->team->context, t->team->index ^ step, sum, theirs,
                          t->weights * sizeof *sum);
        add(sum, theirs, t->weights);
    }
    return sum;
}

/* Sum of the slices' losses, after each process has learned the others'. */
static double total_loss(trainer *t) {
    const size_t own = (size_t)1 << own_levels(t);
    for (size_t step = 1; step < t->team->size; step *= 2) {
        const size_t colleague = t->team->index ^ step;
        const size_t mine = (t->team->index & ~(step - 1)) * own;
        const size_t theirs = (colleague & ~(step - 1)) * own;
        t->team->exchange(t->team->context, colleague, t->loss + mine, t->loss + theirs,
                          step * own * sizeof *t->loss);
    }
    double sum = 0;
    for (size_t slice = 0; slice < t->slices; slice++)
        sum += t->loss[slice];
    return sum;
}

static void shrink(trainer *t, double share) {
    const fsbi_real factor = (fsbi_real)(1 - share);
    const size_t count = t->estimator->decayed_count == NULL
                             ? t->weights
                             : t->estimator->decayed_count(t->estimator, t->specification);
    for (size_t i = 0; i < count; i++)
        t->parameters[i] *= factor;
}

static double weight_of(const trainer *t, size_t row) {
    return t->data->weights == NULL ? 1 : t->data->weights[fsbi_training_place(t->data, row)];
}

/* As many rows as there are, each as often as its weight says, by systematic resampling (Carpenter,
 * Clifford and Fearnhead 1999). */
static void draw_order(trainer *t, gsl_rng *stream) {
    const size_t rows = t->data->training_rows;
    double total = 0;
    for (size_t i = 0; i < rows; i++)
        total += weight_of(t, i);
    const double step = total / (double)rows;
    const double start = gsl_rng_uniform(stream) * step;
    double sum = weight_of(t, 0);
    size_t row = 0;
    for (size_t i = 0; i < rows; i++) {
        while (sum <= start + (double)i * step && row + 1 < rows)
            sum += weight_of(t, ++row);
        t->order[i] = row;
    }
}

/* One pass over the training rows, in nearly equal batches so that every row counts once, or as its
 * weight says; the mean loss. */
static double train_epoch(trainer *t, const fsbi_training_settings *settings, gsl_rng *stream) {
    const size_t rows = t->data->training_rows;
    memset(t->loss, 0, t->slices * sizeof *t->loss);
    if (t->data->weights != NULL)
        draw_order(t, stream);
    gsl_ran_shuffle(stream, t->order, rows, sizeof *t->order);
    for (size_t k = 0; k < t->batches; k++) {
        const size_t begin = slice_begin(k, rows, t->batches);
        const batch_range batch = {begin, slice_begin(k + 1, rows, t->batches) - begin};
        fsbi_interrupt_alive();
        fsbi_real *gradient = batch_gradient(t, &batch);
        fsbi_adam_clip(gradient, t->weights, settings->clip_norm);
        if (settings->weight_decay > 0)
            shrink(t, settings->learning_rate * settings->weight_decay);
        fsbi_adam_step(&t->adam, gradient, t->parameters);
    }
    return total_loss(t) / (double)rows;
}

static double held_out_weight(const trainer *t) {
    double sum = 0;
    for (size_t row = 0; row < t->data->held_out_rows; row++)
        sum += weight_of(t, t->data->training_rows + row);
    return sum;
}

/* The mean loss of the rows held out. */
static double validate(trainer *t) {
    const size_t held_out = t->data->held_out_rows;
    const size_t own = (size_t)1 << own_levels(t);
    memset(t->loss, 0, t->slices * sizeof *t->loss);
    for (size_t slice = t->team->index * own; slice < (t->team->index + 1) * own; slice++) {
        const size_t end = slice_begin(slice + 1, held_out, t->slices);
        size_t rows = 0;
        for (size_t row = slice_begin(slice, held_out, t->slices); row < end; row += rows) {
            rows = end - row < t->capacity ? end - row : t->capacity;
            gather(t, NULL, t->data->training_rows + row, rows);
            t->estimator->log_prob(t->workspace, t->parameters,
                                   &(fsbi_estimator_batch){t->theta, t->x, rows}, t->log_prob);
            for (size_t i = 0; i < rows; i++)
                t->loss[slice] -=
                    weight_of(t, t->data->training_rows + row + i) * (double)t->log_prob[i];
        }
    }
    return total_loss(t) / held_out_weight(t);
}

static bool is_to_give_up(const trainer *t) {
    return t->team->stop != NULL && t->team->stop(t->team->context);
}

/* False if it was given up. */
static bool train(trainer *t, const fsbi_training_settings *settings, gsl_rng *stream,
                  fsbi_training_result *result) {
    size_t since_best = 0;
    while (result->epochs < settings->max_epochs && since_best < settings->patience) {
        if (is_to_give_up(t))
            return false;
        result->training_loss[result->epochs] = train_epoch(t, settings, stream);
        const double validation_loss = validate(t);
        result->validation_loss[result->epochs] = validation_loss;
        result->epochs++;
        since_best++;
        if (validation_loss < result->best_validation_loss) {
            result->best_validation_loss = validation_loss;
            memcpy(result->parameters, t->parameters, t->weights * sizeof *t->parameters);
            since_best = 0;
        }
    }
    return true;
}

fsbi_status fsbi_training_run(const fsbi_training *training, gsl_rng *stream,
                              fsbi_training_result *result, fsbi_error *error) {
    const fsbi_estimator *estimator = training->estimator;
    const fsbi_training_settings *settings = training->settings;
    trainer t = {.estimator = estimator,
                 .specification = training->specification,
                 .data = training->data,
                 .team = training->team};
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(init(&t, settings, error));
    estimator->initialise(estimator, t.specification, stream, t.parameters);
    if (training->initial != NULL)
        memcpy(t.parameters, training->initial, t.weights * sizeof *t.parameters);
    else if (training->primed)
        FSBI_TRY_DONE(estimator->prime(estimator, t.specification, t.data, t.parameters, error));
    result->epochs = 0;
    result->best_validation_loss = INFINITY;
    for (size_t epoch = 0; epoch < settings->max_epochs; epoch++) {
        result->training_loss[epoch] = NAN;
        result->validation_loss[epoch] = NAN;
    }
    if (!train(&t, settings, stream, result))
        FSBI_TRY_DONE(fsbi_error_set(error, FSBI_UNFINISHED, "training was stopped"));
    if (!isfinite(result->best_validation_loss))
        FSBI_TRY_DONE(fsbi_error_set(error, FSBI_HOPELESS,
                                     "training on %zu rows gave no finite loss in %zu epochs; a "
                                     "smaller learning_rate may help",
                                     t.data->training_rows, result->epochs));
done:
    clear(&t);
    return status;
}
