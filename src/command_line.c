#include "command_line.h"

#include <errno.h>
#include <limits.h>
#include <mpi.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/text.h"

enum { EXIT_BAD_INPUT = 2 };

/* Keys of options that have no letter; those of settings follow SETTING. */
enum {
    SET = 256,
    FORCE_NEW,
    THETA,
    SEED,
    CAMPAIGN_SEED,
    X,
    X_RANGE,
    ROUND,
    MAX_CANDIDATES,
    CONFIG,
    START_FROM,
    THETA_NAME,
    X_NAME,
    LOW_NAME,
    HIGH_NAME,
    METRICS,
    KEEP,
    STARTS,
    CORRELATIONS,
    AT,
    SHARD,
    EXIT_CODE,
    STOP_AFTER,
    SETTING
};

void fsbi_command_leave(bool aloud) {
    enum { PATIENCE = 10 };
    if (!aloud)
        sleep(PATIENCE);
    exit(EXIT_BAD_INPUT);
}

/* Says what is wrong with the command line, with the way to help, and exits. */
static void refuse(struct argp_state *state, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void refuse(struct argp_state *state, const char *format, ...) {
    char message[2 * FSBI_OVERRIDE_TEXT];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if ((state->flags & ARGP_NO_ERRS) != 0)
        fsbi_command_leave(false);
    argp_error(state, "%s", message);
}

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

static fsbi_data_source data_of(const fsbi_arguments *a, const char *path) {
    fsbi_data_source data = a->data;
    data.path = path;
    return data;
}

static fsbi_posterior_question question_of(const fsbi_arguments *a) {
    fsbi_posterior_question question = a->question;
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

/* Adds `key`=value of the configuration; of `key` NULL: a whole assignment. */
static void add_override(fsbi_arguments *a, const char *key, const char *value,
                         struct argp_state *state) {
    if (a->override_count == FSBI_MOST_OVERRIDES) {
        refuse(state, "more than %d settings on the command line", FSBI_MOST_OVERRIDES);
        return;
    }
    if (key != NULL) {
        char *text = a->override_text[a->override_count];
        if (snprintf(text, FSBI_OVERRIDE_TEXT, "%s=%s", key, value) >= FSBI_OVERRIDE_TEXT) {
            refuse(state, "the value of %s is too long", key);
            return;
        }
        value = text;
    }
    a->overrides[a->override_count++] = value;
}

static void read_whole(const char *option, const char *text, long least, long most, long *number,
                       struct argp_state *state) {
    char *end = NULL;
    errno = 0;
    *number = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || *number < least || *number > most)
        refuse(state, "%s %s: expected a whole number from %ld to %ld", option, text, least, most);
}

/* A time such as 90, 90s, 1.5m or 11h. */
static void read_time(const char *option, const char *text, double *seconds,
                      struct argp_state *state) {
    static const struct {
        const char *name;
        double seconds;
    } units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}};
    char *end = NULL;
    const double number = strtod(text, &end);
    const char *unit = end == text ? "?" : end;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        if (!(number > 0 && number < 1e9) || strcmp(unit, units[i].name) != 0)
            continue;
        *seconds = number * units[i].seconds;
        return;
    }
    refuse(state, "%s %s: expected a time such as 90, 90s, 15m or 11.5h", option, text);
}

/* A share such as 3/8. */
static void read_shard(const char *text, fsbi_arguments *a, struct argp_state *state) {
    enum { MOST = 1000000 };
    char *end = NULL;
    errno = 0;
    const long index = strtol(text, &end, 10);
    const bool first_read = end != text && *end == '/';
    const char *rest = first_read ? end + 1 : text;
    const long shards = first_read ? strtol(rest, &end, 10) : 0;
    if (errno != 0 || !first_read || end == rest || *end != '\0' || index < 0 || index >= shards ||
        shards > MOST) {
        refuse(state, "--shard %s: expected I/N as in 3/8, I from 0 to N - 1 and N at most %d",
               text, MOST);
        return;
    }
    a->shard = (size_t)index;
    a->shards = (size_t)shards;
}

/* Collects one more string. */
static void add_text(const char **list, size_t *count, char *text, struct argp_state *state) {
    if (*count == FSBI_DATA_MOST_CONDITIONS)
        refuse(state, "more than %d conditions", FSBI_DATA_MOST_CONDITIONS);
    else
        list[(*count)++] = text;
}

static void take_file(fsbi_arguments *a, char *file, struct argp_state *state) {
    if (a->file == NULL) {
        a->file = file;
    } else if (a->more_file_count == 0 && a->files > 1) {
        a->more_files = state->argv + state->next - 1;
        a->more_file_count = 1;
    } else if (a->many) {
        a->more_file_count++;
    } else {
        const char *names[32];
        size_t count = 0;
        for (const fsbi_command *c = fsbi_commands; c->name != NULL; c++)
            names[count++] = c->name;
        const char *nearest = fsbi_text_nearest(a->file, names, count);
        if (a->files == 1 && nearest != NULL)
            refuse(state, "there is no command '%s'; did you mean '%s'?", a->file, nearest);
        else
            refuse(state, "%s; '%s' is another one",
                   a->files == 1 ? "one file is enough" : "two files are enough", file);
    }
}

/* Options that give a string. */
static const char **text_option(fsbi_arguments *a, int key) {
    switch (key) {
    case THETA:
        return &a->thetas;
    case 'o':
        return &a->output;
    case X:
        return &a->question.x;
    case CONFIG:
        return &a->config;
    case START_FROM:
        return &a->initial;
    case THETA_NAME:
        return &a->data.theta;
    case X_NAME:
        return &a->data.x;
    case LOW_NAME:
        return &a->data.low;
    case HIGH_NAME:
        return &a->data.high;
    case METRICS:
        return &a->data.metrics;
    case AT:
        return &a->at;
    default:
        return NULL;
    }
}

/* Options that give a whole number. */
static bool number_option(fsbi_arguments *a, int key, const char *argument,
                          struct argp_state *state) {
    static const struct {
        int key;
        const char *name;
        long least, most;
    } options[] = {{SEED, "--seed", 0, LONG_MAX},
                   {'n', "-n", 1, 1000000000000},
                   {MAX_CANDIDATES, "--max-candidates", 1, 1000000000000},
                   {STARTS, "--starts", 1, 1000},
                   {ROUND, "--round", 0, 99}};
    long *const targets[] = {&a->seed, &a->count, &a->max_candidates, &a->starts,
                             &a->question.round};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (options[i].key != key)
            continue;
        read_whole(options[i].name, argument, options[i].least, options[i].most, targets[i], state);
        return true;
    }
    return false;
}

static error_t parse_option(int key, char *argument, struct argp_state *state) {
    fsbi_arguments *a = state->input;
    const char **text = text_option(a, key);
    if (text != NULL) {
        *text = argument;
        return 0;
    }
    if (argument != NULL && number_option(a, key, argument, state))
        return 0;
    if (argument != NULL && key == STOP_AFTER) {
        read_time("--stop-after", argument, &a->stop_after, state);
        return 0;
    }
    if (argument != NULL && key == SHARD) {
        read_shard(argument, a, state);
        return 0;
    }
    switch (key) {
    case EXIT_CODE:
        a->exit_code = true;
        return 0;
    case SET:
        add_override(a, NULL, argument, state);
        return 0;
    case CAMPAIGN_SEED:
        add_override(a, "campaign.seed", argument, state);
        return 0;
    case FORCE_NEW:
        a->force_new = true;
        return 0;
    case CORRELATIONS:
        a->correlations = true;
        return 0;
    case X_RANGE:
        add_text(a->question.x_ranges, &a->question.x_range_count, argument, state);
        return 0;
    case KEEP:
        add_text(a->data.conditions, &a->data.condition_count, argument, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse(int key, char *argument, struct argp_state *state) {
    fsbi_arguments *a = state->input;
    if (key == ARGP_KEY_ARG) {
        take_file(a, argument, state);
        return 0;
    }
    if (key == ARGP_KEY_END && (a->file == NULL || (a->files > 1 && a->more_file_count == 0)))
        refuse(state, a->file == NULL ? "the file is missing" : "the second file is missing");
    return parse_option(key, argument, state);
}

static error_t parse_simulate(int key, char *argument, struct argp_state *state) {
    const fsbi_arguments *a = state->input;
    if (key == ARGP_KEY_END && (a->thetas == NULL || a->output == NULL))
        refuse(state, "--theta THETAS and --output FILE are needed");
    return parse(key, argument, state);
}

static error_t parse_shard(int key, char *argument, struct argp_state *state) {
    const fsbi_arguments *a = state->input;
    if (key == ARGP_KEY_END && a->shards == 0)
        refuse(state, "--shard I/N is needed");
    return parse(key, argument, state);
}

static error_t parse_with_output(int key, char *argument, struct argp_state *state) {
    const fsbi_arguments *a = state->input;
    if (key == ARGP_KEY_END && a->output == NULL)
        refuse(state, "--output FILE is needed");
    return parse(key, argument, state);
}

static error_t parse_sample(int key, char *argument, struct argp_state *state) {
    const fsbi_arguments *a = state->input;
    if (key == ARGP_KEY_END && a->count == 0)
        refuse(state, "-n N, the number of samples, is needed");
    return parse_with_output(key, argument, state);
}

/* The options of `fit` that stand for keys of part `inference`; "batch_size" is --batch-size. */
static error_t parse_setting(int key, char *argument, struct argp_state *state) {
    const size_t index = (size_t)(key - SETTING);
    char name[FSBI_OVERRIDE_TEXT];
    if (key < SETTING || index >= fsbi_config_inference_keys.count)
        return ARGP_ERR_UNKNOWN;
    snprintf(name, sizeof name, "inference.%s", fsbi_config_inference_keys.keys[index].name);
    add_override(state->input, name, argument, state);
    return 0;
}

static error_t parse_fit(int key, char *argument, struct argp_state *state) {
    if (key == ARGP_KEY_INIT)
        state->child_inputs[0] = state->input;
    return parse_with_output(key, argument, state);
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
     .parser = {run_options, parse, "CONFIG.yaml",
                "Runs the campaign that CONFIG.yaml describes, or what is left of it if its output "
                "file exists already. On all cores of a machine: mpirun -n CORES+1 fsbi_mpi "
                "CONFIG.yaml (rank 0 only hands out work).",
                NULL, NULL, NULL},
     .files = 1,
     .stops = true,
     .run = run},
    {.name = "check",
     .parser =
         {check_options, parse, "CONFIG.yaml",
          "Checks a configuration and prints it with all defaults filled in, as YAML that can "
          "be fed back, and how much there is to do.",
          NULL, NULL, NULL},
     .files = 1,
     .alone = true,
     .once = true,
     .run = check},
    {.name = "status",
     .parser = {status_options, parse, "CAMPAIGN.h5",
                "Shows what a campaign file holds: rounds, simulations by status, shares of the "
                "groups of conditions, time spent, how far each posterior can be trusted. Works "
                "while the campaign runs.",
                NULL, NULL, NULL},
     .files = 1,
     .alone = true,
     .once = true,
     .run = status},
    {.name = "verify",
     .parser = {NULL, parse, "FILE.h5",
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
         {simulate_options, parse_simulate, "CONFIG.yaml",
          "Simulates given rules with the model of CONFIG.yaml, one row each, with or without "
          "mpirun.",
          NULL, NULL, NULL},
     .files = 1,
     .stops = true,
     .run = simulate},
    {.name = "propose",
     .parser = {run_options, parse, "CONFIG.yaml",
                "Does all steps of a campaign up to the next simulations, whose rules it draws and "
                "puts into the campaign file: for rounds that are simulated in shards. Begins the "
                "campaign file if there is none.",
                NULL, NULL, NULL},
     .files = 1,
     .stops = true,
     .run = propose},
    {.name = "simulate-round",
     .parser = {shard_options, parse_shard, "CONFIG.yaml",
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
     .parser = {check_options, parse, "CONFIG.yaml SHARD.h5...",
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
     .parser = {train_options, parse, "CONFIG.yaml",
                "Trains what can be trained with the simulations that the campaign file has; "
                "'propose' does this too.",
                NULL, NULL, NULL},
     .files = 1,
     .stops = true,
     .run = train},
    {.name = "metrics",
     .parser = {metrics_options, parse, "CAMPAIGN.h5",
                "Computes the metrics of the rows whose traces are stored (traces.store) anew and "
                "compares them with those in the campaign file, as after a change of the metrics. "
                "Under mpirun all ranks compute.",
                NULL, NULL, NULL},
     .files = 1,
     .run = metrics},
    {.name = "fit",
     .parser =
         {fit_options, parse_fit, "DATA.h5",
          "Trains a posterior of theta given x on the rows of DATA.h5, checks it on rows held "
          "out, and says how far it can be trusted. DATA.h5 has the datasets theta and x, and "
          "prior/low and prior/high if there are bounds; or it is a campaign file. Rows with "
          "NaN or infinity are left out. Under mpirun all ranks train.",
          NULL, NULL, NULL},
     .files = 1,
     .stops = true,
     .run = fit},
    {.name = "sample",
     .parser = {sample_options, parse_sample, "POSTERIOR.h5",
                "Draws samples within the prior's bounds from a posterior, that of a campaign file "
                "included, at one x or each at an x of its own.",
                NULL, NULL, NULL},
     .files = 1,
     .run = sample},
    {.name = "log-prob",
     .parser =
         {log_prob_options, parse_with_output, "POSTERIOR.h5 DATA.h5",
          "Computes the log-density log q(theta | x) of each row of DATA.h5 under a posterior, "
          "without correction for what lies outside the prior's bounds.",
          NULL, NULL, NULL},
     .files = 2,
     .run = log_prob},
    {.name = "mode",
     .parser = {mode_options, parse, "POSTERIOR.h5",
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

/* Settings that are about campaigns only. */
static bool is_of_campaigns(const char *name) {
    static const char *const names[] = {"warm_start", "max_candidates", "false_negatives"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

/* The settings as options, named as users write options; `names` is room for that. */
static void list_settings(struct argp_option *options, char (*names)[FSBI_CONFIG_NAME]) {
    size_t count = 0;
    for (size_t i = 0; i < fsbi_config_inference_keys.count; i++) {
        const fsbi_config_key *key = &fsbi_config_inference_keys.keys[i];
        if (is_of_campaigns(key->name))
            continue;
        snprintf(names[count], sizeof *names, "%s", key->name);
        for (char *c = names[count]; *c != '\0'; c++)
            *c = (char)(*c == '_' ? '-' : *c);
        options[count] = (struct argp_option){.name = names[count],
                                              .key = SETTING + (int)i,
                                              .arg = key->fallback,
                                              .doc = key->help,
                                              .group = 3};
        count++;
    }
}

void fsbi_command_parse(const fsbi_command *command, int argc, char **argv, bool aloud,
                        fsbi_arguments *arguments) {
    enum { MOST_SETTINGS = 64 };
    struct argp_option options[MOST_SETTINGS] = {{0}};
    char names[MOST_SETTINGS][FSBI_CONFIG_NAME];
    list_settings(options, names);
    const struct argp settings = {options, parse_setting, NULL, NULL, NULL, NULL, NULL};
    const struct argp_child children[] = {
        {&settings, 0,
         "Settings, those of part 'inference' of a configuration (with defaults):", 3},
        {0}};
    struct argp parser = command->parser;
    if (command->run == fit)
        parser.children = children;
    arguments->files = command->files;
    arguments->many = command->many;
    arguments->seed = 1;
    arguments->max_candidates = 100000;
    arguments->starts = 10;
    arguments->question.round = -1;
    argp_err_exit_status = EXIT_BAD_INPUT;
    if (argp_parse(&parser, argc, argv, aloud ? 0 : ARGP_SILENT, NULL, arguments) != 0)
        fsbi_command_leave(aloud);
}
