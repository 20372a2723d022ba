/** Options that several commands have, and the keys of all. Private to commands/. */
#ifndef FSBI_COMMANDS_OPTIONS_H
#define FSBI_COMMANDS_OPTIONS_H

#include "commands/command.h"

/** Keys of options that have no letter; those of settings follow FSBI_ARG_SETTING. */
enum {
    FSBI_ARG_SET = 256,
    FSBI_ARG_FORCE_NEW,
    FSBI_ARG_THETA,
    FSBI_ARG_SEED,
    FSBI_ARG_CAMPAIGN_SEED,
    FSBI_ARG_X,
    FSBI_ARG_X_RANGE,
    FSBI_ARG_ROUND,
    FSBI_ARG_ROW,
    FSBI_ARG_MAX_CANDIDATES,
    FSBI_ARG_CONFIG,
    FSBI_ARG_START_FROM,
    FSBI_ARG_THETA_NAME,
    FSBI_ARG_X_NAME,
    FSBI_ARG_LOW_NAME,
    FSBI_ARG_HIGH_NAME,
    FSBI_ARG_METRICS,
    FSBI_ARG_KEEP,
    FSBI_ARG_STARTS,
    FSBI_ARG_CORRELATIONS,
    FSBI_ARG_AT,
    FSBI_ARG_SHARD,
    FSBI_ARG_EXIT_CODE,
    FSBI_ARG_STOP_AFTER,
    FSBI_ARG_SETTING
};

#define FSBI_OPTION_SET                                                                            \
    {                                                                                              \
        "set", FSBI_ARG_SET, "PATH=VALUE", 0,                                                      \
            "Override a key of the configuration, as in --set model.ls=5 or --set "                \
            "rounds.0.simulations=20; may be repeated",                                            \
            0                                                                                      \
    }

#define FSBI_OPTION_STOP_AFTER                                                                     \
    {                                                                                              \
        "stop-after", FSBI_ARG_STOP_AFTER, "TIME", 0,                                              \
            "End after this time, as in 90s, 15m or 11.5h, with exit status 75: the same command " \
            "goes "                                                                                \
            "on",                                                                                  \
            0                                                                                      \
    }

/** Of outputs that a run can go on with. */
#define FSBI_OPTION_START_OVER                                                                     \
    {                                                                                              \
        "force-new", FSBI_ARG_FORCE_NEW, NULL, 0,                                                  \
            "Start over although the output exists; the old file is kept under another name", 0    \
    }

/** Of other outputs. */
#define FSBI_OPTION_REPLACE                                                                        \
    { "force-new", FSBI_ARG_FORCE_NEW, NULL, 0, "Replace an existing output", 0 }

/** Which columns and rows of a table of theta and x. */
#define FSBI_OPTIONS_DATA                                                                          \
    {"theta-name", FSBI_ARG_THETA_NAME, "DATASET", 0, "Parameters, rows x columns (theta)", 2},    \
        {"x-name", FSBI_ARG_X_NAME, "DATASET", 0, "Metrics, rows x columns (x)", 2},               \
        {"metrics",                                                                                \
         FSBI_ARG_METRICS,                                                                         \
         "NAMES",                                                                                  \
         0,                                                                                        \
         "Of a campaign file: the metrics that are x, as in rate,cv_isi (by default those of its " \
         "last posterior)",                                                                        \
         2},                                                                                       \
    {                                                                                              \
        "keep", FSBI_ARG_KEEP, "METRIC=LOW:HIGH", 0,                                               \
            "Of a campaign file: only rows with this metric in this interval, or METRIC=top:0.1 "  \
            "(or bottom) for the best tenth of the others' rows; may be repeated",                 \
            2                                                                                      \
    }

/** What a posterior is asked at. */
#define FSBI_OPTIONS_QUERY                                                                         \
    {"x",                                                                                          \
     FSBI_ARG_X,                                                                                   \
     "V1,V2,...",                                                                                  \
     0,                                                                                            \
     "The x to ask at, in the order that the posterior was trained on",                            \
     0},                                                                                           \
    {                                                                                              \
        "round", FSBI_ARG_ROUND, "R", 0,                                                           \
            "Of a campaign file: that round's posterior (its last one)", 1                         \
    }

#endif
