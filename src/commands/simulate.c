/* `simulate`: given rules into a file of their own. */
#include "campaign/campaign.h"
#include "commands/options.h"

static fsbi_status run(const fsbi_arguments *a, FILE *report, fsbi_error *error) {
    const fsbi_setup_source source = fsbi_arguments_source(a);
    const fsbi_simulate_options options = {a->thetas, a->output, a->force_new};
    return fsbi_campaign_simulate_rules(MPI_COMM_WORLD, &source, &options, report, error);
}

static const char *complaint(const fsbi_arguments *a) {
    return a->thetas == NULL || a->output == NULL ? "--theta THETAS and --output FILE are needed"
                                                  : NULL;
}

static const struct argp_option options[] = {
    {"theta", FSBI_ARG_THETA, "THETAS", 0,
     "Rules to simulate: a CSV file, one rule a line, with or without a header of parameter names; "
     "or FILE.h5, or FILE.h5:DATASET (by default 'theta')",
     0},
    {"output", 'o', "FILE", 0, "Campaign file to write", 0},
    {"seed", FSBI_ARG_CAMPAIGN_SEED, "N", 0, "Seed of the simulations, instead of campaign.seed",
     0},
    FSBI_OPTION_SET,
    FSBI_OPTION_STOP_AFTER,
    FSBI_OPTION_START_OVER,
    {0}};

const fsbi_command fsbi_command_simulate = {
    .name = "simulate",
    .files_doc = "CONFIG.yaml",
    .doc = "Simulates given rules with the model of CONFIG.yaml, one row each, with or without "
           "mpirun.",
    .options = options,
    .files = 1,
    .stops = true,
    .complaint = complaint,
    .run = run};
