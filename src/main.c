/* The program: command line, MPI's start and stop; what the commands do is in commands/. */
#include <gsl/gsl_errno.h>
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/command_line.h"
#include "core/crash.h"
#include "core/interrupt.h"
#include "core/processor.h"
#include "core/standard_streams.h"
#include "fsbi/version.h"

/* 75: EX_TEMPFAIL of sysexits.h, "try again". */
enum { EXIT_BAD_INPUT = 2, EXIT_UNFINISHED = 75 };

/* s in which mpirun ends all ranks after the first one's crash. */
enum { OTHERS_DELAY = 3 };

static const char overview[] =
    "Usage: fsbi_mpi [run] CONFIG.yaml      run a campaign, or go on with it\n"
    "       fsbi_mpi check CONFIG.yaml      check a configuration, show all defaults\n"
    "       fsbi_mpi status CAMPAIGN.h5     show what a campaign file holds\n"
    "       fsbi_mpi verify FILE.h5         check that a file is whole\n"
    "       fsbi_mpi simulate CONFIG.yaml --theta THETAS --output OUT.h5\n"
    "                                       simulate given rules\n"
    "       fsbi_mpi propose CONFIG.yaml    a campaign in shards, step by step: draw rules,\n"
    "       fsbi_mpi simulate-round CONFIG.yaml --shard I/N\n"
    "       fsbi_mpi merge CONFIG.yaml SHARD.h5...\n"
    "       fsbi_mpi train CONFIG.yaml\n"
    "       fsbi_mpi metrics CAMPAIGN.h5    recompute metrics from stored traces\n"
    "       fsbi_mpi fit DATA.h5 -o POSTERIOR.h5\n"
    "                                       train a posterior on a table of theta and x\n"
    "       fsbi_mpi sample POSTERIOR.h5 --x V1,V2,... -n N -o OUT.h5\n"
    "                                       draw from a posterior, or from a campaign's\n"
    "       fsbi_mpi log-prob POSTERIOR.h5 DATA.h5 -o OUT.h5\n"
    "                                       log-densities of the rows of a table\n"
    "       fsbi_mpi mode POSTERIOR.h5 --x V1,V2,...\n"
    "                                       the most probable theta\n"
    "       fsbi_mpi COMMAND --help         all options of a command\n"
    "       fsbi_mpi --version\n"
    "\n"
    "Searches for synaptic plasticity rules by filter simulation-based inference. With several "
    "ranks, as in\n"
    "mpirun -n 9 fsbi_mpi CONFIG.yaml, rank 0 hands out the simulations and the others run them.\n"
    "\n"
    "Exit status: 0 done, 1 failed, 2 bad input (the message says what to mend), 75 not done "
    "yet: asked to\nend (SIGTERM, SIGINT, SIGUSR1, --stop-after; the same command goes on), or "
    "work is left "
    "(merge, status --exit-code).\n";

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

/* Parses the command line; only the first process speaks. Exits where there is nothing to run. */
static const fsbi_command *parse(int argc, char **argv, fsbi_arguments *a) {
    const bool first = is_first_process();
    if (!first && asks_for_text(argc, argv))
        exit(EXIT_SUCCESS);
    if (argc == 1 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-?") == 0) {
        if (first)
            fputs(overview, argc == 1 ? stderr : stdout);
        if (argc == 1)
            fsbi_command_line_leave(first);
        exit(EXIT_SUCCESS);
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("fsbi_mpi %s\n", FSBI_VERSION);
        exit(EXIT_SUCCESS);
    }
    const fsbi_command *chosen = fsbi_command_find(argv[1]);
    const int name = chosen == NULL ? 0 : 1;
    if (chosen == NULL)
        chosen = fsbi_commands[0];
    char title[64];
    snprintf(title, sizeof title, "fsbi_mpi %s", chosen->name);
    char *given_name = argv[name];
    argv[name] = title;
    fsbi_command_line_parse(chosen, argc - name, argv + name, first, a);
    argv[name] = given_name;
    return chosen;
}

/* On a node of another kind than the one that built the program it would crash without a word. */
static void check_processor(void) {
    const char *missing = fsbi_processor_lacks();
    if (missing == NULL)
        return;
    fprintf(stderr,
            "fsbi_mpi: this build needs a processor with %s: build on the oldest kind of node, or "
            "with cmake -DFSBI_NATIVE=OFF\n",
            missing);
    exit(EXIT_FAILURE);
}

int main(int argc, char **argv) {
    fsbi_standard_streams_guard(EXIT_FAILURE);
    check_processor();
    static fsbi_arguments a;
    const fsbi_command *chosen = parse(argc, argv, &a);
    fsbi_error error = {0};
    if (chosen->once && !is_first_process())
        return EXIT_SUCCESS;
    gsl_set_error_handler_off(); /* its failures are statuses here */
    /* Our own locks guard the file; HDF5's would fail on file systems without any. */
    setenv("HDF5_USE_FILE_LOCKING", "FALSE", 0);
    /* Shared file pointers, which nothing here uses: these two kinds of them leave semaphores and
     * locks behind when killed, over which the next run would wait for ever. */
    setenv("OMPI_MCA_sharedfp", "^sm,lockedfile", 0);
    if (!chosen->alone)
        MPI_Init(NULL, NULL);
    fsbi_crash_explain(EXIT_FAILURE, is_first_process() ? 0 : OTHERS_DELAY);
    if (chosen->stops)
        fsbi_interrupt_listen();
    if (a.stop_after > 0)
        fsbi_interrupt_after(a.stop_after);
    fsbi_status result = chosen->run(&a, stdout, &error);
    int rank = 0;
    if (!chosen->alone)
        MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    if (result != FSBI_OK && rank == 0)
        fprintf(stderr, "fsbi_mpi: %s\n", error.message);
    /* MPI ends HDF5, which crashes over a file that it could not close on a full disk: all is said.
     */
    if (result == FSBI_IO)
        fsbi_crash_words("");
    if (!chosen->alone)
        MPI_Finalize();
    switch (result) {
    case FSBI_OK:
        return EXIT_SUCCESS;
    case FSBI_BAD_INPUT:
        return EXIT_BAD_INPUT;
    case FSBI_UNFINISHED:
        return EXIT_UNFINISHED;
    default:
        return EXIT_FAILURE;
    }
}
