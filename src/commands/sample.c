/* `sample`: samples within the bounds at one x, or each at an x uniform within ranges. */
#include <stdlib.h>

#include "cluster/cluster.h"
#include "cluster/share.h"
#include "commands/options.h"
#include "core/memory.h"
#include "fsbi/random.h"
#include "output/new_output.h"
#include "output/progress.h"

enum { THETA, X, TABLES };

/* A file of samples in the making. */
typedef struct {
    const fsbi_arguments *arguments;
    fsbi_posterior_query query;
    fsbi_table tables[TABLES];
    size_t table_count; /* without an x there is no table of it */
    fsbi_acceptance acceptance;
    fsbi_progress progress; /* of rank 0, which speaks for all */
} sampling;

/* Shows how far the sampling is, by this rank's share. */
static fsbi_status look(void *context, const fsbi_acceptance *acceptance, fsbi_error *error) {
    sampling *s = context;
    (void)error;
    fsbi_progress_show_share(&s->progress, MPI_COMM_WORLD, (size_t)acceptance->inside);
    return FSBI_OK;
}

/* What this rank draws with, and room for a block. */
typedef struct {
    fsbi_posterior_workspace workspace;
    gsl_rng *stream;
    double *theta, *x;
} block_room;

static fsbi_status init_room(block_room *room, const sampling *s, fsbi_error *error) {
    const fsbi_posterior *posterior = &s->query.posterior;
    room->stream = fsbi_random_allocate(error);
    room->theta = fsbi_memory_allocate(FSBI_POSTERIOR_BLOCK * posterior->specification.theta_size,
                                       sizeof *room->theta, error);
    room->x = fsbi_memory_allocate(FSBI_POSTERIOR_BLOCK * posterior->specification.x_size,
                                   sizeof *room->x, error);
    if (room->stream == NULL || room->theta == NULL || room->x == NULL)
        return FSBI_NO_MEMORY;
    return fsbi_posterior_workspace_init(&room->workspace, posterior, error);
}

static void clear_room(block_room *room) {
    fsbi_posterior_workspace_clear(&room->workspace);
    if (room->stream != NULL)
        gsl_rng_free(room->stream);
    free(room->theta);
    free(room->x);
}

/* A block of samples, with a random stream of its own, into the file. */
static fsbi_status sample_block(sampling *s, block_room *room, const fsbi_cluster_share *block,
                                fsbi_store_file file, fsbi_error *error) {
    const fsbi_arguments *a = s->arguments;
    const fsbi_posterior_draws draws = {.x = room->x,
                                        .count = block->count,
                                        .max_candidates = (size_t)a->max_candidates,
                                        .theta = room->theta,
                                        .look = look,
                                        .context = s};
    fsbi_random_seed(room->stream, fsbi_random_stream_seed((uint64_t)a->seed, FSBI_PURPOSE_SAMPLE,
                                                           0, block->first));
    fsbi_posterior_query_draw_x(&s->query, block->count, room->stream, room->x);
    FSBI_TRY(fsbi_posterior_sample(&room->workspace, &draws, room->stream, &s->acceptance, error));
    FSBI_TRY(fsbi_table_file_write(file, &s->tables[THETA], block->first, block->count, room->theta,
                                   error));
    return s->table_count == TABLES ? fsbi_table_file_write(file, &s->tables[X], block->first,
                                                            block->count, room->x, error)
                                    : FSBI_OK;
}

static fsbi_status sample_share(sampling *s, fsbi_store_file file, fsbi_error *error) {
    block_room room = {0};
    fsbi_status status = FSBI_OK;
    fsbi_cluster_share share =
        fsbi_cluster_share_begin(MPI_COMM_WORLD, (size_t)s->arguments->count, FSBI_POSTERIOR_BLOCK);
    FSBI_TRY_DONE(init_room(&room, s, error));
    while (fsbi_cluster_share_next(&share))
        FSBI_TRY_DONE(sample_block(s, &room, &share, file, error));
done:
    clear_room(&room);
    return status;
}

static fsbi_status begin(void *context, const char *path, fsbi_error *error) {
    const sampling *s = context;
    return fsbi_table_file_begin(path, s->tables, s->table_count, error);
}

static fsbi_status fill(void *context, fsbi_store_file file, fsbi_error *error) {
    sampling *s = context;
    FSBI_TRY(fsbi_cluster_agree(MPI_COMM_WORLD, sample_share(s, file, error), error));
    double counts[] = {s->acceptance.candidates, s->acceptance.inside};
    fsbi_cluster_allreduce_sum(MPI_COMM_WORLD, counts, 2);
    s->acceptance = (fsbi_acceptance){counts[0], counts[1]};
    return FSBI_OK;
}

static fsbi_status complete(void *context, const char *path, fsbi_error *error) {
    const sampling *s = context;
    const fsbi_posterior_plan *plan = &s->query.plan;
    const fsbi_table_attribute attributes[] = {
        {.dataset = "theta",
         .name = "acceptance",
         .value = s->acceptance.inside / s->acceptance.candidates},
        {.dataset = "theta",
         .name = "names",
         .names = plan->theta_names[0],
         .stride = sizeof *plan->theta_names,
         .count = plan->specification.theta_size},
        {.dataset = "x",
         .name = "names",
         .names = plan->x_names[0],
         .stride = sizeof *plan->x_names,
         .count = plan->specification.x_size}};
    enum { OF_X = 1 };
    const size_t count = sizeof attributes / sizeof *attributes;
    return fsbi_table_file_add_attributes(path, attributes,
                                          s->table_count == TABLES ? count : count - OF_X, error);
}

static fsbi_status run(const fsbi_arguments *a, FILE *report, fsbi_error *error) {
    sampling s = {.arguments = a};
    const fsbi_new_output output = {
        .begin = begin, .fill = fill, .complete = complete, .context = &s};
    fsbi_status status = FSBI_OK;
    FSBI_TRY(
        fsbi_new_output_check(MPI_COMM_WORLD, a->query.posterior, a->output, a->force_new, error));
    FSBI_TRY_DONE(fsbi_posterior_query_load(MPI_COMM_WORLD, &a->query, true, &s.query, error));
    if (fsbi_cluster_rank(MPI_COMM_WORLD) == 0)
        status = fsbi_posterior_query_note(&s.query, report, error);
    FSBI_TRY_DONE(fsbi_cluster_agree(MPI_COMM_WORLD, status, error));
    const fsbi_estimator_specification *specification = &s.query.posterior.specification;
    s.tables[THETA] = (fsbi_table){"theta", (size_t)a->count, specification->theta_size};
    s.tables[X] = (fsbi_table){"x", (size_t)a->count, specification->x_size};
    s.table_count = specification->x_size > 0 ? TABLES : X;
    s.progress = fsbi_progress_start(report, "samples", (size_t)a->count);
    FSBI_TRY_DONE(fsbi_new_output_make(MPI_COMM_WORLD, a->output, &output, error));
    if (fsbi_cluster_rank(MPI_COMM_WORLD) == 0)
        fprintf(report, "%s: %ld samples; %.3g %% of the candidates lay within the bounds\n",
                a->output, a->count, 100 * s.acceptance.inside / s.acceptance.candidates);
done:
    fsbi_posterior_query_clear(&s.query);
    return status;
}

static const char *complaint(const fsbi_arguments *a) {
    if (a->count == 0)
        return "-n N, the number of samples, is needed";
    return a->output == NULL ? "--output FILE is needed" : NULL;
}

static const struct argp_option options[] = {
    FSBI_OPTIONS_QUERY,
    {"x-range", FSBI_ARG_X_RANGE, "NAME=LOW:HIGH", 0,
     "Instead: x uniform in these ranges, anew for every sample; one for each metric", 0},
    {NULL, 'n', "N", 0, "Number of samples", 0},
    {"output", 'o', "FILE", 0, "File to write: datasets theta (attribute acceptance) and x", 0},
    {"seed", FSBI_ARG_SEED, "N", 0, "All random numbers follow from it (1)", 0},
    {"max-candidates", FSBI_ARG_MAX_CANDIDATES, "N", 0,
     "Candidates outside the bounds in a row after which it gives up (100000)", 0},
    FSBI_OPTION_REPLACE,
    {0}};

const fsbi_command fsbi_command_sample = {
    .name = "sample",
    .files_doc = "POSTERIOR.h5",
    .doc = "Draws samples within the prior's bounds from a posterior, that of a campaign file "
           "included, at one x or each at an x of its own.",
    .options = options,
    .files = 1,
    .complaint = complaint,
    .run = run};
