#include "steps/state.h"

#include <stdlib.h>

static void drop_workspace(fsbi_campaign_state *state) {
    if (state->workspace != NULL)
        state->workspace_model->type->destroy(state->workspace);
    state->workspace = NULL;
}

void fsbi_campaign_state_clear(fsbi_campaign_state *state) {
    fsbi_rows_free(state->rows, state->setup->config->round_count);
    drop_workspace(state);
    if (state->rng != NULL)
        gsl_rng_free(state->rng);
    if (state->log != NULL)
        fclose(state->log);
    fsbi_trace_writer_close(&state->traces);
    fsbi_posterior_clear(&state->posterior);
    fsbi_posterior_clear(&state->classifier);
    for (size_t round = 0; state->searches != NULL && round < state->setup->config->round_count;
         round++) {
        fsbi_posterior_clear(&state->searches[round].emulator);
        fsbi_posterior_clear(&state->searches[round].interim);
        free(state->searches[round].log_probability);
    }
    free(state->searches);
}

fsbi_status fsbi_campaign_state_provide_workspace(fsbi_campaign_state *state, size_t round,
                                                  fsbi_error *error) {
    const fsbi_model *model = fsbi_setup_model_of(state->setup, round);
    if (state->workspace != NULL && state->workspace_model == model)
        return FSBI_OK;
    drop_workspace(state);
    state->workspace = fsbi_model_create(model, error);
    state->workspace_model = model;
    return state->workspace == NULL ? FSBI_NO_MEMORY : FSBI_OK;
}

fsbi_row *fsbi_campaign_row(const fsbi_campaign_state *state, size_t round, size_t index) {
    return fsbi_row_at(&state->shape, state->rows[round], index);
}

fsbi_row_set fsbi_campaign_rows(const fsbi_campaign_state *state, size_t first, size_t end) {
    return (fsbi_row_set){.shape = &state->shape,
                          .rounds = state->setup->config->rounds,
                          .rows = state->rows,
                          .first = first,
                          .end = end};
}
