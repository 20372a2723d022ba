/* The commands: what each is called, takes and does. */
#include <mpi.h>
#include <string.h>

#include "commands/options.h"

static fsbi_setup_source source_of(const fsbi_arguments *a) {
    return (fsbi_setup_source){a->file, a->overrides, a->override_count};
}

static fsbi_status run_until(const fsbi_arguments *a, fsbi_run_extent extent, fsbi_error *error) {
    const fsbi_setup_source source = source_of(a);
    const fsbi_run_options options = {extent, a->force_new};
    return fsbi_campaign_run(MPI_COMM_WORLD, &source, &options, stdout, error);
}

static fsbi_status run(const fsbi_arguments *a, fsbi_error *error) {
    return run_until(a, FSBI_RUN_ALL, error);
}

static fsbi_status propose(const fsbi_arguments *a, fsbi_error *error) {
    return run_until(a, FSBI_RUN_PROPOSE, error);
}

static fsbi_status train(const fsbi_arguments *a, fsbi_error *error) {
    return run_until(a, FSBI_RUN_TRAIN, error);
}

static fsbi_status simulate_round(const fsbi_arguments *a, fsbi_error *error) {
    const fsbi_setup_source source = source_of(a);
    const fsbi_shard_options options = {.index = a->shard,
                                        .shards = a->shards,
                                        .round = a->question.round,
                                        .output = a->output,
                                        .force_new = a->force_new};
    return fsbi_campaign_simulate_shard(&source, &options, stdout, error);
}

static fsbi_status merge(const fsbi_arguments *a, fsbi_error *error) {
    const fsbi_setup_source source = source_of(a);
    return fsbi_campaign_merge(&source, (const char *const *)a->more_files, a->more_file_count,
                               stdout, error);
}

static fsbi_status check(const fsbi_arguments *a, fsbi_error *error) {
    const fsbi_setup_source source = source_of(a);
    return fsbi_campaign_check(MPI_COMM_NULL, &source, stdout, error);
}

static fsbi_status status(const fsbi_arguments *a, fsbi_error *error) {
    return fsbi_campaign_status(MPI_COMM_NULL, a->file, a->exit_code, stdout, error);
}

static fsbi_status verify(const fsbi_arguments *a, fsbi_error *error) {
    return fsbi_campaign_verify(MPI_COMM_NULL, a->file, stdout, error);
}

static fsbi_status simulate(const fsbi_arguments *a, fsbi_error *error) {
    const fsbi_setup_source source = source_of(a);
    const fsbi_simulate_options options = {a->thetas, a->output, a->force_new};
    return fsbi_campaign_simulate_rules(MPI_COMM_WORLD, &source, &options, stdout, error);
}

static fsbi_status metrics(const fsbi_arguments *a, fsbi_error *error) {
    const fsbi_metrics_options options = {a->file, a->output, a->overrides, a->override_count,
                                          a->force_new};
    return fsbi_campaign_metrics(MPI_COMM_WORLD, &options, stdout, error);
}

static fsbi_status portray(const fsbi_arguments *a, fsbi_error *error) {
    const fsbi_portray_options options = {a->file, a->output, a->question.round, a->row,
                                          a->force_new};
    return fsbi_campaign_portray(&options, stdout, error);
}

static fsbi_data_source data_of(const fsbi_arguments *a, const char *path) {
    fsbi_data_source data = a->data;
    data.path = path;
    return data;
}

static fsbi_posterior_query_options question_of(const fsbi_arguments *a) {
    fsbi_posterior_query_options question = a->question;
    question.posterior = a->file;
    return question;
}

static fsbi_status fit(const fsbi_arguments *a, fsbi_error *error) {
    const fsbi_fit_options options = {.data = data_of(a, a->file),
                                      .output = a->output,
                                      .config = a->config,
                                      .overrides = a->overrides,
                                      .override_count = a->override_count,
                                      .initial = a->initial,
                                      .seed = a->seed,
                                      .force_new = a->force_new};
    return fsbi_command_fit(MPI_COMM_WORLD, &options, stdout, error);
}

static fsbi_status sample(const fsbi_arguments *a, fsbi_error *error) {
    const fsbi_sample_options options = {.question = question_of(a),
                                         .output = a->output,
                                         .count = (size_t)a->count,
                                         .max_candidates = (size_t)a->max_candidates,
                                         .seed = a->seed,
                                         .force_new = a->force_new};
    return fsbi_command_sample(MPI_COMM_WORLD, &options, stdout, error);
}

static fsbi_status log_prob(const fsbi_arguments *a, fsbi_error *error) {
    const fsbi_log_prob_options options = {.question = question_of(a),
                                           .data = data_of(a, a->more_files[0]),
                                           .output = a->output,
                                           .force_new = a->force_new};
    return fsbi_command_log_prob(MPI_COMM_WORLD, &options, stdout, error);
}

static fsbi_status mode(const fsbi_arguments *a, fsbi_error *error) {
    const fsbi_mode_options options = {.question = question_of(a),
                                       .at = a->at,
                                       .output = a->output,
                                       .correlations = a->correlations,
                                       .starts = (size_t)a->starts,
                                       .max_candidates = (size_t)a->max_candidates,
                                       .seed = a->seed,
                                       .force_new = a->force_new};
    return fsbi_command_mode(MPI_COMM_WORLD, &options, stdout, error);
}

static const char set_help[] = "Override a key of the configuration, as in --set model.ls=5 or "
                               "--set rounds.0.simulations=20; may be repeated";
static const char force_help[] =
    "Start over although the output exists; the old file is kept under another name";

static const char stop_after_help[] =
    "End after this time, as in 90s, 15m or 11.5h, with exit status 75: the same command goes on";

static const struct argp_option run_options[] = {
    {"set", SET, "PATH=VALUE", 0, set_help, 0},
    {"stop-after", STOP_AFTER, "TIME", 0, stop_after_help, 0},
    {"force-new", FORCE_NEW, NULL, 0, force_help, 0},
    {0}};

static const struct argp_option shard_options[] = {
    {"shard", SHARD, "I/N", 0, "Which of N equal shares of the round's rows, counted from 0", 0},
    {"round", ROUND, "R", 0, "The round (the first in which rows of the share are missing)", 0},
    {"output", 'o', "FILE", 0, "File to write (NAME.roundRR.shardIIIofNNN.h5)", 0},
    {"set", SET, "PATH=VALUE", 0, set_help, 0},
    {"stop-after", STOP_AFTER, "TIME", 0, stop_after_help, 0},
    {"force-new", FORCE_NEW, NULL, 0, force_help, 0},
    {0}};

static const struct argp_option train_options[] = {
    {"set", SET, "PATH=VALUE", 0, set_help, 0},
    {"stop-after", STOP_AFTER, "TIME", 0, stop_after_help, 0},
    {0}};

static const struct argp_option status_options[] = {
    {"exit-code", EXIT_CODE, NULL, 0, "Exit with status 75 if there is work left in the campaign",
     0},
    {0}};

static const struct argp_option check_options[] = {{"set", SET, "PATH=VALUE", 0, set_help, 0}, {0}};

static const struct argp_option simulate_options[] = {
    {"theta", THETA, "THETAS", 0,
     "Rules to simulate: a CSV file, one rule a line, with or without a header of parameter names; "
     "or FILE.h5, or FILE.h5:DATASET (by default 'theta')",
     0},
    {"output", 'o', "FILE", 0, "Campaign file to write", 0},
    {"seed", CAMPAIGN_SEED, "N", 0, "Seed of the simulations, instead of campaign.seed", 0},
    {"set", SET, "PATH=VALUE", 0, set_help, 0},
    {"stop-after", STOP_AFTER, "TIME", 0, stop_after_help, 0},
    {"force-new", FORCE_NEW, NULL, 0, force_help, 0},
    {0}};

static const struct argp_option metrics_options[] = {
    {"output", 'o', "FILE", 0, "File to write: datasets theta and x, with names", 0},
    {"set", SET, "PATH=VALUE", 0, "Override a key of the campaign's model", 0},
    {"force-new", FORCE_NEW, NULL, 0, "Replace an existing output", 0},
    {0}};

static const struct argp_option portray_options[] = {
    {"round", ROUND, "R", 0, "The row's round, counted from 0", 0},
    {"row", ROW, "I", 0, "The row, counted from 0", 0},
    {"output", 'o', "FILE", 0, "File to write, for tools/fsbi-rule", 0},
    {"force-new", FORCE_NEW, NULL, 0, "Replace an existing output", 0},
    {0}};

#define DATA_OPTIONS                                                                               \
    {"theta-name", THETA_NAME, "DATASET", 0, "Parameters, rows x columns (theta)", 2},             \
        {"x-name", X_NAME, "DATASET", 0, "Metrics, rows x columns (x)", 2},                        \
        {"metrics",                                                                                \
         METRICS,                                                                                  \
         "NAMES",                                                                                  \
         0,                                                                                        \
         "Of a campaign file: the metrics that are x, as in rate,cv_isi (by default those of its " \
         "last posterior)",                                                                        \
         2},                                                                                       \
    {                                                                                              \
        "keep", KEEP, "METRIC=LOW:HIGH", 0,                                                        \
            "Of a campaign file: only rows with this metric in this interval, or METRIC=top:0.1 "  \
            "(or bottom) for the best tenth of the others' rows; may be repeated",                 \
            2                                                                                      \
    }

static const struct argp_option fit_options[] = {
    {"output", 'o', "FILE", 0, "Posterior file to write", 1},
    {"seed", SEED, "N", 0, "All random numbers follow from it (1)", 1},
    {"config", CONFIG, "FILE", 0, "YAML file with a part 'inference'; options override it", 1},
    {"start-from", START_FROM, "POSTERIOR", 0, "Begin training with the weights of these networks",
     1},
    {"stop-after", STOP_AFTER, "TIME", 0, stop_after_help, 1},
    {"force-new", FORCE_NEW, NULL, 0, "Replace an existing output", 1},
    DATA_OPTIONS,
    {"low-name", LOW_NAME, "DATASET", 0, "Lower bounds of the prior (prior/low, if there is)", 2},
    {"high-name", HIGH_NAME, "DATASET", 0, "Upper bounds of the prior (prior/high, if there is)",
     2},
    {0}};

#define QUESTION_OPTIONS                                                                           \
    {                                                                                              \
        "x", X, "V1,V2,...", 0, "The x to ask at, in the order that the posterior was trained on", \
        1},                                                                                        \
    {                                                                                              \
        "round", ROUND, "R", 0, "Of a campaign file: that round's posterior (its last one)", 1     \
    }

static const struct argp_option sample_options[] = {
    QUESTION_OPTIONS,
    {"x-range", X_RANGE, "NAME=LOW:HIGH", 0,
     "Instead: x uniform in these ranges, anew for every sample; one for each metric", 1},
    {NULL, 'n', "N", 0, "Number of samples", 1},
    {"output", 'o', "FILE", 0, "File to write: datasets theta (attribute acceptance) and x", 1},
    {"seed", SEED, "N", 0, "All random numbers follow from it (1)", 1},
    {"max-candidates", MAX_CANDIDATES, "N", 0,
     "Candidates outside the bounds in a row after which it gives up (100000)", 1},
    {"force-new", FORCE_NEW, NULL, 0, "Replace an existing output", 1},
    {0}};

static const struct argp_option log_prob_options[] = {
    {"output", 'o', "FILE", 0, "File to write: dataset log_prob", 1},
    {"round", ROUND, "R", 0, "Of a campaign file: that round's posterior (its last one)", 1},
    {"force-new", FORCE_NEW, NULL, 0, "Replace an existing output", 1},
    DATA_OPTIONS,
    {0}};

static const struct argp_option mode_options[] = {
    QUESTION_OPTIONS,
    {"correlations", CORRELATIONS, NULL, 0,
     "Also the correlation of each pair of parameters, the others being held fixed", 1},
    {"at", AT, "V1,V2,...", 0, "Rule to hold them fixed at (the mode)", 1},
    {"output", 'o', "FILE", 0, "File to write: datasets theta, log_prob, conditional_correlation",
     1},
    {"starts", STARTS, "N", 0, "Climbs, from the best of 1000 samples (10)", 1},
    {"seed", SEED, "N", 0, "All random numbers follow from it (1)", 1},
    {"force-new", FORCE_NEW, NULL, 0, "Replace an existing output", 1},
    {0}};

const fsbi_command fsbi_commands[] = {
    {.name = "run",
     .parser = {run_options, fsbi_parse, "CONFIG.yaml",
                "Runs the campaign that CONFIG.yaml describes, or what is left of it if its output "
                "file exists already. On all cores of a machine: mpirun -n CORES+1 fsbi_mpi "
                "CONFIG.yaml (rank 0 only hands out work).",
                NULL, NULL, NULL},
     .files = 1,
     .stops = true,
     .run = run},
    {.name = "check",
     .parser =
         {check_options, fsbi_parse, "CONFIG.yaml",
          "Checks a configuration and prints it with all defaults filled in, as YAML that can "
          "be fed back, and how much there is to do.",
          NULL, NULL, NULL},
     .files = 1,
     .alone = true,
     .once = true,
     .run = check},
    {.name = "status",
     .parser = {status_options, fsbi_parse, "CAMPAIGN.h5",
                "Shows what a campaign file holds: rounds, simulations by status, shares of the "
                "groups of conditions, time spent, how far each posterior can be trusted. Works "
                "while the campaign runs.",
                NULL, NULL, NULL},
     .files = 1,
     .alone = true,
     .once = true,
     .run = status},
    {.name = "verify",
     .parser = {NULL, fsbi_parse, "FILE.h5",
                "Reads a campaign or posterior file through, every row and every network, and says "
                "whether it is sound; where it is not, what to do. Exit status 0: sound, though "
                "perhaps unfinished; 1: not.",
                NULL, NULL, NULL},
     .files = 1,
     .alone = true,
     .once = true,
     .run = verify},
    {.name = "simulate",
     .parser =
         {simulate_options, fsbi_parse_simulate, "CONFIG.yaml",
          "Simulates given rules with the model of CONFIG.yaml, one row each, with or without "
          "mpirun.",
          NULL, NULL, NULL},
     .files = 1,
     .stops = true,
     .run = simulate},
    {.name = "propose",
     .parser = {run_options, fsbi_parse, "CONFIG.yaml",
                "Does all steps of a campaign up to the next simulations, whose rules it draws and "
                "puts into the campaign file: for rounds that are simulated in shards. Begins the "
                "campaign file if there is none.",
                NULL, NULL, NULL},
     .files = 1,
     .stops = true,
     .run = propose},
    {.name = "simulate-round",
     .parser = {shard_options, fsbi_parse_shard, "CONFIG.yaml",
                "Runs one share of a round's simulations, into a file of its own: for a job array, "
                "as in --shard $SLURM_ARRAY_TASK_ID/8. Only reads the campaign file, whose rules "
                "'propose' has drawn; needs no MPI, no other shard. The same command again goes on "
                "with what is missing.",
                NULL, NULL, NULL},
     .files = 1,
     .alone = true,
     .stops = true,
     .run = simulate_round},
    {.name = "merge",
     .parser = {check_options, fsbi_parse, "CONFIG.yaml SHARD.h5...",
                "Checks shards and takes their rows into the campaign file. If rows of the round "
                "are missing then, says which shards to run again and exits with status 75. "
                "Merging a shard twice does no harm.",
                NULL, NULL, NULL},
     .files = 2,
     .many = true,
     .alone = true,
     .once = true,
     .run = merge},
    {.name = "train",
     .parser = {train_options, fsbi_parse, "CONFIG.yaml",
                "Trains what can be trained with the simulations that the campaign file has; "
                "'propose' does this too.",
                NULL, NULL, NULL},
     .files = 1,
     .stops = true,
     .run = train},
    {.name = "metrics",
     .parser = {metrics_options, fsbi_parse, "CAMPAIGN.h5",
                "Computes the metrics of the rows whose traces are stored (traces.store) anew and "
                "compares them with those in the campaign file, as after a change of the metrics. "
                "Under mpirun all ranks compute.",
                NULL, NULL, NULL},
     .files = 1,
     .run = metrics},
    {.name = "portray",
     .parser =
         {portray_options, fsbi_parse_portray, "CAMPAIGN.h5",
          "Makes the pictures that a model has of a rule, as numbers: of spiking networks the "
          "rule's STDP windows, and raster, rates, intervals and weights from the row's "
          "stored traces, or from its simulation, which is run again. tools/fsbi-rule draws "
          "them.",
          NULL, NULL, NULL},
     .files = 1,
     .alone = true,
     .once = true,
     .run = portray},
    {.name = "fit",
     .parser =
         {fit_options, fsbi_parse_fit, "DATA.h5",
          "Trains a posterior of theta given x on the rows of DATA.h5, checks it on rows held "
          "out, and says how far it can be trusted. DATA.h5 has the datasets theta and x, and "
          "prior/low and prior/high if there are bounds; or it is a campaign file. Rows with "
          "NaN or infinity are left out. Under mpirun all ranks train.",
          NULL, NULL, NULL},
     .files = 1,
     .stops = true,
     .settings = true,
     .run = fit},
    {.name = "sample",
     .parser = {sample_options, fsbi_parse_sample, "POSTERIOR.h5",
                "Draws samples within the prior's bounds from a posterior, that of a campaign file "
                "included, at one x or each at an x of its own.",
                NULL, NULL, NULL},
     .files = 1,
     .run = sample},
    {.name = "log-prob",
     .parser =
         {log_prob_options, fsbi_parse_with_output, "POSTERIOR.h5 DATA.h5",
          "Computes the log-density log q(theta | x) of each row of DATA.h5 under a posterior, "
          "without correction for what lies outside the prior's bounds.",
          NULL, NULL, NULL},
     .files = 2,
     .run = log_prob},
    {.name = "mode",
     .parser = {mode_options, fsbi_parse_mode, "POSTERIOR.h5",
                "Finds the most probable theta at one x by climbing from the best of 1000 samples, "
                "and how parameters hang together there.",
                NULL, NULL, NULL},
     .files = 1,
     .run = mode},
    {0}};

const fsbi_command *fsbi_command_find(const char *name) {
    for (const fsbi_command *c = fsbi_commands; c->name != NULL; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}
