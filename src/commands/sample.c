#include <stdlib.h>

#include "cluster/cluster.h"
#include "commands/posterior_commands.h"
#include "commands/posterior_query.h"
#include "core/memory.h"
#include "fsbi/random.h"
#include "store/new_file.h"
#include "store/table_file.h"

enum { TABLES = 2 };

static void list_tables(const fsbi_sample_options *options,
                        const fsbi_estimator_specification *shape, fsbi_table tables[TABLES]) {
    tables[0] = (fsbi_table){"theta", options->count, shape->theta_size};
    tables[1] = (fsbi_table){"x", options->count, shape->x_size};
}

/* This rank's blocks, each with a random stream of its own, into the file. */
static fsbi_status sample_share(MPI_Comm comm, const fsbi_sample_options *options,
                                const fsbi_posterior_query *question, int64_t file,
                                fsbi_acceptance *acceptance, fsbi_error *error) {
    const fsbi_estimator_specification *shape = &question->posterior.shape;
    const size_t stride = (size_t)fsbi_cluster_size(comm) * FSBI_POSTERIOR_BLOCK;
    fsbi_table tables[TABLES];
    fsbi_posterior_workspace workspace = {0};
    gsl_rng *stream = fsbi_random_allocate(error);
    double *theta =
        fsbi_memory_allocate(FSBI_POSTERIOR_BLOCK * shape->theta_size, sizeof *theta, error);
    double *x = fsbi_memory_allocate(FSBI_POSTERIOR_BLOCK * shape->x_size, sizeof *x, error);
    list_tables(options, shape, tables);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(stream == NULL || theta == NULL || x == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    FSBI_TRY_DONE(fsbi_posterior_workspace_init(&workspace, &question->posterior, error));
    for (size_t first = (size_t)fsbi_cluster_rank(comm) * FSBI_POSTERIOR_BLOCK;
         first < options->count; first += stride) {
        const size_t left = options->count - first;
        const size_t count = left < FSBI_POSTERIOR_BLOCK ? left : FSBI_POSTERIOR_BLOCK;
        fsbi_random_seed(stream, fsbi_random_stream_seed((uint64_t)options->seed,
                                                         FSBI_PURPOSE_SAMPLE, 0, first));
        fsbi_posterior_query_draw_x(question, count, stream, x);
        FSBI_TRY_DONE(fsbi_posterior_sample(&workspace, x, count, options->max_candidates, stream,
                                            theta, acceptance, error));
        FSBI_TRY_DONE(fsbi_table_file_write(file, &tables[0], first, count, theta, error));
        FSBI_TRY_DONE(fsbi_table_file_write(file, &tables[1], first, count, x, error));
    }
done:
    fsbi_posterior_workspace_clear(&workspace);
    if (stream != NULL)
        gsl_rng_free(stream);
    free(theta);
    free(x);
    return status;
}

static fsbi_status finish(const fsbi_sample_options *options, const fsbi_posterior_query *question,
                          const double *counts, FILE *report, fsbi_error *error) {
    const fsbi_posterior_plan *plan = &question->plan;
    const fsbi_table_attribute attributes[] = {
        {.dataset = "theta", .name = "acceptance", .value = counts[1] / counts[0]},
        {.dataset = "theta",
         .name = "names",
         .names = plan->theta_names[0],
         .stride = FSBI_STORE_NAME,
         .count = plan->shape.theta_size},
        {.dataset = "x",
         .name = "names",
         .names = plan->x_names[0],
         .stride = FSBI_STORE_NAME,
         .count = plan->shape.x_size}};
    const double percent = 100;
    FSBI_TRY(fsbi_table_file_finish(options->output, attributes,
                                    sizeof attributes / sizeof *attributes, error));
    fprintf(report, "%s: %zu samples; %.3g %% of the candidates lay within the bounds\n",
            options->output, options->count, percent * counts[1] / counts[0]);
    return FSBI_OK;
}

static fsbi_status sample_file(MPI_Comm comm, const fsbi_sample_options *options,
                               const fsbi_posterior_query *question, FILE *report,
                               fsbi_error *error) {
    const bool first_rank = fsbi_cluster_rank(comm) == 0;
    fsbi_table tables[TABLES];
    fsbi_acceptance acceptance = {0};
    int64_t file = 0;
    fsbi_status status = FSBI_OK;
    list_tables(options, &question->posterior.shape, tables);
    if (first_rank)
        status = fsbi_table_file_create(options->output, tables, TABLES, error);
    status = fsbi_cluster_agree(comm, status, error);
    if (status != FSBI_OK)
        return status;
    status =
        fsbi_cluster_agree(comm, fsbi_new_file_open(options->output, comm, &file, error), error);
    if (status == FSBI_OK)
        status = sample_share(comm, options, question, file, &acceptance, error);
    fsbi_status closed =
        fsbi_new_file_close(options->output, file, status == FSBI_OK ? error : NULL);
    status = fsbi_cluster_agree(comm, status == FSBI_OK ? closed : status, error);
    double counts[] = {acceptance.candidates, acceptance.inside};
    if (status == FSBI_OK)
        fsbi_cluster_allreduce_sum(comm, counts, 2);
    if (status == FSBI_OK && first_rank)
        status = finish(options, question, counts, report, error);
    if (status != FSBI_OK && first_rank)
        fsbi_new_file_abandon(options->output);
    return fsbi_cluster_agree(comm, status, error);
}

fsbi_status fsbi_command_sample(MPI_Comm comm, const fsbi_sample_options *options, FILE *report,
                                fsbi_error *error) {
    fsbi_posterior_query question = {0};
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_posterior_query_check_output(comm, options->question.posterior,
                                                    options->output, options->force_new, error));
    FSBI_TRY_DONE(fsbi_posterior_query_load(comm, &options->question, true, &question, error));
    FSBI_TRY_DONE(sample_file(comm, options, &question, report, error));
done:
    fsbi_posterior_query_clear(&question);
    return status;
}
