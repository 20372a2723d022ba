/** A round's classifier and posterior. */
#ifndef FSBI_STEPS_TRAIN_H
#define FSBI_STEPS_TRAIN_H

#include "steps/state.h"

/** Trains and checks the round's networks of a kind, but for what the file has already, and makes
 * them those that rules are drawn from; collective. */
fsbi_status fsbi_campaign_train(fsbi_campaign_state *state, size_t round, fsbi_networks_kind kind,
                                fsbi_error *error);

#endif
