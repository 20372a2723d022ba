/* The command line, MPI's start and stop; what the commands do is in campaign/. */
#include <argp.h>
#include <mpi.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "campaign/campaign.h"
#include "core/text.h"
#include "fsbi/version.h"

enum { EXIT_BAD_INPUT = 2, MOST_OVERRIDES = 256, SEED_TEXT = 64 };

/* Keys of options that have no letter. */
enum { OPTION_SET = 256, OPTION_FORCE_NEW, OPTION_THETA, OPTION_OUTPUT, OPTION_SEED };

typedef struct {
    const char *file;
    const char *overrides[MOST_OVERRIDES];
    size_t override_count;
    bool force_new;
    const char *thetas;
    const char *output;
    char seed[SEED_TEXT]; /* an override made of --seed */
} arguments;

typedef struct {
    const char *name;
    struct argp parser;
    fsbi_status (*run)(const arguments *arguments, fsbi_error *error);
} command;

static fsbi_setup_source source_of(const arguments *a) {
    return (fsbi_setup_source){a->file, a->overrides, a->override_count};
}

static fsbi_status run(const arguments *a, fsbi_error *error) {
    const fsbi_setup_source source = source_of(a);
    return fsbi_campaign_run(MPI_COMM_WORLD, &source, a->force_new, stdout, error);
}

static fsbi_status check(const arguments *a, fsbi_error *error) {
    const fsbi_setup_source source = source_of(a);
    return fsbi_campaign_check(MPI_COMM_WORLD, &source, stdout, error);
}

static fsbi_status status(const arguments *a, fsbi_error *error) {
    return fsbi_campaign_status(MPI_COMM_WORLD, a->file, stdout, error);
}

static fsbi_status simulate(const arguments *a, fsbi_error *error) {
    const fsbi_setup_source source = source_of(a);
    const fsbi_simulate_options options = {a->thetas, a->output, a->force_new};
    return fsbi_campaign_simulate_rules(MPI_COMM_WORLD, &source, &options, stdout, error);
}

static void add_override(arguments *a, const char *assignment, struct argp_state *state) {
    if (a->override_count == MOST_OVERRIDES)
        argp_error(state, "more than %d times --set", MOST_OVERRIDES);
    else
        a->overrides[a->override_count++] = assignment;
}

static void complain_about_second_file(const char *first, const char *second,
                                       struct argp_state *state) {
    static const char *const names[] = {"run", "check", "status", "simulate"};
    const char *nearest = fsbi_text_nearest(first, names, sizeof names / sizeof *names);
    if (nearest != NULL)
        argp_error(state, "there is no command '%s'; did you mean '%s'?", first, nearest);
    else
        argp_error(state, "one file is enough; '%s' is another one", second);
}

static error_t parse_option(int key, char *argument, struct argp_state *state) {
    arguments *a = state->input;
    switch (key) {
    case OPTION_SET:
        add_override(a, argument, state);
        return 0;
    case OPTION_SEED:
        snprintf(a->seed, sizeof a->seed, "campaign.seed=%s", argument);
        add_override(a, a->seed, state);
        return 0;
    case OPTION_FORCE_NEW:
        a->force_new = true;
        return 0;
    case OPTION_THETA:
        a->thetas = argument;
        return 0;
    case OPTION_OUTPUT:
        a->output = argument;
        return 0;
    case ARGP_KEY_ARG:
        if (a->file != NULL) {
            complain_about_second_file(a->file, argument, state);
            return EINVAL;
        }
        a->file = argument;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "the file is missing");
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse_simulate(int key, char *argument, struct argp_state *state) {
    const arguments *a = state->input;
    if (key == ARGP_KEY_END && (a->thetas == NULL || a->output == NULL)) {
        argp_error(state, "--theta THETAS and --output FILE are needed");
        return EINVAL;
    }
    return parse_option(key, argument, state);
}

static const char set_help[] = "Override a key of the configuration, as in --set model.ls=5 or "
                               "--set rounds.0.simulations=20; may be repeated";

static const struct argp_option run_options[] = {
    {"set", OPTION_SET, "PATH=VALUE", 0, set_help, 0},
    {"force-new", OPTION_FORCE_NEW, NULL, 0,
     "Start over although the output exists; the old file is kept under another name", 0},
    {0}};

static const struct argp_option check_options[] = {
    {"set", OPTION_SET, "PATH=VALUE", 0, set_help, 0}, {0}};

static const struct argp_option simulate_options[] = {
    {"theta", OPTION_THETA, "THETAS", 0,
     "Rules to simulate: a CSV file, one rule a line, with or without a header of parameter names; "
     "or FILE.h5, or "
     "FILE.h5:DATASET (by default 'theta')",
     0},
    {"output", OPTION_OUTPUT, "FILE", 0, "Campaign file to write", 0},
    {"seed", OPTION_SEED, "N", 0, "Seed of the simulations, instead of campaign.seed", 0},
    {"set", OPTION_SET, "PATH=VALUE", 0, set_help, 0},
    {"force-new", OPTION_FORCE_NEW, NULL, 0,
     "Start over although the output exists; the old file is kept under another name", 0},
    {0}};

static const command commands[] = {
    {"run",
     {run_options, parse_option, "CONFIG.yaml",
      "Runs the campaign that CONFIG.yaml describes, or what is left of it if its output file "
      "exists already. "
      "On all cores of a machine: mpirun -n CORES+1 fsbi_mpi CONFIG.yaml (rank 0 only hands out "
      "work).",
      NULL, NULL, NULL},
     run},
    {"check",
     {check_options, parse_option, "CONFIG.yaml",
      "Checks a configuration and prints it with all defaults filled in, as YAML that can be fed "
      "back, and how much "
      "there is to do.",
      NULL, NULL, NULL},
     check},
    {"status",
     {NULL, parse_option, "CAMPAIGN.h5",
      "Shows what a campaign file holds: rounds, simulations by status, shares of the groups of "
      "conditions, time "
      "spent. Works while the campaign runs.",
      NULL, NULL, NULL},
     status},
    {"simulate",
     {simulate_options, parse_simulate, "CONFIG.yaml",
      "Simulates given rules with the model of CONFIG.yaml, one row each, with or without mpirun.",
      NULL, NULL, NULL},
     simulate},
};

static const char overview[] =
    "Usage: fsbi_mpi [run] CONFIG.yaml      run a campaign, or go on with it\n"
    "       fsbi_mpi check CONFIG.yaml      check a configuration, show all defaults\n"
    "       fsbi_mpi status CAMPAIGN.h5     show what a campaign file holds\n"
    "       fsbi_mpi simulate CONFIG.yaml --theta THETAS --output OUT.h5\n"
    "                                       simulate given rules\n"
    "       fsbi_mpi COMMAND --help         all options of a command\n"
    "       fsbi_mpi --version\n"
    "\n"
    "Searches for synaptic plasticity rules by filter simulation-based inference. With several "
    "ranks, as in\n"
    "mpirun -n 9 fsbi_mpi CONFIG.yaml, rank 0 hands out the simulations and the others run them.\n"
    "\n"
    "Exit status: 0 done, 1 failed, 2 bad input (the message says what to mend).\n";

/* Before MPI starts, launchers tell a process its rank in the environment. */
static bool is_first_process(void) {
    static const char *const variables[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "SLURM_PROCID"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *rank = getenv(variables[i]);
        if (rank != NULL)
            return strcmp(rank, "0") == 0;
    }
    return true;
}

static bool asks_for_text(int argc, char **argv) {
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-?") == 0 ||
            strcmp(argv[i], "--usage") == 0 || strcmp(argv[i], "--version") == 0)
            return true;
    return false;
}

static const command *find_command(int *argc, char ***argv) {
    for (size_t i = 0; *argc > 1 && i < sizeof commands / sizeof *commands; i++) {
        if (strcmp((*argv)[1], commands[i].name) == 0) {
            (*argc)--;
            (*argv)++;
            return &commands[i];
        }
    }
    return &commands[0];
}

/* Parses the command line; only the first process speaks. Exits where there is nothing to run. */
static const command *parse(int argc, char **argv, arguments *a) {
    const bool first = is_first_process();
    if (!first && asks_for_text(argc, argv))
        exit(EXIT_SUCCESS);
    if (argc == 1 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-?") == 0) {
        if (first)
            fputs(overview, argc == 1 ? stderr : stdout);
        exit(argc == 1 ? EXIT_BAD_INPUT : EXIT_SUCCESS);
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("fsbi_mpi %s\n", FSBI_VERSION);
        exit(EXIT_SUCCESS);
    }
    const command *chosen = find_command(&argc, &argv);
    char title[SEED_TEXT];
    snprintf(title, sizeof title, "fsbi_mpi %s", chosen->name);
    char *given_name = argv[0];
    argv[0] = title;
    argp_err_exit_status = EXIT_BAD_INPUT;
    if (argp_parse(&chosen->parser, argc, argv, first ? 0 : ARGP_SILENT, NULL, a) != 0)
        exit(EXIT_BAD_INPUT);
    argv[0] = given_name;
    return chosen;
}

int main(int argc, char **argv) {
    arguments a = {0};
    const command *chosen = parse(argc, argv, &a);
    fsbi_error error = {0};
    MPI_Init(NULL, NULL);
    fsbi_status result = chosen->run(&a, &error);
    int rank = 0;
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (result != FSBI_OK && rank == 0)
        fprintf(stderr, "fsbi_mpi: %s\n", error.message);
    MPI_Finalize();
    if (result == FSBI_BAD_INPUT)
        return EXIT_BAD_INPUT;
    return result == FSBI_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
