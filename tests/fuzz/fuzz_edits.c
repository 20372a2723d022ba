/* HDF5 files that are valid and wrong (fuzz/edit_file.h): the first byte chooses one of those of
 * seeds.sh, in the folder FUZZ_SEEDS or the present one, the others are edits of it. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "commands/command.h"
#include "commands/data_table.h"
#include "fsbi/random.h"
#include "fuzz/edit_file.h"
#include "fuzz/fuzz.h"
#include "store/imported_table.h"
#include "store/posterior_file.h"
#include "store/trace_file.h"

/* Of a posterior that loads: the files are of two parameters and two metrics. */
enum { MOST_X = 16, MOST_THETA = 16 };

static void expect_words(fsbi_status status, const fsbi_error *error) {
    if (status != FSBI_OK && error->message[0] == '\0')
        abort();
}

/* Draws from what could be loaded. */
static void sample(const fsbi_posterior *posterior) {
    enum { SAMPLES = 5, MOST_CANDIDATES = 50 };
    const double x[SAMPLES * MOST_X] = {0};
    double theta[SAMPLES * MOST_THETA];
    fsbi_posterior_workspace workspace = {0};
    fsbi_acceptance acceptance = {0};
    fsbi_error error = {0};
    gsl_rng *stream = fsbi_random_allocate(&error);
    if (posterior->specification.x_size > MOST_X ||
        posterior->specification.theta_size > MOST_THETA)
        abort();
    fsbi_status status = fsbi_posterior_workspace_init(&workspace, posterior, &error);
    if (status == FSBI_OK)
        status = fsbi_posterior_sample(
            &workspace,
            &(fsbi_posterior_draws){
                .x = x, .count = SAMPLES, .max_candidates = MOST_CANDIDATES, .theta = theta},
            stream, &acceptance, &error);
    expect_words(status, &error);
    fsbi_posterior_workspace_clear(&workspace);
    gsl_rng_free(stream);
}

static void read_posterior(const char *path) {
    fsbi_posterior_plan plan = {0};
    fsbi_posterior posterior = {0};
    fsbi_error error = {0};
    fsbi_status status = fsbi_posterior_file_load(path, -1, &plan, &posterior, &error);
    expect_words(status, &error);
    if (status == FSBI_OK)
        sample(&posterior);
    fsbi_posterior_clear(&posterior);
    fsbi_posterior_plan_clear(&plan);
}

static void read_table(const char *path) {
    const fsbi_data_source source = {.path = path};
    fsbi_data_table table = {0};
    fsbi_error error = {0};
    expect_words(fsbi_data_table_read(&source, &table, &error), &error);
    fsbi_data_table_clear(&table);
}

static fsbi_model *open_model(const char *settings) {
    fsbi_config_node *section = NULL;
    fsbi_model *model = NULL;
    fsbi_error error = {0};
    if (fsbi_config_node_parse(settings, "fuzz", &section, &error) != FSBI_OK ||
        fsbi_model_open(section, &model, &error) != FSBI_OK)
        abort();
    fsbi_config_node_free(section);
    return model;
}

static void read_import(const char *path) {
    fsbi_model *model = open_model("{name: two_moons}");
    fsbi_imported_table table;
    fsbi_error error = {0};
    expect_words(fsbi_imported_table_read(path, "/rounds/00/sims", model, &table, &error), &error);
    fsbi_imported_table_clear(&table);
    fsbi_model_close(model);
}

enum { MOST_METRICS = 64 };

static void read_traces(const char *path) {
    fsbi_model *model = open_model("{name: if_poly}");
    fsbi_trace_file file;
    fsbi_error error = {0};
    fsbi_status status = fsbi_trace_file_open(path, model, &file, &error);
    expect_words(status, &error);
    for (size_t i = 0; status == FSBI_OK && i < file.rows; i++) {
        fsbi_trace_data traces[FSBI_MODEL_MOST_TRACES];
        void *memory = NULL;
        double metrics[MOST_METRICS];
        const fsbi_status read = fsbi_trace_file_read(&file, model, i, traces, &memory, &error);
        expect_words(read, &error);
        if (read == FSBI_OK)
            (void)model->type->score(model->settings, traces, metrics, &error);
        free(memory);
    }
    fsbi_trace_file_close(&file);
    fsbi_model_close(model);
}

static void examine(const char *path) {
    fsbi_error error = {0};
    FILE *nowhere = fopen("/dev/null", "w");
    if (nowhere == NULL)
        abort();
    static fsbi_arguments arguments;
    arguments.file = path;
    expect_words(fsbi_command_verify.run(&arguments, nowhere, &error), &error);
    expect_words(fsbi_command_status.run(&arguments, nowhere, &error), &error);
    fclose(nowhere);
}

enum { SEEDS = 6, LARGEST_SEED = 1 << 20, MOST_EDITS = 8, MOST_READERS = 4 };

/* The files, and what each is read as. */
static const struct {
    const char *name;
    void (*readers[MOST_READERS])(const char *path);
} seeds[SEEDS] = {{"posterior.h5", {read_posterior, examine}},
                  {"moons.h5", {read_posterior, read_table, read_import, examine}},
                  {"table.h5", {read_table}},
                  {"shard.h5", {examine}},
                  {"network.h5", {read_import, examine}},
                  {"network.round00.traces.h5", {read_traces}}};

static void copy_seed(size_t which, char path[FUZZ_PATH]) {
    static uint8_t copy[SEEDS][LARGEST_SEED];
    static size_t length[SEEDS];
    if (length[which] == 0) {
        char from[512];
        const char *folder = getenv("FUZZ_SEEDS");
        snprintf(from, sizeof from, "%s/%s", folder == NULL ? "." : folder, seeds[which].name);
        FILE *stream = fopen(from, "rb");
        if (stream == NULL) {
            fprintf(stderr, "cannot read %s\n", from);
            abort();
        }
        length[which] = fread(copy[which], 1, LARGEST_SEED, stream);
        fclose(stream);
    }
    fuzz_file_make(copy[which], length[which], path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1 || size > 1 + 8 * MOST_EDITS)
        return 0;
    char path[FUZZ_PATH];
    const size_t which = data[0] % SEEDS;
    copy_seed(which, path);
    fuzz_edit_file(path, data + 1, size - 1);
    for (int k = 0; k < MOST_READERS && seeds[which].readers[k] != NULL; k++)
        seeds[which].readers[k](path);
    unlink(path);
    return 0;
}
