#include "inference/training.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "inference/adam.h"

/* Everything that a run of training needs besides its arguments. */
typedef struct {
    const fsbi_estimator *estimator;
    const fsbi_estimator_shape *shape;
    const fsbi_training_data *data;
    size_t training_rows;
    size_t batch_capacity;
    size_t batches; /* of one epoch, nearly equal */
    size_t *order;  /* permutation of the rows; the first training_rows are trained on */
    void *workspace;
    fsbi_adam adam;
    fsbi_real *parameters; /* of the present epoch */
    fsbi_real *gradient;
    fsbi_real *theta, *x; /* one batch */
    fsbi_real *log_prob;
} trainer;

static void clear(trainer *t) {
    free(t->order);
    free(t->parameters);
    free(t->gradient);
    free(t->theta);
    free(t->x);
    free(t->log_prob);
    fsbi_adam_clear(&t->adam);
    t->estimator->destroy(t->workspace);
}

static fsbi_status init(trainer *t, const fsbi_training_settings *settings, fsbi_error *error) {
    const size_t rows = t->data->rows;
    const size_t weights = t->estimator->parameter_count(t->shape);
    size_t held_out = (size_t)lround(settings->validation_fraction * (double)rows);
    held_out = held_out < 1 ? 1 : held_out;
    if (rows < held_out + 1) {
        fsbi_error_set(error, FSBI_HOPELESS, "%zu rows are too few to train on", rows);
        return FSBI_HOPELESS;
    }
    t->training_rows = rows - held_out;
    t->batch_capacity = settings->batch_size < rows ? settings->batch_size : rows;
    t->batch_capacity = t->batch_capacity > 0 ? t->batch_capacity : 1;
    t->batches = (t->training_rows + t->batch_capacity - 1) / t->batch_capacity;
    t->order = fsbi_memory_allocate(rows, sizeof *t->order, error);
    t->parameters = fsbi_memory_allocate(weights, sizeof *t->parameters, error);
    t->gradient = fsbi_memory_allocate(weights, sizeof *t->gradient, error);
    t->theta =
        fsbi_memory_allocate(t->batch_capacity * t->shape->theta_size, sizeof *t->theta, error);
    t->x = fsbi_memory_allocate(t->batch_capacity * t->shape->x_size, sizeof *t->x, error);
    t->log_prob = fsbi_memory_allocate(t->batch_capacity, sizeof *t->log_prob, error);
    t->workspace = t->estimator->create(t->shape, t->batch_capacity, error);
    if (t->order == NULL || t->parameters == NULL || t->gradient == NULL || t->theta == NULL ||
        t->x == NULL || t->log_prob == NULL || t->workspace == NULL)
        return FSBI_NO_MEMORY;
    for (size_t i = 0; i < rows; i++)
        t->order[i] = i;
    return fsbi_adam_init(&t->adam, weights, settings->learning_rate, error);
}

static void gather(trainer *t, size_t begin, size_t rows) {
    const size_t theta_size = t->shape->theta_size;
    const size_t x_size = t->shape->x_size;
    for (size_t row = 0; row < rows; row++) {
        const size_t from = t->order[begin + row];
        memcpy(t->theta + row * theta_size, t->data->theta + from * theta_size,
               theta_size * sizeof *t->theta);
        memcpy(t->x + row * x_size, t->data->x + from * x_size, x_size * sizeof *t->x);
    }
}

/* One pass over the training rows, in nearly equal batches so that every row counts once; the mean
 * loss. */
static double train_epoch(trainer *t, double clip_norm, gsl_rng *stream) {
    const size_t batches = t->batches;
    double loss = 0;
    gsl_ran_shuffle(stream, t->order, t->training_rows, sizeof *t->order);
    for (size_t batch = 0; batch < batches; batch++) {
        const size_t begin = batch * t->training_rows / batches;
        const size_t rows = (batch + 1) * t->training_rows / batches - begin;
        gather(t, begin, rows);
        loss += (double)rows * t->estimator->loss_gradient(t->workspace, t->parameters, t->theta,
                                                           t->x, rows, t->gradient);
        fsbi_adam_clip(t->gradient, t->adam.count, clip_norm);
        fsbi_adam_step(&t->adam, t->gradient, t->parameters);
    }
    return loss / (double)t->training_rows;
}

static double validate(trainer *t) {
    double loss = 0;
    size_t rows = 0;
    for (size_t begin = t->training_rows; begin < t->data->rows; begin += rows) {
        rows = t->data->rows - begin;
        rows = rows < t->batch_capacity ? rows : t->batch_capacity;
        gather(t, begin, rows);
        t->estimator->log_prob(t->workspace, t->parameters, t->theta, t->x, rows, t->log_prob);
        for (size_t row = 0; row < rows; row++)
            loss -= (double)t->log_prob[row];
    }
    return loss / (double)(t->data->rows - t->training_rows);
}

fsbi_status fsbi_training_run(const fsbi_estimator *estimator, const fsbi_estimator_shape *shape,
                              const fsbi_training_settings *settings,
                              const fsbi_training_data *data, gsl_rng *stream,
                              fsbi_training_result *result, fsbi_error *error) {
    trainer t = {.estimator = estimator, .shape = shape, .data = data};
    fsbi_status status = init(&t, settings, error);
    if (status != FSBI_OK)
        goto done;
    estimator->initialise(shape, stream, t.parameters);
    gsl_ran_shuffle(stream, t.order, data->rows, sizeof *t.order);
    result->epochs = 0;
    result->best_validation_loss = INFINITY;
    for (size_t epoch = 0; epoch < settings->max_epochs; epoch++) {
        result->training_loss[epoch] = NAN;
        result->validation_loss[epoch] = NAN;
    }
    size_t since_best = 0;
    while (result->epochs < settings->max_epochs && since_best < settings->patience) {
        double training_loss = train_epoch(&t, settings->clip_norm, stream);
        double validation_loss = validate(&t);
        result->training_loss[result->epochs] = training_loss;
        result->validation_loss[result->epochs] = validation_loss;
        result->epochs++;
        since_best++;
        if (validation_loss < result->best_validation_loss) {
            result->best_validation_loss = validation_loss;
            memcpy(result->parameters, t.parameters, t.adam.count * sizeof *t.parameters);
            since_best = 0;
        }
    }
    if (!isfinite(result->best_validation_loss))
        status = fsbi_error_set(error, FSBI_HOPELESS,
                                "training on %zu rows gave no finite loss in %zu epochs; a smaller "
                                "inference.learning_rate may help",
                                data->rows, result->epochs);
done:
    clear(&t);
    return status;
}
