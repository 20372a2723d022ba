/* `mode`: the most probable theta at one x, and conditional correlations there or at another theta.
 */
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/cluster.h"
#include "cluster/share.h"
#include "commands/options.h"
#include "core/memory.h"
#include "fsbi/random.h"
#include "inference/mode.h"
#include "output/new_output.h"

/* Samples among which the climbs' starts are chosen. */
enum { SAMPLES = 1000 };

typedef struct {
    const fsbi_arguments *arguments;
    fsbi_posterior_query query;
    fsbi_posterior_workspace workspace;
    size_t theta_size;
    double *x;        /* SAMPLES rows, all the same */
    double *samples;  /* SAMPLES x theta_size */
    double *log_prob; /* SAMPLES */
    double *summits;  /* starts x (theta_size + 1): where climbs ended, and log q there */
    double *theta;    /* theta_size: the mode */
    double mode_log_prob;
    double *at;           /* theta_size: where correlations are looked at */
    double *correlations; /* theta_size x theta_size */
} search;

static fsbi_status init(search *s, fsbi_error *error) {
    const fsbi_estimator_specification *specification = &s->query.posterior.specification;
    s->theta_size = specification->theta_size;
    const struct {
        double **numbers;
        size_t count;
    } all[] = {{&s->x, SAMPLES * specification->x_size},
               {&s->samples, SAMPLES * specification->theta_size},
               {&s->log_prob, SAMPLES},
               {&s->summits, (size_t)s->arguments->starts * (specification->theta_size + 1)},
               {&s->theta, specification->theta_size},
               {&s->at, specification->theta_size},
               {&s->correlations, specification->theta_size * specification->theta_size}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        *all[i].numbers = fsbi_memory_allocate(all[i].count, sizeof(double), error);
        if (*all[i].numbers == NULL)
            return FSBI_NO_MEMORY;
    }
    return fsbi_posterior_workspace_init(&s->workspace, &s->query.posterior, error);
}

static void clear(search *s) {
    fsbi_posterior_workspace_clear(&s->workspace);
    fsbi_posterior_query_clear(&s->query);
    free(s->x);
    free(s->samples);
    free(s->log_prob);
    free(s->summits);
    free(s->theta);
    free(s->at);
    free(s->correlations);
}

/* The same samples on all ranks. */
static fsbi_status draw_samples(search *s, fsbi_error *error) {
    const fsbi_posterior_draws draws = {.x = s->x,
                                        .count = SAMPLES,
                                        .max_candidates = (size_t)s->arguments->max_candidates,
                                        .theta = s->samples};
    fsbi_acceptance acceptance = {0};
    gsl_rng *stream = fsbi_random_allocate(error);
    if (stream == NULL)
        return FSBI_NO_MEMORY;
    fsbi_random_seed(
        stream, fsbi_random_stream_seed((uint64_t)s->arguments->seed, FSBI_PURPOSE_SAMPLE, 0, 0));
    fsbi_posterior_query_draw_x(&s->query, SAMPLES, stream, s->x);
    const fsbi_status status =
        fsbi_posterior_sample(&s->workspace, &draws, stream, &acceptance, error);
    if (status == FSBI_OK)
        fsbi_posterior_log_prob(&s->workspace, s->samples, s->x, SAMPLES, s->log_prob);
    gsl_rng_free(stream);
    return status;
}

/* Climbs from the best samples, every rank its share. */
static fsbi_status climb_share(search *s, fsbi_error *error) {
    const size_t n = s->theta_size;
    const size_t starts = (size_t)s->arguments->starts;
    size_t best[SAMPLES];
    gsl_sort_largest_index(best, starts, s->log_prob, 1, SAMPLES);
    fsbi_cluster_share share = fsbi_cluster_share_begin(MPI_COMM_WORLD, starts, 1);
    while (fsbi_cluster_share_next(&share)) {
        double *summit = s->summits + share.first * (n + 1);
        memcpy(summit, s->samples + best[share.first] * n, n * sizeof *summit);
        FSBI_TRY(fsbi_mode_climb(&s->workspace, s->x, summit, &summit[n], error));
    }
    return FSBI_OK;
}

/* Finds the highest of the summits; all ranks learn it. */
static fsbi_status climb(search *s, fsbi_error *error) {
    const size_t n = s->theta_size;
    const size_t starts = (size_t)s->arguments->starts;
    FSBI_TRY(fsbi_cluster_agree(MPI_COMM_WORLD, climb_share(s, error), error));
    fsbi_cluster_allreduce_sum(MPI_COMM_WORLD, s->summits, starts * (n + 1));
    size_t highest = 0;
    for (size_t i = 1; i < starts; i++)
        if (s->summits[i * (n + 1) + n] > s->summits[highest * (n + 1) + n])
            highest = i;
    memcpy(s->theta, s->summits + highest * (n + 1), n * sizeof *s->theta);
    s->mode_log_prob = s->summits[highest * (n + 1) + n];
    return FSBI_OK;
}

/* Every rank's share of the pairs. */
static fsbi_status correlate_share(search *s, fsbi_error *error) {
    const size_t n = s->theta_size;
    size_t index = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++, index++) {
            const size_t pair[2] = {i, j};
            if (!fsbi_cluster_share_has(MPI_COMM_WORLD, index))
                continue;
            FSBI_TRY(fsbi_mode_conditional_correlation(&s->workspace, s->x, s->at, pair,
                                                       &s->correlations[i * n + j], error));
            s->correlations[j * n + i] = s->correlations[i * n + j];
        }
    }
    return FSBI_OK;
}

static fsbi_status correlate(search *s, fsbi_error *error) {
    const size_t n = s->theta_size;
    if (s->arguments->at == NULL)
        memcpy(s->at, s->theta, n * sizeof *s->at);
    FSBI_TRY(fsbi_cluster_agree(MPI_COMM_WORLD, correlate_share(s, error), error));
    fsbi_cluster_allreduce_sum(MPI_COMM_WORLD, s->correlations, n * n);
    for (size_t i = 0; i < n; i++)
        s->correlations[i * n + i] = 1;
    return FSBI_OK;
}

static double strength(const search *s, size_t entry) {
    return fabs(s->correlations[entry]);
}

/* The strongest correlation weaker than the one at entry `last` of the matrix (or behind it, if as
 * strong), among pairs i > j; n * n if there is none. */
static size_t next_pair(const search *s, size_t last) {
    const size_t n = s->theta_size;
    size_t found = n * n;
    for (size_t entry = 0; entry < n * n; entry++) {
        if (entry % n >= entry / n)
            continue;
        const bool follows = last == n * n || strength(s, entry) < strength(s, last) ||
                             (strength(s, entry) == strength(s, last) && entry > last);
        if (follows && (found == n * n || strength(s, entry) > strength(s, found)))
            found = entry;
    }
    return found;
}

static void print_correlations(const search *s, FILE *report) {
    enum { MOST_PAIRS = 10 };
    const size_t n = s->theta_size;
    const fsbi_posterior_plan *plan = &s->query.plan;
    size_t pair = n * n;
    fprintf(report, "\nconditional correlations, the strongest first\n");
    for (int k = 0; k < MOST_PAIRS; k++) {
        pair = next_pair(s, pair);
        if (pair == n * n)
            return;
        fprintf(report, "%6.3f  %s, %s\n", s->correlations[pair], plan->theta_names[pair % n],
                plan->theta_names[pair / n]);
    }
}

static void print_mode(const search *s, FILE *report) {
    const fsbi_posterior_plan *plan = &s->query.plan;
    fprintf(report, "log-probability at the mode: %.4f (best of 1000 samples: %.4f)\n\n",
            s->mode_log_prob, gsl_stats_max(s->log_prob, 1, SAMPLES));
    fprintf(report, "%-20s  %12s  %12s  %12s\n", "parameter", "mode", "low", "high");
    for (size_t j = 0; j < s->theta_size; j++)
        fprintf(report, "%-20s  %12.6g  %12.6g  %12.6g\n", plan->theta_names[j], s->theta[j],
                plan->low[j], plan->high[j]);
    if (!s->arguments->correlations)
        return;
    print_correlations(s, report);
}

static fsbi_status write_mode(const search *s, fsbi_error *error) {
    const fsbi_posterior_plan *plan = &s->query.plan;
    const size_t n = s->theta_size;
    const fsbi_table tables[] = {{"theta", n, 0},
                                 {"log_prob", 1, 0},
                                 {"x", plan->specification.x_size, 0},
                                 {"at", n, 0},
                                 {"conditional_correlation", n, n}};
    const double *values[] = {s->theta, &s->mode_log_prob, s->x, s->at, s->correlations};
    const fsbi_table_attribute names = {.dataset = "theta",
                                        .name = "names",
                                        .names = plan->theta_names[0],
                                        .stride = sizeof *plan->theta_names,
                                        .count = n};
    const fsbi_new_output_tables output = {.tables = tables,
                                           .values = values,
                                           .count = s->arguments->correlations ? 5 : 3,
                                           .attributes = &names,
                                           .attribute_count = 1};
    return fsbi_new_output_write_tables(s->arguments->output, &output, error);
}

/* Rank 0. */
static fsbi_status report_mode(const search *s, FILE *report, fsbi_error *error) {
    FSBI_TRY(fsbi_posterior_query_note(&s->query, report, error));
    print_mode(s, report);
    return s->arguments->output != NULL ? write_mode(s, error) : FSBI_OK;
}

/* Everything up to the climbs, the same on all ranks. */
static fsbi_status prepare(search *s, fsbi_error *error) {
    FSBI_TRY(init(s, error));
    if (s->arguments->at != NULL)
        FSBI_TRY(fsbi_posterior_query_read_numbers("--at", s->arguments->at, s->theta_size,
                                                   s->query.plan.theta_names, s->at, error));
    return draw_samples(s, error);
}

static fsbi_status find_mode(search *s, FILE *report, fsbi_error *error) {
    MPI_Comm comm = MPI_COMM_WORLD;
    FSBI_TRY(fsbi_cluster_agree(comm, prepare(s, error), error));
    FSBI_TRY(climb(s, error));
    if (s->arguments->correlations)
        FSBI_TRY(correlate(s, error));
    return fsbi_cluster_agree(
        comm, fsbi_cluster_rank(comm) == 0 ? report_mode(s, report, error) : FSBI_OK, error);
}

static fsbi_status run(const fsbi_arguments *a, FILE *report, fsbi_error *error) {
    search s = {.arguments = a};
    fsbi_status status = FSBI_OK;
    if (a->query.x_range_count > 0)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "a mode is that at one x: give it as --x V1,V2,...");
    if (a->output != NULL)
        FSBI_TRY(fsbi_new_output_check(MPI_COMM_WORLD, a->query.posterior, a->output, a->force_new,
                                       error));
    FSBI_TRY_DONE(fsbi_posterior_query_load(MPI_COMM_WORLD, &a->query, true, &s.query, error));
    FSBI_TRY_DONE(find_mode(&s, report, error));
done:
    clear(&s);
    return status;
}

static const char *complaint(const fsbi_arguments *a) {
    return a->at != NULL && !a->correlations
               ? "--at says where --correlations are taken, which are not asked for"
               : NULL;
}

static const struct argp_option options[] = {
    FSBI_OPTIONS_QUERY,
    {"correlations", FSBI_ARG_CORRELATIONS, NULL, 0,
     "Also the correlation of each pair of parameters, the others being held fixed", 0},
    {"at", FSBI_ARG_AT, "V1,V2,...", 0, "Rule to hold them fixed at (the mode)", 0},
    {"output", 'o', "FILE", 0, "File to write: datasets theta, log_prob, conditional_correlation",
     0},
    {"starts", FSBI_ARG_STARTS, "N", 0, "Climbs, from the best of 1000 samples (10)", 0},
    {"seed", FSBI_ARG_SEED, "N", 0, "All random numbers follow from it (1)", 0},
    FSBI_OPTION_REPLACE,
    {0}};

const fsbi_command fsbi_command_mode = {
    .name = "mode",
    .files_doc = "POSTERIOR.h5",
    .doc = "Finds the most probable theta at one x by climbing from the best of 1000 samples, "
           "and how parameters hang together there.",
    .options = options,
    .files = 1,
    .complaint = complaint,
    .run = run};
