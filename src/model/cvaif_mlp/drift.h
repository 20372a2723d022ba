/** What is known of an MLP rule in closed form: how fast a weight drifts at stated weights, rates,
 * voltages and currents. Equations: README.md beside this file. */
#ifndef FSBI_MODEL_CVAIF_MLP_DRIFT_H
#define FSBI_MODEL_CVAIF_MLP_DRIFT_H

#include "model/cvaif_mlp/network.h"

/** Declares the features. */
fsbi_status cvaif_mlp_declare_features(fsbi_model *model, fsbi_error *error);

/** Computes them; `settings` is a cvaif_mlp_settings. */
void cvaif_mlp_features(const void *settings, const double *theta, double *features);

#endif
