/** What the steps of a campaign say when they are asked to end. */
#ifndef FSBI_CAMPAIGN_INTERRUPTED_H
#define FSBI_CAMPAIGN_INTERRUPTED_H

#include "fsbi/error.h"

/** FSBI_UNFINISHED, why, and how to go on. */
fsbi_status fsbi_campaign_interrupted(fsbi_error *error);

/** The same if there is a request to end, otherwise FSBI_OK. */
fsbi_status fsbi_campaign_check_interrupt(fsbi_error *error);

#endif
