/** What a command starts from: the configuration file, the overrides, and the model and settings
 * they describe. */
#ifndef FSBI_SETUP_SETUP_H
#define FSBI_SETUP_SETUP_H

#include <mpi.h>

#include "config/config.h"
#include "fsbi/model.h"
#include "inference/posterior_plan.h"

/** Where a configuration comes from. */
typedef struct {
    const char *path;
    const char *const *overrides; /**< arguments of --set */
    size_t override_count;
} fsbi_setup_source;

typedef struct {
    char *config_text; /**< the file as read */
    fsbi_config_node *tree;
    fsbi_model *model;
    fsbi_model **round_models; /**< of rounds with settings of their own; NULL: `model` */
    fsbi_config *config;
    fsbi_text effective; /**< the effective configuration, YAML */
} fsbi_setup;

/**
 * Reads, overrides and checks; collective (rank 0 reads the file for all). Release with
 * fsbi_setup_clear. FSBI_BAD_INPUT with place and remedy.
 */
fsbi_status fsbi_setup_load(MPI_Comm comm, const fsbi_setup_source *source, fsbi_setup *setup,
                            fsbi_error *error);

/** Rank 0's text file for all, to be freed; collective. */
fsbi_status fsbi_setup_share_file(MPI_Comm comm, const char *path, char **text, fsbi_error *error);

/** As fsbi_setup_load, from YAML text; `name` stands for the file in messages. */
fsbi_status fsbi_setup_parse(const char *text, const char *name, const char *const *overrides,
                             size_t override_count, fsbi_setup *setup, fsbi_error *error);

/** Whether rows of the one model are rows of the other: same parameters, bounds and metrics. */
bool fsbi_setup_same_rows(const fsbi_model *a, const fsbi_model *b);

/** The model that the simulations of a round are run with. */
const fsbi_model *fsbi_setup_model_of(const fsbi_setup *setup, size_t round);

/** FSBI_BAD_INPUT if the configuration has no rounds. */
fsbi_status fsbi_setup_expect_rounds(const fsbi_setup *setup, fsbi_error *error);

/** Writes `effective` anew after the configuration was changed. */
fsbi_status fsbi_setup_refresh(fsbi_setup *setup, fsbi_error *error);

/**
 * Replaces the rounds by one that runs `count` given rules, and the output by `output`: what the
 * command `simulate` does.
 */
fsbi_status fsbi_setup_use_table(fsbi_setup *setup, const char *table, size_t count,
                                 const char *output, fsbi_error *error);

/** As fsbi_setup_parse, from the effective configuration that a campaign file, or a shard, keeps.
 */
fsbi_status fsbi_setup_of_campaign(const char *path, fsbi_setup *setup, fsbi_error *error);

/** Names and bounds (each NULL: not wanted) of the parameters that are inferred. */
void fsbi_setup_list_inferred(const fsbi_setup *setup, fsbi_posterior_name *names, double *low,
                              double *high);

void fsbi_setup_clear(fsbi_setup *setup);

/** The size that the campaign file will have, but for some kilobytes of its structure. */
fsbi_status fsbi_setup_file_bytes(const fsbi_setup *setup, double *bytes, fsbi_error *error);

#endif
