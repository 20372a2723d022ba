/** Running campaigns: all at once by the ranks of MPI, or in shards by single processes. What is
 * printed goes to `report`, on rank 0. */
#ifndef FSBI_CAMPAIGN_CAMPAIGN_H
#define FSBI_CAMPAIGN_CAMPAIGN_H

#include <stdbool.h>
#include <stdio.h>

#include "setup/setup.h"

/** How far a run goes. */
typedef enum {
    FSBI_RUN_ALL,    /**< through all rounds: `run` */
    FSBI_RUN_TRAIN,  /**< up to the first simulation that is missing: `train` */
    FSBI_RUN_PROPOSE /**< likewise, and gives the rows of its round their thetas: `propose` */
} fsbi_run_extent;

typedef struct {
    fsbi_run_extent extent;
    bool force_new; /**< an existing file is kept under another name */
} fsbi_run_options;

/** Carries out the rounds, or what is left of them in the file. */
fsbi_status fsbi_campaign_run(MPI_Comm comm, const fsbi_setup_source *source,
                              const fsbi_run_options *options, FILE *report, fsbi_error *error);

/** `simulate-round`: the share of a round's rows that one process runs, into a file of its own. */
typedef struct {
    size_t index, shards;
    long round;         /**< below 0: the first one in which rows of the share are missing */
    const char *output; /**< NULL: named after the campaign file, the round and the shard */
    bool force_new;
} fsbi_shard_options;

/** By one process, with or without MPI. */
fsbi_status fsbi_campaign_simulate_shard(const fsbi_setup_source *source,
                                         const fsbi_shard_options *options, FILE *report,
                                         fsbi_error *error);

/** `merge`: takes the finished rows of shards into the campaign file. FSBI_UNFINISHED, with the
 * shards that are to be run again, if rows of the round are missing then. By one process, with or
 * without MPI. */
fsbi_status fsbi_campaign_merge(const fsbi_setup_source *source, const char *const *shards,
                                size_t shard_count, FILE *report, fsbi_error *error);

/** `simulate`: given rules into a file of their own. */
typedef struct {
    const char *thetas; /**< table of thetas, see setup/theta_table.h */
    const char *output;
    bool force_new;
} fsbi_simulate_options;

fsbi_status fsbi_campaign_simulate_rules(MPI_Comm comm, const fsbi_setup_source *source,
                                         const fsbi_simulate_options *options, FILE *report,
                                         fsbi_error *error);

#endif
