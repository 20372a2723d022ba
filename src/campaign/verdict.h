/** What a posterior's check means, in words. */
#ifndef FSBI_CAMPAIGN_VERDICT_H
#define FSBI_CAMPAIGN_VERDICT_H

#include "core/text.h"
#include "store/posterior_store.h"

/** Of all ranks together. */
typedef struct {
    size_t reached;    /**< rows that the posterior could be checked on */
    double p_value;    /**< that the worst of so many columns comes about by chance, 0 .. 1 */
    size_t worst;      /**< the column it belongs to */
    double acceptance; /**< share of the posterior's samples within the bounds */
} fsbi_verdict;

fsbi_verdict fsbi_verdict_of(const fsbi_posterior_plan *plan, const fsbi_posterior_check *check);

/** One word for a table: "calibrated", "slightly off", "BADLY OFF", "not checked". */
const char *fsbi_verdict_word(const fsbi_verdict *verdict, const fsbi_posterior_check *check);

/** Sentences for people: how wide its regions are, which parameter is biased, what it leaks, and
 * what could be done about it; each line begins with `indentation`. */
void fsbi_verdict_explain(const fsbi_posterior_plan *plan, const fsbi_posterior_check *check,
                          const char *indentation, fsbi_text *text);

#endif
