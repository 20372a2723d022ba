#include "inference/prior.h"

#include <gsl/gsl_randist.h>

void fsbi_prior_draw(const fsbi_parameter *parameters, size_t parameter_count, gsl_rng *stream,
                     double *theta) {
    for (size_t i = 0; i < parameter_count; i++)
        theta[i] = gsl_ran_flat(stream, parameters[i].low, parameters[i].high);
}
