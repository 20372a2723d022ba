/**
 * What is known of a polynomial rule in closed form: at given rates of both populations, and
 * without correlations between them, a synapse is a random walk with drift and diffusion from its
 * spikes and traces, reflected at 0. Equations: README.md beside this file.
 */
#ifndef FSBI_MODEL_IF_POLY_RANDOM_WALK_H
#define FSBI_MODEL_IF_POLY_RANDOM_WALK_H

#include "model/if_poly/network.h"

/** Declares the features. */
fsbi_status if_poly_declare_features(fsbi_model *model, fsbi_error *error);

/** Computes them; `settings` is an if_poly_settings. */
void if_poly_features(const void *settings, const double *theta, double *features);

#endif
