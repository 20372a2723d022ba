/**
 * The density of a round's proposal relative to the prior, and the weights that it gives to rules:
 * a round towards conditions is a mixture of levels, each of which draws from prior x P^sharpness;
 * the level of sharpness 0 is the prior itself.
 */
#ifndef FSBI_SEARCH_PROPOSAL_DENSITY_H
#define FSBI_SEARCH_PROPOSAL_DENSITY_H

#include <stddef.h>

enum { FSBI_SEARCH_LEVELS = 8 }; /**< at most, in one round */

/** Rows that were drawn at one sharpness; all numbers, as they stand in the file. */
typedef struct {
    double sharpness;
    double log_normalisation; /**< log of the mean of P^sharpness under the prior */
    double rows;
    double predicted; /**< mean P of the population that they were drawn from */
} fsbi_search_level;

typedef struct {
    size_t count;
    fsbi_search_level levels[FSBI_SEARCH_LEVELS];
} fsbi_search_levels;

/** Density relative to the prior of a rule with this log P. */
double fsbi_search_relative_density(const fsbi_search_levels *levels, double log_probability);

/** What a weighted set of rows that met the conditions, out of `rows` that were run, says. */
typedef struct {
    double probability, standard_error; /**< of the conditions under the prior */
    double effective_size;              /**< of the set */
    double largest_share;               /**< of one row in the sum of weights */
} fsbi_search_estimate;

/** From the weights of the `count` rows that met the conditions: those of the balance heuristic
 * (Veach and Guibas 1995), 1 over the mean density of all rounds relative to the prior. */
fsbi_search_estimate fsbi_search_estimate_of(const double *weights, size_t count, size_t rows);

#endif
