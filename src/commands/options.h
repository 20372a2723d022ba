/** What the list of commands and their parsing share. Private to the program. */
#ifndef FSBI_COMMANDS_OPTIONS_H
#define FSBI_COMMANDS_OPTIONS_H

#include "commands/command_line.h"

/** Keys of options that have no letter; those of settings follow SETTING. */
enum {
    SET = 256,
    FORCE_NEW,
    THETA,
    SEED,
    CAMPAIGN_SEED,
    X,
    X_RANGE,
    ROUND,
    ROW,
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

/** Parsers (argp): of files and options; and with what else a command cannot do without. */
error_t fsbi_parse(int key, char *argument, struct argp_state *state);
error_t fsbi_parse_simulate(int key, char *argument, struct argp_state *state);
error_t fsbi_parse_shard(int key, char *argument, struct argp_state *state);
error_t fsbi_parse_with_output(int key, char *argument, struct argp_state *state);
error_t fsbi_parse_portray(int key, char *argument, struct argp_state *state);
error_t fsbi_parse_mode(int key, char *argument, struct argp_state *state);
error_t fsbi_parse_sample(int key, char *argument, struct argp_state *state);
error_t fsbi_parse_fit(int key, char *argument, struct argp_state *state);

#endif
