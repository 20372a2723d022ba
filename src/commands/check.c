/* `check`: a configuration with all its defaults, and how much there is to do. */
#include "commands/options.h"
#include "core/target.h"
#include "setup/tables.h"

static fsbi_status print_size(const fsbi_setup *setup, FILE *report, fsbi_error *error) {
    double simulations = 0;
    double bytes = 0;
    for (size_t i = 0; i < setup->config->round_count; i++)
        simulations += (double)setup->config->rounds[i].simulations;
    fsbi_status status = fsbi_setup_file_bytes(setup, &bytes, error);
    fprintf(report, "# %zu rounds, %.0f simulations, about %.1f MB in %s\n",
            setup->config->round_count, simulations, bytes / 1e6, setup->config->campaign.output);
    return status;
}

static fsbi_status run(const fsbi_arguments *a, FILE *report, fsbi_error *error) {
    const fsbi_setup_source source = fsbi_arguments_source(a);
    char target[FSBI_TARGET_PATH];
    fsbi_setup setup;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_setup_load(MPI_COMM_NULL, &source, &setup, error));
    FSBI_TRY_DONE(fsbi_target_find(setup.config->campaign.output, target, error));
    FSBI_TRY_DONE(fsbi_tables_check(MPI_COMM_NULL, &setup, false, error));
    fprintf(report, "%s", setup.effective.characters);
    FSBI_TRY_DONE(print_size(&setup, report, error));
done:
    fsbi_setup_clear(&setup);
    return status;
}

static const struct argp_option options[] = {FSBI_OPTION_SET, {0}};

const fsbi_command fsbi_command_check = {
    .name = "check",
    .files_doc = "CONFIG.yaml",
    .doc = "Checks a configuration and prints it with all defaults filled in, as YAML that can "
           "be fed back, and how much there is to do.",
    .options = options,
    .files = 1,
    .alone = true,
    .once = true,
    .run = run};
