#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "campaign/progress.h"
#include "campaign/state.h"
#include "cluster/cluster.h"
#include "core/memory.h"
#include "fsbi/random.h"

/* A task is a member's index; the result is its summary followed by its weights. */
typedef struct {
    fsbi_campaign_state *state;
    size_t round;
    fsbi_training_settings settings;
    fsbi_real *theta, *x; /* standardised, on all ranks */
    size_t rows;
    double *training_loss, *validation_loss;
    size_t *pending; /* rank 0: members to train */
    fsbi_progress progress;
} training_job;

typedef struct {
    double best_validation_loss;
    uint64_t epochs;
} member_summary;

static void describe(void *context, size_t index, void *task) {
    const training_job *job = context;
    uint64_t member = job->pending[index];
    memcpy(task, &member, sizeof member);
}

static fsbi_status work(void *context, const void *task, void *result, fsbi_error *error) {
    training_job *job = context;
    fsbi_campaign_state *state = job->state;
    const fsbi_posterior *posterior = &state->posterior;
    uint64_t member = 0;
    memcpy(&member, task, sizeof member);
    const fsbi_training_data data = {job->theta, job->x, job->rows};
    fsbi_training_result trained = {
        .parameters = (fsbi_real *)(void *)((char *)result + sizeof(member_summary)),
        .training_loss = job->training_loss,
        .validation_loss = job->validation_loss};
    fsbi_random_seed(state->rng,
                     fsbi_random_stream_seed((uint64_t)state->setup->config->campaign.seed,
                                             FSBI_PURPOSE_TRAIN, job->round, member));
    fsbi_status status = fsbi_training_run(posterior->estimator, &posterior->shape, &job->settings,
                                           &data, state->rng, &trained, error);
    if (status != FSBI_OK) {
        fsbi_error_prefix(error, "round %zu, member %llu of the ensemble", job->round,
                          (unsigned long long)member);
        return status;
    }
    const member_summary summary = {trained.best_validation_loss, trained.epochs};
    memcpy(result, &summary, sizeof summary);
    return fsbi_campaign_file_write_member(state->file, job->round, member,
                                           posterior->parameter_count, &trained, error);
}

static fsbi_status collect(void *context, size_t index, const void *result, fsbi_error *error) {
    (void)error;
    training_job *job = context;
    fsbi_posterior *posterior = &job->state->posterior;
    memcpy(posterior->parameters + job->pending[index] * posterior->parameter_count,
           (const char *)result + sizeof(member_summary),
           posterior->parameter_count * sizeof *posterior->parameters);
    return FSBI_OK;
}

static void show_progress(void *context, size_t done) {
    training_job *job = context;
    fsbi_progress_show(&job->progress, done, -1);
}

/* The empty posterior of a round, with the prior's box. */
static fsbi_status start_posterior(fsbi_campaign_state *state, size_t round, fsbi_error *error) {
    const fsbi_setup *setup = state->setup;
    const fsbi_estimator_shape shape =
        fsbi_setup_estimator_shape(setup, &setup->config->rounds[round].infer);
    fsbi_posterior_clear(&state->posterior);
    state->has_posterior = false;
    fsbi_status status = fsbi_posterior_init(
        &state->posterior, fsbi_estimator_find(setup->config->inference.estimator), &shape,
        (size_t)setup->config->inference.ensemble, error);
    for (size_t i = 0, next = 0; i < setup->model->parameter_count && status == FSBI_OK; i++) {
        if (setup->model->parameters[i].nuisance)
            continue;
        state->posterior.low[next] = setup->model->parameters[i].low;
        state->posterior.high[next] = setup->model->parameters[i].high;
        next++;
    }
    return status;
}

/* Rank 0's training table for all, standardised. */
static fsbi_status share_table(training_job *job, fsbi_training_table *table, fsbi_error *error) {
    fsbi_campaign_state *state = job->state;
    fsbi_posterior *posterior = &state->posterior;
    const size_t theta_size = posterior->shape.theta_size;
    const size_t x_size = posterior->shape.x_size;
    fsbi_cluster_broadcast(state->comm, &table->rows, sizeof table->rows);
    job->rows = table->rows;
    if (!state->first_rank) {
        table->theta = fsbi_memory_allocate(job->rows * theta_size, sizeof *table->theta, error);
        table->x = fsbi_memory_allocate(job->rows * x_size, sizeof *table->x, error);
    }
    const size_t epochs = job->settings.max_epochs;
    job->theta = fsbi_memory_allocate(job->rows * theta_size, sizeof *job->theta, error);
    job->x = fsbi_memory_allocate(job->rows * x_size, sizeof *job->x, error);
    job->training_loss = fsbi_memory_allocate(epochs, sizeof *job->training_loss, error);
    job->validation_loss = fsbi_memory_allocate(epochs, sizeof *job->validation_loss, error);
    bool complete = table->theta != NULL && table->x != NULL && job->theta != NULL &&
                    job->x != NULL && job->training_loss != NULL && job->validation_loss != NULL;
    fsbi_status status =
        fsbi_cluster_agree(state->comm, complete ? FSBI_OK : FSBI_NO_MEMORY, error);
    if (status != FSBI_OK)
        return status;
    fsbi_cluster_broadcast(state->comm, table->theta,
                           job->rows * theta_size * sizeof *table->theta);
    fsbi_cluster_broadcast(state->comm, table->x, job->rows * x_size * sizeof *table->x);
    fsbi_posterior_fit_standardisation(posterior, table->theta, table->x, job->rows);
    fsbi_posterior_standardise(posterior, table->theta, table->x, job->rows, job->theta, job->x);
    return FSBI_OK;
}

/* Rank 0: takes the members that the file has, and finds those to train. */
static fsbi_status find_pending(training_job *job, size_t *count, fsbi_error *error) {
    fsbi_campaign_state *state = job->state;
    fsbi_posterior *posterior = &state->posterior;
    fsbi_status status =
        fsbi_campaign_file_write_standardisation(state->file, job->round, posterior, error);
    job->pending = fsbi_memory_allocate(posterior->members, sizeof *job->pending, error);
    if (job->pending == NULL)
        return FSBI_NO_MEMORY;
    for (size_t member = 0; member < posterior->members && status == FSBI_OK; member++) {
        bool done = false;
        status = fsbi_campaign_file_read_member(
            state->file, job->round, member, posterior->parameter_count,
            posterior->parameters + member * posterior->parameter_count, &done, error);
        if (!done)
            job->pending[(*count)++] = member;
    }
    return status;
}

static fsbi_status train_members(training_job *job, fsbi_error *error) {
    fsbi_campaign_state *state = job->state;
    const fsbi_posterior *posterior = &state->posterior;
    fsbi_cluster_job tasks = {.task_size = sizeof(uint64_t),
                              .result_size =
                                  sizeof(member_summary) +
                                  posterior->parameter_count * sizeof *posterior->parameters,
                              .context = job,
                              .describe = describe,
                              .work = work,
                              .collect = collect,
                              .progress = show_progress};
    char what[96];
    fsbi_status status = FSBI_OK;
    if (state->first_rank) {
        status = find_pending(job, &tasks.task_count, error);
        snprintf(what, sizeof what, "round %zu: networks trained on %zu rows", job->round,
                 job->rows);
        job->progress = fsbi_progress_start(state->report, what, tasks.task_count);
    }
    status = fsbi_cluster_agree(state->comm, status, error);
    if (status == FSBI_OK)
        status = fsbi_cluster_run(state->comm, &tasks, error);
    if (state->first_rank && status == FSBI_OK && tasks.task_count > 0)
        fsbi_progress_finish(&job->progress, tasks.task_count, -1);
    return status;
}

fsbi_status fsbi_campaign_train(fsbi_campaign_state *state, size_t round, fsbi_error *error) {
    const fsbi_config_inference *inference = &state->setup->config->inference;
    training_job job = {.state = state,
                        .round = round,
                        .settings = {.learning_rate = inference->learning_rate,
                                     .batch_size = (size_t)inference->batch_size,
                                     .validation_fraction = inference->validation_fraction,
                                     .patience = (size_t)inference->patience,
                                     .max_epochs = (size_t)inference->max_epochs,
                                     .clip_norm = inference->clip_norm}};
    fsbi_training_table table = {0};
    fsbi_status status = start_posterior(state, round, error);
    if (status == FSBI_OK && state->first_rank)
        status = fsbi_campaign_select(state, round, &table, error);
    status = fsbi_cluster_agree(state->comm, status, error);
    if (status == FSBI_OK)
        status = share_table(&job, &table, error);
    if (status == FSBI_OK)
        status = train_members(&job, error);
    if (status == FSBI_OK) {
        const fsbi_posterior *posterior = &state->posterior;
        fsbi_cluster_broadcast(state->comm, posterior->parameters,
                               posterior->members * posterior->parameter_count *
                                   sizeof *posterior->parameters);
        state->has_posterior = true;
    }
    free(job.theta);
    free(job.x);
    free(job.training_loss);
    free(job.validation_loss);
    free(job.pending);
    free(table.theta);
    free(table.x);
    return status;
}
