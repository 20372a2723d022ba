/** What the commands about posteriors do. All are collective over `comm` and use all its ranks;
 * what they print goes to `report`, on rank 0. */
#ifndef FSBI_COMMANDS_POSTERIOR_COMMANDS_H
#define FSBI_COMMANDS_POSTERIOR_COMMANDS_H

#include <mpi.h>
#include <stdbool.h>
#include <stdio.h>

#include "commands/data_table.h"

/** `fit`: trains a posterior on a table and checks it. */
typedef struct {
    fsbi_data_source data;
    const char *output;
    const char *config;           /**< YAML file with a part `inference`; NULL: none */
    const char *const *overrides; /**< inference.KEY=VALUE each */
    size_t override_count;
    const char *initial; /**< posterior whose networks members start from; NULL: none */
    long seed;
    bool force_new; /**< replace an existing output */
} fsbi_fit_options;

fsbi_status fsbi_command_fit(MPI_Comm comm, const fsbi_fit_options *options, FILE *report,
                             fsbi_error *error);

/** The posterior that a command is about, and the x that it is asked at. */
typedef struct {
    const char *posterior; /**< its file, or a campaign */
    long round;            /**< of a campaign; negative: its last posterior */
    const char *x;         /**< V1,V2,...; NULL: ranges */
    const char *x_ranges[FSBI_DATA_MOST_CONDITIONS]; /**< NAME=LOW:HIGH each */
    size_t x_range_count;
} fsbi_posterior_query_options;

/** `sample`: samples within the bounds at one x, or each at an x uniform within ranges. */
typedef struct {
    fsbi_posterior_query_options question;
    const char *output;
    size_t count;
    size_t max_candidates;
    long seed;
    bool force_new;
} fsbi_sample_options;

fsbi_status fsbi_command_sample(MPI_Comm comm, const fsbi_sample_options *options, FILE *report,
                                fsbi_error *error);

/** `log-prob`: log q(theta | x) of the rows of a table. */
typedef struct {
    fsbi_posterior_query_options question; /**< x is not used */
    fsbi_data_source data;
    const char *output;
    bool force_new;
} fsbi_log_prob_options;

fsbi_status fsbi_command_log_prob(MPI_Comm comm, const fsbi_log_prob_options *options, FILE *report,
                                  fsbi_error *error);

/** `mode`: the most probable theta at one x, and conditional correlations there or at another
 * theta.
 */
typedef struct {
    fsbi_posterior_query_options question;
    const char *at;     /**< theta of the correlations, V1,V2,...; NULL: the mode */
    const char *output; /**< NULL: print only */
    bool correlations;
    size_t starts; /**< climbs from so many of the best of 1000 samples */
    size_t max_candidates;
    long seed;
    bool force_new;
} fsbi_mode_options;

fsbi_status fsbi_command_mode(MPI_Comm comm, const fsbi_mode_options *options, FILE *report,
                              fsbi_error *error);

#endif
