/* `run`: a campaign from where it stands to its end. */
#include "campaign/campaign.h"
#include "commands/options.h"

static fsbi_status run(const fsbi_arguments *a, FILE *report, fsbi_error *error) {
    const fsbi_setup_source source = fsbi_arguments_source(a);
    const fsbi_run_options options = {FSBI_RUN_ALL, a->force_new};
    return fsbi_campaign_run(MPI_COMM_WORLD, &source, &options, report, error);
}

static const struct argp_option options[] = {
    FSBI_OPTION_SET, FSBI_OPTION_STOP_AFTER, FSBI_OPTION_START_OVER, {0}};

const fsbi_command fsbi_command_run = {
    .name = "run",
    .files_doc = "CONFIG.yaml",
    .doc = "Runs the campaign that CONFIG.yaml describes, or what is left of it if its output "
           "file exists already. On all cores of a machine: mpirun -n CORES+1 fsbi_mpi "
           "CONFIG.yaml (rank 0 only hands out work).",
    .options = options,
    .files = 1,
    .stops = true,
    .run = run};
