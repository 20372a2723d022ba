#include "inference/posterior.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

/* Samples drawn at once: few at first, since most posteriors lie within the box. */
enum { FIRST_BATCH = 8, LARGEST_BATCH = 256 };

fsbi_status fsbi_posterior_init(fsbi_posterior *posterior, const fsbi_estimator *estimator,
                                const fsbi_estimator_shape *shape, size_t members,
                                fsbi_error *error) {
    *posterior = (fsbi_posterior){.estimator = estimator,
                                  .shape = *shape,
                                  .members = members,
                                  .parameter_count = estimator->parameter_count(shape)};
    double **const vectors[] = {&posterior->low,       &posterior->high,   &posterior->theta_mean,
                                &posterior->theta_std, &posterior->x_mean, &posterior->x_std};
    bool complete = true;
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        *vectors[i] =
            fsbi_memory_allocate(i < 4 ? shape->theta_size : shape->x_size, sizeof(double), error);
        complete = complete && *vectors[i] != NULL;
    }
    posterior->parameters =
        fsbi_memory_allocate(members * posterior->parameter_count, sizeof(fsbi_real), error);
    return complete && posterior->parameters != NULL ? FSBI_OK : FSBI_NO_MEMORY;
}

void fsbi_posterior_clear(fsbi_posterior *posterior) {
    free(posterior->parameters);
    free(posterior->low);
    free(posterior->high);
    free(posterior->theta_mean);
    free(posterior->theta_std);
    free(posterior->x_mean);
    free(posterior->x_std);
    *posterior = (fsbi_posterior){0};
}

static void fit_columns(const double *table, size_t rows, size_t columns, double *mean,
                        double *deviation) {
    for (size_t j = 0; j < columns; j++) {
        mean[j] = gsl_stats_mean(table + j, columns, rows);
        deviation[j] = sqrt(gsl_stats_variance_with_fixed_mean(table + j, columns, rows, mean[j]));
        if (!(deviation[j] > 0))
            deviation[j] = 1;
    }
}

void fsbi_posterior_fit_standardisation(fsbi_posterior *posterior, const double *theta,
                                        const double *x, size_t rows) {
    fit_columns(theta, rows, posterior->shape.theta_size, posterior->theta_mean,
                posterior->theta_std);
    fit_columns(x, rows, posterior->shape.x_size, posterior->x_mean, posterior->x_std);
}

static void standardise(const double *table, size_t rows, size_t columns, const double *mean,
                        const double *deviation, fsbi_real *standard) {
    for (size_t row = 0; row < rows; row++)
        for (size_t j = 0; j < columns; j++)
            standard[row * columns + j] =
                (fsbi_real)((table[row * columns + j] - mean[j]) / deviation[j]);
}

void fsbi_posterior_standardise(const fsbi_posterior *posterior, const double *theta,
                                const double *x, size_t rows, fsbi_real *standard_theta,
                                fsbi_real *standard_x) {
    standardise(theta, rows, posterior->shape.theta_size, posterior->theta_mean,
                posterior->theta_std, standard_theta);
    standardise(x, rows, posterior->shape.x_size, posterior->x_mean, posterior->x_std, standard_x);
}

fsbi_status fsbi_posterior_sampler_init(fsbi_posterior_sampler *sampler,
                                        const fsbi_posterior *posterior, fsbi_error *error) {
    *sampler = (fsbi_posterior_sampler){.posterior = posterior};
    const fsbi_estimator_shape *shape = &posterior->shape;
    sampler->workspace = posterior->estimator->create(shape, LARGEST_BATCH, error);
    sampler->theta =
        fsbi_memory_allocate(LARGEST_BATCH * shape->theta_size, sizeof(fsbi_real), error);
    sampler->x = fsbi_memory_allocate(LARGEST_BATCH * shape->x_size, sizeof(fsbi_real), error);
    return sampler->workspace == NULL || sampler->theta == NULL || sampler->x == NULL
               ? FSBI_NO_MEMORY
               : FSBI_OK;
}

void fsbi_posterior_sampler_clear(fsbi_posterior_sampler *sampler) {
    if (sampler->posterior != NULL)
        sampler->posterior->estimator->destroy(sampler->workspace);
    free(sampler->theta);
    free(sampler->x);
    *sampler = (fsbi_posterior_sampler){0};
}

/* Writes one standardised sample in the units of theta; whether it lies within the box. */
static bool accept(const fsbi_posterior *posterior, const fsbi_real *standard, double *theta) {
    for (size_t j = 0; j < posterior->shape.theta_size; j++) {
        theta[j] = posterior->theta_mean[j] + posterior->theta_std[j] * (double)standard[j];
        if (!(theta[j] >= posterior->low[j] && theta[j] <= posterior->high[j]))
            return false;
    }
    return true;
}

fsbi_status fsbi_posterior_sample(fsbi_posterior_sampler *sampler, const double *x,
                                  size_t max_candidates, gsl_rng *stream, double *theta,
                                  size_t *candidates, fsbi_error *error) {
    const fsbi_posterior *posterior = sampler->posterior;
    const size_t theta_size = posterior->shape.theta_size;
    const size_t x_size = posterior->shape.x_size;
    const fsbi_real *parameters =
        posterior->parameters +
        gsl_rng_uniform_int(stream, posterior->members) * posterior->parameter_count;
    for (size_t row = 0; row < LARGEST_BATCH; row++)
        standardise(x, 1, x_size, posterior->x_mean, posterior->x_std, sampler->x + row * x_size);
    size_t batch = FIRST_BATCH;
    for (size_t drawn = 0; drawn < max_candidates; drawn += batch) {
        batch = drawn == 0 || 2 * batch > LARGEST_BATCH ? batch : 2 * batch;
        for (size_t k = 0; k < batch * theta_size; k++)
            sampler->theta[k] = (fsbi_real)gsl_ran_gaussian_ziggurat(stream, 1);
        posterior->estimator->sample(sampler->workspace, parameters, sampler->x, batch,
                                     sampler->theta);
        for (size_t row = 0; row < batch; row++) {
            (*candidates)++;
            if (accept(posterior, sampler->theta + row * theta_size, theta))
                return FSBI_OK;
        }
    }
    return fsbi_error_set(error, FSBI_HOPELESS,
                          "none of %zu samples of the posterior lies within the prior's bounds",
                          max_candidates);
}

/* Adds log q of one member, in standardised units, into the running log-sum-exp of each row. */
static void add_member(size_t member, const fsbi_real *member_log_prob, size_t rows,
                       double *log_sum) {
    for (size_t row = 0; row < rows; row++) {
        double value = (double)member_log_prob[row];
        double larger = member == 0 ? value : fmax(log_sum[row], value);
        log_sum[row] =
            member == 0 ? value : larger + log(exp(log_sum[row] - larger) + exp(value - larger));
    }
}

fsbi_status fsbi_posterior_log_prob(const fsbi_posterior *posterior, const double *theta,
                                    const double *x, size_t rows, double *log_prob,
                                    fsbi_error *error) {
    fsbi_posterior_sampler room = {0};
    fsbi_real batch_log_prob[LARGEST_BATCH];
    fsbi_status status = fsbi_posterior_sampler_init(&room, posterior, error);
    double log_scale = log((double)posterior->members);
    for (size_t j = 0; j < posterior->shape.theta_size; j++)
        log_scale += log(posterior->theta_std[j]);
    for (size_t begin = 0; begin < rows && status == FSBI_OK; begin += LARGEST_BATCH) {
        const size_t batch = rows - begin < LARGEST_BATCH ? rows - begin : LARGEST_BATCH;
        fsbi_posterior_standardise(posterior, theta + begin * posterior->shape.theta_size,
                                   x + begin * posterior->shape.x_size, batch, room.theta, room.x);
        for (size_t member = 0; member < posterior->members; member++) {
            posterior->estimator->log_prob(
                room.workspace, posterior->parameters + member * posterior->parameter_count,
                room.theta, room.x, batch, batch_log_prob);
            add_member(member, batch_log_prob, batch, log_prob + begin);
        }
        for (size_t row = 0; row < batch; row++)
            log_prob[begin + row] -= log_scale;
    }
    fsbi_posterior_sampler_clear(&room);
    return status;
}
