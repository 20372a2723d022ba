/** The tables that are shown after each round and by `status`. */
#ifndef FSBI_CAMPAIGN_TABLE_H
#define FSBI_CAMPAIGN_TABLE_H

#include <stdio.h>

#include "config/config.h"
#include "store/row.h"

/** What is known of the first `round_count` rounds; borrowed. */
typedef struct {
    const fsbi_config *config;
    const fsbi_row_shape *shape;
    void *const *rows; /**< of each round */
    size_t round_count;
} fsbi_campaign_results;

/** Prints one line a round: where its rules came from, its simulations by status, the time they
 * took. */
void fsbi_table_print_rounds(const fsbi_campaign_results *results, FILE *report);

/** Prints the share of finished simulations that meets each group of conditions, with its standard
 * error, round by round. */
void fsbi_table_print_shares(const fsbi_campaign_results *results, FILE *report);

#endif
