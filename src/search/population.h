/**
 * A population of draws from prior x P^power, for a uniform prior in a box and a P that can be
 * computed but not drawn from: where P is tiny on average, rejection never ends. Draws from the
 * prior are resampled with the weights P^power of the largest power that leaves enough effective
 * ones. Then the power grows step by step (sequential Monte Carlo samplers: Del Moral, Doucet and
 * Jasra 2006). In between, the members move by differences of other members (differential
 * evolution: ter Braak 2006): those of one half by differences within the other, so that the moves
 * leave the distribution as it is.
 *
 * Everything random comes from one generator, in one order: whoever computes P, and however many at
 * once, the population is the same.
 */
#ifndef FSBI_SEARCH_POPULATION_H
#define FSBI_SEARCH_POPULATION_H

#include <gsl/gsl_rng.h>

#include "fsbi/error.h"

/** What is drawn from; borrowed. */
typedef struct {
    size_t dimension;
    const double *low, *high; /**< of the box */
    /** REQUIRED. log P of `count` points (count x dimension), all within the box. */
    fsbi_status (*log_probability)(void *context, const double *points, size_t count,
                                   double *log_probability, fsbi_error *error);
    void *context;
} fsbi_population_target;

typedef struct {
    const fsbi_population_target *target;
    gsl_rng *stream; /**< borrowed */
    size_t members, candidates;
    double power;
    double log_normalisation;                    /**< log of the mean of P^power under the prior */
    double *points;                              /**< members x dimension */
    double *log_probability;                     /**< members */
    double *proposed, *proposed_log_probability; /**< likewise */
    double *candidate, *candidate_log_probability; /**< candidates x dimension, candidates */
    size_t *chosen;                                /**< members */
} fsbi_population;

/** Room for a population of `members` and as many `candidates`; nothing below allocates. Release
 * with fsbi_population_clear, also after failure. */
fsbi_status fsbi_population_init(fsbi_population *population, const fsbi_population_target *target,
                                 size_t members, size_t candidates, gsl_rng *stream,
                                 fsbi_error *error);
void fsbi_population_clear(fsbi_population *population);

/** Draws the candidates from the prior, and from them the first population, of a power of at
 * most 1. Fails as log_probability does. */
fsbi_status fsbi_population_start(fsbi_population *population, fsbi_error *error);

/** Raises the power to `power`, at least what it is; members move on the way and at the end. Fails
 * likewise. */
fsbi_status fsbi_population_sharpen(fsbi_population *population, double power, fsbi_error *error);

#endif
