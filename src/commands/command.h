/** What the user can ask for: every command is a const struct in a file of its own. */
#ifndef FSBI_COMMANDS_COMMAND_H
#define FSBI_COMMANDS_COMMAND_H

#include <argp.h>
#include <stdbool.h>
#include <stdio.h>

#include "commands/data_table.h"
#include "commands/posterior_query.h"
#include "setup/setup.h"

enum { FSBI_MOST_OVERRIDES = 256, FSBI_OVERRIDE_TEXT = 1024 };

struct fsbi_command;

/** Everything that options of any command say. */
typedef struct {
    const struct fsbi_command *command; /**< that they are for */
    const char *file;
    char *const *more_files; /**< after it */
    size_t more_file_count;
    const char *overrides[FSBI_MOST_OVERRIDES]; /**< of --set, and of options that stand for it */
    size_t override_count;
    char override_text[FSBI_MOST_OVERRIDES][FSBI_OVERRIDE_TEXT];
    bool force_new;
    const char *thetas;
    const char *output;
    const char *config;  /**< YAML file with a part `inference` */
    const char *initial; /**< posterior whose networks training starts from */
    long seed;
    long count;
    long max_candidates;
    long starts;
    double stop_after; /**< s; 0: not given */
    bool correlations;
    bool exit_code;
    size_t shard, shards; /**< of --shard */
    long row;
    const char *at;
    fsbi_posterior_query_options query;
    fsbi_data_source data;
} fsbi_arguments;

typedef struct fsbi_command {
    const char *name;                  /**< REQUIRED, as it is typed */
    const char *files_doc;             /**< REQUIRED: the files it takes, for its usage */
    const char *doc;                   /**< REQUIRED: what it does, for its help */
    const struct argp_option *options; /**< OPTIONAL */
    int files;                         /**< that must be named */
    bool many;                         /**< more may be named */
    bool alone;                        /**< every process is for itself, and MPI is not started */
    bool once;                         /**< of several processes only the first does anything */
    bool stops;    /**< ends early when it is asked to, and goes on when it is called again */
    bool settings; /**< those of part `inference` are options of it */

    /** OPTIONAL: what is wrong with the arguments when all have been read; NULL: nothing. */
    const char *(*complaint)(const fsbi_arguments *arguments);

    /** REQUIRED. Collective over MPI_COMM_WORLD unless `alone`; what it prints goes to `report`, on
     * rank 0. */
    fsbi_status (*run)(const fsbi_arguments *arguments, FILE *report, fsbi_error *error);
} fsbi_command;

extern const fsbi_command fsbi_command_run, fsbi_command_check, fsbi_command_status,
    fsbi_command_verify, fsbi_command_simulate, fsbi_command_propose, fsbi_command_simulate_round,
    fsbi_command_merge, fsbi_command_train, fsbi_command_metrics, fsbi_command_portray,
    fsbi_command_fit, fsbi_command_sample, fsbi_command_log_prob, fsbi_command_mode;

/** All commands, NULL-terminated; the first is what is meant where none is named. */
extern const fsbi_command *const fsbi_commands[];

/** The command of this name, or NULL. */
const fsbi_command *fsbi_command_find(const char *name);

/** Where the configuration that the arguments name comes from. */
fsbi_setup_source fsbi_arguments_source(const fsbi_arguments *arguments);

#endif
