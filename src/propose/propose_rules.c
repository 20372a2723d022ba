#include "propose/propose_rules.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "inference/prior.h"
#include "propose/proposal.h"
#include "rows/row_filter.h"

/* A simulation by its place. */
typedef struct {
    size_t round, row;
} place;

/* The rows that meet the conditions, in their order. */
static fsbi_status choose(const fsbi_row_set *set, const fsbi_filter *conditions, place *chosen,
                          size_t *count, fsbi_error *error) {
    fsbi_filter where = {0};
    FSBI_TRY(fsbi_filter_resolve(conditions, set, &where, error));
    for (size_t round = set->first; round < set->end; round++)
        for (size_t row = 0; row < set->rounds[round].simulations; row++)
            if (fsbi_filter_met(&where, set->shape, fsbi_row_set_at(set, round, row)))
                chosen[(*count)++] = (place){round, row};
    free(where.conditions);
    return FSBI_OK;
}

/* The rule again, its nuisance entries drawn anew from the stream of its new row where the round
 * asks for that; `room` has space for two thetas. */
static const double *rule_again(const fsbi_campaign_state *state, size_t round, size_t row,
                                const double *rule, double *room) {
    const fsbi_model *model = state->setup->model;
    double *inferred = room + model->parameter_count;
    if (!state->setup->config->rounds[round].redraw_nuisance)
        return rule;
    fsbi_proposal_start_stream(state, round, row);
    fsbi_prior_draw(model->parameters, model->parameter_count, state->rng, room);
    fsbi_model_gather_inferred(model, rule, inferred);
    fsbi_model_scatter_inferred(model, inferred, room);
    return room;
}

fsbi_status fsbi_proposal_from_rules(const fsbi_campaign_state *state, size_t round,
                                     fsbi_error *error) {
    const fsbi_config_round *settings = &state->setup->config->rounds[round];
    const fsbi_row_set set = fsbi_campaign_rows(state, settings->rules_first, settings->rules_end);
    const size_t wanted = settings->simulations;
    size_t count = 0;
    place *chosen = fsbi_memory_allocate(fsbi_row_set_count(&set), sizeof *chosen, error);
    int64_t *from = fsbi_memory_allocate(2 * wanted, sizeof *from, error);
    double *room = fsbi_memory_allocate(2 * state->shape.theta_count, sizeof *room, error);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(chosen == NULL || from == NULL || room == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    FSBI_TRY_DONE(choose(&set, &settings->where, chosen, &count, error));
    if (count == 0)
        FSBI_TRY_DONE(fsbi_error_set(
            error, FSBI_HOPELESS,
            "round %zu runs rules of earlier rounds again, but not one of them is ok and meets the "
            "conditions of its 'where', if it has any: widen them",
            round));
    for (size_t i = 0; i < wanted && count > 0; i++) {
        /* Evenly spread over those there are, or else all of them again and again. */
        const place *p = &chosen[count < wanted ? i % count : i * count / wanted];
        const double *rule = fsbi_row_set_at(&set, p->round, p->row)->values;
        fsbi_proposal_set_theta(state, round, i, rule_again(state, round, i, rule, room));
        from[2 * i] = (int64_t)p->round;
        from[2 * i + 1] = (int64_t)p->row;
    }
    FSBI_TRY_DONE(fsbi_campaign_file_write_origins(state->file, round, wanted, from, error));
    fprintf(state->report, "round %zu: %zu rules of earlier rounds meet the conditions\n", round,
            count);
done:
    free(room);
    free(from);
    free(chosen);
    return status;
}
