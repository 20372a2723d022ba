/* `portray`: pictures of one row's rule, and of its simulation, from its stored traces or run
 * again. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "campaign/campaign.h"
#include "campaign/traces.h"
#include "commands/posterior_query.h"
#include "core/memory.h"
#include "fsbi/random.h"
#include "rows/row_set.h"
#include "store/portrait_file.h"
#include "store/trace_file.h"

/* What is portrayed. */
typedef struct {
    const fsbi_portray_options *options;
    const fsbi_setup *setup;
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
}

static fsbi_status read_row(sitting *s, fsbi_error *error) {
    const fsbi_portray_options *o = s->options;
    const size_t rounds = s->setup->config->round_count;
    if (o->round >= (long)rounds) {
        fsbi_error_set(error, FSBI_BAD_INPUT, "there is no round %ld: the last one is %zu",
                       o->round, rounds - 1);
        return FSBI_BAD_INPUT;
    }
    const size_t rows = s->setup->config->rounds[o->round].simulations;
    if (o->row >= (long)rows) {
        fsbi_error_set(error, FSBI_BAD_INPUT,
                       "there is no row %ld in round %ld: the last one is %zu", o->row, o->round,
                       rows - 1);
        return FSBI_BAD_INPUT;
    }
    fsbi_campaign_file *file = NULL;
    s->row = fsbi_memory_allocate(1, fsbi_row_size(&s->shape), error);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(s->row == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    FSBI_TRY_DONE(fsbi_campaign_file_open_readonly(o->campaign, s->setup->model, &file, error));
    FSBI_TRY_DONE(
        fsbi_campaign_file_read_rows(file, (size_t)o->round, (size_t)o->row, 1, s->row, error));
    if (!fsbi_row_done(&s->shape, s->row))
        FSBI_TRY_DONE(fsbi_error_set(error, FSBI_BAD_INPUT,
                                     "row %ld of round %ld is still to be simulated", o->row,
                                     o->round));
done:
    fsbi_campaign_file_close(file, NULL);
    return status;
}

/* Finds the row among those with traces; `*found`: it is there, whole and of this simulation. */
static fsbi_status find_traces(sitting *s, bool *found, fsbi_error *error) {
    fsbi_trace_file file;
    *found = false;
    fsbi_status status =
        fsbi_traces_open(s->options->campaign, s->model, (size_t)s->options->round, &file, error);
    for (size_t i = 0; i < file.rows && status == FSBI_OK && !*found; i++) {
        if (file.row[i] != (uint64_t)s->options->row || !file.whole[i] ||
            file.row_checksum[i] != s->row->checksum)
            continue;
        status = fsbi_trace_file_read(&file, s->model, i, s->traces, &s->memory, error);
        *found = status == FSBI_OK;
    }
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
    const fsbi_simulation simulation = {.theta = s->row->values, .stream = stream};
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(stream == NULL || metrics == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    FSBI_TRY_DONE(fsbi_model_simulate(s->model, s->workspace, &simulation, s->row->seed, metrics,
                                      outcome, error));
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
    fsbi_status status = find_traces(s, &stored, error);
    s->workspace = status == FSBI_OK ? fsbi_model_create(s->model, error) : NULL;
    if (status == FSBI_OK && s->workspace == NULL)
        status = FSBI_NO_MEMORY;
    caption->pictured = stored ? "stored traces" : "simulated anew";
    /* One that did not come to its end would not do so now. */
    if (status == FSBI_OK && !stored && outcome.status == FSBI_SIMULATION_OK) {
        status = simulate(s, &outcome, report, error);
        subject.simulated = outcome.status == FSBI_SIMULATION_OK;
        if (status == FSBI_OK && subject.simulated && s->model->trace_count > 0)
            s->model->type->record(s->workspace, s->traces);
    }
    caption->status = fsbi_simulation_status_name(outcome.status);
    if (stored || (subject.simulated && s->model->trace_count > 0))
        subject.traces = s->traces;
    else if (!subject.simulated)
        caption->pictured = "the rule alone";
    return status != FSBI_OK ? status
                             : s->model->type->portray(s->workspace, &subject, &s->portrait, error);
}

static fsbi_status portray_row(sitting *s, FILE *report, fsbi_error *error) {
    fsbi_portrait_caption caption = {.campaign = s->options->campaign,
                                     .model = s->setup->model->type->name,
                                     .round = s->options->round,
                                     .row = s->options->row};
    FSBI_TRY(read_row(s, error));
    s->model = fsbi_setup_model_of(s->setup, (size_t)s->options->round);
    if (s->model->type->portray == NULL)
        return fsbi_error_set(error, FSBI_BAD_INPUT, "model '%s' makes no pictures of its rules",
                              caption.model);
    FSBI_TRY(portray(s, &caption, report, error));
    FSBI_TRY(fsbi_portrait_file_write(s->options->output, &caption, &s->portrait, error));
    fprintf(report, "%s: %zu pictures of row %ld of round %ld (%s; %s)\n", s->options->output,
            s->portrait.count, caption.row, caption.round, caption.status, caption.pictured);
    return FSBI_OK;
}

fsbi_status fsbi_campaign_portray(const fsbi_portray_options *options, FILE *report,
                                  fsbi_error *error) {
    char *text = NULL;
    fsbi_shard shard;
    fsbi_setup setup = {0};
    sitting s = {.options = options, .setup = &setup};
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_posterior_query_check_output(MPI_COMM_NULL, options->campaign,
                                                    options->output, options->force_new, error));
    if (fsbi_shard_read(options->campaign, &shard, NULL) == FSBI_OK)
        FSBI_TRY_DONE(fsbi_error_set(error, FSBI_BAD_INPUT,
                                     "'%s' is a shard: merge it, and name the campaign file",
                                     options->campaign));
    FSBI_TRY_DONE(fsbi_campaign_file_read_config(options->campaign, &text, NULL, error));
    FSBI_TRY_DONE(fsbi_setup_parse(text, options->campaign, NULL, 0, &setup, error));
    s.shape = fsbi_row_shape_of(setup.model);
    FSBI_TRY_DONE(portray_row(&s, report, error));
done:
    clear(&s);
    fsbi_setup_clear(&setup);
    free(text);
    return status;
}
