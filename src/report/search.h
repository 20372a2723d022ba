/** What a search towards conditions found, in words. */
#ifndef FSBI_REPORT_SEARCH_H
#define FSBI_REPORT_SEARCH_H

#include "report/results.h"

/** For each round towards conditions, the share that was predicted beside the share found; then
 * what the weighted set of all rules found says. */
fsbi_status fsbi_search_print(const fsbi_campaign_results *results, FILE *report,
                              fsbi_error *error);

#endif
