/* `portray`: pictures of one row's rule, and of its simulation, from its stored traces or run
 * again, as numbers in a file of their own. */
#include <math.h>
#include <stdlib.h>

#include "commands/options.h"
#include "core/memory.h"
#include "fsbi/random.h"
#include "output/new_output.h"
#include "output/trace_files.h"
#include "store/campaign_file.h"
#include "store/portrait_file.h"

/* What is portrayed. */
typedef struct {
    const fsbi_arguments *arguments;
    fsbi_setup setup;
    long round;
    const fsbi_model *model; /* of the round */
    fsbi_row_shape shape;
    fsbi_row *row;
    void *workspace;
    fsbi_trace_data traces[FSBI_MODEL_MOST_TRACES];
    void *memory; /* of stored traces */
    fsbi_portrait portrait;
} sitting;

static void clear(sitting *s) {
    if (s->workspace != NULL)
        s->model->type->destroy(s->workspace);
    fsbi_portrait_clear(&s->portrait);
    free(s->memory);
    free(s->row);
    fsbi_setup_clear(&s->setup);
}

/* The row must be one of the campaign's. */
static fsbi_status check_place(const sitting *s, fsbi_error *error) {
    const fsbi_arguments *a = s->arguments;
    const size_t rounds = s->setup.config->round_count;
    if (s->round >= (long)rounds)
        return fsbi_error_set(error, FSBI_BAD_INPUT, "there is no round %ld: the last one is %zu",
                              s->round, rounds - 1);
    const size_t rows = s->setup.config->rounds[s->round].simulations;
    if (a->row >= (long)rows)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "there is no row %ld in round %ld: the last one is %zu", a->row,
                              s->round, rows - 1);
    return FSBI_OK;
}

static fsbi_status read_row(sitting *s, fsbi_error *error) {
    const fsbi_arguments *a = s->arguments;
    fsbi_campaign_file *file = NULL;
    fsbi_status status = FSBI_OK;
    s->row = fsbi_memory_allocate(1, fsbi_row_size(&s->shape), error);
    FSBI_TRY_DONE(s->row == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    FSBI_TRY_DONE(fsbi_campaign_file_open_readonly(a->file, s->setup.model, &file, error));
    FSBI_TRY_DONE(
        fsbi_campaign_file_read_rows(file, (size_t)s->round, (size_t)a->row, 1, s->row, error));
    if (!fsbi_row_done(&s->shape, s->row))
        FSBI_TRY_DONE(fsbi_error_set(error, FSBI_BAD_INPUT,
                                     "row %ld of round %ld is still to be simulated", a->row,
                                     s->round));
done:
    fsbi_campaign_file_close(file, NULL);
    return status;
}

/* Finds the row among those with traces; `*found`: it is there, whole and of this simulation. */
static fsbi_status find_traces(sitting *s, bool *found, fsbi_error *error) {
    fsbi_trace_file file;
    fsbi_status status = FSBI_OK;
    *found = false;
    FSBI_TRY_DONE(
        fsbi_trace_files_open(s->arguments->file, s->model, (size_t)s->round, &file, error));
    for (size_t i = 0; i < file.rows && !*found; i++) {
        if (file.row[i] != (uint64_t)s->arguments->row || !file.whole[i] ||
            file.row_checksum[i] != s->row->checksum)
            continue;
        FSBI_TRY_DONE(fsbi_trace_file_read(&file, s->model, i, s->traces, &s->memory, error));
        *found = true;
    }
done:
    fsbi_trace_file_close(&file);
    return status;
}

/* Says whether the simulation came to what the campaign file has. */
static void compare(const sitting *s, const double *metrics, const fsbi_outcome *outcome,
                    FILE *report) {
    const double *before = s->row->values + s->shape.theta_count;
    size_t differing = 0;
    for (size_t k = 0; k < s->shape.metric_count; k++)
        differing += !(metrics[k] == before[k] || (isnan(metrics[k]) && isnan(before[k])));
    if (differing == 0 && (int32_t)outcome->status == s->row->status)
        fprintf(report, "simulated anew: the same metrics as in the campaign file\n");
    else
        fprintf(report,
                "note: simulated anew it is %s, and %zu of %zu metrics differ from the "
                "campaign file: it was simulated elsewhere, or by another version\n",
                fsbi_simulation_status_name(outcome->status), differing, s->shape.metric_count);
}

/* Runs the row's simulation once more. */
static fsbi_status simulate(sitting *s, fsbi_outcome *outcome, FILE *report, fsbi_error *error) {
    gsl_rng *stream = fsbi_random_allocate(error);
    double *metrics = fsbi_memory_allocate(s->shape.metric_count, sizeof *metrics, error);
    const fsbi_simulation simulation = {
        .theta = s->row->values, .stream = stream, .seed = s->row->seed};
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(stream == NULL || metrics == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    FSBI_TRY_DONE(
        fsbi_model_simulate(s->model, s->workspace, &simulation, metrics, outcome, error));
    compare(s, metrics, outcome, report);
done:
    free(metrics);
    if (stream != NULL)
        gsl_rng_free(stream);
    return status;
}

static fsbi_status portray(sitting *s, fsbi_portrait_caption *caption, FILE *report,
                           fsbi_error *error) {
    fsbi_portrait_subject subject = {.theta = s->row->values};
    fsbi_outcome outcome = {.status = (fsbi_simulation_status)s->row->status};
    bool stored = false;
    FSBI_TRY(find_traces(s, &stored, error));
    s->workspace = fsbi_model_create(s->model, error);
    if (s->workspace == NULL)
        return FSBI_NO_MEMORY;
    /* One that did not come to its end would not do so now, unless chance ended it. */
    if (!stored && outcome.status == FSBI_SIMULATION_OK) {
        FSBI_TRY(simulate(s, &outcome, report, error));
        subject.simulated = outcome.status == FSBI_SIMULATION_OK;
        if (subject.simulated && s->model->trace_count > 0)
            s->model->type->record(s->workspace, s->traces);
    }
    caption->status = fsbi_simulation_status_name(outcome.status);
    caption->pictured = stored              ? "stored traces"
                        : subject.simulated ? "simulated anew"
                                            : "the rule alone";
    if (stored || (subject.simulated && s->model->trace_count > 0))
        subject.traces = s->traces;
    return s->model->type->portray(s->workspace, &subject, &s->portrait, error);
}

static fsbi_status portray_row(sitting *s, FILE *report, fsbi_error *error) {
    const fsbi_arguments *a = s->arguments;
    fsbi_portrait_caption caption = {
        .campaign = a->file, .model = s->setup.model->type->name, .round = s->round, .row = a->row};
    FSBI_TRY(check_place(s, error));
    FSBI_TRY(read_row(s, error));
    s->model = fsbi_setup_model_of(&s->setup, (size_t)s->round);
    if (s->model->type->portray == NULL)
        return fsbi_error_set(error, FSBI_BAD_INPUT, "model '%s' makes no pictures of its rules",
                              caption.model);
    FSBI_TRY(portray(s, &caption, report, error));
    FSBI_TRY(fsbi_portrait_file_write(a->output, &caption, &s->portrait, error));
    fprintf(report, "%s: %zu pictures of row %ld of round %ld (%s; %s)\n", a->output,
            s->portrait.count, caption.row, caption.round, caption.status, caption.pictured);
    return FSBI_OK;
}

static fsbi_status run(const fsbi_arguments *a, FILE *report, fsbi_error *error) {
    fsbi_shard shard;
    sitting s = {.arguments = a, .round = a->query.round};
    fsbi_status status = FSBI_OK;
    FSBI_TRY(fsbi_new_output_check(MPI_COMM_NULL, a->file, a->output, a->force_new, error));
    if (fsbi_shard_read(a->file, &shard, NULL) == FSBI_OK)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "'%s' is a shard: merge it, and name the campaign file", a->file);
    FSBI_TRY_DONE(fsbi_setup_of_campaign(a->file, &s.setup, error));
    s.shape = fsbi_row_shape_of(s.setup.model);
    FSBI_TRY_DONE(portray_row(&s, report, error));
done:
    clear(&s);
    return status;
}

static const char *complaint(const fsbi_arguments *a) {
    if (a->query.round < 0 || a->row < 0)
        return "--round R and --row I are needed: which simulation";
    return a->output == NULL ? "--output FILE is needed" : NULL;
}

static const struct argp_option options[] = {
    {"round", FSBI_ARG_ROUND, "R", 0, "The row's round, counted from 0", 0},
    {"row", FSBI_ARG_ROW, "I", 0, "The row, counted from 0", 0},
    {"output", 'o', "FILE", 0, "File to write, for tools/fsbi-rule", 0},
    FSBI_OPTION_REPLACE,
    {0}};

const fsbi_command fsbi_command_portray = {
    .name = "portray",
    .files_doc = "CAMPAIGN.h5",
    .doc = "Makes the pictures that a model has of a rule, as numbers: of spiking networks the "
           "rule's STDP windows, and raster, rates, intervals and weights from the row's "
           "stored traces, or from its simulation, which is run again. tools/fsbi-rule draws "
           "them.",
    .options = options,
    .files = 1,
    .alone = true,
    .once = true,
    .complaint = complaint,
    .run = run};
