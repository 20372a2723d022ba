#include "steps/simulate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/cluster.h"
#include "core/clock.h"
#include "core/interrupt.h"
#include "core/memory.h"
#include "fsbi/random.h"
#include "output/interruption.h"
#include "output/progress.h"
#include "output/rank_log.h"
#include "rows/longest_processing_time_first.h"
#include "rows/row_set.h"
#include "steps/early_ends.h"

/* A task is this followed by the row's theta; the result is the finished row. */
typedef struct {
    uint64_t row;
    int64_t crashes; /* so far */
} task_head;

typedef struct {
    fsbi_campaign_state *state;
    fsbi_round_share share;
    size_t *pending; /* rank 0: rows to run */
    fsbi_progress progress;
    long blown_up;
    double started;  /* of the simulation under way, by the clock */
    double listened; /* when rank 0 was last heard */
    fsbi_early_ends ends;
    fsbi_row *row; /* under way */
} round_job;

static size_t size_of_task(const fsbi_campaign_state *state) {
    return sizeof(task_head) + state->shape.theta_count * sizeof(double);
}

static void describe(void *context, size_t index, void *task) {
    const round_job *job = context;
    const size_t place = job->pending[index];
    const fsbi_row *row = fsbi_campaign_row(job->state, job->share.round, place);
    const task_head head = {place, row->crashes};
    memcpy(task, &head, sizeof head);
    memcpy((char *)task + sizeof head, row->values,
           job->state->shape.theta_count * sizeof *row->values);
}

/* Whether the simulation under way may go on: it has a time limit, and a time to come to its end in
 * once it is asked to. */
static fsbi_simulation_status look(void *context) {
    static const double between = 0.05;
    round_job *job = context;
    const fsbi_config_run *limits = &job->state->setup->config->run;
    const double now = fsbi_clock_seconds();
    if (now - job->listened > between) {
        job->listened = now;
        if (fsbi_cluster_called_off(job->state->comm))
            fsbi_interrupt_order();
    }
    if (fsbi_interrupt_age() > limits->grace)
        return FSBI_SIMULATION_PENDING;
    return limits->time_limit > 0 && now - job->started > limits->time_limit
               ? FSBI_SIMULATION_TIMED_OUT
               : FSBI_SIMULATION_OK;
}

static bool go_on(void *context, size_t checkpoint, const double *metrics) {
    round_job *job = context;
    return fsbi_early_ends_go_on(&job->ends, checkpoint, metrics, job->row);
}

static fsbi_status check(void *context, fsbi_error *error) {
    (void)context;
    return fsbi_interruption_check(error);
}

static uint64_t seed_of(const round_job *job, size_t row) {
    return fsbi_row_seed_of(job->state->setup->config, job->share.round, job->share.first + row);
}

/* Runs the simulation of a row whose theta is there. */
static fsbi_status run_row(round_job *job, const task_head *head, fsbi_row *row,
                           fsbi_outcome *outcome, fsbi_error *error) {
    fsbi_campaign_state *state = job->state;
    const fsbi_watch watch = {
        .look = look, .go_on = job->ends.active ? go_on : NULL, .context = job};
    const fsbi_simulation simulation = {.theta = row->values,
                                        .stream = state->rng,
                                        .seed = seed_of(job, head->row),
                                        .watch = &watch};
    const size_t place = job->share.first + head->row;
    job->row = row;
    row->survival = 1;
    row->checkpoint = 0;
    if (job->ends.active)
        fsbi_early_ends_start(&job->ends, row->values,
                              fsbi_random_stream_seed((uint64_t)state->setup->config->campaign.seed,
                                                      FSBI_PURPOSE_EARLY_END, job->share.round,
                                                      place));
    job->started = job->listened = fsbi_clock_seconds();
    fsbi_rank_log_write(state->log, "round %zu row %zu begins", job->share.round, place);
    FSBI_TRY(fsbi_campaign_file_begin_row(state->file, job->share.round, head->row,
                                          (int32_t)head->crashes, error));
    const fsbi_status status =
        fsbi_model_simulate(state->workspace_model, state->workspace, &simulation,
                            row->values + state->shape.theta_count, outcome, error);
    fsbi_campaign_file_end_row();
    fsbi_rank_log_write(state->log, "round %zu row %zu ends after %.3f s: %s", job->share.round,
                        place, fsbi_clock_seconds() - job->started,
                        status == FSBI_OK ? fsbi_simulation_status_name(outcome->status)
                                          : error->message);
    FSBI_TRY(status);
    return outcome->status == FSBI_SIMULATION_PENDING ? fsbi_interruption_error(error) : FSBI_OK;
}

/* Completes a row but for theta and metrics. */
static void complete_row(const round_job *job, const task_head *head, const fsbi_outcome *outcome,
                         fsbi_row *row) {
    const fsbi_campaign_state *state = job->state;
    row->seed = seed_of(job, head->row);
    row->status = (int32_t)outcome->status;
    row->reason = (int32_t)outcome->reason;
    row->t_end = outcome->t_end;
    row->crashes = (int32_t)head->crashes;
    row->rank = fsbi_cluster_rank(state->comm);
    row->wall_time = fsbi_clock_seconds() - job->started;
    fsbi_row_seal(&state->shape, row);
}

static fsbi_status work(void *context, const void *task, void *result, fsbi_error *error) {
    round_job *job = context;
    fsbi_campaign_state *state = job->state;
    fsbi_row *row = result;
    fsbi_outcome outcome = {0};
    task_head head;
    memcpy(&head, task, sizeof head);
    memcpy(row->values, (const char *)task + sizeof head,
           state->shape.theta_count * sizeof(double));
    FSBI_TRY(fsbi_campaign_state_provide_workspace(state, job->share.round, error));
    FSBI_TRY(run_row(job, &head, row, &outcome, error));
    complete_row(job, &head, &outcome, row);
    const fsbi_trace_source source = {.round = job->share.round,
                                      .row = job->share.first + head.row,
                                      .result = row,
                                      .workspace = state->workspace};
    return fsbi_trace_writer_store(&state->traces, state->setup, &source, error);
}

static size_t row_of(const void *tasks, size_t task_size, size_t index) {
    task_head head;
    memcpy(&head, (const char *)tasks + index * task_size, sizeof head);
    return head.row;
}

/* Writes finished rows, those that stand one after another in the file at once. */
static fsbi_status finish(void *context, size_t count, const void *tasks, const void *results,
                          fsbi_error *error) {
    const round_job *job = context;
    const fsbi_campaign_state *state = job->state;
    const size_t task_size = size_of_task(state);
    const size_t row_size = fsbi_row_size(&state->shape);
    for (size_t begin = 0, end = 1; begin < count; begin = end, end++) {
        const size_t first = row_of(tasks, task_size, begin);
        while (end < count && row_of(tasks, task_size, end) == first + (end - begin))
            end++;
        FSBI_TRY(fsbi_campaign_file_write_rows(state->file, job->share.round, first, end - begin,
                                               (const char *)results + begin * row_size, error));
    }
    return fsbi_campaign_file_sync(state->file, state->setup->config->run.sync_interval, error);
}

static fsbi_status collect(void *context, size_t index, const void *result, fsbi_error *error) {
    (void)error;
    round_job *job = context;
    const fsbi_row *row = result;
    memcpy(fsbi_campaign_row(job->state, job->share.round, job->pending[index]), row,
           fsbi_row_size(&job->state->shape));
    job->blown_up += row->status == FSBI_SIMULATION_BLOWN_UP;
    return FSBI_OK;
}

static void show_progress(void *context, size_t done) {
    round_job *job = context;
    fsbi_progress_show(&job->progress, done, job->blown_up);
}

/* Rank 0: gives a row up that has brought the program down too often. */
static fsbi_status give_up(round_job *job, size_t index, fsbi_error *error) {
    const fsbi_campaign_state *state = job->state;
    fsbi_row *row = fsbi_campaign_row(state, job->share.round, index);
    const task_head head = {index, row->crashes};
    const fsbi_outcome outcome = {FSBI_SIMULATION_FAILED, FSBI_REASON_CRASHED, NAN};
    row->survival = 1;
    row->checkpoint = 0;
    fprintf(state->report,
            "note: rule %zu of round %zu has brought the program down %d times and counts as "
            "failed (run.attempts is %ld)\n",
            job->share.first + index, job->share.round, (int)row->crashes,
            state->setup->config->run.attempts);
    for (size_t i = 0; i < state->shape.metric_count; i++)
        row->values[state->shape.theta_count + i] = NAN;
    job->started = fsbi_clock_seconds();
    complete_row(job, &head, &outcome, row);
    return fsbi_campaign_file_write_rows(state->file, job->share.round, index, 1, row, error);
}

/* Rank 0: which rows are to be run. */
static fsbi_status find_pending(round_job *job, size_t *count, fsbi_error *error) {
    const fsbi_campaign_state *state = job->state;
    const size_t rows = job->share.count;
    job->pending = fsbi_memory_allocate(rows, sizeof *job->pending, error);
    if (job->pending == NULL)
        return FSBI_NO_MEMORY;
    for (size_t index = 0; index < rows; index++) {
        const fsbi_row *row = fsbi_campaign_row(state, job->share.round, index);
        if (fsbi_row_done(&state->shape, row))
            continue;
        if (row->crashes >= state->setup->config->run.attempts)
            FSBI_TRY(give_up(job, index, error));
        else
            job->pending[(*count)++] = index;
    }
    return FSBI_OK;
}

/* Rank 0 of several workers: in which order. */
static fsbi_status put_longest_first(const round_job *job, size_t count, fsbi_error *error) {
    const fsbi_row_set known = fsbi_campaign_rows(job->state, 0, job->share.round + 1);
    return fsbi_longest_processing_time_first(job->state->setup->model, &known, job->pending, count,
                                              error);
}

/* Rank 0: what is to be run, and in which order. */
static fsbi_status prepare(round_job *job, size_t *count, fsbi_error *error) {
    FSBI_TRY(find_pending(job, count, error));
    return fsbi_cluster_size(job->state->comm) > 2 ? put_longest_first(job, *count, error)
                                                   : FSBI_OK;
}

fsbi_status fsbi_campaign_simulate(fsbi_campaign_state *state, const fsbi_round_share *share,
                                   double *idle, fsbi_error *error) {
    round_job job = {.state = state, .share = *share};
    fsbi_cluster_job tasks = {.task_size = size_of_task(state),
                              .result_size = fsbi_row_size(&state->shape),
                              .prefetch = true,
                              .context = &job,
                              .describe = describe,
                              .work = work,
                              .finish = finish,
                              .collect = collect,
                              .progress = show_progress,
                              .check = check,
                              .idle = idle};
    char what[64];
    snprintf(what, sizeof what, "round %zu: simulations", share->round);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_cluster_agree(
        state->comm, fsbi_early_ends_init(&job.ends, state, share->round, error), error));
    FSBI_TRY_DONE(fsbi_cluster_agree(
        state->comm, state->first_rank ? prepare(&job, &tasks.task_count, error) : FSBI_OK, error));
    job.progress = fsbi_progress_start(state->report, what, tasks.task_count);
    FSBI_TRY_DONE(fsbi_cluster_run(state->comm, &tasks, error));
    if (state->first_rank && tasks.task_count > 0)
        fsbi_progress_finish(&job.progress, tasks.task_count, job.blown_up);
done:
    fsbi_early_ends_clear(&job.ends);
    free(job.pending);
    return status;
}
