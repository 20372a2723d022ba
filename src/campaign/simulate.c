#include <stdlib.h>
#include <string.h>

#include "campaign/progress.h"
#include "campaign/state.h"
#include "cluster/cluster.h"
#include "core/clock.h"
#include "core/memory.h"
#include "fsbi/random.h"

/* A task is the row's index followed by its theta; the result is the finished row. */
typedef struct {
    fsbi_campaign_state *state;
    size_t round;
    const double *thetas; /* rank 0 */
    size_t *pending;      /* rank 0: rows to run */
    fsbi_progress progress;
    long blown_up;
} round_job;

fsbi_row *fsbi_campaign_row(const fsbi_campaign_state *state, size_t round, size_t index) {
    return fsbi_row_at(&state->shape, state->rows[round], index);
}

static void describe(void *context, size_t index, void *task) {
    round_job *job = context;
    const size_t size = job->state->shape.theta_count;
    uint64_t row = job->pending[index];
    memcpy(task, &row, sizeof row);
    memcpy((char *)task + sizeof row, job->thetas + row * size, size * sizeof(double));
}

static fsbi_status work(void *context, const void *task, void *result, fsbi_error *error) {
    round_job *job = context;
    fsbi_campaign_state *state = job->state;
    const fsbi_model *model = state->setup->model;
    uint64_t index = 0;
    fsbi_row *row = result;
    memcpy(&index, task, sizeof index);
    memcpy(row->values, (const char *)task + sizeof index,
           state->shape.theta_count * sizeof(double));
    if (state->workspace == NULL)
        state->workspace = fsbi_model_create(model, error);
    if (state->workspace == NULL)
        return FSBI_NO_MEMORY;
    fsbi_outcome outcome;
    double started = fsbi_clock_seconds();
    row->seed = fsbi_random_stream_seed((uint64_t)state->setup->config->campaign.seed,
                                        FSBI_PURPOSE_SIMULATE, job->round, index);
    fsbi_status status =
        fsbi_model_simulate(model, state->workspace, row->values, state->rng, row->seed,
                            row->values + state->shape.theta_count, &outcome, error);
    if (status != FSBI_OK)
        return status;
    row->status = (int32_t)outcome.status;
    row->t_end = outcome.t_end;
    row->rank = fsbi_cluster_rank(state->comm);
    row->wall_time = fsbi_clock_seconds() - started;
    fsbi_row_seal(&state->shape, row);
    return fsbi_campaign_file_write_rows(state->file, job->round, index, 1, row, error);
}

static fsbi_status collect(void *context, size_t index, const void *result, fsbi_error *error) {
    (void)error;
    round_job *job = context;
    const fsbi_row *row = result;
    memcpy(fsbi_campaign_row(job->state, job->round, job->pending[index]), row,
           fsbi_row_size(&job->state->shape));
    job->blown_up += row->status == FSBI_SIMULATION_BLOWN_UP;
    return FSBI_OK;
}

static void show_progress(void *context, size_t done) {
    round_job *job = context;
    fsbi_progress_show(&job->progress, done, job->blown_up);
}

/* Rank 0: which rows are to be run. */
static fsbi_status find_pending(round_job *job, size_t *count, fsbi_error *error) {
    const fsbi_campaign_state *state = job->state;
    const size_t rows = state->setup->config->rounds[job->round].simulations;
    job->pending = fsbi_memory_allocate(rows, sizeof *job->pending, error);
    if (job->pending == NULL)
        return FSBI_NO_MEMORY;
    for (size_t row = 0; row < rows; row++)
        if (!fsbi_row_done(&state->shape, fsbi_campaign_row(state, job->round, row)))
            job->pending[(*count)++] = row;
    return FSBI_OK;
}

fsbi_status fsbi_campaign_simulate(fsbi_campaign_state *state, size_t round, const double *thetas,
                                   fsbi_error *error) {
    round_job job = {.state = state, .round = round, .thetas = thetas};
    fsbi_cluster_job tasks = {.task_size =
                                  sizeof(uint64_t) + state->shape.theta_count * sizeof(double),
                              .result_size = fsbi_row_size(&state->shape),
                              .prefetch = true,
                              .context = &job,
                              .describe = describe,
                              .work = work,
                              .collect = collect,
                              .progress = show_progress};
    char what[64];
    fsbi_status status = FSBI_OK;
    if (state->first_rank) {
        status = find_pending(&job, &tasks.task_count, error);
        snprintf(what, sizeof what, "round %zu: simulations", round);
        job.progress = fsbi_progress_start(state->report, what, tasks.task_count);
    }
    status = fsbi_cluster_agree(state->comm, status, error);
    if (status == FSBI_OK)
        status = fsbi_cluster_run(state->comm, &tasks, error);
    if (state->first_rank && status == FSBI_OK && tasks.task_count > 0)
        fsbi_progress_finish(&job.progress, tasks.task_count, job.blown_up);
    free(job.pending);
    return status;
}
