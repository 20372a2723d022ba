/* `verify`: whether a file is sound, and what to do where it is not. */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

#include "commands/options.h"
#include "core/memory.h"
#include "fit/training_status.h"
#include "rows/row_set.h"
#include "store/matrix.h"
#include "store/posterior_file.h"

/* A file under examination. */
typedef struct {
    const char *path;
    const fsbi_setup *setup;
    fsbi_campaign_file *file;
    fsbi_row_shape shape;
    FILE *report;
    size_t problems;
    bool unfinished; /* a round so far has pending rows or networks to train */
} examination;

static void complain(examination *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void complain(examination *e, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(e->report, "  PROBLEM: ");
    vfprintf(e->report, format, arguments);
    fprintf(e->report, "\n");
    va_end(arguments);
    e->problems++;
}

typedef struct {
    size_t done, pending, torn, foreign;
} row_counts;

/* A pending row is one of zeros, but for its crashes. */
static bool is_blank(const fsbi_row *row, size_t values) {
    bool blank = row->checksum == 0 && row->seed == 0 && row->status == FSBI_SIMULATION_PENDING;
    for (size_t i = 0; i < values; i++)
        blank = blank && row->values[i] == 0;
    return blank;
}

static void count_row(const examination *e, size_t round, size_t index, const fsbi_row *row,
                      row_counts *counts) {
    const bool imported = e->setup->config->rounds[round].propose == FSBI_PROPOSE_IMPORT;
    const uint64_t seed = fsbi_row_seed_of(e->setup->config, round, index);
    if (!fsbi_row_done(&e->shape, row)) {
        counts->pending++;
        counts->torn += !fsbi_row_proposed(&e->shape, row) &&
                        !is_blank(row, e->shape.theta_count + e->shape.metric_count);
    } else {
        counts->done++;
        counts->foreign += row->seed != seed && !imported;
    }
}

/* The file's rows, of which the first is row `first` of the round. */
static fsbi_status examine_rows(examination *e, size_t round, size_t first, size_t count,
                                row_counts *counts, fsbi_error *error) {
    void *row = fsbi_memory_allocate(1, fsbi_row_size(&e->shape), error);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(row == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    for (size_t index = 0; index < count; index++) {
        FSBI_TRY_DONE(fsbi_campaign_file_read_rows(e->file, round, index, 1, row, error));
        count_row(e, round, first + index, row, counts);
    }
done:
    free(row);
    return status;
}

static fsbi_status examine_networks(examination *e, size_t round, fsbi_networks_kind kind,
                                    fsbi_error *error) {
    fsbi_training_status found;
    FSBI_TRY(fsbi_training_status_read(e->setup, e->file, round, kind, &found, error));
    if (found.members == 0)
        return FSBI_OK;
    fprintf(e->report, "round %zu, %s: %zu of %zu networks trained\n", round,
            fsbi_networks_kind_name(kind), found.trained, found.members);
    if (found.trained > 0 && e->unfinished)
        complain(e,
                 "round %zu has networks trained on simulations that are missing now: run the "
                 "campaign again, it computes them anew",
                 round);
    e->unfinished = e->unfinished || !fsbi_training_status_is_complete(&found);
    return FSBI_OK;
}

static void report_rows(examination *e, size_t round, const row_counts *counts) {
    fprintf(e->report, "round %zu: %zu rows finished, %zu pending\n", round, counts->done,
            counts->pending);
    if (counts->torn > 0)
        complain(e,
                 "%zu of the pending rows are torn (written in part): run the campaign again, "
                 "it computes them anew",
                 counts->torn);
    if (counts->foreign > 0)
        complain(e,
                 "%zu rows have the seeds of another campaign or place: they do not belong "
                 "here; run the campaign again with --force-new",
                 counts->foreign);
}

static fsbi_status examine_round(examination *e, size_t round, fsbi_error *error) {
    const fsbi_config_round *settings = &e->setup->config->rounds[round];
    row_counts counts = {0};
    FSBI_TRY(fsbi_campaign_file_check_sizes(e->file, e->setup->config, round, error));
    FSBI_TRY(examine_networks(e, round, FSBI_NETWORKS_EMULATOR, error));
    FSBI_TRY(examine_networks(e, round, FSBI_NETWORKS_INTERIM, error));
    FSBI_TRY(examine_rows(e, round, 0, settings->simulations, &counts, error));
    report_rows(e, round, &counts);
    if (counts.done > 0 && e->unfinished)
        complain(e,
                 "round %zu has simulations although what it was proposed from is not complete "
                 "now: run the campaign again, it computes that anew",
                 round);
    e->unfinished = e->unfinished || counts.pending > 0;
    FSBI_TRY(examine_networks(e, round, FSBI_NETWORKS_CLASSIFIER, error));
    return examine_networks(e, round, FSBI_NETWORKS_POSTERIOR, error);
}

/* The rows of a shard, whose numbers count from its first one. */
static fsbi_status examine_shard(examination *e, const fsbi_shard *shard, fsbi_error *error) {
    row_counts counts = {0};
    FSBI_TRY(fsbi_shard_check(shard, e->setup->config, e->path, error));
    FSBI_TRY(examine_rows(e, shard->round, shard->first, shard->count, &counts, error));
    report_rows(e, shard->round, &counts);
    e->unfinished = counts.pending > 0;
    return FSBI_OK;
}

/* The parts of a campaign, one after the other: a problem of one is no reason not to look at the
 * others. */
static void examine_parts(examination *e, const fsbi_shard *shard, fsbi_error *error) {
    const size_t parts = shard != NULL ? 1 : e->setup->config->round_count;
    for (size_t part = 0; part < parts; part++)
        if ((shard != NULL ? examine_shard(e, shard, error) : examine_round(e, part, error)) !=
            FSBI_OK)
            complain(e, "%s: restore the file from a copy, or start anew with --force-new",
                     error->message);
}

static fsbi_status examine_campaign(examination *e, fsbi_error *error) {
    fsbi_setup setup = {0};
    fsbi_shard shard;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_setup_of_campaign(e->path, &setup, error));
    FSBI_TRY_DONE(fsbi_campaign_file_open_readonly(e->path, setup.model, &e->file, error));
    e->setup = &setup;
    e->shape = fsbi_row_shape_of(setup.model);
    examine_parts(e, fsbi_shard_read(e->path, &shard, NULL) == FSBI_OK ? &shard : NULL, error);
done:
    fsbi_campaign_file_close(e->file, NULL);
    e->setup = NULL;
    fsbi_setup_clear(&setup);
    return status;
}

static fsbi_status examine_posterior(examination *e, fsbi_error *error) {
    fsbi_posterior_plan plan = {0};
    fsbi_posterior posterior = {0};
    size_t not_finite = 0;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_posterior_file_load(e->path, -1, &plan, &posterior, error));
    for (size_t i = 0; i < posterior.members * posterior.parameter_count; i++)
        not_finite += isfinite(posterior.parameters[i]) ? 0 : 1;
    fprintf(e->report, "a posterior of %zu networks, %zu weights each\n", posterior.members,
            posterior.parameter_count);
    if (not_finite > 0)
        complain(e, "%zu weights are not finite: fit it again", not_finite);
done:
    fsbi_posterior_clear(&posterior);
    fsbi_posterior_plan_clear(&plan);
    return status;
}

static fsbi_status run(const fsbi_arguments *a, FILE *report, fsbi_error *error) {
    examination e = {.path = a->file, .report = report};
    FSBI_TRY(fsbi_store_expect_hdf5(a->file, error));
    FSBI_TRY(fsbi_store_has(a->file, "posterior") ? examine_posterior(&e, error)
                                                  : examine_campaign(&e, error));
    if (e.problems > 0)
        return fsbi_error_set(error, FSBI_IO, "'%s': %zu problem%s, see above", a->file, e.problems,
                              e.problems > 1 ? "s" : "");
    fprintf(report, "%s is sound%s\n", a->file,
            e.unfinished ? "; there is work left, run the campaign again" : "");
    return FSBI_OK;
}

const fsbi_command fsbi_command_verify = {
    .name = "verify",
    .files_doc = "FILE.h5",
    .doc = "Reads a campaign or posterior file through, every row and every network, and says "
           "whether it is sound; where it is not, what to do. Exit status 0: sound, though "
           "perhaps unfinished; 1: not.",
    .files = 1,
    .alone = true,
    .once = true,
    .run = run};
