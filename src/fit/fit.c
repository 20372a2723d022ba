#include "fit/fit.h"
#include "output/interruption.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/cluster.h"
#include "core/interrupt.h"
#include "core/memory.h"
#include "output/progress.h"

void fsbi_training_table_clear(fsbi_training_table *table) {
    free(table->theta);
    free(table->x);
    free(table->weights);
    free(table->origins);
    *table = (fsbi_training_table){0};
}

void fsbi_fit_data_clear(fsbi_fit_data *data) {
    free(data->theta);
    free(data->x);
    free(data->weights);
    *data = (fsbi_fit_data){0};
}

static gsl_rng *start_stream(const fsbi_fit *fit, fsbi_random_purpose purpose, uint64_t index,
                             fsbi_error *error) {
    gsl_rng *stream = fsbi_random_allocate(error);
    if (stream != NULL)
        fsbi_random_seed(stream, fsbi_random_stream_seed(fit->seed, purpose, fit->round, index));
    return stream;
}

/* Puts the rows in random order. */
static fsbi_status shuffle(const fsbi_fit *fit, const fsbi_training_table *table,
                           const fsbi_estimator_specification *specification, fsbi_fit_data *data,
                           fsbi_error *error) {
    size_t *order = fsbi_memory_allocate(table->rows, sizeof *order, error);
    gsl_rng *stream = start_stream(fit, fit->split, 0, error);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(order == NULL || stream == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    for (size_t i = 0; i < table->rows; i++)
        order[i] = i;
    gsl_ran_shuffle(stream, order, table->rows, sizeof *order);
    for (size_t i = 0; i < table->rows; i++) {
        memcpy(data->theta + i * specification->theta_size,
               table->theta + order[i] * specification->theta_size,
               specification->theta_size * sizeof(double));
        memcpy(data->x + i * specification->x_size, table->x + order[i] * specification->x_size,
               specification->x_size * sizeof(double));
        if (table->weights != NULL && data->weights != NULL)
            data->weights[i] = table->weights[order[i]];
    }
done:
    free(order);
    if (stream != NULL)
        gsl_rng_free(stream);
    return status;
}

/* What rank 0 tells the others of its table. */
enum { ROWS, LEFT_OUT, WEIGHTED };

/* Room for as many rows as rank 0 has, and how they are split. */
static fsbi_status split(const fsbi_fit *fit, const fsbi_estimator_specification *specification,
                         const size_t *counts, fsbi_fit_data *data, fsbi_error *error) {
    const size_t rows = counts[ROWS];
    data->held_out_rows = (size_t)lround(fit->settings->validation_fraction * (double)rows);
    data->held_out_rows = data->held_out_rows < 1 ? 1 : data->held_out_rows;
    if (rows < data->held_out_rows + 1)
        return fsbi_error_set(error, FSBI_HOPELESS, "%zu rows are too few to train on", rows);
    data->training_rows = rows - data->held_out_rows;
    data->theta = fsbi_memory_allocate(rows * specification->theta_size, sizeof(double), error);
    data->x = fsbi_memory_allocate(rows * specification->x_size, sizeof(double), error);
    if (counts[WEIGHTED])
        data->weights = fsbi_memory_allocate(rows, sizeof(double), error);
    return data->theta == NULL || data->x == NULL || (counts[WEIGHTED] && data->weights == NULL)
               ? FSBI_NO_MEMORY
               : FSBI_OK;
}

fsbi_status fsbi_fit_share(const fsbi_fit *fit, const fsbi_training_table *table,
                           fsbi_posterior *posterior, fsbi_fit_data *data, fsbi_error *error) {
    const fsbi_estimator_specification *specification = &posterior->specification;
    size_t counts[] = {
        [ROWS] = table->rows, [LEFT_OUT] = table->left_out, [WEIGHTED] = table->weights != NULL};
    fsbi_cluster_broadcast(fit->comm, counts, sizeof counts);
    const size_t rows = counts[ROWS];
    *data = (fsbi_fit_data){.left_out = counts[LEFT_OUT]};
    FSBI_TRY(fsbi_cluster_agree(fit->comm, split(fit, specification, counts, data, error), error));
    FSBI_TRY(fsbi_cluster_agree(fit->comm,
                                fsbi_cluster_rank(fit->comm) == 0
                                    ? shuffle(fit, table, specification, data, error)
                                    : FSBI_OK,
                                error));
    fsbi_cluster_broadcast(fit->comm, data->theta,
                           rows * specification->theta_size * sizeof(double));
    fsbi_cluster_broadcast(fit->comm, data->x, rows * specification->x_size * sizeof(double));
    if (data->weights != NULL)
        fsbi_cluster_broadcast(fit->comm, data->weights, rows * sizeof *data->weights);
    return fsbi_cluster_agree(fit->comm,
                              fsbi_posterior_fit_standardisation(posterior, data->theta, data->x,
                                                                 data->training_rows, error),
                              error);
}

/* Training under way on this rank. */
typedef struct {
    const fsbi_fit *fit;
    fsbi_posterior *posterior;
    fsbi_training_data data;
    fsbi_training_settings settings;
    fsbi_real *theta, *x;
    fsbi_training_result result;
    fsbi_training_result second; /* of another start, where the estimator knows one */
    size_t *pending;             /* members to train */
    size_t pending_count;
} training;

static fsbi_real *member_parameters(const fsbi_posterior *posterior, size_t member) {
    return posterior->parameters + member * posterior->parameter_count;
}

static fsbi_status init_result(fsbi_training_result *result, size_t epochs, fsbi_error *error) {
    result->max_epochs = epochs;
    result->training_loss = fsbi_memory_allocate(epochs, sizeof(double), error);
    result->validation_loss = fsbi_memory_allocate(epochs, sizeof(double), error);
    return result->training_loss == NULL || result->validation_loss == NULL ? FSBI_NO_MEMORY
                                                                            : FSBI_OK;
}

static fsbi_status init_second(training *t, fsbi_error *error) {
    if (t->posterior->estimator->prime == NULL)
        return FSBI_OK;
    t->second.parameters =
        fsbi_memory_allocate(t->posterior->parameter_count, sizeof(fsbi_real), error);
    return t->second.parameters == NULL ? FSBI_NO_MEMORY
                                        : init_result(&t->second, t->settings.max_epochs, error);
}

static fsbi_status init(training *t, const fsbi_fit_data *data, fsbi_error *error) {
    const fsbi_config_inference *settings = t->fit->settings;
    const fsbi_estimator_specification *specification = &t->posterior->specification;
    const size_t rows = data->training_rows + data->held_out_rows;
    t->settings = (fsbi_training_settings){.learning_rate = settings->learning_rate,
                                           .batch_size = (size_t)settings->batch_size,
                                           .patience = (size_t)settings->patience,
                                           .max_epochs = (size_t)settings->max_epochs,
                                           .clip_norm = settings->clip_norm,
                                           .weight_decay = t->fit->weight_decay};
    t->theta = fsbi_memory_allocate(rows * specification->theta_size, sizeof *t->theta, error);
    t->x = fsbi_memory_allocate(rows * specification->x_size, sizeof *t->x, error);
    t->pending = fsbi_memory_allocate(t->posterior->members, sizeof *t->pending, error);
    FSBI_TRY(init_result(&t->result, t->settings.max_epochs, error));
    FSBI_TRY(init_second(t, error));
    if (t->theta == NULL || t->x == NULL || t->pending == NULL)
        return FSBI_NO_MEMORY;
    fsbi_posterior_standardise(t->posterior, data->theta, data->x, rows, t->theta, t->x);
    t->data = (fsbi_training_data){.theta = t->theta,
                                   .x = t->x,
                                   .weights = data->weights,
                                   .training_rows = data->training_rows,
                                   .held_out_rows = data->held_out_rows};
    return FSBI_OK;
}

static void clear(training *t) {
    free(t->theta);
    free(t->x);
    free(t->result.training_loss);
    free(t->result.validation_loss);
    free(t->second.parameters);
    free(t->second.training_loss);
    free(t->second.validation_loss);
    free(t->pending);
}

/* Rank 0: reads the members that the file has, and lists the others. */
static fsbi_status read_members(training *t, const fsbi_fit_data *data, fsbi_error *error) {
    fsbi_posterior *posterior = t->posterior;
    const fsbi_posterior_rows rows = {(int64_t)data->training_rows, (int64_t)data->held_out_rows,
                                      (int64_t)data->left_out};
    FSBI_TRY(fsbi_posterior_store_start(&t->fit->place, posterior, &rows, error));
    for (size_t member = 0; member < posterior->members; member++) {
        bool done = false;
        FSBI_TRY(
            fsbi_posterior_store_read_member(&t->fit->place, member, posterior->parameter_count,
                                             member_parameters(posterior, member), &done, error));
        if (!done)
            t->pending[t->pending_count++] = member;
    }
    return FSBI_OK;
}

/* All ranks learn which members the file has. */
static fsbi_status find_pending(training *t, const fsbi_fit_data *data, fsbi_error *error) {
    MPI_Comm comm = t->fit->comm;
    FSBI_TRY(fsbi_cluster_agree(
        comm, fsbi_cluster_rank(comm) == 0 ? read_members(t, data, error) : FSBI_OK, error));
    fsbi_cluster_broadcast(comm, &t->pending_count, sizeof t->pending_count);
    fsbi_cluster_broadcast(comm, t->pending, t->pending_count * sizeof *t->pending);
    fsbi_cluster_broadcast(comm, t->posterior->parameters,
                           t->posterior->members * t->posterior->parameter_count *
                               sizeof *t->posterior->parameters);
    return FSBI_OK;
}

/* Ranks first .. first + size - 1 of a communicator that train one member. */
typedef struct {
    MPI_Comm comm;
    int first;
    size_t size, index; /* of this rank within them */
} team_ranks;

static void exchange(void *context, size_t colleague, const void *send, void *receive,
                     size_t bytes) {
    const team_ranks *team = context;
    fsbi_cluster_exchange(team->comm, team->first + (int)colleague, send, receive, bytes);
}

/* Whether any rank of the team is asked to end. */
static bool stop(void *context) {
    const team_ranks *team = context;
    int any = fsbi_interrupt_requested();
    for (size_t step = 1; step < team->size; step *= 2) {
        int theirs = 0;
        exchange(context, team->index ^ step, &any, &theirs, sizeof any);
        any = any || theirs;
    }
    if (any)
        fsbi_interrupt_order();
    return any;
}

/* Trains from the estimator's other start, too, and keeps what the rows held out prefer. */
static fsbi_status train_again(training *t, fsbi_training *job, gsl_rng *stream,
                               fsbi_error *error) {
    if (t->second.parameters == NULL || job->initial != NULL)
        return FSBI_OK;
    job->primed = true;
    FSBI_TRY(fsbi_training_run(job, stream, &t->second, error));
    if (!(t->second.best_validation_loss < t->result.best_validation_loss))
        return FSBI_OK;
    const size_t losses = t->result.max_epochs * sizeof(double);
    memcpy(t->result.parameters, t->second.parameters,
           t->posterior->parameter_count * sizeof *t->second.parameters);
    memcpy(t->result.training_loss, t->second.training_loss, losses);
    memcpy(t->result.validation_loss, t->second.validation_loss, losses);
    t->result.epochs = t->second.epochs;
    t->result.best_validation_loss = t->second.best_validation_loss;
    return FSBI_OK;
}

static fsbi_status train_member(training *t, size_t member, const fsbi_training_team *team,
                                fsbi_error *error) {
    const fsbi_fit *fit = t->fit;
    const fsbi_posterior *posterior = t->posterior;
    const size_t rows = t->data.training_rows + t->data.held_out_rows;
    t->data.rotation = fit->own_held_out ? member * t->data.held_out_rows % rows : 0;
    fsbi_training job = {.estimator = posterior->estimator,
                         .specification = &posterior->specification,
                         .settings = &t->settings,
                         .data = &t->data,
                         .team = team,
                         .initial =
                             fit->initial == NULL ? NULL : member_parameters(fit->initial, member)};
    gsl_rng *stream = start_stream(fit, fit->train, member, error);
    if (stream == NULL)
        return FSBI_NO_MEMORY;
    t->result.parameters = member_parameters(posterior, member);
    fsbi_status status = fsbi_training_run(&job, stream, &t->result, error);
    if (status == FSBI_OK)
        status = train_again(t, &job, stream, error);
    gsl_rng_free(stream);
    if (status == FSBI_UNFINISHED)
        return fsbi_interruption_error(error);
    if (status != FSBI_OK) {
        fsbi_error_prefix(error, "%s, network %zu of the ensemble", fit->what, member);
        return status;
    }
    return team->index > 0
               ? FSBI_OK
               : fsbi_posterior_store_write_member(&fit->place, member, posterior->parameter_count,
                                                   &t->result, error);
}

/* Ranks that train one member together, when so many wait for so many members. */
static size_t team_size(size_t workers, size_t members, size_t most) {
    size_t size = 1;
    while (2 * size * members <= workers && 2 * size <= most)
        size *= 2;
    return size;
}

/* Members that are trained at once, each by a team of `size`. */
typedef struct {
    const size_t *members;
    size_t count, size;
} wave;

/* What this rank does in a wave. */
static fsbi_status train_in_team(training *t, const wave *w, fsbi_error *error) {
    const fsbi_fit *fit = t->fit;
    const int worker = fsbi_cluster_rank(fit->comm) - fit->first_worker;
    if (worker < 0 || (size_t)worker / w->size >= w->count)
        return FSBI_OK;
    const size_t team_index = (size_t)worker / w->size;
    team_ranks ranks = {fit->comm, fit->first_worker + (int)(team_index * w->size), w->size,
                        (size_t)worker % w->size};
    const fsbi_training_team team = {.size = w->size,
                                     .index = ranks.index,
                                     .exchange = exchange,
                                     .stop = stop,
                                     .context = &ranks};
    return train_member(t, w->members[team_index], &team, error);
}

/* Trains the members of a wave, and gives them to all. */
static fsbi_status train_wave(training *t, const wave *w, fsbi_error *error) {
    const fsbi_fit *fit = t->fit;
    FSBI_TRY(fsbi_cluster_agree(fit->comm, train_in_team(t, w, error), error));
    for (size_t i = 0; i < w->count; i++)
        fsbi_cluster_broadcast_from(fit->comm, fit->first_worker + (int)(i * w->size),
                                    member_parameters(t->posterior, w->members[i]),
                                    t->posterior->parameter_count * sizeof(fsbi_real));
    return FSBI_OK;
}

/* Waves of as many members at once as there are workers; the last few are trained by teams. */
static fsbi_status train_pending(training *t, fsbi_error *error) {
    const fsbi_fit *fit = t->fit;
    const size_t workers = (size_t)(fsbi_cluster_size(fit->comm) - fit->first_worker);
    const size_t slices = fsbi_training_slices(t->settings.batch_size);
    const bool first_rank = fsbi_cluster_rank(fit->comm) == 0;
    char what[128];
    snprintf(what, sizeof what, "%s: networks trained on %zu rows", fit->what,
             t->data.training_rows);
    fsbi_progress progress = {0};
    if (first_rank)
        progress = fsbi_progress_start(fit->report, what, t->pending_count);
    for (size_t done = 0; done < t->pending_count;) {
        const size_t left = t->pending_count - done;
        const size_t size = team_size(workers, left, slices);
        const size_t count = left < workers / size ? left : workers / size;
        const wave next = {t->pending + done, count, size};
        FSBI_TRY(train_wave(t, &next, error));
        done += count;
        if (first_rank)
            fsbi_progress_show(&progress, done, -1);
    }
    if (first_rank && t->pending_count > 0)
        fsbi_progress_finish(&progress, t->pending_count, -1);
    return FSBI_OK;
}

fsbi_status fsbi_fit_train(const fsbi_fit *fit, const fsbi_fit_data *data,
                           fsbi_posterior *posterior, fsbi_error *error) {
    training t = {.fit = fit, .posterior = posterior};
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_cluster_agree(fit->comm, init(&t, data, error), error));
    FSBI_TRY_DONE(find_pending(&t, data, error));
    FSBI_TRY_DONE(train_pending(&t, error));
done:
    clear(&t);
    return status;
}
