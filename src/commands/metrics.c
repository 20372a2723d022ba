/* `metrics`: metrics once more, from stored traces. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/cluster.h"
#include "cluster/share.h"
#include "commands/options.h"
#include "core/memory.h"
#include "output/new_output.h"
#include "output/trace_files.h"
#include "store/campaign_file.h"

/* Rows with traces of all rounds, with their metrics; `numbers` has a line for each: theta, then
 * the metrics as they come out now, then as they are in the campaign file. */
typedef struct {
    const char *path;
    fsbi_setup setup;
    fsbi_row_shape shape;
    size_t width;
    size_t count;
    double *numbers;
} recomputed;

static fsbi_status count_traces(recomputed *r, fsbi_error *error) {
    for (size_t round = 0; round < r->setup.config->round_count; round++) {
        fsbi_trace_file file;
        const fsbi_status status =
            fsbi_trace_files_open(r->path, r->setup.model, round, &file, error);
        r->count += file.rows;
        fsbi_trace_file_close(&file);
        FSBI_TRY(status);
    }
    if (r->count == 0)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "there are no traces of '%s': its configuration has to say traces: "
                              "{store: all}, accepted or random, when it is run",
                              r->path);
    return FSBI_OK;
}

/* Traces of a round. */
typedef struct {
    fsbi_campaign_file *campaign;
    size_t round;
    fsbi_trace_file file;
} round_traces;

/* The row as the campaign has it, and no metrics yet. */
static fsbi_status read_row(const recomputed *r, const round_traces *traces, size_t index,
                            double *numbers, fsbi_error *error) {
    double *metrics = numbers + r->shape.theta_count;
    fsbi_row *row = fsbi_memory_allocate(1, fsbi_row_size(&r->shape), error);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(row == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    FSBI_TRY_DONE(fsbi_campaign_file_read_rows(traces->campaign, traces->round,
                                               traces->file.row[index], 1, row, error));
    memcpy(numbers, row->values, r->shape.theta_count * sizeof *numbers);
    memcpy(metrics + r->shape.metric_count, row->values + r->shape.theta_count,
           r->shape.metric_count * sizeof *numbers);
    for (size_t i = 0; i < r->shape.metric_count; i++)
        metrics[i] = NAN;
    if (row->checksum != traces->file.row_checksum[index])
        FSBI_TRY_DONE(fsbi_error_set(error, FSBI_BAD_INPUT,
                                     "they are not of the simulation that the campaign file has"));
done:
    free(row);
    return status;
}

/* The numbers of one row. What no simulation with these settings can have recorded is damaged: its
 * metrics stay NaN. */
static fsbi_status recompute_row(const recomputed *r, const round_traces *traces, size_t index,
                                 double *numbers, fsbi_error *error) {
    const fsbi_model *model = fsbi_setup_model_of(&r->setup, traces->round);
    fsbi_trace_data data[FSBI_MODEL_MOST_TRACES];
    void *memory = NULL;
    FSBI_TRY(read_row(r, traces, index, numbers, error));
    if (!traces->file.whole[index])
        return FSBI_OK;
    const fsbi_status status =
        fsbi_trace_file_read(&traces->file, model, index, data, &memory, error);
    if (status == FSBI_OK)
        (void)model->type->score(model->settings, data, numbers + r->shape.theta_count, NULL);
    free(memory);
    return status;
}

/* This rank's share of a round's rows, of which the first is line `first`. */
static fsbi_status recompute_round(recomputed *r, round_traces *traces, size_t first,
                                   fsbi_error *error) {
    FSBI_TRY(fsbi_trace_files_open(r->path, r->setup.model, traces->round, &traces->file, error));
    for (size_t i = 0; i < traces->file.rows; i++) {
        if (!fsbi_cluster_share_has(MPI_COMM_WORLD, first + i))
            continue;
        const fsbi_status status =
            recompute_row(r, traces, i, r->numbers + (first + i) * r->width, error);
        if (status != FSBI_OK) {
            fsbi_error_prefix(error, "round %zu, traces of row %zu", traces->round,
                              (size_t)traces->file.row[i]);
            return status;
        }
    }
    return FSBI_OK;
}

/* This rank's share of all rows; the others' lines stay zero. */
static fsbi_status recompute_share(recomputed *r, fsbi_error *error) {
    round_traces traces = {0};
    size_t line = 0;
    fsbi_status status =
        fsbi_campaign_file_open_readonly(r->path, r->setup.model, &traces.campaign, error);
    for (; traces.round < r->setup.config->round_count && status == FSBI_OK; traces.round++) {
        status = recompute_round(r, &traces, line, error);
        line += traces.file.rows;
        fsbi_trace_file_close(&traces.file);
    }
    fsbi_campaign_file_close(traces.campaign, NULL);
    return status;
}

/* Rank 0: rows that no metric could be computed of. */
static size_t count_damaged(const recomputed *r) {
    size_t damaged = 0;
    for (size_t line = 0; line < r->count; line++) {
        const double *now = r->numbers + line * r->width + r->shape.theta_count;
        size_t k = 0;
        while (k < r->shape.metric_count && isnan(now[k]))
            k++;
        damaged += k == r->shape.metric_count;
    }
    return damaged;
}

/* Rank 0: how the metrics compare with those in the campaign file. */
static void report_differences(const recomputed *r, FILE *report) {
    const size_t count = r->shape.metric_count;
    const size_t damaged = count_damaged(r);
    fprintf(report, "metrics of %zu rows recomputed from their traces\n", r->count - damaged);
    if (damaged > 0)
        fprintf(report, "  the traces of %zu more rows are damaged: their x is NaN\n", damaged);
    for (size_t k = 0; k < count; k++) {
        if (r->setup.model->metrics[k].checkpoint > 0)
            continue; /* traces do not hold interim numbers */
        size_t differing = 0;
        double largest = 0;
        for (size_t line = 0; line < r->count; line++) {
            const double *now = r->numbers + line * r->width + r->shape.theta_count;
            const double before = now[count + k];
            if (now[k] == before || (isnan(now[k]) && isnan(before)))
                continue;
            differing++;
            const double difference = fabs(now[k] - before) / fmax(fabs(before), fabs(now[k]));
            largest = isnan(difference) ? INFINITY : fmax(largest, difference);
        }
        if (differing > 0)
            fprintf(report, "  %s: %zu differ from the campaign file, by up to %.3g of the value\n",
                    r->setup.model->metrics[k].name, differing, largest);
    }
}

/* Rank 0: theta and x as they are now. */
static fsbi_status write_tables(const recomputed *r, const char *path, double *theta, double *x,
                                fsbi_error *error) {
    const fsbi_model *model = r->setup.model;
    const size_t thetas = r->shape.theta_count;
    const size_t metrics = r->shape.metric_count;
    const double *values[] = {theta, x};
    const fsbi_table tables[] = {{"theta", r->count, thetas}, {"x", r->count, metrics}};
    const fsbi_table_attribute attributes[] = {{.dataset = "theta",
                                                .name = "names",
                                                .names = model->parameters[0].name,
                                                .stride = sizeof *model->parameters,
                                                .count = thetas},
                                               {.dataset = "x",
                                                .name = "names",
                                                .names = model->metrics[0].name,
                                                .stride = sizeof *model->metrics,
                                                .count = metrics}};
    const fsbi_new_output_tables output = {tables, values, 2, attributes, 2};
    for (size_t line = 0; line < r->count; line++) {
        const double *numbers = r->numbers + line * r->width;
        memcpy(theta + line * thetas, numbers, thetas * sizeof *theta);
        memcpy(x + line * metrics, numbers + thetas, metrics * sizeof *x);
    }
    return fsbi_new_output_write_tables(path, &output, error);
}

static fsbi_status write_file(const recomputed *r, const char *path, fsbi_error *error) {
    double *theta = fsbi_memory_allocate(r->count * r->shape.theta_count, sizeof *theta, error);
    double *x = fsbi_memory_allocate(r->count * r->shape.metric_count, sizeof *x, error);
    const fsbi_status status =
        theta == NULL || x == NULL ? FSBI_NO_MEMORY : write_tables(r, path, theta, x, error);
    free(theta);
    free(x);
    return status;
}

/* Rank 0. */
static fsbi_status report_and_write(const recomputed *r, const char *output, FILE *report,
                                    fsbi_error *error) {
    report_differences(r, report);
    if (output == NULL)
        return FSBI_OK;
    FSBI_TRY(write_file(r, output, error));
    fprintf(report, "%s: theta and x of these rows\n", output);
    return FSBI_OK;
}

/* The campaign's configuration, and with the overrides, which may change how metrics are computed
 * but not which ones there are. */
static fsbi_status read_setup(recomputed *r, const fsbi_arguments *a, fsbi_error *error) {
    char *text = NULL;
    fsbi_setup stored = {0};
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_campaign_file_read_config(a->file, &text, NULL, error));
    FSBI_TRY_DONE(fsbi_setup_parse(text, a->file, NULL, 0, &stored, error));
    FSBI_TRY_DONE(
        fsbi_setup_parse(text, a->file, a->overrides, a->override_count, &r->setup, error));
    if (!fsbi_setup_same_rows(stored.model, r->setup.model))
        FSBI_TRY_DONE(
            fsbi_error_set(error, FSBI_BAD_INPUT,
                           "with these settings the model has other metrics than '%s', or other "
                           "parameters or bounds: its rows cannot be compared",
                           a->file));
    r->shape = fsbi_row_shape_of(r->setup.model);
    r->width = r->shape.theta_count + 2 * r->shape.metric_count;
done:
    fsbi_setup_clear(&stored);
    free(text);
    return status;
}

static fsbi_status prepare(recomputed *r, const fsbi_arguments *a, fsbi_error *error) {
    FSBI_TRY(read_setup(r, a, error));
    FSBI_TRY(count_traces(r, error));
    r->numbers = fsbi_memory_allocate(r->count * r->width, sizeof *r->numbers, error);
    return r->numbers == NULL ? FSBI_NO_MEMORY : FSBI_OK;
}

/* The metrics of this rank's share. */
static fsbi_status recompute(recomputed *r, const fsbi_arguments *a, fsbi_error *error) {
    FSBI_TRY(prepare(r, a, error));
    return recompute_share(r, error);
}

static fsbi_status run(const fsbi_arguments *a, FILE *report, fsbi_error *error) {
    MPI_Comm comm = MPI_COMM_WORLD;
    recomputed r = {.path = a->file};
    fsbi_status status = FSBI_OK;
    if (a->output != NULL)
        FSBI_TRY(fsbi_new_output_check(comm, a->file, a->output, a->force_new, error));
    FSBI_TRY_DONE(fsbi_cluster_agree(comm, recompute(&r, a, error), error));
    fsbi_cluster_allreduce_sum(comm, r.numbers, r.count * r.width);
    FSBI_TRY_DONE(fsbi_cluster_agree(
        comm,
        fsbi_cluster_rank(comm) == 0 ? report_and_write(&r, a->output, report, error) : FSBI_OK,
        error));
done:
    free(r.numbers);
    fsbi_setup_clear(&r.setup);
    return status;
}

static const struct argp_option options[] = {
    {"output", 'o', "FILE", 0, "File to write: datasets theta and x, with names", 0},
    {"set", FSBI_ARG_SET, "PATH=VALUE", 0, "Override a key of the campaign's model", 0},
    FSBI_OPTION_REPLACE,
    {0}};

const fsbi_command fsbi_command_metrics = {
    .name = "metrics",
    .files_doc = "CAMPAIGN.h5",
    .doc = "Computes the metrics of the rows whose traces are stored (traces.store) anew and "
           "compares them with those in the campaign file, as after a change of the metrics. "
           "Under mpirun all ranks compute.",
    .options = options,
    .files = 1,
    .run = run};
