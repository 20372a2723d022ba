/** How far the networks of a round are. */
#ifndef FSBI_CAMPAIGN_TRAINED_H
#define FSBI_CAMPAIGN_TRAINED_H

#include "campaign/setup.h"
#include "store/campaign_file.h"

typedef struct {
    size_t members; /**< 0: the round has no such networks */
    size_t trained;
    bool checked; /**< the posterior's check, or the classifier's threshold, is there */
} fsbi_trained;

/** Looks into an open file; `kind`: "posterior" or "classifier". */
fsbi_status fsbi_trained_look(const fsbi_setup *setup, const fsbi_campaign_file *file, size_t round,
                              const char *kind, fsbi_trained *trained, fsbi_error *error);

/** Whether nothing is left to be done. */
bool fsbi_trained_completely(const fsbi_trained *trained);

#endif
