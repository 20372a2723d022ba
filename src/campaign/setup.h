/** What a command starts from: the configuration file, the overrides, and the model and settings
 * they describe. */
#ifndef FSBI_CAMPAIGN_SETUP_H
#define FSBI_CAMPAIGN_SETUP_H

#include <mpi.h>

#include "config/config.h"
#include "fsbi/model.h"
#include "inference/estimator.h"

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
    fsbi_config *config;
    fsbi_text effective; /**< the effective configuration, YAML */
} fsbi_setup;

/**
 * Reads, overrides and checks; collective (rank 0 reads the file for all). Release with
 * fsbi_setup_clear. FSBI_BAD_INPUT with place and remedy.
 */
fsbi_status fsbi_setup_load(MPI_Comm comm, const fsbi_setup_source *source, fsbi_setup *setup,
                            fsbi_error *error);

/** The same from YAML text; `name` stands for the file in messages. */
fsbi_status fsbi_setup_parse(const char *text, const char *name, const char *const *overrides,
                             size_t override_count, fsbi_setup *setup, fsbi_error *error);

/**
 * Reads the tables of thetas that rounds propose from, so that a missing or wrong one is noticed
 * before anything starts; collective.
 */
fsbi_status fsbi_setup_check_tables(MPI_Comm comm, const fsbi_setup *setup, fsbi_error *error);

/** Writes `effective` anew after the configuration was changed. */
fsbi_status fsbi_setup_refresh(fsbi_setup *setup, fsbi_error *error);

/**
 * Replaces the rounds by one that runs `count` given rules, and the output by `output`: what the
 * command `simulate` does.
 */
fsbi_status fsbi_setup_use_table(fsbi_setup *setup, const char *table, size_t count,
                                 const char *output, fsbi_error *error);

/** The network shape of a posterior that trains on this filter's metrics. */
fsbi_estimator_shape fsbi_setup_estimator_shape(const fsbi_setup *setup, const fsbi_filter *infer);

void fsbi_setup_clear(fsbi_setup *setup);

#endif
