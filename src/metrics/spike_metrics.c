#include "fsbi/spike_metrics.h"

#include <fftw3.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

/* Bin widths, s. */
static const double fano_bin = 0.1;
static const double covariance_bin = 0.01;
static const double population_bin = 0.001;

static double standard_deviation(const double *values, size_t count) {
    return sqrt(
        gsl_stats_variance_with_fixed_mean(values, 1, count, gsl_stats_mean(values, 1, count)));
}

static size_t bin_steps(const fsbi_spike_trains *trains, double width) {
    return (size_t)lround(width / trains->dt);
}

/* The edges lie strictly inside the window, so the last bin may end before the window does. */
static size_t bin_count(const fsbi_spike_trains *trains, double width) {
    size_t steps = bin_steps(trains, width);
    return (trains->duration_steps + steps - 1) / steps - 1;
}

/* Adds the spikes of one neuron to `counts`; returns how many fell into a bin. */
static size_t add_counts(const fsbi_spike_trains *trains, size_t neuron, size_t width, size_t bins,
                         double *counts) {
    size_t counted = 0;
    for (size_t k = trains->begin[neuron]; k < trains->begin[neuron + 1]; k++) {
        size_t bin = trains->step[k] / width;
        if (bin < bins) {
            counts[bin] += 1;
            counted++;
        }
    }
    return counted;
}

double fsbi_spike_rate(const fsbi_spike_trains *trains) {
    double duration = (double)trains->duration_steps * trains->dt;
    return (double)trains->begin[trains->neurons] / (double)trains->neurons / duration;
}

/* The coefficient of variation of one neuron's intervals, in steps. */
static double interval_variation(const fsbi_spike_trains *trains, size_t neuron,
                                 double *intervals) {
    enum { FEWEST_INTERVALS = 3 };
    size_t begin = trains->begin[neuron];
    size_t spikes = trains->begin[neuron + 1] - begin;
    if (spikes < FEWEST_INTERVALS + 1)
        return 0;
    for (size_t k = 0; k + 1 < spikes; k++)
        intervals[k] = (double)(trains->step[begin + k + 1] - trains->step[begin + k]);
    return standard_deviation(intervals, spikes - 1) / gsl_stats_mean(intervals, 1, spikes - 1);
}

static fsbi_status variation_metrics(const fsbi_spike_trains *trains, fsbi_spike_metrics *metrics,
                                     fsbi_error *error) {
    double *variation = fsbi_memory_allocate(trains->neurons, sizeof *variation, error);
    double *intervals =
        fsbi_memory_allocate(trains->begin[trains->neurons], sizeof *intervals, error);
    if (variation != NULL && intervals != NULL) {
        for (size_t i = 0; i < trains->neurons; i++)
            variation[i] = interval_variation(trains, i, intervals);
        metrics->cv_isi = gsl_stats_mean(variation, 1, trains->neurons);
        metrics->std_cv = standard_deviation(variation, trains->neurons);
    }
    fsbi_status status = variation == NULL || intervals == NULL ? FSBI_NO_MEMORY : FSBI_OK;
    free(variation);
    free(intervals);
    return status;
}

/* Intervals longer than 1 s count in the last bin; their own length counts in the mean. */
static double interval_divergence(const fsbi_spike_trains *trains) {
    enum { BINS = 99 };
    static const double slowest = 0.1;
    static const double silent_rate = 0.01;
    double mass[BINS] = {0};
    double sum = 0;
    size_t intervals = 0;
    for (size_t i = 0; i < trains->neurons; i++) {
        for (size_t k = trains->begin[i]; k + 1 < trains->begin[i + 1]; k++) {
            double interval = (double)(trains->step[k + 1] - trains->step[k]) * trains->dt;
            size_t bin = interval < 1 ? (size_t)(interval * BINS) : BINS - 1;
            mass[bin < BINS ? bin : BINS - 1] += 1;
            sum += interval;
            intervals++;
        }
    }
    if (intervals == 0)
        return 0;
    double rate = (double)intervals / sum;
    rate = rate <= slowest ? silent_rate : rate;
    double divergence = 0;
    for (size_t bin = 0; bin < BINS; bin++) {
        double p = mass[bin] / (double)intervals;
        double lower = (double)bin / BINS;
        double q = -exp(-rate * lower) * expm1(-rate / BINS);
        divergence += p > 0 ? p * log(p / q) : 0;
    }
    return fabs(divergence);
}

static fsbi_status fano_metrics(const fsbi_spike_trains *trains, fsbi_spike_metrics *metrics,
                                fsbi_error *error) {
    static const double fewest_spikes = 3;
    const size_t bins = bin_count(trains, fano_bin);
    const size_t width = bin_steps(trains, fano_bin);
    double *counts = fsbi_memory_allocate(bins, sizeof *counts, error);
    double *sum = fsbi_memory_allocate(bins, sizeof *sum, error);
    double *squares = fsbi_memory_allocate(bins, sizeof *squares, error);
    fsbi_status status = FSBI_NO_MEMORY;
    if (counts == NULL || sum == NULL || squares == NULL)
        goto done;
    double temporal = 0;
    for (size_t i = 0; i < trains->neurons; i++) {
        memset(counts, 0, bins * sizeof *counts);
        double spikes = (double)add_counts(trains, i, width, bins, counts);
        double mean = spikes / (double)bins;
        if (spikes > fewest_spikes)
            temporal += gsl_stats_variance_with_fixed_mean(counts, 1, bins, mean) / mean;
        for (size_t bin = 0; bin < bins; bin++) {
            sum[bin] += counts[bin];
            squares[bin] += counts[bin] * counts[bin];
        }
    }
    double spatial = 0;
    double n = (double)trains->neurons;
    for (size_t bin = 0; bin < bins; bin++)
        if (sum[bin] > fewest_spikes)
            spatial += (n * squares[bin] - sum[bin] * sum[bin]) / (n * sum[bin]);
    metrics->temporal_fano = temporal / n;
    metrics->spatial_fano = spatial / (double)bins;
    status = FSBI_OK;
done:
    free(counts);
    free(sum);
    free(squares);
    return status;
}

/* Mean over lags -50..50 of the absolute autocorrelation of mean-free counts, over its value at lag
 * 0. */
static double normalised_autocorrelation(const double *counts, size_t bins) {
    enum { LAGS = 50 };
    double at_zero = 0;
    for (size_t k = 0; k < bins; k++)
        at_zero += counts[k] * counts[k];
    double sum = 0;
    for (size_t lag = 1; lag <= LAGS; lag++) {
        double product = 0;
        for (size_t k = 0; k + lag < bins; k++)
            product += counts[k] * counts[k + lag];
        sum += fabs(product);
    }
    return (1 + 2 * sum / at_zero) / (2 * LAGS + 1);
}

static fsbi_status covariance_metric(const fsbi_spike_trains *trains, fsbi_spike_metrics *metrics,
                                     fsbi_error *error) {
    static const double least_deviation = 0.05;
    const size_t bins = bin_count(trains, covariance_bin);
    const size_t width = bin_steps(trains, covariance_bin);
    double *counts = fsbi_memory_allocate(bins, sizeof *counts, error);
    if (counts == NULL)
        return FSBI_NO_MEMORY;
    double sum = 0;
    for (size_t i = 0; i < trains->neurons; i++) {
        memset(counts, 0, bins * sizeof *counts);
        add_counts(trains, i, width, bins, counts);
        double mean = gsl_stats_mean(counts, 1, bins);
        double deviation = standard_deviation(counts, bins);
        for (size_t bin = 0; bin < bins; bin++)
            counts[bin] -= mean;
        sum += deviation > least_deviation ? normalised_autocorrelation(counts, bins) : 1;
    }
    metrics->auto_cov = sum / (double)trains->neurons;
    free(counts);
    return FSBI_OK;
}

/* Sum over frequencies 1 .. N/2 - 1 of (2/N) |FFT|. */
static fsbi_status amplitude_sum(double *signal, size_t count, double *sum, fsbi_error *error) {
    fftw_complex *spectrum = fftw_alloc_complex(count / 2 + 1);
    fftw_plan plan =
        spectrum == NULL ? NULL : fftw_plan_dft_r2c_1d((int)count, signal, spectrum, FFTW_ESTIMATE);
    fsbi_status status = FSBI_OK;
    if (plan == NULL) {
        status = fsbi_error_set(error, FSBI_NO_MEMORY,
                                "out of memory for a Fourier transform of %zu bins", count);
    } else {
        fftw_execute(plan);
        *sum = 0;
        for (size_t k = 1; k < count / 2; k++)
            *sum += 2 / (double)count * hypot(spectrum[k][0], spectrum[k][1]);
    }
    fftw_destroy_plan(plan);
    fftw_free(spectrum);
    return status;
}

static fsbi_status population_metrics(const fsbi_spike_trains *trains, fsbi_spike_metrics *metrics,
                                      fsbi_error *error) {
    const size_t bins = bin_count(trains, population_bin);
    const size_t width = bin_steps(trains, population_bin);
    double *rate = fsbi_memory_allocate(bins, sizeof *rate, error);
    if (rate == NULL)
        return FSBI_NO_MEMORY;
    for (size_t i = 0; i < trains->neurons; i++)
        add_counts(trains, i, width, bins, rate);
    for (size_t bin = 0; bin < bins; bin++)
        rate[bin] /= (double)trains->neurons;
    metrics->std_rate_temporal = standard_deviation(rate, bins);
    fsbi_status status = amplitude_sum(rate, bins, &metrics->fft, error);
    free(rate);
    return status;
}

static double rate_spread(const fsbi_spike_trains *trains) {
    double duration = (double)trains->duration_steps * trains->dt;
    double mean = (double)trains->begin[trains->neurons] / (double)trains->neurons;
    double squares = 0;
    for (size_t i = 0; i < trains->neurons; i++) {
        double deviation = (double)(trains->begin[i + 1] - trains->begin[i]) - mean;
        squares += deviation * deviation;
    }
    return sqrt(squares / (double)trains->neurons) / duration;
}

fsbi_status fsbi_spike_metrics_compute(const fsbi_spike_trains *trains, fsbi_spike_metrics *metrics,
                                       fsbi_error *error) {
    static const double whole = 1e-6;
    double steps = population_bin / trains->dt;
    if (fabs(steps - round(steps)) > whole || steps < 1 - whole)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "dt = %g s does not divide the metrics' bins of 1 ms", trains->dt);
    if ((double)trains->duration_steps * trains->dt < FSBI_SPIKE_METRICS_SHORTEST - whole)
        return fsbi_error_set(
            error, FSBI_BAD_INPUT, "a window of %g s is too short for the metrics: %g s",
            (double)trains->duration_steps * trains->dt, FSBI_SPIKE_METRICS_SHORTEST);
    metrics->rate = fsbi_spike_rate(trains);
    metrics->kl_isi = interval_divergence(trains);
    metrics->std_rate_spatial = rate_spread(trains);
    FSBI_TRY(variation_metrics(trains, metrics, error));
    FSBI_TRY(fano_metrics(trains, metrics, error));
    FSBI_TRY(covariance_metric(trains, metrics, error));
    return population_metrics(trains, metrics, error);
}
