/** What a campaign's rounds cost. */
#ifndef FSBI_REPORT_COSTS_H
#define FSBI_REPORT_COSTS_H

#include "report/results.h"

/**
 * Prints a column for each round: core time of its simulations, of ranks that waited for the last
 * of them, of drawing its rules and of training; and what each of its rules that meet the round's
 * `keep` cost, all that together.
 */
fsbi_status fsbi_costs_print(const fsbi_campaign_results *results, FILE *report, fsbi_error *error);

#endif
