/** The commands and their options, as they are typed. */
#ifndef FSBI_COMMANDS_COMMAND_LINE_H
#define FSBI_COMMANDS_COMMAND_LINE_H

#include <argp.h>
#include <stdbool.h>

#include "campaign/campaign.h"
#include "commands/posterior_commands.h"

enum { FSBI_MOST_OVERRIDES = 256, FSBI_OVERRIDE_TEXT = 1024 };

/** Everything that options of any command say. */
typedef struct {
    int files; /**< that the command wants */
    bool many; /**< or more */
    const char *file;
    char *const *more_files; /**< after it */
    size_t more_file_count;
    const char *overrides[FSBI_MOST_OVERRIDES]; /**< of --set, and of options that stand for it */
    size_t override_count;
    char override_text[FSBI_MOST_OVERRIDES][FSBI_OVERRIDE_TEXT];
    bool force_new;
    const char *thetas;
    const char *output;
    const char *config;
    const char *initial;
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
    fsbi_posterior_query_options question;
    fsbi_data_source data;
} fsbi_arguments;

typedef struct {
    const char *name;
    struct argp parser;
    int files;     /**< that must be named */
    bool many;     /**< more may be named */
    bool alone;    /**< every process is for itself, and MPI is not started */
    bool once;     /**< of several processes only the first does anything */
    bool stops;    /**< ends early when it is asked to, and goes on when it is called again */
    bool settings; /**< those of part `inference` are options of it */
    fsbi_status (*run)(const fsbi_arguments *arguments, fsbi_error *error);
} fsbi_command;

/** All commands, ended by one without a name. */
extern const fsbi_command fsbi_commands[];

/** The command of this name, or NULL. */
const fsbi_command *fsbi_command_find(const char *name);

/** Parses the options of a command, argv[0] being its name; speaks only if `aloud`. Exits for
 * --help and after an error. */
void fsbi_command_parse(const fsbi_command *command, int argc, char **argv, bool aloud,
                        fsbi_arguments *arguments);

/** Ends the program because its command line is wrong. A process that is not `aloud` waits for the
 * one that is: a launcher ends all as soon as one has failed, and the message must be out by then.
 */
void fsbi_command_leave(bool aloud) __attribute__((noreturn));

#endif
