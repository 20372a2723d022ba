/* `log-prob`: log q(theta | x) of the rows of a table. */
#include <math.h>
#include <stdlib.h>

#include "cluster/cluster.h"
#include "cluster/share.h"
#include "commands/options.h"
#include "core/memory.h"
#include "output/new_output.h"

/* The densities of a table under a posterior. */
typedef struct {
    const fsbi_arguments *arguments;
    fsbi_posterior_query query;
    fsbi_data_table table;
    double *log_prob; /* of each row */
} evaluation;

static void clear(evaluation *e) {
    free(e->log_prob);
    fsbi_data_table_clear(&e->table);
    fsbi_posterior_query_clear(&e->query);
}

/* The table must have the columns that the posterior was trained on. */
static fsbi_status check_columns(const evaluation *e, fsbi_error *error) {
    const fsbi_estimator_specification *specification = &e->query.plan.specification;
    if (e->table.theta_size != specification->theta_size ||
        e->table.x_size != specification->x_size)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "'%s' has %zu columns of theta and %zu of x; the posterior '%s' was "
                              "trained on %zu and %zu",
                              e->arguments->data.path, e->table.theta_size, e->table.x_size,
                              e->arguments->query.posterior, specification->theta_size,
                              specification->x_size);
    return FSBI_OK;
}

/* Every rank reads the table. */
static fsbi_status read_table(evaluation *e, fsbi_error *error) {
    fsbi_data_source source = e->arguments->data;
    source.keep_all = true;
    source.no_x = e->query.plan.specification.x_size == 0;
    FSBI_TRY(fsbi_data_table_read(&source, &e->table, error));
    FSBI_TRY(check_columns(e, error));
    e->log_prob = fsbi_memory_allocate(e->table.rows.rows, sizeof *e->log_prob, error);
    return e->log_prob == NULL ? FSBI_NO_MEMORY : FSBI_OK;
}

/* Every rank's share of the rows; the other rows of `log_prob` stay 0. */
static fsbi_status evaluate_share(evaluation *e, fsbi_error *error) {
    const fsbi_data_table *table = &e->table;
    fsbi_posterior_workspace workspace = {0};
    fsbi_status status = FSBI_OK;
    fsbi_cluster_share share =
        fsbi_cluster_share_begin(MPI_COMM_WORLD, table->rows.rows, FSBI_POSTERIOR_BLOCK);
    FSBI_TRY_DONE(fsbi_posterior_workspace_init(&workspace, &e->query.posterior, error));
    while (fsbi_cluster_share_next(&share)) {
        fsbi_posterior_log_prob(&workspace, table->rows.theta + share.first * table->theta_size,
                                table->rows.x + share.first * table->x_size, share.count,
                                e->log_prob + share.first);
        for (size_t row = share.first; row < share.first + share.count; row++)
            if (!fsbi_data_table_is_finite(table, row))
                e->log_prob[row] = NAN;
    }
done:
    fsbi_posterior_workspace_clear(&workspace);
    return status;
}

static bool is_far(const evaluation *e, size_t row) {
    size_t column = 0;
    double distance = 0;
    return fsbi_posterior_is_far(&e->query.posterior, e->table.rows.x + row * e->table.x_size,
                                 &column, &distance);
}

/* Rank 0: the file, and what is in it in words. */
static fsbi_status write_file(const evaluation *e, FILE *report, fsbi_error *error) {
    const char *path = e->arguments->output;
    const size_t rows = e->table.rows.rows;
    double sum = 0;
    size_t finite = 0;
    size_t far_rows = 0;
    for (size_t row = 0; row < rows; row++) {
        if (isnan(e->log_prob[row]))
            continue;
        sum += e->log_prob[row];
        finite++;
        far_rows += is_far(e, row);
    }
    const double mean = sum / (double)finite;
    const double *values[] = {e->log_prob};
    const fsbi_table table = {"log_prob", rows, 0};
    const fsbi_table_attribute attribute = {.dataset = "log_prob", .name = "mean", .value = mean};
    const fsbi_new_output_tables tables = {.tables = &table,
                                           .values = values,
                                           .count = 1,
                                           .attributes = &attribute,
                                           .attribute_count = 1};
    FSBI_TRY(fsbi_new_output_write_tables(path, &tables, error));
    if (far_rows > 0)
        fprintf(report,
                "note: the x of %zu rows lies far from what the posterior was trained on: it says "
                "little there\n",
                far_rows);
    fprintf(report,
            "%s: log-probability of %zu rows, mean %.4f; %zu rows hold NaN or infinity and get "
            "NaN\n",
            path, finite, mean, rows - finite);
    return FSBI_OK;
}

static fsbi_status run(const fsbi_arguments *a, FILE *report, fsbi_error *error) {
    MPI_Comm comm = MPI_COMM_WORLD;
    evaluation e = {.arguments = a};
    fsbi_status status = FSBI_OK;
    FSBI_TRY(fsbi_new_output_expect_other(comm, a->data.path, a->output, error));
    FSBI_TRY(fsbi_new_output_check(comm, a->query.posterior, a->output, a->force_new, error));
    FSBI_TRY_DONE(fsbi_posterior_query_load(comm, &a->query, false, &e.query, error));
    FSBI_TRY_DONE(fsbi_cluster_agree(comm, read_table(&e, error), error));
    FSBI_TRY_DONE(fsbi_cluster_agree(comm, evaluate_share(&e, error), error));
    fsbi_cluster_allreduce_sum(comm, e.log_prob, e.table.rows.rows);
    FSBI_TRY_DONE(fsbi_cluster_agree(
        comm, fsbi_cluster_rank(comm) == 0 ? write_file(&e, report, error) : FSBI_OK, error));
done:
    clear(&e);
    return status;
}

static const char *complaint(const fsbi_arguments *a) {
    return a->output == NULL ? "--output FILE is needed" : NULL;
}

static const struct argp_option options[] = {
    {"output", 'o', "FILE", 0, "File to write: dataset log_prob", 0},
    {"round", FSBI_ARG_ROUND, "R", 0, "Of a campaign file: that round's posterior (its last one)",
     0},
    FSBI_OPTION_REPLACE,
    FSBI_OPTIONS_DATA,
    {0}};

const fsbi_command fsbi_command_log_prob = {
    .name = "log-prob",
    .files_doc = "POSTERIOR.h5 DATA.h5",
    .doc = "Computes the log-density log q(theta | x) of each row of DATA.h5 under a posterior, "
           "without correction for what lies outside the prior's bounds.",
    .options = options,
    .files = 2,
    .complaint = complaint,
    .run = run};
