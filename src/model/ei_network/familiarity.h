/**
 * A protocol that asks whether a network tells a familiar stimulus from a novel one. From the
 * beginning of the simulation: lpt s, lt s with the familiar stimulus, breaks of lb0 and lb1 s, lp
 * s with the novel stimulus, a break of lb2 s, lp s with the familiar one. A stimulus is a set of
 * input neurons that fire at a rate of their own; the first ones are the familiar stimulus, the
 * next as many the novel one.
 */
#ifndef FSBI_MODEL_EI_NETWORK_FAMILIARITY_H
#define FSBI_MODEL_EI_NETWORK_FAMILIARITY_H

#include "fsbi/model.h"
#include "fsbi/spike_trains.h"
#include "snn/poisson_input.h"

/** All lengths in s; `presentation` 0: no such protocol. */
typedef struct {
    double before, training; /**< lpt, lt */
    double break_0, break_1; /**< lb0, lb1 */
    double presentation;     /**< lp */
    double break_2;          /**< lb2 */
    long neurons;            /**< of a stimulus */
    double rate;             /**< Hz, of these */
} ei_familiarity;

/** What is checked against the protocol. */
typedef struct {
    long input;                            /**< input neurons */
    double seconds_before, seconds_scored; /**< the time in which spikes are recorded */
} ei_recorded_time;

/** FSBI_BAD_INPUT if the stimuli have no room among the inputs, or are tested while nothing is
 * recorded. */
fsbi_status ei_familiarity_check(const ei_familiarity *protocol, const ei_recorded_time *recorded,
                                 fsbi_error *error);

/** Declares r_nov, r_fam, std_nov, std_fam and ratio_nov_fam, if there is such a protocol. */
fsbi_status ei_familiarity_declare(const ei_familiarity *protocol, fsbi_model *model,
                                   fsbi_error *error);

/** How many these are. */
size_t ei_familiarity_count(const ei_familiarity *protocol);

/** Begins or ends a stimulus if it is time to before step `step` of `dt` s. */
void ei_familiarity_stimulate(const ei_familiarity *protocol, size_t step, double dt,
                              fsbi_poisson_input *input, gsl_rng *stream);

/**
 * The metrics, from spikes recorded from `begin` s on, if there is such a protocol: mean and
 * standard deviation over neurons of the spikes in the lp s of the novel and of the familiar
 * stimulus, both ends included, and (r_nov - r_fam) / (r_fam + 1e-4). Returns where the next
 * metrics go.
 */
double *ei_familiarity_score(const ei_familiarity *protocol, const fsbi_spike_trains *trains,
                             double begin, double *metrics);

#endif
