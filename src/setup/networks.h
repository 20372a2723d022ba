/** What the networks of each kind that a campaign's rounds train are made for. */
#ifndef FSBI_SETUP_NETWORKS_H
#define FSBI_SETUP_NETWORKS_H

#include "setup/setup.h"
#include "store/campaign_file.h"

/** Whether a round has networks of this kind. */
bool fsbi_setup_has_networks(const fsbi_setup *setup, size_t round, fsbi_networks_kind kind);

/** FSBI_NO_MEMORY if the campaign trains networks and there is no room for what products of
 * matrices need: better now than after the simulations. */
fsbi_status fsbi_setup_prepare_networks(const fsbi_setup *setup, fsbi_error *error);

/** What these are made for; release with fsbi_posterior_plan_clear. */
fsbi_status fsbi_setup_plan_networks(const fsbi_setup *setup, size_t round, fsbi_networks_kind kind,
                                     fsbi_posterior_plan *plan, fsbi_error *error);

/** The settings of part `search` where training expects those of part `inference`. */
fsbi_config_inference fsbi_setup_emulator_training(const fsbi_config *config);

/** The part of such a plan that the settings decide on; sizes and names are for the caller. */
fsbi_status fsbi_setup_plan_inference(const fsbi_config_inference *inference, size_t theta_size,
                                      size_t x_size, fsbi_posterior_plan *plan, fsbi_error *error);

#endif
