/**
 * Random streams: PCG XSH-RR 64/32 (O'Neill 2014, "PCG: A Family of Simple Fast Space-Efficient
 * Statistically Good Algorithms for Random Number Generation") as a gsl_rng_type.
 *
 * A stream is named by (campaign seed, purpose, round, row), never shared, never continued by
 * someone else: what a simulation draws depends on its name alone.
 */
#ifndef FSBI_RANDOM_H
#define FSBI_RANDOM_H

#include <gsl/gsl_rng.h>
#include <stdint.h>

#include "fsbi/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a stream is for. The numbers are part of what a campaign's results depend on: never
 * renumber. */
typedef enum {
    FSBI_PURPOSE_PROPOSE = 1,        /**< draws of theta */
    FSBI_PURPOSE_SIMULATE = 2,       /**< everything random inside one simulation */
    FSBI_PURPOSE_TRAIN = 3,          /**< initial weights and batches of one ensemble member */
    FSBI_PURPOSE_SAMPLE = 4,         /**< samples of a posterior, a block at a time */
    FSBI_PURPOSE_SPLIT = 5,          /**< which rows are held out from training */
    FSBI_PURPOSE_CHECK = 6,          /**< ranks of one row in a check of calibration */
    FSBI_PURPOSE_CLASSIFY = 7,       /**< as FSBI_PURPOSE_TRAIN, for a classifier */
    FSBI_PURPOSE_CLASSIFY_SPLIT = 8, /**< as FSBI_PURPOSE_SPLIT */
    FSBI_PURPOSE_TRACE = 9,    /**< whether a row's traces are stored; only its seed is used */
    FSBI_PURPOSE_EMULATE = 10, /**< as FSBI_PURPOSE_TRAIN, for an emulator */
    FSBI_PURPOSE_EMULATE_SPLIT = 11, /**< as FSBI_PURPOSE_SPLIT */
    FSBI_PURPOSE_POPULATION = 12,    /**< a population of rules, and which of them are simulated */
    FSBI_PURPOSE_INTERIM = 13,       /**< as FSBI_PURPOSE_TRAIN, for networks of early ends */
    FSBI_PURPOSE_INTERIM_SPLIT = 14, /**< as FSBI_PURPOSE_SPLIT */
    FSBI_PURPOSE_EARLY_END = 15      /**< whether a simulation goes on from its checkpoints */
} fsbi_random_purpose;

/**
 * The generator. 32-bit integers; doubles have 53 bits and take two of them. gsl_rng_set(rng, s)
 * seeds with sequence 54; use fsbi_random_seed_sequence or fsbi_random_seed for a stream of its
 * own.
 */
extern const gsl_rng_type *const fsbi_random_pcg32;

/** A generator of that type, to be released with gsl_rng_free; NULL if there is no memory. */
gsl_rng *fsbi_random_allocate(fsbi_error *error);

/** Seeds as PCG's reference pcg32_srandom_r(initial_state, sequence) does; `rng` must be of
 * fsbi_random_pcg32. */
void fsbi_random_seed_sequence(gsl_rng *rng, uint64_t initial_state, uint64_t sequence);

/** The 64-bit seed that names a stream; recorded with every row, so that a row can be run again by
 * itself. */
uint64_t fsbi_random_stream_seed(uint64_t campaign_seed, fsbi_random_purpose purpose,
                                 uint64_t round, uint64_t row);

/** Puts `rng` (of fsbi_random_pcg32) at the beginning of the stream with this seed: state and
 * sequence from it. */
void fsbi_random_seed(gsl_rng *rng, uint64_t stream_seed);

#ifdef __cplusplus
}
#endif

#endif
