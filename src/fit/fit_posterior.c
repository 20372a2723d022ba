/* A whole fit: training, then checking on the rows that were not trained on, over the ranks. */
#include <stdlib.h>
#include <string.h>

#include "cluster/cluster.h"
#include "core/memory.h"
#include "fit/calibration_report.h"
#include "fit/fit.h"

/* Samples outside the box in a row after which a row counts as out of the posterior's reach. */
enum { MOST_IN_VAIN = 10000 };

/* This rank's share of the rows: ranks into `table` (rows x columns), -1 for rows out of reach; the
 * other ranks' rows stay 0. Then the candidates and those inside. */
static fsbi_status rank_share(const fsbi_fit *fit, const fsbi_fit_data *data,
                              const fsbi_posterior_plan *plan, const fsbi_posterior *posterior,
                              size_t rows, double *table, fsbi_error *error) {
    const fsbi_estimator_specification *shape = &posterior->shape;
    const size_t columns = fsbi_calibration_columns(shape->theta_size);
    fsbi_posterior_workspace workspace = {0};
    fsbi_calibration calibration = {0};
    fsbi_acceptance acceptance = {0};
    gsl_rng *stream = fsbi_random_allocate(error);
    int32_t *ranks = fsbi_memory_allocate(columns, sizeof *ranks, error);
    fsbi_status status = stream == NULL || ranks == NULL ? FSBI_NO_MEMORY : FSBI_OK;
    if (status == FSBI_OK)
        status = fsbi_posterior_workspace_init(&workspace, posterior, error);
    if (status == FSBI_OK)
        status = fsbi_calibration_init(&calibration, &workspace, plan->check_samples, MOST_IN_VAIN,
                                       error);
    for (size_t row = (size_t)fsbi_cluster_rank(fit->comm); row < rows && status == FSBI_OK;
         row += (size_t)fsbi_cluster_size(fit->comm)) {
        const size_t from = data->training_rows + row;
        fsbi_random_seed(stream,
                         fsbi_random_stream_seed(fit->seed, FSBI_PURPOSE_CHECK, fit->round, row));
        status = fsbi_calibration_rank(&calibration, data->theta + from * shape->theta_size,
                                       data->x + from * shape->x_size, stream, ranks, &acceptance,
                                       error);
        for (size_t k = 0; k < columns; k++)
            table[row * columns + k] = status == FSBI_OK ? ranks[k] : -1;
        status = status == FSBI_HOPELESS ? FSBI_OK : status;
    }
    table[rows * columns] = acceptance.candidates;
    table[rows * columns + 1] = acceptance.inside;
    fsbi_calibration_clear(&calibration);
    fsbi_posterior_workspace_clear(&workspace);
    free(ranks);
    if (stream != NULL)
        gsl_rng_free(stream);
    return status;
}

static void test_columns(const fsbi_posterior_plan *plan, fsbi_posterior_check *check) {
    const size_t rows = (size_t)check->rows;
    for (size_t k = 0; k < check->columns; k++)
        check->results[k] =
            fsbi_calibration_test(check->ranks, rows, check->columns, k, plan->check_samples);
}

static fsbi_status rank_rows(const fsbi_fit *fit, const fsbi_fit_data *data,
                             const fsbi_posterior_plan *plan, const fsbi_posterior *posterior,
                             fsbi_posterior_check *check, fsbi_error *error) {
    const size_t columns = check->columns;
    const size_t rows =
        data->held_out_rows < plan->check_rows ? data->held_out_rows : plan->check_rows;
    double *table = fsbi_memory_allocate(rows * columns + 2, sizeof *table, error);
    fsbi_status status =
        fsbi_cluster_agree(fit->comm, table == NULL ? FSBI_NO_MEMORY : FSBI_OK, error);
    if (status == FSBI_OK && table != NULL) {
        double *acceptance = table + rows * columns;
        status = rank_share(fit, data, plan, posterior, rows, table, error);
        status = fsbi_cluster_agree(fit->comm, status, error);
        if (status == FSBI_OK) {
            /* A sum of counts: below 2^53 the order does not matter. */
            fsbi_cluster_allreduce_sum(fit->comm, table, rows * columns + 2);
            check->rows = (int64_t)rows;
            check->acceptance = (fsbi_acceptance){acceptance[0], acceptance[1]};
            for (size_t k = 0; k < rows * columns; k++)
                check->ranks[k] = (int32_t)table[k];
            test_columns(plan, check);
        }
    }
    free(table);
    return status;
}

/* Ranks rows held out, at most plan->check_rows of them, unless the file has that already; `check`
 * is filled on rank 0. */
static fsbi_status run_check(const fsbi_fit *fit, const fsbi_fit_data *data,
                             const fsbi_posterior_plan *plan, const fsbi_posterior *posterior,
                             fsbi_posterior_check *check, fsbi_error *error) {
    fsbi_status status = FSBI_OK;
    const bool first_rank = fsbi_cluster_rank(fit->comm) == 0;
    if (plan->check_rows == 0)
        return FSBI_OK;
    if (first_rank)
        status = fsbi_posterior_store_read_check(&fit->place, check, error);
    status = fsbi_cluster_agree(fit->comm, status, error);
    if (status != FSBI_OK)
        return status;
    fsbi_cluster_broadcast(fit->comm, &check->rows, sizeof check->rows);
    if (check->rows >= 0)
        return FSBI_OK;
    status = rank_rows(fit, data, plan, posterior, check, error);
    if (status == FSBI_OK && first_rank)
        status = fsbi_posterior_store_write_check(&fit->place, check, error);
    return fsbi_cluster_agree(fit->comm, status, error);
}

static void print_verdict(const fsbi_fit *fit, const fsbi_posterior_plan *plan,
                          const fsbi_posterior_check *check) {
    fsbi_text text = {0};
    fsbi_calibration_report_write(plan, check, "    ", &text);
    if (text.length > 0)
        fprintf(fit->report, "%s", text.characters);
    fflush(fit->report);
    fsbi_text_clear(&text);
}

fsbi_status fsbi_fit_posterior(const fsbi_fit *fit, const fsbi_training_table *table,
                               const fsbi_posterior_plan *plan, fsbi_posterior *posterior,
                               fsbi_error *error) {
    fsbi_fit_data data = {0};
    fsbi_posterior_check check = {0};
    fsbi_status status = fsbi_posterior_plan_start(plan, posterior, error);
    if (status == FSBI_OK)
        status = fsbi_posterior_check_init(&check, plan, error);
    status = fsbi_cluster_agree(fit->comm, status, error);
    if (status == FSBI_OK)
        status = fsbi_fit_share(fit, table, posterior, &data, error);
    if (status == FSBI_OK)
        status = fsbi_fit_train(fit, &data, posterior, error);
    if (status == FSBI_OK)
        status = run_check(fit, &data, plan, posterior, &check, error);
    if (status == FSBI_OK && fsbi_cluster_rank(fit->comm) == 0)
        print_verdict(fit, plan, &check);
    fsbi_posterior_check_clear(&check);
    fsbi_fit_data_clear(&data);
    return status;
}

bool fsbi_fit_can_start_from(const fsbi_posterior_plan *plan, const fsbi_posterior *initial) {
    return plan->estimator == initial->estimator && plan->unbounded == initial->unbounded &&
           plan->members <= initial->members &&
           plan->shape.theta_size == initial->shape.theta_size &&
           plan->shape.x_size == initial->shape.x_size &&
           plan->estimator->parameter_count(plan->estimator, &plan->shape) ==
               initial->parameter_count;
}
