/** The tables that are shown after each round and by `status`. */
#ifndef FSBI_REPORT_RESULTS_H
#define FSBI_REPORT_RESULTS_H

#include <stdbool.h>
#include <stdio.h>

#include "setup/setup.h"
#include "store/campaign_file.h"

/** What is known of the first `round_count` rounds; borrowed. */
typedef struct {
    const fsbi_setup *setup;
    const fsbi_row_shape *shape;
    void *const *rows; /**< of each round */
    size_t round_count;
    fsbi_campaign_file *file; /**< open for reading */
} fsbi_campaign_results;

/** Whether tables with a column for each round show this one: of many, the first and the last few.
 */
bool fsbi_results_shows(const fsbi_campaign_results *results, size_t round);

/**
 * Prints one line a round: where its rules came from, its simulations by status; then the share of
 * finished simulations that meets each group of conditions, with its standard error, round by
 * round; then what the rounds cost; then what a search towards conditions found; then, of each
 * posterior so far, what its check said and what its rules did.
 */
fsbi_status fsbi_results_print(const fsbi_campaign_results *results, FILE *report,
                               fsbi_error *error);

#endif
