/* A whole fit: training, then checking on the rows that were not trained on, over the ranks. */
#include <stdlib.h>
#include <string.h>

#include "cluster/cluster.h"
#include "cluster/share.h"
#include "core/memory.h"
#include "fit/calibration_report.h"
#include "fit/fit.h"
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
                      those inside */
} checking;

/* What one rank ranks with. */
typedef struct {
    fsbi_posterior_workspace workspace;
    fsbi_calibration calibration;
    gsl_rng *stream;
    int32_t *ranks;
} ranking;

static fsbi_status init_ranking(ranking *r, const checking *c, fsbi_error *error) {
    r->stream = fsbi_random_allocate(error);
    r->ranks = fsbi_memory_allocate(c->columns, sizeof *r->ranks, error);
    if (r->stream == NULL || r->ranks == NULL)
        return FSBI_NO_MEMORY;
    FSBI_TRY(fsbi_posterior_workspace_init(&r->workspace, c->posterior, error));
    return fsbi_calibration_init(&r->calibration, &r->workspace, c->plan->check_samples,
                                 MOST_IN_VAIN, error);
}

static void clear_ranking(ranking *r) {
    fsbi_calibration_clear(&r->calibration);
    fsbi_posterior_workspace_clear(&r->workspace);
    free(r->ranks);
    if (r->stream != NULL)
        gsl_rng_free(r->stream);
}

/* The ranks of one row, by a random stream of its own. */
static fsbi_status rank_row(const checking *c, ranking *r, size_t row, fsbi_error *error) {
    const fsbi_estimator_specification *specification = &c->posterior->specification;
    const size_t from = c->data->training_rows + row;
    fsbi_random_seed(r->stream,
                     fsbi_random_stream_seed(c->fit->seed, FSBI_PURPOSE_CHECK, c->fit->round, row));
    const fsbi_status status = fsbi_calibration_rank(
        &r->calibration, c->data->theta + from * specification->theta_size,
        c->data->x + from * specification->x_size, r->stream, r->ranks, error);
    for (size_t k = 0; k < c->columns; k++)
        c->table[row * c->columns + k] = status == FSBI_OK ? r->ranks[k] : -1;
    return status == FSBI_HOPELESS ? FSBI_OK : status;
}

/* This rank's share of the rows; the other ranks' rows stay 0. */
static fsbi_status rank_share(const checking *c, fsbi_error *error) {
    ranking r = {0};
    fsbi_status status = FSBI_OK;
    fsbi_cluster_share share = fsbi_cluster_share_begin(c->fit->comm, c->rows, 1);
    FSBI_TRY_DONE(init_ranking(&r, c, error));
    while (fsbi_cluster_share_next(&share))
        FSBI_TRY_DONE(rank_row(c, &r, share.first, error));
    c->table[c->rows * c->columns] = r.calibration.acceptance.candidates;
    c->table[c->rows * c->columns + 1] = r.calibration.acceptance.inside;
done:
    clear_ranking(&r);
    return status;
}

/* What all ranks found. Counts below 2^53: the order in which they are added does not matter. */
static void take_over(const checking *c, fsbi_posterior_check *check) {
    const size_t ranks = c->rows * c->columns;
    check->rows = (int64_t)c->rows;
    check->acceptance = (fsbi_acceptance){c->table[ranks], c->table[ranks + 1]};
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
    c->table = fsbi_memory_allocate(c->rows * c->columns + 2, sizeof *c->table, error);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(
        fsbi_cluster_agree(c->fit->comm, c->table == NULL ? FSBI_NO_MEMORY : FSBI_OK, error));
    FSBI_TRY_DONE(fsbi_cluster_agree(c->fit->comm, rank_share(c, error), error));
    fsbi_cluster_allreduce_sum(c->fit->comm, c->table, c->rows * c->columns + 2);
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

static fsbi_status start(const fsbi_posterior_plan *plan, fsbi_posterior *posterior,
                         fsbi_posterior_check *check, fsbi_error *error) {
    FSBI_TRY(fsbi_posterior_plan_start(plan, posterior, error));
    return fsbi_posterior_check_init(check, plan, error);
}

fsbi_status fsbi_fit_posterior(const fsbi_fit *fit, const fsbi_training_table *table,
                               const fsbi_posterior_plan *plan, fsbi_posterior *posterior,
                               fsbi_error *error) {
    fsbi_fit_data data = {0};
    fsbi_posterior_check check = {0};
    checking c = {.fit = fit, .data = &data, .plan = plan, .posterior = posterior};
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_cluster_agree(fit->comm, start(plan, posterior, &check, error), error));
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
