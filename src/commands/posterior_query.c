#include "commands/posterior_query.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/cluster.h"
#include "core/memory.h"
#include "core/text.h"
#include "fit/training_notes.h"
#include "store/posterior_file.h"

void fsbi_posterior_query_clear(fsbi_posterior_query *query) {
    fsbi_posterior_clear(&query->posterior);
    fsbi_posterior_plan_clear(&query->plan);
    free(query->x_low);
    free(query->x_high);
    *query = (fsbi_posterior_query){0};
}

/* One finite number, up to `end` (NULL: the end of the text). */
static bool read_number(const char *text, const char *end, double *number) {
    char *stop = NULL;
    *number = strtod(text, &stop);
    return stop != text && (end == NULL ? *stop == '\0' : stop == end) && isfinite(*number);
}

fsbi_status fsbi_posterior_query_read_numbers(const char *option, const char *text, size_t count,
                                              const fsbi_posterior_name *names, double *numbers,
                                              fsbi_error *error) {
    size_t read = 0;
    bool good = true;
    for (const char *at = text; at != NULL && good;) {
        const char *comma = strchr(at, ',');
        double number = 0;
        good = read_number(at, comma, &number);
        if (good && read < count)
            numbers[read] = number;
        read++;
        at = comma == NULL ? NULL : comma + 1;
    }
    if (good && read == count)
        return FSBI_OK;
    fsbi_text list = {0};
    for (size_t j = 0; j < count; j++)
        fsbi_text_append(&list, "%s%s", j > 0 ? "," : "", names[j]);
    fsbi_error_set(error, FSBI_BAD_INPUT, "%s %s: expected %zu finite numbers, for %s", option,
                   text, count, list.characters);
    fsbi_text_clear(&list);
    return FSBI_BAD_INPUT;
}

static fsbi_status unknown_name(const char *option, const char *given, size_t length,
                                const fsbi_posterior_plan *plan, fsbi_error *error) {
    fsbi_text list = {0};
    for (size_t j = 0; j < plan->specification.x_size; j++)
        fsbi_text_append(&list, "%s%s", j > 0 ? ", " : "", plan->x_names[j]);
    fsbi_error_set(error, FSBI_BAD_INPUT,
                   "%s %s: the posterior's x has no '%.*s'; it was trained on %s", option, given,
                   (int)length, given, list.characters);
    fsbi_text_clear(&list);
    return FSBI_BAD_INPUT;
}

/* NAME=LOW:HIGH */
static fsbi_status read_range(const char *range, fsbi_posterior_query *query, fsbi_error *error) {
    const fsbi_posterior_plan *plan = &query->plan;
    const char *equals = strchr(range, '=');
    const char *colon = equals == NULL ? NULL : strchr(equals, ':');
    double low = 0;
    double high = 0;
    if (colon == NULL || !read_number(equals + 1, colon, &low) ||
        !read_number(colon + 1, NULL, &high) || low > high)
        return fsbi_error_set(
            error, FSBI_BAD_INPUT,
            "--x-range %s: expected NAME=LOW:HIGH with finite numbers, LOW at most "
            "HIGH, as in --x-range rate=1:50",
            range);
    const size_t length = (size_t)(equals - range);
    size_t j = 0;
    while (j < plan->specification.x_size &&
           (strlen(plan->x_names[j]) != length || strncmp(plan->x_names[j], range, length) != 0))
        j++;
    if (j == plan->specification.x_size)
        return unknown_name("--x-range", range, length, plan, error);
    query->x_low[j] = low;
    query->x_high[j] = high;
    return FSBI_OK;
}

static fsbi_status read_x(const fsbi_posterior_query_options *options, fsbi_posterior_query *query,
                          fsbi_error *error) {
    const size_t x_size = query->plan.specification.x_size;
    if (x_size == 0)
        return options->x == NULL && options->x_range_count == 0
                   ? FSBI_OK
                   : fsbi_error_set(error, FSBI_BAD_INPUT,
                                    "the posterior has no x (infer: []): leave --x and --x-range "
                                    "out");
    if ((options->x == NULL) == (options->x_range_count == 0))
        return fsbi_error_set(
            error, FSBI_BAD_INPUT,
            "give the x either as --x V1,V2,... or by one --x-range NAME=LOW:HIGH "
            "for each of its metrics");
    if (options->x != NULL) {
        fsbi_status status = fsbi_posterior_query_read_numbers(
            "--x", options->x, x_size, query->plan.x_names, query->x_low, error);
        memcpy(query->x_high, query->x_low, x_size * sizeof *query->x_low);
        return status;
    }
    for (size_t j = 0; j < x_size; j++)
        query->x_low[j] = NAN;
    for (size_t i = 0; i < options->x_range_count; i++)
        FSBI_TRY(read_range(options->x_ranges[i], query, error));
    for (size_t j = 0; j < x_size; j++)
        if (isnan(query->x_low[j]))
            return fsbi_error_set(error, FSBI_BAD_INPUT,
                                  "the posterior was trained on '%s' too: --x-range %s=LOW:HIGH is "
                                  "missing",
                                  query->plan.x_names[j], query->plan.x_names[j]);
    return FSBI_OK;
}

static fsbi_status load(const fsbi_posterior_query_options *options, bool needs_x,
                        fsbi_posterior_query *query, fsbi_error *error) {
    FSBI_TRY(fsbi_posterior_file_load(options->posterior, options->round, &query->plan,
                                      &query->posterior, error));
    const size_t x_size = query->plan.specification.x_size;
    query->x_low = fsbi_memory_allocate(x_size, sizeof *query->x_low, error);
    query->x_high = fsbi_memory_allocate(x_size, sizeof *query->x_high, error);
    if (query->x_low == NULL || query->x_high == NULL)
        return FSBI_NO_MEMORY;
    return needs_x ? read_x(options, query, error) : FSBI_OK;
}

fsbi_status fsbi_posterior_query_load(MPI_Comm comm, const fsbi_posterior_query_options *options,
                                      bool needs_x, fsbi_posterior_query *query,
                                      fsbi_error *error) {
    *query = (fsbi_posterior_query){0};
    return fsbi_cluster_agree(comm, load(options, needs_x, query, error), error);
}

fsbi_status fsbi_posterior_query_note(const fsbi_posterior_query *query, FILE *report,
                                      fsbi_error *error) {
    const size_t x_size = query->plan.specification.x_size;
    fsbi_x_range *ranges = fsbi_memory_allocate(x_size, sizeof *ranges, error);
    fsbi_text text = {0};
    if (ranges == NULL)
        return FSBI_NO_MEMORY;
    for (size_t j = 0; j < x_size; j++)
        ranges[j] = (fsbi_x_range){query->plan.x_names[j], query->x_low[j], query->x_high[j]};
    const fsbi_status status = fsbi_training_notes_far(&query->posterior, ranges, &text, error);
    if (text.length > 0)
        fprintf(report, "%s", text.characters);
    fflush(report);
    fsbi_text_clear(&text);
    free(ranges);
    return status;
}

void fsbi_posterior_query_draw_x(const fsbi_posterior_query *query, size_t rows, gsl_rng *stream,
                                 double *x) {
    const size_t x_size = query->plan.specification.x_size;
    for (size_t row = 0; row < rows; row++)
        for (size_t j = 0; j < x_size; j++)
            x[row * x_size + j] = query->x_low[j] < query->x_high[j]
                                      ? gsl_ran_flat(stream, query->x_low[j], query->x_high[j])
                                      : query->x_low[j];
}
