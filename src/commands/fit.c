/* `fit`: trains a posterior on a table and checks it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/cluster.h"
#include "commands/options.h"
#include "core/checksum.h"
#include "output/new_output.h"
#include "output/output_lock.h"
#include "setup/networks.h"
#include "store/posterior_file.h"

/* A fit under way; on rank 0 with the table. */
typedef struct {
    const fsbi_arguments *arguments;
    FILE *report;
    fsbi_config_inference settings;
    fsbi_data_table table;
    fsbi_posterior_plan plan;
} fitting;

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
static fsbi_status parse_settings(const fsbi_arguments *a, const char *text,
                                  fsbi_config_inference *settings, fsbi_error *error) {
    fsbi_config_node *tree = NULL;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_config_node_parse(text != NULL ? text : "{}",
                                         text != NULL ? a->config : "settings", &tree, error));
    FSBI_TRY_DONE(fsbi_config_node_expect(tree, FSBI_NODE_MAPPING, error));
    for (size_t i = 0; i < a->override_count; i++)
        FSBI_TRY_DONE(set(tree, a->overrides[i], error));
    FSBI_TRY_DONE(fsbi_config_read_inference(tree, settings, error));
done:
    fsbi_config_node_free(tree);
    return status;
}

static fsbi_status read_settings(const fsbi_arguments *a, fsbi_config_inference *settings,
                                 fsbi_error *error) {
    char *text = NULL;
    if (a->config != NULL)
        FSBI_TRY(fsbi_setup_share_file(MPI_COMM_WORLD, a->config, &text, error));
    const fsbi_status status = parse_settings(a, text, settings, error);
    free(text);
    return fsbi_cluster_agree(MPI_COMM_WORLD, status, error);
}

/* Which columns rows are left out for. */
static void print_left_out(const fsbi_data_table *table, FILE *report) {
    const size_t rows = table->rows.rows + table->rows.left_out;
    const char *separator = "";
    fprintf(report, "%zu rows more are left out: they hold NaN or infinity (",
            table->rows.left_out);
    for (size_t j = 0; j < table->theta_size + table->x_size; j++) {
        if (table->not_finite[j] == 0)
            continue;
        const char *name =
            j < table->theta_size ? table->theta_names[j] : table->x_names[j - table->theta_size];
        if (table->not_finite[j] == rows)
            fprintf(report, "%s%s: all", separator, name);
        else
            fprintf(report, "%s%s: %zu", separator, name, table->not_finite[j]);
        separator = ", ";
    }
    fprintf(report, ")\n");
}

/* Rank 0: whether the rows can be trained on. */
static fsbi_status check_rows(const fitting *f, fsbi_error *error) {
    const fsbi_data_table *table = &f->table;
    const fsbi_training_table *rows = &table->rows;
    const char *path = f->arguments->data.path;
    fprintf(f->report, "%s: %zu rows of %zu parameters and %zu metrics\n", path, rows->rows,
            table->theta_size, table->x_size);
    if (rows->left_out > 0)
        print_left_out(table, f->report);
    if (table->written < 1)
        fprintf(f->report,
                "note: only %.3g %% of its chunks were ever written, the other rows hold fill "
                "values\n",
                100 * table->written);
    if (table->outside > 0)
        fprintf(f->report, "note: %zu rows lie outside the prior's bounds\n", table->outside);
    if (table->theta_size > rows->rows + rows->left_out)
        fprintf(
            f->report,
            "note: there are more columns than rows; MATLAB, Julia and R write the dimensions of "
            "an array in reverse order\n");
    fflush(f->report);
    if (rows->rows < (size_t)f->settings.minimum_rows)
        return fsbi_error_set(error, FSBI_HOPELESS,
                              "'%s' has only %zu rows to train on (minimum_rows is %ld)%s", path,
                              rows->rows, f->settings.minimum_rows,
                              table->theta_size > rows->rows + rows->left_out
                                  ? ", and more columns than rows: MATLAB, Julia and R write the "
                                    "dimensions of an array in reverse order"
                                  : "");
    for (size_t j = 0; j < table->theta_size && f->settings.bounds == FSBI_BOUNDS_STRETCH; j++)
        if (!isfinite(table->low[j]) || !isfinite(table->high[j]))
            return fsbi_error_set(error, FSBI_BAD_INPUT,
                                  "--bounds stretch needs the prior's bounds, and '%s' has none "
                                  "for '%s': add datasets prior/low and prior/high",
                                  path, table->theta_names[j]);
    return FSBI_OK;
}

static fsbi_status read_table(fitting *f, fsbi_error *error) {
    FSBI_TRY(fsbi_data_table_read(&f->arguments->data, &f->table, error));
    return check_rows(f, error);
}

/* Rank 0's table, which is empty elsewhere, becomes the plan of all; the rows stay there. */
static fsbi_status share_plan(fitting *f, fsbi_error *error) {
    MPI_Comm comm = MPI_COMM_WORLD;
    const fsbi_data_table *table = &f->table;
    fsbi_posterior_plan *plan = &f->plan;
    size_t sizes[] = {table->theta_size, table->x_size};
    fsbi_cluster_broadcast(comm, sizes, sizeof sizes);
    FSBI_TRY(fsbi_cluster_agree(
        comm, fsbi_setup_plan_inference(&f->settings, sizes[0], sizes[1], plan, error), error));
    const struct {
        void *to;
        const void *from;
        size_t bytes;
    } parts[] = {{plan->theta_names, table->theta_names, sizes[0] * sizeof *plan->theta_names},
                 {plan->x_names, table->x_names, sizes[1] * sizeof *plan->x_names},
                 {plan->low, table->low, sizes[0] * sizeof *plan->low},
                 {plan->high, table->high, sizes[0] * sizeof *plan->high}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (parts[i].from != NULL)
            memcpy(parts[i].to, parts[i].from, parts[i].bytes);
        fsbi_cluster_broadcast(comm, parts[i].to, parts[i].bytes);
    }
    return FSBI_OK;
}

/* Trains and checks into the file that is open. */
static fsbi_status fill(void *context, fsbi_store_file file, fsbi_error *error) {
    fitting *f = context;
    const fsbi_arguments *a = f->arguments;
    const fsbi_posterior_query_options start = {.posterior = a->initial, .round = -1};
    fsbi_posterior posterior = {0};
    fsbi_posterior_query initial = {0};
    fsbi_fit fit = {.comm = MPI_COMM_WORLD,
                    .report = f->report,
                    .what = a->output,
                    .settings = &f->settings,
                    .seed = (uint64_t)a->seed,
                    .train = FSBI_PURPOSE_TRAIN,
                    .split = FSBI_PURPOSE_SPLIT,
                    .place = fsbi_posterior_file_place(file)};
    fsbi_status status = FSBI_OK;
    if (a->initial != NULL) {
        FSBI_TRY_DONE(fsbi_posterior_query_load(fit.comm, &start, false, &initial, error));
        if (!fsbi_fit_can_start_from(&f->plan, &initial.posterior))
            FSBI_TRY_DONE(fsbi_error_set(error, FSBI_BAD_INPUT,
                                         "--start-from %s: its networks have another shape, or are "
                                         "fewer, than those to be trained",
                                         a->initial));
        fit.initial = &initial.posterior;
    }
    FSBI_TRY_DONE(fsbi_fit_posterior(&fit, &f->table.rows, &f->plan, &posterior, error));
done:
    fsbi_posterior_query_clear(&initial);
    fsbi_posterior_clear(&posterior);
    return status;
}

/* What tells this fit's rows and seed from others'. */
static void describe_data(const fitting *f, fsbi_text *text) {
    const fsbi_training_table *rows = &f->table.rows;
    const fsbi_arguments *a = f->arguments;
    uint64_t sum = fsbi_checksum_add(FSBI_CHECKSUM_START, rows->theta,
                                     rows->rows * f->table.theta_size * sizeof(double));
    sum = fsbi_checksum_add(sum, rows->x, rows->rows * f->table.x_size * sizeof(double));
    fsbi_text_append(text, "%s: %zu rows, checksum %016llx; seed %ld%s%s", a->data.path, rows->rows,
                     (unsigned long long)sum, a->seed, a->initial != NULL ? "; starting from " : "",
                     a->initial != NULL ? a->initial : "");
}

/* Rank 0: makes the file, unless an earlier call was stopped in the middle of the same fit. */
static fsbi_status begin(void *context, const char *path, fsbi_error *error) {
    const fitting *f = context;
    fsbi_text yaml = {0};
    fsbi_text data = {0};
    fsbi_status status = FSBI_OK;
    fsbi_config_write_inference(&f->settings, &yaml);
    describe_data(f, &data);
    if (yaml.failed || data.failed)
        FSBI_TRY_DONE(fsbi_error_set(error, FSBI_NO_MEMORY, "out of memory"));
    const fsbi_posterior_origin origin = {yaml.characters, data.characters, FSBI_BUILD};
    if (fsbi_posterior_file_is_begun(path, &origin))
        fprintf(f->report, "%s: going on where it stopped\n", path);
    else
        FSBI_TRY_DONE(fsbi_posterior_file_begin(path, &f->plan, &origin, error));
done:
    fsbi_text_clear(&yaml);
    fsbi_text_clear(&data);
    return status;
}

static fsbi_status run(const fsbi_arguments *a, FILE *report, fsbi_error *error) {
    MPI_Comm comm = MPI_COMM_WORLD;
    fitting f = {.arguments = a, .report = report};
    const fsbi_new_output output = {.begin = begin, .fill = fill, .resumable = true, .context = &f};
    fsbi_lock_file lock = {.descriptor = -1};
    fsbi_status status = FSBI_OK;
    FSBI_TRY(read_settings(a, &f.settings, error));
    FSBI_TRY_DONE(fsbi_output_lock_take(comm, a->output, &lock, report, error));
    FSBI_TRY_DONE(fsbi_new_output_expect_other(comm, a->initial, a->output, error));
    FSBI_TRY_DONE(fsbi_new_output_expect_other(comm, a->config, a->output, error));
    FSBI_TRY_DONE(fsbi_new_output_check(comm, a->data.path, a->output, a->force_new, error));
    FSBI_TRY_DONE(fsbi_cluster_agree(
        comm, fsbi_cluster_rank(comm) == 0 ? read_table(&f, error) : FSBI_OK, error));
    FSBI_TRY_DONE(share_plan(&f, error));
    FSBI_TRY_DONE(fsbi_new_output_make(comm, a->output, &output, error));
done:
    fsbi_posterior_plan_clear(&f.plan);
    fsbi_data_table_clear(&f.table);
    fsbi_lock_file_release(&lock);
    return status;
}

static const char *complaint(const fsbi_arguments *a) {
    return a->output == NULL ? "--output FILE is needed" : NULL;
}

static const struct argp_option options[] = {
    {"output", 'o', "FILE", 0, "Posterior file to write", 0},
    {"seed", FSBI_ARG_SEED, "N", 0, "All random numbers follow from it (1)", 0},
    {"config", FSBI_ARG_CONFIG, "FILE", 0, "YAML file with a part 'inference'; options override it",
     0},
    {"start-from", FSBI_ARG_START_FROM, "POSTERIOR", 0,
     "Begin training with the weights of these networks", 0},
    FSBI_OPTION_STOP_AFTER,
    FSBI_OPTION_REPLACE,
    FSBI_OPTIONS_DATA,
    {"low-name", FSBI_ARG_LOW_NAME, "DATASET", 0,
     "Lower bounds of the prior (prior/low, if there is)", 2},
    {"high-name", FSBI_ARG_HIGH_NAME, "DATASET", 0,
     "Upper bounds of the prior (prior/high, if there is)", 2},
    {0}};

const fsbi_command fsbi_command_fit = {
    .name = "fit",
    .files_doc = "DATA.h5",
    .doc = "Trains a posterior of theta given x on the rows of DATA.h5, checks it on rows held "
           "out, and says how far it can be trusted. DATA.h5 has the datasets theta and x, and "
           "prior/low and prior/high if there are bounds; or it is a campaign file. Rows with "
           "NaN or infinity are left out. Under mpirun all ranks train.",
    .options = options,
    .files = 1,
    .stops = true,
    .settings = true,
    .complaint = complaint,
    .run = run};
