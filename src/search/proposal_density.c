#include "search/proposal_density.h"

#include <math.h>

double fsbi_search_relative_density(const fsbi_search_levels *levels, double log_probability) {
    double density = 0;
    double rows = 0;
    for (size_t k = 0; k < levels->count; k++) {
        const fsbi_search_level *level = &levels->levels[k];
        density += level->rows * exp(level->sharpness * log_probability - level->log_normalisation);
        rows += level->rows;
    }
    return rows > 0 ? density / rows : 1;
}

fsbi_search_estimate fsbi_search_estimate_of(const double *weights, size_t count, size_t rows) {
    double sum = 0;
    double squares = 0;
    double most = 0;
    for (size_t i = 0; i < count; i++) {
        sum += weights[i];
        squares += weights[i] * weights[i];
        most = fmax(most, weights[i]);
    }
    const double n = (double)rows;
    if (!(sum > 0))
        return (fsbi_search_estimate){0};
    const double probability = sum / n;
    return (fsbi_search_estimate){.probability = probability,
                                  .standard_error =
                                      sqrt(fmax(squares / n - probability * probability, 0) / n),
                                  .effective_size = sum * sum / squares,
                                  .largest_share = most / sum};
}
