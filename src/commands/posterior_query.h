/** A posterior read from its file, and the x that it is asked at. Private to campaign/. */
#ifndef FSBI_COMMANDS_POSTERIOR_QUERY_H
#define FSBI_COMMANDS_POSTERIOR_QUERY_H

#include <gsl/gsl_rng.h>

#include "commands/posterior_commands.h"

typedef struct {
    fsbi_posterior_plan plan;
    fsbi_posterior posterior;
    double *x_low, *x_high; /**< x_size: equal where x is fixed */
} fsbi_posterior_query;

/** Reads the posterior (every rank does) and, if `needs_x`, the x; collective. Release with
 * fsbi_posterior_query_clear. */
fsbi_status fsbi_posterior_query_load(MPI_Comm comm, const fsbi_posterior_query_options *options,
                                      bool needs_x, fsbi_posterior_query *question,
                                      fsbi_error *error);
void fsbi_posterior_query_clear(fsbi_posterior_query *question);

/** Fills `rows` rows of x, each anew from its ranges. */
void fsbi_posterior_query_draw_x(const fsbi_posterior_query *question, size_t rows, gsl_rng *stream,
                                 double *x);

/** Collective: refuses an output that is the input, and one that is there, unless `force_new`. */
fsbi_status fsbi_posterior_query_check_output(MPI_Comm comm, const char *input, const char *output,
                                              bool force_new, fsbi_error *error);

/** Reads `count` numbers from V1,V2,...; `option` and `names` are for the message. FSBI_BAD_INPUT.
 */
fsbi_status fsbi_posterior_query_read_numbers(const char *option, const char *text, size_t count,
                                              char (*names)[FSBI_STORE_NAME], double *numbers,
                                              fsbi_error *error);

#endif
