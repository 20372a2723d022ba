/* `propose`: a campaign up to its next simulations. */
#include "campaign/campaign.h"
#include "commands/options.h"

static fsbi_status run(const fsbi_arguments *a, FILE *report, fsbi_error *error) {
    const fsbi_setup_source source = fsbi_arguments_source(a);
    const fsbi_run_options options = {FSBI_RUN_PROPOSE, a->force_new};
    return fsbi_campaign_run(MPI_COMM_WORLD, &source, &options, report, error);
}

static const struct argp_option options[] = {
    FSBI_OPTION_SET, FSBI_OPTION_STOP_AFTER, FSBI_OPTION_START_OVER, {0}};

const fsbi_command fsbi_command_propose = {
    .name = "propose",
    .files_doc = "CONFIG.yaml",
    .doc = "Does all steps of a campaign up to the next simulations, whose rules it draws and "
           "puts into the campaign file: for rounds that are simulated in shards. Begins the "
           "campaign file if there is none.",
    .options = options,
    .files = 1,
    .stops = true,
    .run = run};
