/* A whole fit: training, then checking on the rows that were not trained on, over the ranks. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/cluster.h"
#include "cluster/share.h"
#include "core/memory.h"
#include "fit/calibration_report.h"
#include "fit/fit.h"
#include "fit/training_notes.h"
#include "inference/posterior_check.h"

/* Samples outside the box in a row after which a row counts as out of the posterior's reach. */
enum { MOST_IN_VAIN = 10000 };

/* A check under way. */
typedef struct {
    const fsbi_fit *fit;
    const fsbi_fit_data *data;
    const fsbi_posterior_plan *plan;
    const fsbi_posterior *posterior;
    size_t rows, columns;
    double *table; /* rows x columns of ranks, -1 for rows out of reach; then the candidates and
                      those inside; then of each row what it gains by its own x */
} checking;

/* Numbers of the table behind the ranks. */
static double *acceptance_of(const checking *c) {
    return c->table + c->rows * c->columns;
}

static double *gains_of(const checking *c) {
    return acceptance_of(c) + 2;
}

static size_t table_size(const checking *c) {
    return c->rows * c->columns + 2 + c->rows;
}

/* What one rank ranks with. */
typedef struct {
    fsbi_posterior_workspace workspace;
    fsbi_calibration calibration;
    gsl_rng *stream;
    int32_t *ranks;
    double *thetas, *x, *log_prob; /* of one row with the x of some */
} ranking;

/* Other rows whose x a row is compared with. */
enum { OTHERS = 10 };

static fsbi_status init_ranking(ranking *r, const checking *c, fsbi_error *error) {
    r->stream = fsbi_random_allocate(error);
    r->ranks = fsbi_memory_allocate(c->columns, sizeof *r->ranks, error);
    const fsbi_estimator_specification *specification = &c->posterior->specification;
    r->thetas =
        fsbi_memory_allocate((OTHERS + 1) * specification->theta_size, sizeof *r->thetas, error);
    r->x = fsbi_memory_allocate((OTHERS + 1) * specification->x_size, sizeof *r->x, error);
    r->log_prob = fsbi_memory_allocate(OTHERS + 1, sizeof *r->log_prob, error);
    if (r->stream == NULL || r->ranks == NULL || r->thetas == NULL || r->x == NULL ||
        r->log_prob == NULL)
        return FSBI_NO_MEMORY;
    FSBI_TRY(fsbi_posterior_workspace_init(&r->workspace, c->posterior, error));
    return fsbi_calibration_init(&r->calibration, &r->workspace, c->plan->check_samples,
                                 MOST_IN_VAIN, error);
}

static void clear_ranking(ranking *r) {
    fsbi_calibration_clear(&r->calibration);
    fsbi_posterior_workspace_clear(&r->workspace);
    free(r->ranks);
    free(r->thetas);
    free(r->x);
    free(r->log_prob);
    if (r->stream != NULL)
        gsl_rng_free(r->stream);
}

/* The ranks of one row, by a random stream of its own. */
static fsbi_status rank_row(const checking *c, ranking *r, size_t row, fsbi_error *error) {
    const fsbi_estimator_specification *specification = &c->posterior->specification;
    const size_t from = c->data->training_rows + row;
    fsbi_random_seed(r->stream,
                     fsbi_random_stream_seed(c->fit->seed, FSBI_PURPOSE_CHECK, c->fit->round, row));
    const fsbi_acceptance before = r->calibration.acceptance;
    const fsbi_status status = fsbi_calibration_rank(
        &r->calibration, c->data->theta + from * specification->theta_size,
        c->data->x + from * specification->x_size, r->stream, r->ranks, error);
    for (size_t k = 0; k < c->columns; k++)
        c->table[row * c->columns + k] = status == FSBI_OK ? r->ranks[k] : -1;
    if (status != FSBI_HOPELESS)
        return status;
    r->calibration.acceptance = before; /* such rows are counted by themselves */
    return FSBI_OK;
}

/* log q(theta | x) of a row minus its mean with the x of the rows that follow in the circle of
 * those held out, whose order is random; NaN where it has no density. */
static void measure_gain(const checking *c, ranking *r, size_t row) {
    const size_t theta_size = c->posterior->specification.theta_size;
    const size_t x_size = c->posterior->specification.x_size;
    const size_t others = c->rows - 1 < OTHERS ? c->rows - 1 : OTHERS;
    const double *theta = c->data->theta + (c->data->training_rows + row) * theta_size;
    for (size_t k = 0; k <= others; k++) {
        const size_t from = c->data->training_rows + (row + k) % c->rows;
        memcpy(r->thetas + k * theta_size, theta, theta_size * sizeof *theta);
        memcpy(r->x + k * x_size, c->data->x + from * x_size, x_size * sizeof *r->x);
    }
    fsbi_posterior_log_prob(&r->workspace, r->thetas, r->x, others + 1, r->log_prob);
    double sum = 0;
    for (size_t k = 1; k <= others; k++)
        sum += r->log_prob[k];
    const double gain = r->log_prob[0] - sum / (double)others;
    gains_of(c)[row] = isfinite(gain) ? gain : NAN;
}

/* This rank's share of the rows; the other ranks' rows stay 0. */
static fsbi_status rank_share(const checking *c, fsbi_error *error) {
    ranking r = {0};
    fsbi_status status = FSBI_OK;
    fsbi_cluster_share share = fsbi_cluster_share_begin(c->fit->comm, c->rows, 1);
    FSBI_TRY_DONE(init_ranking(&r, c, error));
    while (fsbi_cluster_share_next(&share)) {
        FSBI_TRY_DONE(rank_row(c, &r, share.first, error));
        measure_gain(c, &r, share.first);
    }
    acceptance_of(c)[0] = r.calibration.acceptance.candidates;
    acceptance_of(c)[1] = r.calibration.acceptance.inside;
done:
    clear_ranking(&r);
    return status;
}

/* Mean and standard error of what rows gain by their own x. */
static void average_gains(const checking *c, fsbi_posterior_check *check) {
    size_t known = 0;
    double sum = 0;
    double squares = 0;
    for (size_t row = 0; row < c->rows; row++) {
        const double gain = gains_of(c)[row];
        if (isnan(gain))
            continue;
        known++;
        sum += gain;
        squares += gain * gain;
    }
    if (known < 2 || c->posterior->specification.x_size == 0)
        return;
    const double mean = sum / (double)known;
    const double variance = fmax(squares / (double)known - mean * mean, 0);
    check->learned = mean;
    check->learned_error = sqrt(variance / (double)(known - 1));
}

/* What all ranks found. Counts below 2^53: the order in which they are added does not matter. */
static void take_over(const checking *c, fsbi_posterior_check *check) {
    const size_t ranks = c->rows * c->columns;
    check->rows = (int64_t)c->rows;
    check->acceptance = (fsbi_acceptance){acceptance_of(c)[0], acceptance_of(c)[1]};
    average_gains(c, check);
    for (size_t k = 0; k < ranks; k++)
        check->ranks[k] = (int32_t)c->table[k];
    for (size_t k = 0; k < check->columns; k++)
        check->results[k] =
            fsbi_calibration_test(check->ranks, c->rows, check->columns, k, c->plan->check_samples);
}

static fsbi_status rank_rows(checking *c, fsbi_posterior_check *check, fsbi_error *error) {
    const size_t most = c->plan->check_rows;
    c->columns = check->columns;
    c->rows = c->data->held_out_rows < most ? c->data->held_out_rows : most;
    c->table = fsbi_memory_allocate(table_size(c), sizeof *c->table, error);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(
        fsbi_cluster_agree(c->fit->comm, c->table == NULL ? FSBI_NO_MEMORY : FSBI_OK, error));
    FSBI_TRY_DONE(fsbi_cluster_agree(c->fit->comm, rank_share(c, error), error));
    fsbi_cluster_allreduce_sum(c->fit->comm, c->table, table_size(c));
    take_over(c, check);
done:
    free(c->table);
    return status;
}

/* Ranks rows held out, at most plan->check_rows of them, unless the file has that already; `check`
 * is filled on rank 0. */
static fsbi_status run_check(checking *c, fsbi_posterior_check *check, fsbi_error *error) {
    const fsbi_fit *fit = c->fit;
    const bool first_rank = fsbi_cluster_rank(fit->comm) == 0;
    if (c->plan->check_rows == 0)
        return FSBI_OK;
    FSBI_TRY(fsbi_cluster_agree(
        fit->comm,
        first_rank ? fsbi_posterior_store_read_check(&fit->place, check, error) : FSBI_OK, error));
    fsbi_cluster_broadcast(fit->comm, &check->rows, sizeof check->rows);
    if (check->rows >= 0)
        return FSBI_OK;
    FSBI_TRY(rank_rows(c, check, error));
    return fsbi_cluster_agree(
        fit->comm,
        first_rank ? fsbi_posterior_store_write_check(&fit->place, check, error) : FSBI_OK, error);
}

static void print_report(const fsbi_fit *fit, const fsbi_posterior_plan *plan,
                         const fsbi_posterior_check *check) {
    fsbi_text text = {0};
    fsbi_calibration_report_write(plan, check, "    ", &text);
    if (text.length > 0)
        fprintf(fit->report, "%s", text.characters);
    fflush(fit->report);
    fsbi_text_clear(&text);
}

/* Rank 0: says what is odd about the rows. */
static fsbi_status print_notes(const fsbi_fit *fit, fsbi_training_table *table,
                               const fsbi_posterior_plan *plan, fsbi_error *error) {
    fsbi_text text = {0};
    const fsbi_status status = fsbi_training_notes_examine(table, plan, &text, error);
    if (text.length > 0)
        fprintf(fit->report, "%s", text.characters);
    fflush(fit->report);
    fsbi_text_clear(&text);
    return status;
}

static fsbi_status start(const fsbi_posterior_plan *plan, fsbi_posterior *posterior,
                         fsbi_posterior_check *check, fsbi_error *error) {
    FSBI_TRY(fsbi_posterior_plan_start(plan, posterior, error));
    return fsbi_posterior_check_init(check, plan, error);
}

fsbi_status fsbi_fit_posterior(const fsbi_fit *fit, fsbi_training_table *table,
                               const fsbi_posterior_plan *plan, fsbi_posterior *posterior,
                               fsbi_error *error) {
    fsbi_fit_data data = {0};
    fsbi_posterior_check check = {0};
    checking c = {.fit = fit, .data = &data, .plan = plan, .posterior = posterior};
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_cluster_agree(fit->comm, start(plan, posterior, &check, error), error));
    if (fsbi_cluster_rank(fit->comm) == 0)
        status = print_notes(fit, table, plan, error);
    FSBI_TRY_DONE(fsbi_cluster_agree(fit->comm, status, error));
    FSBI_TRY_DONE(fsbi_fit_share(fit, table, posterior, &data, error));
    FSBI_TRY_DONE(fsbi_fit_train(fit, &data, posterior, error));
    FSBI_TRY_DONE(run_check(&c, &check, error));
    if (fsbi_cluster_rank(fit->comm) == 0)
        print_report(fit, plan, &check);
done:
    fsbi_posterior_check_clear(&check);
    fsbi_fit_data_clear(&data);
    return status;
}

bool fsbi_fit_can_start_from(const fsbi_posterior_plan *plan, const fsbi_posterior *initial) {
    return plan->estimator == initial->estimator && plan->unbounded == initial->unbounded &&
           plan->members <= initial->members &&
           plan->specification.theta_size == initial->specification.theta_size &&
           plan->specification.x_size == initial->specification.x_size &&
           plan->estimator->parameter_count(plan->estimator, &plan->specification) ==
               initial->parameter_count;
}
