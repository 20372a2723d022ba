/* Rules of earlier rounds once more: the same thetas, nuisance included, with other random streams,
 * and often other settings of the model, to see what lasts. */
#include <stdlib.h>
#include <string.h>

#include "campaign/state.h"
#include "core/memory.h"
#include "rows/row_filter.h"

/* A simulation by its place. */
typedef struct {
    size_t round, row;
} place;

/* The rows that meet the conditions, in their order. */
static fsbi_status choose(const fsbi_campaign_state *state, const fsbi_config_round *settings,
                          place *chosen, size_t *count, fsbi_error *error) {
    const fsbi_row_set set = {.shape = &state->shape,
                              .rounds = state->setup->config->rounds,
                              .rows = state->rows,
                              .first = settings->rules_first,
                              .end = settings->rules_end};
    fsbi_filter where = {0};
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_filter_resolve(&settings->where, &set, &where, error));
    *count = 0;
    for (size_t round = set.first; round < set.end; round++)
        for (size_t row = 0; row < set.rounds[round].simulations; row++)
            if (fsbi_filter_met(&where, set.shape, fsbi_campaign_row(state, round, row)))
                chosen[(*count)++] = (place){round, row};
done:
    free(where.conditions);
    return status;
}

fsbi_status fsbi_campaign_propose_rules(const fsbi_campaign_state *state, size_t round,
                                        double *thetas, fsbi_error *error) {
    const fsbi_config_round *settings = &state->setup->config->rounds[round];
    const fsbi_row_set set = {.rounds = state->setup->config->rounds,
                              .first = settings->rules_first,
                              .end = settings->rules_end};
    const size_t wanted = settings->simulations;
    const size_t size = state->shape.theta_count;
    size_t count = 0;
    place *chosen = fsbi_memory_allocate(fsbi_row_set_count(&set), sizeof *chosen, error);
    int64_t *from = fsbi_memory_allocate(2 * wanted, sizeof *from, error);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(chosen == NULL || from == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    FSBI_TRY_DONE(choose(state, settings, chosen, &count, error));
    if (count == 0) {
        fsbi_error_set(error, FSBI_HOPELESS,
                       "round %zu runs rules of earlier rounds again, but not one of them is ok "
                       "and meets the conditions of its 'where', if it has any: widen them",
                       round);
        FSBI_TRY_DONE(FSBI_HOPELESS);
    }
    for (size_t i = 0; i < wanted; i++) {
        /* Evenly spread over those there are, or else all of them again and again. */
        const place *p = &chosen[count < wanted ? i % count : i * count / wanted];
        memcpy(thetas + i * size, fsbi_campaign_row(state, p->round, p->row)->values,
               size * sizeof *thetas);
        from[2 * i] = (int64_t)p->round;
        from[2 * i + 1] = (int64_t)p->row;
    }
    FSBI_TRY_DONE(fsbi_campaign_file_write_origins(state->file, round, wanted, from, error));
    fprintf(state->report, "round %zu: %zu rules of earlier rounds meet the conditions\n", round,
            count);
done:
    free(from);
    free(chosen);
    return status;
}
