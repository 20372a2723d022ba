/** A campaign under way, as the steps of a round share it. Private to campaign/. */
#ifndef FSBI_CAMPAIGN_STATE_H
#define FSBI_CAMPAIGN_STATE_H

#include <stdio.h>

#include "campaign/traces.h"
#include "fit/fit.h"
#include "inference/restricted_prior.h"
#include "setup/setup.h"
#include "store/campaign_file.h"

typedef struct {
    MPI_Comm comm;
    bool first_rank; /**< this is rank 0 */
    const fsbi_setup *setup;
    FILE *report; /**< where progress and tables go; used on rank 0 */
    fsbi_row_shape shape;
    fsbi_campaign_file *file;
    void **rows;     /**< rank 0: the rows of each round, as far as they are known */
    void *workspace; /**< on ranks that simulate */
    const fsbi_model *workspace_model; /**< that it is of */
    gsl_rng *rng;
    FILE *log; /**< this rank's; NULL: none */
    fsbi_trace_writer traces;
    bool has_posterior;
    fsbi_posterior posterior;  /**< the last one trained, on all ranks */
    fsbi_posterior classifier; /**< likewise */
    double threshold;          /**< of the classifier, see inference/restricted_prior.h */
} fsbi_campaign_state;

/** Frees the workspace; the next simulation makes one of its round's model. */
void fsbi_campaign_drop_workspace(fsbi_campaign_state *state);

/** What a state owns, but for its file. */
void fsbi_campaign_state_clear(fsbi_campaign_state *state);

/** Row `index` of a round, on rank 0. */
fsbi_row *fsbi_campaign_row(const fsbi_campaign_state *state, size_t round, size_t index);

/**
 * Draws the thetas of a round (rank 0: simulations x parameter_count into `thetas`); collective.
 * Every row has a stream of its own, so it does not matter who draws it. For a posterior the x of
 * each row goes into the file.
 */
fsbi_status fsbi_campaign_propose(fsbi_campaign_state *state, size_t round, double *thetas,
                                  fsbi_error *error);

/** Rank 0: likewise the thetas of a round that runs rules of earlier ones again; where each came
 * from goes into the file. FSBI_HOPELESS if there are none. */
fsbi_status fsbi_campaign_propose_rules(const fsbi_campaign_state *state, size_t round,
                                        double *thetas, fsbi_error *error);

/** Whether an inferred entry of a rule lies outside the prior's bounds. */
bool fsbi_campaign_is_outside(const fsbi_model *model, const double *theta);

/** Rank 0: counts the rows of a round proposed from a posterior that came out in the ranges they
 * were proposed for, of each metric and then of all (ranges + 1 numbers). */
fsbi_status fsbi_campaign_count_met(const fsbi_campaign_state *state, size_t round, int64_t *met,
                                    fsbi_error *error);

/** The rows of a round that stand in a file: all, or those of a shard. */
typedef struct {
    size_t round;
    size_t first;         /**< of the round's rows, the one that is row 0 of the file */
    size_t count;         /**< rows of the file */
    const double *thetas; /**< of these rows; on rank 0 */
} fsbi_round_share;

/** Runs the pending rows of a share and writes them; collective. `*idle` (rank 0): s that ranks
 * without work waited for the others at the end, all together. */
fsbi_status fsbi_campaign_simulate(fsbi_campaign_state *state, const fsbi_round_share *share,
                                   double *idle, fsbi_error *error);

/**
 * Rank 0: finds the rows of all rounds up to `round` that the round's filter keeps, writes the
 * filter's result to the file and collects theta (without nuisance) and x. FSBI_HOPELESS if there
 * are too few.
 */
fsbi_status fsbi_campaign_select(fsbi_campaign_state *state, size_t round,
                                 fsbi_training_table *table, fsbi_error *error);

/** Rank 0: collects the rules of all finished rows up to `round`, as the x of a classifier, and
 * whether each is valid. FSBI_HOPELESS if too few are. */
fsbi_status fsbi_campaign_label(fsbi_campaign_state *state, size_t round,
                                fsbi_training_table *table, fsbi_error *error);

/** Trains and checks the round's posterior, but for what the file has already; collective. */
fsbi_status fsbi_campaign_train(fsbi_campaign_state *state, size_t round, fsbi_error *error);

/** Likewise the round's classifier. */
fsbi_status fsbi_campaign_train_classifier(fsbi_campaign_state *state, size_t round,
                                           fsbi_error *error);

#endif
