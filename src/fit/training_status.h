/** How far the networks of a round are. */
#ifndef FSBI_FIT_TRAINING_STATUS_H
#define FSBI_FIT_TRAINING_STATUS_H

#include "setup/setup.h"
#include "store/campaign_file.h"

typedef struct {
    size_t members; /**< 0: the round has no such networks */
    size_t trained;
    bool checked; /**< the posterior's check, or the classifier's threshold, is there */
} fsbi_training_status;

/** Looks into an open file; what it has of these networks. */
fsbi_status fsbi_training_status_read(const fsbi_setup *setup, const fsbi_campaign_file *file,
                                      size_t round, fsbi_networks_kind kind,
                                      fsbi_training_status *trained, fsbi_error *error);

/** Whether nothing is left to be done. */
bool fsbi_training_status_is_complete(const fsbi_training_status *trained);

#endif
