/* `simulate-round`: a share of the simulations of a round, for a job array. */
#include "campaign/campaign.h"
#include "commands/options.h"

static fsbi_status run(const fsbi_arguments *a, FILE *report, fsbi_error *error) {
    const fsbi_setup_source source = fsbi_arguments_source(a);
    const fsbi_shard_options options = {.index = a->shard,
                                        .shards = a->shards,
                                        .round = a->query.round,
                                        .output = a->output,
                                        .force_new = a->force_new};
    return fsbi_campaign_simulate_shard(&source, &options, report, error);
}

static const char *complaint(const fsbi_arguments *a) {
    return a->shards == 0 ? "--shard I/N is needed" : NULL;
}

static const struct argp_option options[] = {
    {"shard", FSBI_ARG_SHARD, "I/N", 0,
     "Which of N equal shares of the round's rows, counted from 0", 0},
    {"round", FSBI_ARG_ROUND, "R", 0,
     "The round (the first in which rows of the share are missing)", 0},
    {"output", 'o', "FILE", 0, "File to write (NAME.roundRR.shardIIIofNNN.h5)", 0},
    FSBI_OPTION_SET,
    FSBI_OPTION_STOP_AFTER,
    FSBI_OPTION_START_OVER,
    {0}};

const fsbi_command fsbi_command_simulate_round = {
    .name = "simulate-round",
    .files_doc = "CONFIG.yaml",
    .doc = "Runs one share of a round's simulations, into a file of its own: for a job array, "
           "as in --shard $SLURM_ARRAY_TASK_ID/8. Only reads the campaign file, whose rules "
           "'propose' has drawn; needs no MPI, no other shard. The same command again goes on "
           "with what is missing.",
    .options = options,
    .files = 1,
    .alone = true,
    .stops = true,
    .complaint = complaint,
    .run = run};
