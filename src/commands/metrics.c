/* `metrics`: metrics once more, from stored traces. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "campaign/campaign.h"
#include "campaign/traces.h"
#include "cluster/cluster.h"
#include "commands/posterior_query.h"
#include "core/memory.h"
#include "store/campaign_file.h"
#include "store/new_file.h"
#include "store/table_file.h"
#include "store/trace_file.h"

/* Rows with traces of all rounds, with their metrics; `numbers` has a line for each: theta, then
 * the metrics as they come out now, then as they are in the campaign file. */
typedef struct {
    const char *path;
    const fsbi_setup *setup;
    fsbi_row_shape shape;
    size_t width;
    size_t count;
    double *numbers;
} recomputed;

static fsbi_status count_traces(recomputed *r, fsbi_error *error) {
    fsbi_status status = FSBI_OK;
    for (size_t round = 0; round < r->setup->config->round_count && status == FSBI_OK; round++) {
        fsbi_trace_file file;
        status = fsbi_traces_open(r->path, r->setup->model, round, &file, error);
        r->count += status == FSBI_OK ? file.rows : 0;
        fsbi_trace_file_close(&file);
    }
    if (status == FSBI_OK && r->count == 0)
        status = fsbi_error_set(error, FSBI_BAD_INPUT,
                                "there are no traces of '%s': its configuration has to say "
                                "traces: {store: all}, accepted or random, when it is run",
                                r->path);
    return status;
}

/* The numbers of one row. */
static fsbi_status recompute_row(const recomputed *r, fsbi_campaign_file *campaign, size_t round,
                                 const fsbi_trace_file *file, size_t index, double *numbers,
                                 fsbi_error *error) {
    const fsbi_model *model = fsbi_setup_model_of(r->setup, round);
    double *metrics = numbers + r->shape.theta_count;
    fsbi_trace_data traces[FSBI_MODEL_MOST_TRACES];
    void *memory = NULL;
    fsbi_row *row = fsbi_memory_allocate(1, fsbi_row_size(&r->shape), error);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(row == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    FSBI_TRY_DONE(fsbi_campaign_file_read_rows(campaign, round, file->row[index], 1, row, error));
    memcpy(numbers, row->values, r->shape.theta_count * sizeof *numbers);
    memcpy(metrics + r->shape.metric_count, row->values + r->shape.theta_count,
           r->shape.metric_count * sizeof *numbers);
    for (size_t i = 0; i < r->shape.metric_count; i++)
        metrics[i] = NAN;
    if (row->checksum != file->row_checksum[index])
        FSBI_TRY_DONE(fsbi_error_set(error, FSBI_BAD_INPUT,
                                     "they are not of the simulation that the campaign file has"));
    if (file->whole[index]) {
        FSBI_TRY_DONE(fsbi_trace_file_read(file, model, index, traces, &memory, error));
        /* What no simulation with these settings can have recorded is damaged: NaN. */
        (void)model->type->score(model->settings, traces, metrics, NULL);
    }
done:
    if (status != FSBI_OK)
        fsbi_error_prefix(error, "round %zu, traces of row %zu", round, (size_t)file->row[index]);
    free(memory);
    free(row);
    return status;
}

/* This rank's share of all rows; the others' lines stay zero. */
static fsbi_status recompute_share(MPI_Comm comm, recomputed *r, fsbi_error *error) {
    fsbi_campaign_file *campaign = NULL;
    const size_t ranks = (size_t)fsbi_cluster_size(comm);
    size_t line = 0;
    fsbi_status status =
        fsbi_campaign_file_open_readonly(r->path, r->setup->model, &campaign, error);
    for (size_t round = 0; round < r->setup->config->round_count && status == FSBI_OK; round++) {
        fsbi_trace_file file;
        status = fsbi_traces_open(r->path, r->setup->model, round, &file, error);
        for (size_t i = 0; i < file.rows && status == FSBI_OK; i++, line++)
            if (line % ranks == (size_t)fsbi_cluster_rank(comm))
                status = recompute_row(r, campaign, round, &file, i, r->numbers + line * r->width,
                                       error);
        fsbi_trace_file_close(&file);
    }
    fsbi_campaign_file_close(campaign, NULL);
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
                    r->setup->model->metrics[k].name, differing, largest);
    }
}

/* Rank 0: theta and x as they are now. */
static fsbi_status write_file(const recomputed *r, const char *path, fsbi_error *error) {
    const fsbi_model *model = r->setup->model;
    const fsbi_table tables[] = {{"theta", r->count, r->shape.theta_count},
                                 {"x", r->count, r->shape.metric_count}};
    const fsbi_table_attribute attributes[] = {{.dataset = "theta",
                                                .name = "names",
                                                .names = model->parameters[0].name,
                                                .stride = sizeof *model->parameters,
                                                .count = r->shape.theta_count},
                                               {.dataset = "x",
                                                .name = "names",
                                                .names = model->metrics[0].name,
                                                .stride = sizeof *model->metrics,
                                                .count = r->shape.metric_count}};
    int64_t file = 0;
    fsbi_status status = fsbi_table_file_create(path, tables, 2, error);
    if (status == FSBI_OK)
        status = fsbi_new_file_open(path, MPI_COMM_NULL, &file, error);
    for (size_t line = 0; line < r->count && status == FSBI_OK; line++) {
        const double *numbers = r->numbers + line * r->width;
        status = fsbi_table_file_write(file, &tables[0], line, 1, numbers, error);
        if (status == FSBI_OK)
            status = fsbi_table_file_write(file, &tables[1], line, 1,
                                           numbers + r->shape.theta_count, error);
    }
    const fsbi_status closed = fsbi_new_file_close(path, file, status == FSBI_OK ? error : NULL);
    status = status == FSBI_OK ? closed : status;
    if (status == FSBI_OK)
        status = fsbi_table_file_finish(path, attributes, 2, error);
    if (status != FSBI_OK)
        fsbi_new_file_abandon(path);
    return status;
}

static fsbi_status recompute(MPI_Comm comm, recomputed *r, const char *output, FILE *report,
                             fsbi_error *error) {
    fsbi_status status = fsbi_cluster_agree(comm, count_traces(r, error), error);
    if (status != FSBI_OK)
        return status;
    r->width = r->shape.theta_count + 2 * r->shape.metric_count;
    r->numbers = fsbi_memory_allocate(r->count * r->width, sizeof *r->numbers, error);
    status = fsbi_cluster_agree(comm, r->numbers == NULL ? FSBI_NO_MEMORY : FSBI_OK, error);
    if (status == FSBI_OK && r->numbers != NULL)
        status = fsbi_cluster_agree(comm, recompute_share(comm, r, error), error);
    if (status == FSBI_OK)
        fsbi_cluster_allreduce_sum(comm, r->numbers, r->count * r->width);
    if (status == FSBI_OK && fsbi_cluster_rank(comm) == 0) {
        report_differences(r, report);
        if (output != NULL)
            status = write_file(r, output, error);
        if (output != NULL && status == FSBI_OK)
            fprintf(report, "%s: theta and x of these rows\n", output);
    }
    free(r->numbers);
    return fsbi_cluster_agree(comm, status, error);
}

/* The campaign's configuration, and with the overrides, which may change how metrics are computed
 * but not which ones there are. */
static fsbi_status read_setup(const fsbi_metrics_options *options, fsbi_setup *setup,
                              fsbi_error *error) {
    char *text = NULL;
    fsbi_setup stored = {0};
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_campaign_file_read_config(options->campaign, &text, NULL, error));
    FSBI_TRY_DONE(fsbi_setup_parse(text, options->campaign, NULL, 0, &stored, error));
    FSBI_TRY_DONE(fsbi_setup_parse(text, options->campaign, options->overrides,
                                   options->override_count, setup, error));
    if (!fsbi_setup_same_rows(stored.model, setup->model))
        FSBI_TRY_DONE(
            fsbi_error_set(error, FSBI_BAD_INPUT,
                           "with these settings the model has other metrics than '%s', or "
                           "other parameters or bounds: its rows cannot be compared",
                           options->campaign));
done:
    fsbi_setup_clear(&stored);
    free(text);
    return status;
}

fsbi_status fsbi_campaign_metrics(MPI_Comm comm, const fsbi_metrics_options *options, FILE *report,
                                  fsbi_error *error) {
    fsbi_setup setup = {0};
    recomputed r = {.path = options->campaign, .setup = &setup};
    fsbi_status status = FSBI_OK;
    if (options->output != NULL)
        status = fsbi_posterior_query_check_output(comm, options->campaign, options->output,
                                                   options->force_new, error);
    if (status == FSBI_OK)
        status = read_setup(options, &setup, error);
    status = fsbi_cluster_agree(comm, status, error);
    if (status == FSBI_OK && setup.config != NULL) {
        r.shape = fsbi_row_shape_of(setup.model);
        status = recompute(comm, &r, options->output, report, error);
    }
    fsbi_setup_clear(&setup);
    return status;
}
