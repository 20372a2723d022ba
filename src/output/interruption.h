/** What the steps of a campaign say when they are asked to end. */
#ifndef FSBI_OUTPUT_INTERRUPTION_H
#define FSBI_OUTPUT_INTERRUPTION_H

#include "fsbi/error.h"

/** FSBI_UNFINISHED, why, and how to go on. */
fsbi_status fsbi_interruption_error(fsbi_error *error);

/** The same if there is a request to end, otherwise FSBI_OK. */
fsbi_status fsbi_interruption_check(fsbi_error *error);

#endif
