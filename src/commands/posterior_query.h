/** A posterior read from its file, and the x that it is asked at.  */
#ifndef FSBI_COMMANDS_POSTERIOR_QUERY_H
#define FSBI_COMMANDS_POSTERIOR_QUERY_H

#include <gsl/gsl_rng.h>
#include <mpi.h>
#include <stdbool.h>
#include <stdio.h>

#include "inference/posterior_plan.h"

enum { FSBI_QUERY_MOST_RANGES = 64 };

/** The posterior that a command is about, and the x that it is asked at, as they are typed. */
typedef struct {
    const char *posterior; /**< its file, or a campaign */
    long round;            /**< of a campaign; negative: its last posterior */
    const char *x;         /**< V1,V2,...; NULL: ranges */
    const char *x_ranges[FSBI_QUERY_MOST_RANGES]; /**< NAME=LOW:HIGH each */
    size_t x_range_count;
} fsbi_posterior_query_options;

typedef struct {
    fsbi_posterior_plan plan;
    fsbi_posterior posterior;
    double *x_low, *x_high; /**< x_size: equal where x is fixed */
} fsbi_posterior_query;

/** Reads the posterior (every rank does) and, if `needs_x`, the x; collective. Release with
 * fsbi_posterior_query_clear. */
fsbi_status fsbi_posterior_query_load(MPI_Comm comm, const fsbi_posterior_query_options *options,
                                      bool needs_x, fsbi_posterior_query *query, fsbi_error *error);
void fsbi_posterior_query_clear(fsbi_posterior_query *query);

/** Rank 0: says so if the x lies far from what the posterior was trained on. */
fsbi_status fsbi_posterior_query_note(const fsbi_posterior_query *query, FILE *report,
                                      fsbi_error *error);

/** Fills `rows` rows of x, each anew from its ranges. */
void fsbi_posterior_query_draw_x(const fsbi_posterior_query *query, size_t rows, gsl_rng *stream,
                                 double *x);

/** Reads `count` numbers from V1,V2,...; `option` and `names` are for the message. FSBI_BAD_INPUT.
 */
fsbi_status fsbi_posterior_query_read_numbers(const char *option, const char *text, size_t count,
                                              const fsbi_posterior_name *names, double *numbers,
                                              fsbi_error *error);

#endif
