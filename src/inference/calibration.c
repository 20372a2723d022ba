#include "inference/calibration.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

fsbi_status fsbi_calibration_init(fsbi_calibration *calibration,
                                  fsbi_posterior_workspace *workspace, size_t samples,
                                  size_t max_candidates, fsbi_error *error) {
    const fsbi_estimator_specification *specification = &workspace->posterior->specification;
    *calibration = (fsbi_calibration){
        .workspace = workspace, .samples = samples, .max_candidates = max_candidates};
    /* The truth stands beside the samples. */
    calibration->theta =
        fsbi_memory_allocate((samples + 1) * specification->theta_size, sizeof(double), error);
    calibration->x =
        fsbi_memory_allocate((samples + 1) * specification->x_size, sizeof(double), error);
    calibration->log_prob = fsbi_memory_allocate(samples + 1, sizeof(double), error);
    return calibration->theta == NULL || calibration->x == NULL || calibration->log_prob == NULL
               ? FSBI_NO_MEMORY
               : FSBI_OK;
}

void fsbi_calibration_clear(fsbi_calibration *calibration) {
    free(calibration->theta);
    free(calibration->x);
    free(calibration->log_prob);
    *calibration = (fsbi_calibration){0};
}

/* A random point within the box, or where there is none, within three standard deviations. */
static double random_coordinate(const fsbi_posterior *posterior, size_t j, gsl_rng *stream) {
    if (isfinite(posterior->low[j]) && isfinite(posterior->high[j]))
        return gsl_ran_flat(stream, posterior->low[j], posterior->high[j]);
    const double reach = 3 * posterior->theta_std[j];
    return gsl_ran_flat(stream, posterior->theta_mean[j] - reach, posterior->theta_mean[j] + reach);
}

static double scale_of(const fsbi_posterior *posterior, size_t j) {
    const double width = posterior->high[j] - posterior->low[j];
    return isfinite(width) ? width : posterior->theta_std[j];
}

/* Samples that are nearer to a random point than the truth, which stands behind them. */
static int32_t distance_rank(const fsbi_calibration *c, gsl_rng *stream) {
    const fsbi_posterior *posterior = c->workspace->posterior;
    const size_t theta_size = posterior->specification.theta_size;
    double *distance = c->log_prob; /* its values are not needed any more */
    int32_t rank = 0;
    memset(distance, 0, (c->samples + 1) * sizeof *distance);
    for (size_t j = 0; j < theta_size; j++) {
        const double point = random_coordinate(posterior, j, stream);
        for (size_t i = 0; i <= c->samples; i++) {
            const double away = (c->theta[i * theta_size + j] - point) / scale_of(posterior, j);
            distance[i] += away * away;
        }
    }
    for (size_t i = 0; i < c->samples; i++)
        rank += distance[i] < distance[c->samples];
    return rank;
}

fsbi_status fsbi_calibration_rank(fsbi_calibration *calibration, const double *theta,
                                  const double *x, gsl_rng *stream, int32_t *ranks,
                                  fsbi_error *error) {
    const fsbi_estimator_specification *specification =
        &calibration->workspace->posterior->specification;
    const size_t n = specification->theta_size;
    const size_t samples = calibration->samples;
    for (size_t i = 0; i <= samples; i++)
        memcpy(calibration->x + i * specification->x_size, x, specification->x_size * sizeof *x);
    FSBI_TRY(
        fsbi_posterior_sample(calibration->workspace,
                              &(fsbi_posterior_draws){.x = calibration->x,
                                                      .count = samples,
                                                      .max_candidates = calibration->max_candidates,
                                                      .theta = calibration->theta},
                              stream, &calibration->acceptance, error));
    memcpy(calibration->theta + samples * n, theta, n * sizeof *theta);
    fsbi_posterior_log_prob(calibration->workspace, calibration->theta, calibration->x, samples + 1,
                            calibration->log_prob);
    memset(ranks, 0, fsbi_calibration_columns(n) * sizeof *ranks);
    for (size_t i = 0; i < samples; i++) {
        for (size_t j = 0; j < n; j++)
            ranks[j] += calibration->theta[i * n + j] < theta[j];
        ranks[n] += calibration->log_prob[i] > calibration->log_prob[samples];
    }
    ranks[n + 1] = distance_rank(calibration, stream);
    return FSBI_OK;
}

fsbi_calibration_result fsbi_calibration_test(const int32_t *ranks, size_t rows, size_t columns,
                                              size_t column, size_t samples) {
    enum { MOST_BINS = 20, ROWS_PER_BIN = 5, MOST_RANKS = FSBI_POSTERIOR_BLOCK };
    size_t counts[MOST_RANKS] = {0};
    const size_t values = samples + 1;
    size_t reached = 0;
    for (size_t row = 0; row < rows; row++) {
        const int32_t rank = ranks[row * columns + column];
        if (rank < 0 || (size_t)rank > samples)
            continue;
        counts[rank]++;
        reached++;
    }
    if (reached < FSBI_CALIBRATION_LEAST_ROWS)
        return (fsbi_calibration_result){NAN, NAN, NAN, NAN};
    const double n = (double)reached;
    size_t bins = reached / ROWS_PER_BIN < MOST_BINS ? reached / ROWS_PER_BIN : MOST_BINS;
    bins = bins < values ? bins : values;
    double chi_squared = 0;
    fsbi_calibration_result result = {0};
    size_t below = 0;
    size_t value = 0;
    for (size_t bin = 0; bin < bins; bin++) {
        size_t found = 0;
        const size_t begin = value;
        for (; value < (bin + 1) * values / bins; value++) {
            found += counts[value];
            below += counts[value];
            const double expected = (double)(value + 1) / (double)values;
            result.deviation = fmax(result.deviation, fabs((double)below / n - expected));
            if (2 * (value + 1) <= values)
                result.inside_50 = (double)below / n;
            if (10 * (value + 1) <= 9 * values)
                result.inside_90 = (double)below / n;
        }
        const double expected = n * (double)(value - begin) / (double)values;
        chi_squared += ((double)found - expected) * ((double)found - expected) / expected;
    }
    result.p_value = gsl_cdf_chisq_Q(chi_squared, (double)(bins - 1));
    return result;
}
