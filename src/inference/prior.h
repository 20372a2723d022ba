/** The box prior: every parameter uniform within its bounds, independently. */
#ifndef FSBI_INFERENCE_PRIOR_H
#define FSBI_INFERENCE_PRIOR_H

#include "fsbi/model.h"

/** Draws a theta (parameter_count numbers) from the box of a model's parameters. */
void fsbi_prior_draw(const fsbi_parameter *parameters, size_t parameter_count, gsl_rng *stream,
                     double *theta);

#endif
