#include "model/ei_network/portray.h"

#include <gsl/gsl_histogram.h>
#include <gsl/gsl_math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/memory.h"

double ei_window_difference(size_t point) {
    static const double longest = 0.1;
    return ((double)(2 * point + 1) / EI_WINDOW_POINTS - 1) * longest;
}

fsbi_status ei_portray_window(fsbi_portrait *portrait, ei_connection connection,
                              fsbi_error *error) {
    char name[FSBI_PORTRAIT_NAME];
    char title[FSBI_PORTRAIT_NAME];
    snprintf(name, sizeof name, "window_%s", ei_connection_names[connection]);
    snprintf(title, sizeof title, "%s: one pair of spikes", ei_connection_names[connection]);
    const fsbi_picture_plan plan = {
        .name = name, .title = title, .x_label = "t_post - t_pre [s]", .y_label = "weight change"};
    return fsbi_portrait_add_picture(portrait, &plan, error);
}

static const char *const population_names[] = {"E", "I"};
enum { POPULATIONS = 2 };

/* The trains of a population. */
static const fsbi_spike_trains *trains_of(const ei_record *record, int population) {
    return population == 0 ? &record->excitatory : &record->inhibitory;
}

/* Neurons of the raster, the inhibitory ones above the excitatory ones. */
static size_t shown_neurons(const fsbi_spike_trains *trains, int population) {
    static const size_t most[POPULATIONS] = {200, 50};
    return GSL_MIN(trains->neurons, most[population]);
}

static fsbi_status portray_raster(const ei_record *record, double begin_seconds,
                                  fsbi_portrait *portrait, fsbi_error *error) {
    static const double longest = 2; /* s */
    const fsbi_picture_plan plan = {.name = "raster",
                                    .title = "First neurons' spikes",
                                    .x_label = "time [s]",
                                    .y_label = "neuron",
                                    .wide = true};
    FSBI_TRY(fsbi_portrait_add_picture(portrait, &plan, error));
    size_t above = 0;
    for (int p = 0; p < POPULATIONS; p++) {
        const fsbi_spike_trains *trains = trains_of(record, p);
        const size_t neurons = shown_neurons(trains, p);
        const double first = (double)trains->duration_steps - longest / trains->dt;
        size_t count = 0;
        double *x = NULL;
        double *y = NULL;
        for (size_t k = 0; k < trains->begin[neurons]; k++)
            count += trains->step[k] >= first;
        FSBI_TRY(fsbi_portrait_add_series(portrait,
                                          &(fsbi_series_plan){.label = population_names[p],
                                                              .kind = FSBI_SERIES_POINTS,
                                                              .count = count},
                                          &x, &y, error));
        for (size_t i = 0; i < neurons; i++)
            for (size_t k = trains->begin[i]; k < trains->begin[i + 1]; k++)
                if (trains->step[k] >= first) {
                    *x++ = begin_seconds + trains->step[k] * trains->dt;
                    *y++ = (double)(above + i);
                }
        above += neurons;
    }
    return FSBI_OK;
}

static fsbi_status portray_rates(const ei_record *record, double begin_seconds,
                                 fsbi_portrait *portrait, fsbi_error *error) {
    static const double width = 0.01; /* s */
    const fsbi_picture_plan plan = {.name = "rates",
                                    .title = "Rates of the populations, in bins of 10 ms",
                                    .x_label = "time [s]",
                                    .y_label = "rate [Hz]",
                                    .wide = true};
    FSBI_TRY(fsbi_portrait_add_picture(portrait, &plan, error));
    for (int p = 0; p < POPULATIONS; p++) {
        const fsbi_spike_trains *trains = trains_of(record, p);
        const size_t steps = (size_t)GSL_MAX(lround(width / trains->dt), 1);
        const size_t bins = trains->duration_steps / steps;
        double *x = NULL;
        double *y = NULL;
        FSBI_TRY(fsbi_portrait_add_series(portrait,
                                          &(fsbi_series_plan){.label = population_names[p],
                                                              .kind = FSBI_SERIES_LINE,
                                                              .count = bins},
                                          &x, &y, error));
        for (size_t i = 0; i < bins; i++)
            x[i] = begin_seconds + ((double)i + 0.5) * (double)steps * trains->dt;
        for (size_t k = 0; k < trains->begin[trains->neurons]; k++)
            if (trains->step[k] / steps < bins)
                y[trains->step[k] / steps] +=
                    1 / ((double)trains->neurons * (double)steps * trains->dt);
    }
    return FSBI_OK;
}

/* A histogram as a series of shares. */
static fsbi_status add_histogram(const gsl_histogram *histogram, fsbi_portrait *portrait,
                                 fsbi_error *error, const char *label) {
    double *x = NULL;
    double *y = NULL;
    const size_t bins = gsl_histogram_bins(histogram);
    const double total = gsl_histogram_sum(histogram);
    FSBI_TRY(fsbi_portrait_add_series(
        portrait, &(fsbi_series_plan){.label = label, .kind = FSBI_SERIES_STEPS, .count = bins + 1},
        &x, &y, error));
    for (size_t i = 0; i <= bins; i++) {
        x[i] = histogram->range[i];
        y[i] = i < bins && total > 0 ? gsl_histogram_get(histogram, i) / total : 0;
    }
    return FSBI_OK;
}

/* The outermost bins hold what lies beyond them. */
static double within(double value, double low, double high) {
    return GSL_MAX(low, GSL_MIN(value, high * (1 - GSL_DBL_EPSILON)));
}

static fsbi_status portray_intervals(const ei_record *record, fsbi_portrait *portrait,
                                     fsbi_error *error) {
    enum { BINS = 60 };
    static const double shortest = 1e-3; /* s */
    static const double longest = 10;
    const fsbi_picture_plan plan = {.name = "intervals",
                                    .title = "Intervals between a neuron's spikes",
                                    .x_label = "interval [s]",
                                    .y_label = "share of intervals",
                                    .log_x = true};
    double edges[BINS + 1];
    for (int i = 0; i <= BINS; i++)
        edges[i] = shortest * pow(longest / shortest, (double)i / BINS);
    gsl_histogram *histogram = gsl_histogram_alloc(BINS);
    if (histogram == NULL) {
        fsbi_error_set(error, FSBI_NO_MEMORY, "out of memory for a histogram");
        return FSBI_NO_MEMORY;
    }
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_portrait_add_picture(portrait, &plan, error));
    for (int p = 0; p < POPULATIONS; p++) {
        const fsbi_spike_trains *trains = trains_of(record, p);
        gsl_histogram_set_ranges(histogram, edges, BINS + 1);
        for (size_t i = 0; i < trains->neurons; i++)
            for (size_t k = trains->begin[i] + 1; k < trains->begin[i + 1]; k++)
                gsl_histogram_increment(histogram,
                                        within((trains->step[k] - trains->step[k - 1]) * trains->dt,
                                               shortest, longest));
        FSBI_TRY_DONE(add_histogram(histogram, portrait, error, population_names[p]));
    }
done:
    gsl_histogram_free(histogram);
    return status;
}

static fsbi_status portray_mean_weights(const ei_record *record, double begin_seconds,
                                        fsbi_portrait *portrait, fsbi_error *error) {
    const fsbi_picture_plan plan = {.name = "mean_weights",
                                    .title = "Mean weights",
                                    .x_label = "time [s]",
                                    .y_label = "weight"};
    FSBI_TRY(fsbi_portrait_add_picture(portrait, &plan, error));
    for (int k = 0; k < EI_CONNECTIONS; k++) {
        const fsbi_weight_samples *w = &record->weights[k];
        double *x = NULL;
        double *y = NULL;
        if (w->weight == NULL)
            continue;
        FSBI_TRY(fsbi_portrait_add_series(portrait,
                                          &(fsbi_series_plan){.label = ei_connection_names[k],
                                                              .kind = FSBI_SERIES_LINE,
                                                              .count = w->samples},
                                          &x, &y, error));
        for (size_t i = 0; i < w->samples; i++) {
            x[i] = begin_seconds + (double)i * ei_weight_interval;
            for (size_t s = 0; s < w->synapses; s++)
                y[i] += w->weight[i * w->synapses + s] / (double)w->synapses;
        }
    }
    return FSBI_OK;
}

/* Weights of a connection at the first and at the last sample. */
static fsbi_status portray_weights(const fsbi_weight_samples *w, int connection,
                                   fsbi_portrait *portrait, fsbi_error *error) {
    enum { BINS = 40 };
    char name[FSBI_PORTRAIT_NAME];
    char title[FSBI_PORTRAIT_NAME];
    snprintf(name, sizeof name, "weights_%s", ei_connection_names[connection]);
    snprintf(title, sizeof title, "%s: weights", ei_connection_names[connection]);
    const fsbi_picture_plan plan = {
        .name = name, .title = title, .x_label = "weight", .y_label = "share of synapses"};
    const float *sample[] = {w->weight, w->weight + (w->samples - 1) * w->synapses};
    static const char *const labels[] = {"beginning", "end"};
    double smallest = 0;
    double largest = 0;
    for (int which = 0; which < 2; which++)
        for (size_t s = 0; s < w->synapses; s++) {
            smallest = GSL_MIN(smallest, sample[which][s]);
            largest = GSL_MAX(largest, sample[which][s]);
        }
    gsl_histogram *histogram = gsl_histogram_alloc(BINS);
    if (histogram == NULL) {
        fsbi_error_set(error, FSBI_NO_MEMORY, "out of memory for a histogram");
        return FSBI_NO_MEMORY;
    }
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_portrait_add_picture(portrait, &plan, error));
    for (int which = 0; which < 2; which++) {
        /* A bin does not hold its upper edge. */
        const double width = largest > smallest ? (largest - smallest) * 1.0001 : 1;
        gsl_histogram_set_ranges_uniform(histogram, smallest, smallest + width);
        for (size_t s = 0; s < w->synapses; s++)
            gsl_histogram_increment(histogram, sample[which][s]);
        FSBI_TRY_DONE(add_histogram(histogram, portrait, error, labels[which]));
    }
done:
    gsl_histogram_free(histogram);
    return status;
}

fsbi_status ei_portray_traces(const ei_settings *settings, const bool plastic[EI_CONNECTIONS],
                              const fsbi_trace_data *traces, fsbi_portrait *portrait,
                              fsbi_error *error) {
    ei_record record;
    const double begin = settings->seconds_before;
    FSBI_TRY(ei_record_read(settings, plastic, traces, &record, error));
    FSBI_TRY(portray_raster(&record, begin, portrait, error));
    FSBI_TRY(portray_rates(&record, begin, portrait, error));
    FSBI_TRY(portray_intervals(&record, portrait, error));
    FSBI_TRY(portray_mean_weights(&record, begin, portrait, error));
    for (int k = 0; k < EI_CONNECTIONS; k++)
        if (plastic[k])
            FSBI_TRY(portray_weights(&record.weights[k], k, portrait, error));
    return FSBI_OK;
}
