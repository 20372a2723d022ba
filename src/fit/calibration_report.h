/** What a posterior's check means, in words. */
#ifndef FSBI_FIT_CALIBRATION_REPORT_H
#define FSBI_FIT_CALIBRATION_REPORT_H

#include "core/text.h"
#include "store/posterior_store.h"

/** Sentences for people: how wide its regions are, which parameter is biased, what it leaks, and
 * what could be done about it; each line begins with `indentation`. */
void fsbi_calibration_report_write(const fsbi_posterior_plan *plan,
                                   const fsbi_posterior_check *check, const char *indentation,
                                   fsbi_text *text);

#endif
