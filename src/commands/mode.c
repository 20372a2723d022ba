#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/cluster.h"
#include "commands/posterior_commands.h"
#include "commands/posterior_query.h"
#include "core/memory.h"
#include "fsbi/random.h"
#include "inference/mode.h"
#include "store/new_file.h"
#include "store/table_file.h"

/* Samples among which the climbs' starts are chosen. */
enum { SAMPLES = 1000 };

typedef struct {
    MPI_Comm comm;
    const fsbi_mode_options *options;
    const fsbi_posterior_query *question;
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
    const fsbi_estimator_specification *shape = &s->question->posterior.shape;
    s->theta_size = shape->theta_size;
    const struct {
        double **numbers;
        size_t count;
    } all[] = {{&s->x, SAMPLES * shape->x_size},
               {&s->samples, SAMPLES * shape->theta_size},
               {&s->log_prob, SAMPLES},
               {&s->summits, s->options->starts * (shape->theta_size + 1)},
               {&s->theta, shape->theta_size},
               {&s->at, shape->theta_size},
               {&s->correlations, shape->theta_size * shape->theta_size}};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        *all[i].numbers = fsbi_memory_allocate(all[i].count, sizeof(double), error);
        if (*all[i].numbers == NULL)
            return FSBI_NO_MEMORY;
    }
    return fsbi_posterior_workspace_init(&s->workspace, &s->question->posterior, error);
}

static void clear(search *s) {
    fsbi_posterior_workspace_clear(&s->workspace);
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
    gsl_rng *stream = fsbi_random_allocate(error);
    fsbi_acceptance acceptance = {0};
    if (stream == NULL)
        return FSBI_NO_MEMORY;
    fsbi_random_seed(
        stream, fsbi_random_stream_seed((uint64_t)s->options->seed, FSBI_PURPOSE_SAMPLE, 0, 0));
    fsbi_posterior_query_draw_x(s->question, SAMPLES, stream, s->x);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_posterior_sample(&s->workspace, s->x, SAMPLES, s->options->max_candidates,
                                        stream, s->samples, &acceptance, error));
    fsbi_posterior_log_prob(&s->workspace, s->samples, s->x, SAMPLES, s->log_prob);
done:
    gsl_rng_free(stream);
    return status;
}

/* Climbs from the best samples, every rank its share; all learn where they ended. */
static fsbi_status climb(search *s, fsbi_error *error) {
    const size_t n = s->theta_size;
    const size_t starts = s->options->starts;
    size_t best[SAMPLES];
    fsbi_status status = FSBI_OK;
    gsl_sort_largest_index(best, starts, s->log_prob, 1, SAMPLES);
    for (size_t i = (size_t)fsbi_cluster_rank(s->comm); i < starts && status == FSBI_OK;
         i += (size_t)fsbi_cluster_size(s->comm)) {
        double *summit = s->summits + i * (n + 1);
        memcpy(summit, s->samples + best[i] * n, n * sizeof *summit);
        status = fsbi_mode_climb(&s->workspace, s->x, summit, &summit[n], error);
    }
    status = fsbi_cluster_agree(s->comm, status, error);
    if (status != FSBI_OK)
        return status;
    fsbi_cluster_allreduce_sum(s->comm, s->summits, starts * (n + 1));
    size_t highest = 0;
    for (size_t i = 1; i < starts; i++)
        if (s->summits[i * (n + 1) + n] > s->summits[highest * (n + 1) + n])
            highest = i;
    memcpy(s->theta, s->summits + highest * (n + 1), n * sizeof *s->theta);
    s->mode_log_prob = s->summits[highest * (n + 1) + n];
    return FSBI_OK;
}

/* All pairs, every rank its share. */
static fsbi_status correlate(search *s, fsbi_error *error) {
    const size_t n = s->theta_size;
    fsbi_status status = FSBI_OK;
    if (s->options->at == NULL)
        memcpy(s->at, s->theta, n * sizeof *s->at);
    size_t pair = 0;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++, pair++) {
            if (status != FSBI_OK ||
                pair % (size_t)fsbi_cluster_size(s->comm) != (size_t)fsbi_cluster_rank(s->comm))
                continue;
            status = fsbi_mode_conditional_correlation(&s->workspace, s->x, s->at, i, j,
                                                       &s->correlations[i * n + j], error);
            s->correlations[j * n + i] = s->correlations[i * n + j];
        }
    }
    status = fsbi_cluster_agree(s->comm, status, error);
    if (status != FSBI_OK)
        return status;
    fsbi_cluster_allreduce_sum(s->comm, s->correlations, n * n);
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
    const fsbi_posterior_plan *plan = &s->question->plan;
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
    const fsbi_posterior_plan *plan = &s->question->plan;
    fprintf(report, "log-probability at the mode: %.4f (best of 1000 samples: %.4f)\n\n",
            s->mode_log_prob, gsl_stats_max(s->log_prob, 1, SAMPLES));
    fprintf(report, "%-20s  %12s  %12s  %12s\n", "parameter", "mode", "low", "high");
    for (size_t j = 0; j < s->theta_size; j++)
        fprintf(report, "%-20s  %12.6g  %12.6g  %12.6g\n", plan->theta_names[j], s->theta[j],
                plan->low[j], plan->high[j]);
    if (!s->options->correlations)
        return;
    print_correlations(s, report);
}

static fsbi_status write_mode(const search *s, fsbi_error *error) {
    const fsbi_posterior_plan *plan = &s->question->plan;
    const size_t n = s->theta_size;
    const char *path = s->options->output;
    const fsbi_table tables[] = {{"theta", n, 0},
                                 {"log_prob", 1, 0},
                                 {"x", plan->shape.x_size, 0},
                                 {"at", n, 0},
                                 {"conditional_correlation", n, n}};
    const size_t count = s->options->correlations ? 5 : 3;
    const double *values[] = {s->theta, &s->mode_log_prob, s->x, s->at, s->correlations};
    int64_t file = 0;
    fsbi_status status = fsbi_table_file_create(path, tables, count, error);
    if (status == FSBI_OK)
        status = fsbi_new_file_open(path, MPI_COMM_NULL, &file, error);
    for (size_t i = 0; i < count && status == FSBI_OK; i++)
        status = fsbi_table_file_write(file, &tables[i], 0, tables[i].rows, values[i], error);
    fsbi_status closed = fsbi_new_file_close(path, file, status == FSBI_OK ? error : NULL);
    status = status == FSBI_OK ? closed : status;
    const fsbi_table_attribute names = {.dataset = "theta",
                                        .name = "names",
                                        .names = plan->theta_names[0],
                                        .stride = FSBI_STORE_NAME,
                                        .count = n};
    if (status == FSBI_OK)
        status = fsbi_table_file_finish(path, &names, 1, error);
    if (status != FSBI_OK)
        fsbi_new_file_abandon(path);
    return status;
}

static fsbi_status find_mode(search *s, FILE *report, fsbi_error *error) {
    fsbi_status status = init(s, error);
    if (status == FSBI_OK && s->options->at != NULL)
        status = fsbi_posterior_query_read_numbers("--at", s->options->at, s->theta_size,
                                                   s->question->plan.theta_names, s->at, error);
    if (status == FSBI_OK)
        status = draw_samples(s, error);
    status = fsbi_cluster_agree(s->comm, status, error);
    if (status != FSBI_OK || s->summits == NULL || s->theta == NULL || s->at == NULL)
        return status;
    status = climb(s, error);
    if (status == FSBI_OK && s->options->correlations)
        status = correlate(s, error);
    if (status == FSBI_OK && fsbi_cluster_rank(s->comm) == 0) {
        print_mode(s, report);
        if (s->options->output != NULL)
            status = write_mode(s, error);
    }
    return fsbi_cluster_agree(s->comm, status, error);
}

fsbi_status fsbi_command_mode(MPI_Comm comm, const fsbi_mode_options *options, FILE *report,
                              fsbi_error *error) {
    fsbi_posterior_query question = {0};
    search s = {.comm = comm, .options = options, .question = &question};
    fsbi_status status = FSBI_OK;
    if (options->question.x_range_count > 0)
        FSBI_TRY_DONE(fsbi_error_set(error, FSBI_BAD_INPUT,
                                     "a mode is that at one x: give it as --x V1,V2,..."));
    if (options->output != NULL)
        FSBI_TRY_DONE(fsbi_posterior_query_check_output(
            comm, options->question.posterior, options->output, options->force_new, error));
    FSBI_TRY_DONE(fsbi_posterior_query_load(comm, &options->question, true, &question, error));
    FSBI_TRY_DONE(find_mode(&s, report, error));
done:
    clear(&s);
    fsbi_posterior_query_clear(&question);
    return status;
}
