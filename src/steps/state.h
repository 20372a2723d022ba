/** A campaign under way, as the steps of a round share it. */
#ifndef FSBI_STEPS_STATE_H
#define FSBI_STEPS_STATE_H

#include <stdio.h>

#include "inference/posterior.h"
#include "output/trace_writer.h"
#include "rows/row_set.h"
#include "setup/setup.h"
#include "store/campaign_file.h"

/** What is known of a round towards conditions, on all ranks. */
typedef struct {
    fsbi_posterior emulator; /**< no members: not trained or read yet */
    fsbi_search_proposal proposal;
    double
        *log_probability;   /**< that it predicts, of the rows of all rounds, one after the other */
    size_t known;           /**< of these numbers */
    fsbi_posterior interim; /**< likewise, for early ends */
    double reference;       /**< P at which no simulation ends early; 0: none does */
} fsbi_campaign_search;

/** One on every rank; release with fsbi_campaign_state_clear. */
typedef struct {
    MPI_Comm comm;
    bool first_rank; /**< this is rank 0 */
    const fsbi_setup *setup;
    FILE *report; /**< where progress and tables go; used on rank 0 */
    fsbi_row_shape shape;
    fsbi_campaign_file *file; /**< not owned */
    void **rows;              /**< rank 0: the rows of each round, as far as they are known */
    void *workspace;          /**< on ranks that simulate */
    const fsbi_model *workspace_model; /**< that it is of */
    gsl_rng *rng;
    FILE *log; /**< this rank's; NULL: none */
    fsbi_trace_writer traces;
    bool has_posterior;
    fsbi_posterior posterior;       /**< the last one trained, on all ranks */
    fsbi_posterior classifier;      /**< likewise */
    double threshold;               /**< of the classifier, see inference/restricted_prior.h */
    fsbi_campaign_search *searches; /**< one for each round; empty where it is of another kind */
} fsbi_campaign_state;

/** Everything a state owns. */
void fsbi_campaign_state_clear(fsbi_campaign_state *state);

/** Provides the workspace of a round's model, kept from simulation to simulation. */
fsbi_status fsbi_campaign_state_provide_workspace(fsbi_campaign_state *state, size_t round,
                                                  fsbi_error *error);

/** Rank 0: row `index` of a round. */
fsbi_row *fsbi_campaign_row(const fsbi_campaign_state *state, size_t round, size_t index);

/** Rank 0: the rows of the rounds from `first` to before `end`. */
fsbi_row_set fsbi_campaign_rows(const fsbi_campaign_state *state, size_t first, size_t end);

#endif
