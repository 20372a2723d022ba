#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/cluster.h"
#include "commands/posterior_commands.h"
#include "commands/posterior_query.h"
#include "core/checksum.h"
#include "core/memory.h"
#include "output/output_lock.h"
#include "setup/setup.h"
#include "store/new_file.h"
#include "store/posterior_file.h"

/* Carries out inference.KEY=VALUE, which was typed as --KEY VALUE. */
static fsbi_status set(fsbi_config_node *tree, const char *assignment, fsbi_error *error) {
    const char *key = strchr(assignment, '.') + 1;
    const char *equals = strchr(assignment, '=');
    fsbi_text source = {0};
    fsbi_text_append(&source, "--%.*s %s", (int)(equals - key), key, equals + 1);
    if (source.failed)
        return fsbi_error_set(error, FSBI_NO_MEMORY, "out of memory");
    for (char *c = source.characters; c < source.characters + (equals - key) + 2; c++)
        *c = (char)(*c == '_' ? '-' : *c);
    fsbi_status status = fsbi_config_node_set_as(tree, assignment, source.characters, error);
    fsbi_text_clear(&source);
    return status;
}

/* The settings: defaults, the file's, the options'. */
static fsbi_status read_settings(MPI_Comm comm, const fsbi_fit_options *options,
                                 fsbi_config_inference *settings, fsbi_error *error) {
    static const char nothing[] = "{}";
    char *text = NULL;
    fsbi_config_node *tree = NULL;
    fsbi_status status = FSBI_OK;
    if (options->config != NULL)
        status = fsbi_setup_share_file(comm, options->config, &text, error);
    if (status == FSBI_OK)
        status = fsbi_config_node_parse(text != NULL ? text : nothing,
                                        text != NULL ? options->config : "settings", &tree, error);
    if (status == FSBI_OK)
        status = fsbi_config_node_expect(tree, FSBI_NODE_MAPPING, error);
    for (size_t i = 0; i < options->override_count && status == FSBI_OK; i++)
        status = set(tree, options->overrides[i], error);
    if (status == FSBI_OK)
        status = fsbi_config_read_inference(tree, settings, error);
    fsbi_config_node_free(tree);
    free(text);
    return fsbi_cluster_agree(comm, status, error);
}

static fsbi_status check_rows(const fsbi_fit_options *options,
                              const fsbi_config_inference *settings, const fsbi_data_table *table,
                              FILE *report, fsbi_error *error) {
    const fsbi_training_table *rows = &table->rows;
    fprintf(report, "%s: %zu rows of %zu parameters and %zu metrics\n", options->data.path,
            rows->rows, table->theta_size, table->x_size);
    if (rows->left_out > 0)
        fprintf(report, "%zu rows more are left out: they hold NaN or infinity\n", rows->left_out);
    if (table->outside > 0)
        fprintf(report, "note: %zu rows lie outside the prior's bounds\n", table->outside);
    fflush(report);
    if (rows->rows < (size_t)settings->minimum_rows)
        return fsbi_error_set(error, FSBI_HOPELESS,
                              "'%s' has only %zu rows to train on (minimum_rows is %ld)",
                              options->data.path, rows->rows, settings->minimum_rows);
    if (strcmp(settings->bounds, "stretch") == 0)
        for (size_t j = 0; j < table->theta_size; j++)
            if (!isfinite(table->low[j]) || !isfinite(table->high[j]))
                return fsbi_error_set(
                    error, FSBI_BAD_INPUT,
                    "--bounds stretch needs the prior's bounds, and '%s' has none "
                    "for '%s': add datasets prior/low and prior/high",
                    options->data.path, table->theta_names[j]);
    return FSBI_OK;
}

/* Rank 0's table, which is empty elsewhere, becomes the plan of all; the rows stay there. */
static fsbi_status share_plan(MPI_Comm comm, const fsbi_config_inference *settings,
                              const fsbi_data_table *table, fsbi_posterior_plan *plan,
                              fsbi_error *error) {
    size_t sizes[] = {table->theta_size, table->x_size};
    fsbi_cluster_broadcast(comm, sizes, sizeof sizes);
    fsbi_status status = fsbi_setup_plan_inference(settings, sizes[0], sizes[1], plan, error);
    status = fsbi_cluster_agree(comm, status, error);
    if (status != FSBI_OK || plan->theta_names == NULL || plan->x_names == NULL)
        return status;
    if (table->theta_names != NULL && table->x_names != NULL) {
        memcpy(plan->theta_names, table->theta_names, sizes[0] * sizeof *plan->theta_names);
        memcpy(plan->x_names, table->x_names, sizes[1] * sizeof *plan->x_names);
        memcpy(plan->low, table->low, sizes[0] * sizeof *plan->low);
        memcpy(plan->high, table->high, sizes[0] * sizeof *plan->high);
    }
    fsbi_cluster_broadcast(comm, plan->theta_names, sizes[0] * sizeof *plan->theta_names);
    fsbi_cluster_broadcast(comm, plan->x_names, sizes[1] * sizeof *plan->x_names);
    fsbi_cluster_broadcast(comm, plan->low, sizes[0] * sizeof *plan->low);
    fsbi_cluster_broadcast(comm, plan->high, sizes[0] * sizeof *plan->high);
    return FSBI_OK;
}

/* Trains and checks into the file that is open. */
static fsbi_status fit_posterior(fsbi_fit *fit, const char *start_from,
                                 const fsbi_training_table *table, const fsbi_posterior_plan *plan,
                                 fsbi_error *error) {
    const fsbi_posterior_query_options question = {.posterior = start_from, .round = -1};
    fsbi_posterior posterior = {0};
    fsbi_posterior_query initial = {0};
    fsbi_status status = FSBI_OK;
    if (start_from != NULL) {
        FSBI_TRY_DONE(fsbi_posterior_query_load(fit->comm, &question, false, &initial, error));
        if (!fsbi_fit_can_start_from(plan, &initial.posterior))
            FSBI_TRY_DONE(
                fsbi_error_set(error, FSBI_BAD_INPUT,
                               "--start-from %s: its networks have another shape, or are fewer, "
                               "than those to be trained",
                               start_from));
        fit->initial = &initial.posterior;
    }
    FSBI_TRY_DONE(fsbi_fit_posterior(fit, table, plan, &posterior, error));
    fit->initial = NULL;
done:
    fsbi_posterior_query_clear(&initial);
    fsbi_posterior_clear(&posterior);
    return status;
}

/* What tells this fit's rows and seed from others'. */
static void describe_data(const fsbi_fit_options *options, const fsbi_data_table *table,
                          fsbi_text *text) {
    const fsbi_training_table *rows = &table->rows;
    uint64_t sum = fsbi_checksum_add(FSBI_CHECKSUM_START, rows->theta,
                                     rows->rows * table->theta_size * sizeof(double));
    sum = fsbi_checksum_add(sum, rows->x, rows->rows * table->x_size * sizeof(double));
    fsbi_text_append(text, "%s: %zu rows, checksum %016llx; seed %ld%s%s", options->data.path,
                     rows->rows, (unsigned long long)sum, options->seed,
                     options->initial != NULL ? "; starting from " : "",
                     options->initial != NULL ? options->initial : "");
}

/* Rank 0: makes the file, unless an earlier call was stopped in the middle of the same fit. */
static fsbi_status provide_file(const fsbi_fit_options *options,
                                const fsbi_config_inference *settings, const fsbi_data_table *table,
                                const fsbi_posterior_plan *plan, FILE *report, fsbi_error *error) {
    fsbi_text yaml = {0};
    fsbi_text data = {0};
    fsbi_status status = FSBI_OK;
    fsbi_config_write_inference(settings, &yaml);
    describe_data(options, table, &data);
    if (yaml.failed || data.failed)
        FSBI_TRY_DONE(fsbi_error_set(error, FSBI_NO_MEMORY, "out of memory"));
    {
        const fsbi_posterior_origin origin = {yaml.characters, data.characters, FSBI_BUILD};
        if (fsbi_posterior_file_is_begun(options->output, &origin))
            fprintf(report, "%s: going on where it stopped\n", options->output);
        else
            FSBI_TRY_DONE(fsbi_posterior_file_create(options->output, plan, &origin, error));
    }
done:
    fsbi_text_clear(&yaml);
    fsbi_text_clear(&data);
    return status;
}

static fsbi_status fit_file(MPI_Comm comm, const fsbi_fit_options *options,
                            const fsbi_config_inference *settings, const fsbi_data_table *table,
                            FILE *report, fsbi_error *error) {
    const bool first_rank = fsbi_cluster_rank(comm) == 0;
    fsbi_posterior_plan plan = {0};
    int64_t file = 0;
    fsbi_status status = share_plan(comm, settings, table, &plan, error);
    if (status == FSBI_OK && first_rank)
        status = provide_file(options, settings, table, &plan, report, error);
    status = fsbi_cluster_agree(comm, status, error);
    if (status == FSBI_OK) {
        status = fsbi_new_file_open(options->output, comm, &file, error);
        status = fsbi_cluster_agree(comm, status, error);
        fsbi_fit fit = {.comm = comm,
                        .report = report,
                        .what = options->output,
                        .settings = settings,
                        .seed = (uint64_t)options->seed,
                        .train = FSBI_PURPOSE_TRAIN,
                        .split = FSBI_PURPOSE_SPLIT,
                        .place = fsbi_posterior_file_place(file)};
        if (status == FSBI_OK)
            status = fit_posterior(&fit, options->initial, &table->rows, &plan, error);
        fsbi_status closed =
            fsbi_new_file_close(options->output, file, status == FSBI_OK ? error : NULL);
        status = fsbi_cluster_agree(comm, status == FSBI_OK ? closed : status, error);
        if (status == FSBI_OK && first_rank)
            status = fsbi_new_file_finish(options->output, error);
        if (status != FSBI_OK && status != FSBI_UNFINISHED && first_rank)
            fsbi_new_file_abandon(options->output);
    }
    fsbi_posterior_plan_clear(&plan);
    return fsbi_cluster_agree(comm, status, error);
}

fsbi_status fsbi_command_fit(MPI_Comm comm, const fsbi_fit_options *options, FILE *report,
                             fsbi_error *error) {
    fsbi_config_inference settings = {0};
    fsbi_data_table table = {0};
    fsbi_lock_file lock = {.descriptor = -1};
    fsbi_status status = read_settings(comm, options, &settings, error);
    if (status == FSBI_OK)
        status = fsbi_output_lock_take(comm, options->output, &lock, report, error);
    if (status == FSBI_OK)
        status = fsbi_posterior_query_check_output(comm, options->data.path, options->output,
                                                   options->force_new, error);
    if (status == FSBI_OK && fsbi_cluster_rank(comm) == 0) {
        status = fsbi_data_table_read(&options->data, &table, error);
        if (status == FSBI_OK)
            status = check_rows(options, &settings, &table, report, error);
    }
    status = fsbi_cluster_agree(comm, status, error);
    if (status == FSBI_OK)
        status = fit_file(comm, options, &settings, &table, report, error);
    fsbi_data_table_clear(&table);
    fsbi_lock_file_release(&lock);
    return status;
}
