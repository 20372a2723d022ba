/** How many equally weighted samples a weighted one is worth (Kish 1965). */
#ifndef FSBI_SEARCH_EFFECTIVE_SIZE_H
#define FSBI_SEARCH_EFFECTIVE_SIZE_H

#include <stddef.h>

/** (sum w)^2 / sum w^2 of the weights exp(power * log_weight); 0 if all are 0. */
double fsbi_effective_size(const double *log_weight, size_t count, double power);

/** log of the mean of exp(power * log_weight). */
double fsbi_log_mean_exp(const double *log_weight, size_t count, double power);

#endif
