#include "steps/weigh.h"

#include <stdlib.h>
#include <string.h>

#include "cluster/cluster.h"
#include "core/memory.h"
#include "steps/emulate.h"
#include "steps/held.h"

/* The last round towards conditions, up to `round`; false: there is none. */
static bool find_last(const fsbi_campaign_state *state, size_t round, size_t *last) {
    for (size_t r = round + 1; r-- > 0;) {
        *last = r;
        if (state->setup->config->rounds[r].propose == FSBI_PROPOSE_TOWARDS)
            return true;
    }
    return false;
}

static bool has_density(const fsbi_campaign_state *state, size_t round, size_t last) {
    const fsbi_propose_kind kind = state->setup->config->rounds[round].propose;
    return (kind == FSBI_PROPOSE_PRIOR || kind == FSBI_PROPOSE_TOWARDS) &&
           fsbi_campaign_same_search(state, round, last);
}

/* The rules (inferred entries) of the rows from number `first` on, on all ranks. */
static fsbi_status share_rules(const fsbi_campaign_state *state, const fsbi_row_set *set,
                               size_t first, double **rules, fsbi_error *error) {
    const fsbi_model *model = state->setup->model;
    const size_t dimension = fsbi_model_inferred_count(model);
    const size_t count = fsbi_row_set_count(set) - first;
    *rules = fsbi_memory_allocate(count * dimension, sizeof **rules, error);
    FSBI_TRY(fsbi_cluster_agree(state->comm, *rules == NULL ? FSBI_NO_MEMORY : FSBI_OK, error));
    size_t number = 0;
    for (size_t r = 0; state->first_rank && r < set->end; r++)
        for (size_t i = 0; i < set->rounds[r].simulations; i++, number++)
            if (number >= first)
                fsbi_model_gather_inferred(model, fsbi_row_set_at(set, r, i)->values,
                                           *rules + (number - first) * dimension);
    fsbi_cluster_broadcast(state->comm, *rules, count * dimension * sizeof **rules);
    return FSBI_OK;
}

/* What the emulator of round `r` predicts of all rows of the set. */
static fsbi_status know(fsbi_campaign_state *state, size_t r, const fsbi_row_set *set,
                        fsbi_error *error) {
    fsbi_campaign_search *search = &state->searches[r];
    const size_t rows = fsbi_row_set_count(set);
    double *rules = NULL;
    double *grown = fsbi_memory_allocate(rows, sizeof *grown, error);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_cluster_agree(state->comm, grown == NULL ? FSBI_NO_MEMORY : FSBI_OK, error));
    if (search->known > 0)
        memcpy(grown, search->log_probability, search->known * sizeof *grown);
    FSBI_TRY_DONE(share_rules(state, set, search->known, &rules, error));
    FSBI_TRY_DONE(
        fsbi_campaign_emulate(state, r, rules, rows - search->known, grown + search->known, error));
    free(search->log_probability);
    search->log_probability = grown;
    search->known = rows;
    grown = NULL;
done:
    free(grown);
    free(rules);
    return status;
}

/* Sums up the densities of all rounds for every row of the set, and their rows; on rank 0. */
static void add_densities(const fsbi_campaign_state *state, const fsbi_row_set *set, size_t last,
                          double *density) {
    const size_t rows = fsbi_row_set_count(set);
    double total = 0;
    for (size_t r = 0; r < set->end; r++) {
        if (!has_density(state, r, last))
            continue;
        const fsbi_campaign_search *search = &state->searches[r];
        const double share = (double)set->rounds[r].simulations;
        total += share;
        for (size_t i = 0; i < rows; i++)
            density[i] += share * (set->rounds[r].propose == FSBI_PROPOSE_PRIOR
                                       ? 1
                                       : fsbi_search_relative_density(&search->proposal.levels,
                                                                      search->log_probability[i]));
    }
    for (size_t i = 0; i < rows; i++)
        density[i] /= total;
}

/* Rank 0. */
static fsbi_status write_weights(fsbi_campaign_state *state, const fsbi_row_set *set, size_t last,
                                 fsbi_error *error) {
    double *weights = fsbi_memory_allocate(fsbi_row_set_count(set), sizeof *weights, error);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(weights == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    add_densities(state, set, last, weights);
    size_t number = 0;
    for (size_t r = 0; r < set->end; r++) {
        const size_t rows = set->rounds[r].simulations;
        for (size_t i = 0; i < rows; i++) {
            const fsbi_row *row = fsbi_row_set_at(set, r, i);
            const bool counts = has_density(state, r, last) && !fsbi_row_ended_early(row);
            weights[number + i] = counts ? 1 / (weights[number + i] * row->survival) : 0;
        }
        FSBI_TRY_DONE(
            fsbi_campaign_file_write_weights(state->file, r, weights + number, rows, error));
        number += rows;
    }
    FSBI_TRY_DONE(fsbi_campaign_store_held(state, set->end - 1, last, error));
done:
    free(weights);
    return status;
}

fsbi_status fsbi_campaign_weigh(fsbi_campaign_state *state, size_t round, fsbi_error *error) {
    const fsbi_row_set set = fsbi_campaign_rows(state, 0, round + 1);
    size_t last = 0;
    if (!find_last(state, round, &last))
        return FSBI_OK;
    for (size_t r = 0; r <= last; r++) {
        if (state->setup->config->rounds[r].propose != FSBI_PROPOSE_TOWARDS ||
            !has_density(state, r, last))
            continue;
        FSBI_TRY(fsbi_campaign_provide_emulator(state, r, error));
        FSBI_TRY(know(state, r, &set, error));
        FSBI_TRY(fsbi_cluster_agree(
            state->comm,
            state->first_rank ? fsbi_campaign_file_read_search(
                                    state->file, r, &state->searches[r].proposal, NULL, 0, error)
                              : FSBI_OK,
            error));
    }
    return fsbi_cluster_agree(
        state->comm, state->first_rank ? write_weights(state, &set, last, error) : FSBI_OK, error);
}
