#include "steps/held.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "rows/row_filter.h"
#include "steps/emulate.h"

/* Re-runs of each row so far, all rounds in a line. */
typedef struct {
    const fsbi_campaign_state *state;
    size_t rounds, last;
    size_t *first; /* of each round: the number of its first row */
    double *runs, *met;
} tally;

/* Counts the rows of a round that ran earlier rules again. */
static fsbi_status count_round(const tally *t, size_t round, fsbi_error *error) {
    const fsbi_config_round *rounds = t->state->setup->config->rounds;
    const size_t rows = rounds[round].simulations;
    int64_t *origins = fsbi_memory_allocate(2 * rows, sizeof *origins, error);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(origins == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    FSBI_TRY_DONE(fsbi_campaign_file_read_origins(t->state->file, round, rows, origins, error));
    for (size_t i = 0; i < rows; i++) {
        const fsbi_row *row = fsbi_campaign_row(t->state, round, i);
        if (!fsbi_row_done(&t->state->shape, row))
            continue;
        const size_t number = t->first[origins[2 * i]] + (size_t)origins[2 * i + 1];
        t->runs[number]++;
        t->met[number] += fsbi_filter_met(&rounds[t->last].towards, &t->state->shape, row);
    }
done:
    free(origins);
    return status;
}

static fsbi_status write(const tally *t, fsbi_error *error) {
    for (size_t r = 0; r < t->rounds; r++) {
        const size_t rows = t->state->setup->config->rounds[r].simulations;
        double *held = t->met + t->first[r];
        for (size_t i = 0; i < rows; i++)
            held[i] = t->runs[t->first[r] + i] > 0 ? held[i] / t->runs[t->first[r] + i] : NAN;
        FSBI_TRY(fsbi_campaign_file_write_held(t->state->file, r, held, rows, error));
    }
    return FSBI_OK;
}

fsbi_status fsbi_campaign_store_held(const fsbi_campaign_state *state, size_t round, size_t last,
                                     fsbi_error *error) {
    const fsbi_config_round *rounds = state->setup->config->rounds;
    const fsbi_row_set set = fsbi_campaign_rows(state, 0, round + 1);
    const size_t rows = fsbi_row_set_count(&set);
    tally t = {.state = state, .rounds = round + 1, .last = last};
    bool any = false;
    fsbi_status status = FSBI_OK;
    t.first = fsbi_memory_allocate(t.rounds, sizeof *t.first, error);
    t.runs = fsbi_memory_allocate(rows, sizeof *t.runs, error);
    t.met = fsbi_memory_allocate(rows, sizeof *t.met, error);
    FSBI_TRY_DONE(t.first == NULL || t.runs == NULL || t.met == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    for (size_t r = 1; r < t.rounds; r++)
        t.first[r] = t.first[r - 1] + rounds[r - 1].simulations;
    for (size_t r = 0; r < t.rounds; r++) {
        if (rounds[r].propose != FSBI_PROPOSE_RULES || !fsbi_campaign_same_search(state, r, last))
            continue;
        any = true;
        FSBI_TRY_DONE(count_round(&t, r, error));
    }
    if (any)
        FSBI_TRY_DONE(write(&t, error));
done:
    free(t.first);
    free(t.runs);
    free(t.met);
    return status;
}
