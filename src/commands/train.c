/* `train`: what can be trained with the simulations that there are. */
#include "campaign/campaign.h"
#include "commands/options.h"

static fsbi_status run(const fsbi_arguments *a, FILE *report, fsbi_error *error) {
    const fsbi_setup_source source = fsbi_arguments_source(a);
    const fsbi_run_options options = {FSBI_RUN_TRAIN, a->force_new};
    return fsbi_campaign_run(MPI_COMM_WORLD, &source, &options, report, error);
}

static const struct argp_option options[] = {FSBI_OPTION_SET, FSBI_OPTION_STOP_AFTER, {0}};

const fsbi_command fsbi_command_train = {
    .name = "train",
    .files_doc = "CONFIG.yaml",
    .doc = "Trains what can be trained with the simulations that the campaign file has; "
           "'propose' does this too.",
    .options = options,
    .files = 1,
    .stops = true,
    .run = run};
