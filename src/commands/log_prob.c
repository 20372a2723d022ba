#include <math.h>
#include <stdlib.h>

#include "cluster/cluster.h"
#include "commands/posterior_commands.h"
#include "commands/posterior_query.h"
#include "core/memory.h"
#include "store/new_file.h"
#include "store/table_file.h"

/* The table must have the columns that the posterior was trained on. */
static fsbi_status check_columns(const fsbi_log_prob_options *options,
                                 const fsbi_posterior_plan *plan, const fsbi_data_table *table,
                                 fsbi_error *error) {
    if (table->theta_size != plan->shape.theta_size || table->x_size != plan->shape.x_size)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "'%s' has %zu columns of theta and %zu of x; the posterior '%s' was "
                              "trained on %zu and %zu",
                              options->data.path, table->theta_size, table->x_size,
                              options->question.posterior, plan->shape.theta_size,
                              plan->shape.x_size);
    return FSBI_OK;
}

/* Every rank's share of the rows, in blocks that do not depend on the number of ranks; the other
 * rows of `log_prob` stay 0. */
static fsbi_status evaluate_share(MPI_Comm comm, const fsbi_posterior *posterior,
                                  const fsbi_data_table *table, double *log_prob,
                                  fsbi_error *error) {
    const size_t rows = table->rows.rows;
    fsbi_posterior_workspace workspace = {0};
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_posterior_workspace_init(&workspace, posterior, error));
    for (size_t first = (size_t)fsbi_cluster_rank(comm) * FSBI_POSTERIOR_BLOCK; first < rows;
         first += (size_t)fsbi_cluster_size(comm) * FSBI_POSTERIOR_BLOCK) {
        const size_t left = rows - first;
        const size_t count = left < FSBI_POSTERIOR_BLOCK ? left : FSBI_POSTERIOR_BLOCK;
        fsbi_posterior_log_prob(&workspace, table->rows.theta + first * table->theta_size,
                                table->rows.x + first * table->x_size, count, log_prob + first);
        for (size_t row = first; row < first + count; row++)
            if (!fsbi_data_table_is_finite(table, row))
                log_prob[row] = NAN;
    }
done:
    fsbi_posterior_workspace_clear(&workspace);
    return status;
}

static fsbi_status write_file(const fsbi_log_prob_options *options, const double *log_prob,
                              size_t rows, FILE *report, fsbi_error *error) {
    const fsbi_table table = {"log_prob", rows, 0};
    int64_t file = 0;
    double sum = 0;
    size_t finite = 0;
    fsbi_status status = fsbi_table_file_create(options->output, &table, 1, error);
    if (status == FSBI_OK)
        status = fsbi_new_file_open(options->output, MPI_COMM_NULL, &file, error);
    if (status == FSBI_OK)
        status = fsbi_table_file_write(file, &table, 0, rows, log_prob, error);
    fsbi_status closed =
        fsbi_new_file_close(options->output, file, status == FSBI_OK ? error : NULL);
    status = status == FSBI_OK ? closed : status;
    for (size_t row = 0; row < rows; row++) {
        if (isnan(log_prob[row]))
            continue;
        sum += log_prob[row];
        finite++;
    }
    const double mean = sum / (double)finite;
    const fsbi_table_attribute attribute = {.dataset = "log_prob", .name = "mean", .value = mean};
    if (status == FSBI_OK)
        status = fsbi_table_file_finish(options->output, &attribute, 1, error);
    if (status == FSBI_OK)
        fprintf(report,
                "%s: log-probability of %zu rows, mean %.4f; %zu rows hold NaN or infinity and get "
                "NaN\n",
                options->output, finite, mean, rows - finite);
    else
        fsbi_new_file_abandon(options->output);
    return status;
}

fsbi_status fsbi_command_log_prob(MPI_Comm comm, const fsbi_log_prob_options *options, FILE *report,
                                  fsbi_error *error) {
    fsbi_posterior_query question = {0};
    fsbi_data_table table = {0};
    double *log_prob = NULL;
    fsbi_status status = fsbi_posterior_query_check_output(
        comm, options->data.path, options->output, options->force_new, error);
    if (status == FSBI_OK)
        status = fsbi_posterior_query_check_output(comm, options->question.posterior,
                                                   options->output, options->force_new, error);
    if (status == FSBI_OK)
        status = fsbi_posterior_query_load(comm, &options->question, false, &question, error);
    if (status == FSBI_OK) {
        fsbi_data_source source = options->data;
        source.keep_all = true;
        status = fsbi_data_table_read(&source, &table, error);
        if (status == FSBI_OK)
            status = check_columns(options, &question.plan, &table, error);
        log_prob = fsbi_memory_allocate(table.rows.rows, sizeof *log_prob, error);
        if (status == FSBI_OK && log_prob == NULL)
            status = FSBI_NO_MEMORY;
        status = fsbi_cluster_agree(comm, status, error);
    }
    if (status == FSBI_OK && log_prob != NULL)
        status = fsbi_cluster_agree(
            comm, evaluate_share(comm, &question.posterior, &table, log_prob, error), error);
    if (status == FSBI_OK && log_prob != NULL) {
        fsbi_cluster_allreduce_sum(comm, log_prob, table.rows.rows);
        if (fsbi_cluster_rank(comm) == 0)
            status = write_file(options, log_prob, table.rows.rows, report, error);
        status = fsbi_cluster_agree(comm, status, error);
    }
    free(log_prob);
    fsbi_data_table_clear(&table);
    fsbi_posterior_query_clear(&question);
    return status;
}
