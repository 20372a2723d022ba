#include "propose/proposal.h"

#include "fsbi/random.h"

void fsbi_proposal_start_stream(const fsbi_campaign_state *state, size_t round, size_t row) {
    fsbi_random_seed(state->rng,
                     fsbi_random_stream_seed((uint64_t)state->setup->config->campaign.seed,
                                             FSBI_PURPOSE_PROPOSE, round, row));
}

void fsbi_proposal_set_theta(const fsbi_campaign_state *state, size_t round, size_t row,
                             const double *theta) {
    fsbi_row *pending = fsbi_campaign_row(state, round, row);
    if (!fsbi_row_done(&state->shape, pending))
        fsbi_row_propose(&state->shape, pending, fsbi_row_seed_of(state->setup->config, round, row),
                         theta);
}
