#include "search/effective_size.h"

#include <math.h>

static double largest(const double *values, size_t count, double power) {
    double most = -INFINITY;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, power * values[i]);
    return most;
}

double fsbi_effective_size(const double *log_weight, size_t count, double power) {
    const double most = largest(log_weight, count, power);
    double sum = 0;
    double squares = 0;
    if (!isfinite(most))
        return 0;
    for (size_t i = 0; i < count; i++) {
        const double w = exp(power * log_weight[i] - most);
        sum += w;
        squares += w * w;
    }
    return sum * sum / squares;
}

double fsbi_log_mean_exp(const double *log_weight, size_t count, double power) {
    const double most = largest(log_weight, count, power);
    double sum = 0;
    if (!isfinite(most))
        return most;
    for (size_t i = 0; i < count; i++)
        sum += exp(power * log_weight[i] - most);
    return most + log(sum / (double)count);
}
