/* `simulate-round`: a share of a round's rows, in a file of its own, by a process that needs no
 * other. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "campaign/campaign.h"
#include "core/memory.h"
#include "fsbi/random.h"
#include "output/output_file.h"
#include "output/output_lock.h"
#include "output/rank_log.h"
#include "rows/row_set.h"
#include "steps/early_ends.h"
#include "steps/simulate.h"

enum { PATH = FSBI_OUTPUT_PATH };

/* A share under way. */
typedef struct {
    const fsbi_setup *setup;
    fsbi_row_shape shape;
    fsbi_shard shard;
    void *rows; /* of the share, as the campaign file has them, then as they become */
    fsbi_campaign_search search;
    char path[PATH];
} share;

/* Rows that are not simulated, and those of them whose rule is drawn. */
static void count_rows(const share *s, size_t *pending, size_t *proposed) {
    *pending = *proposed = 0;
    for (size_t i = 0; i < s->shard.count; i++) {
        const fsbi_row *row = fsbi_row_at(&s->shape, s->rows, i);
        *pending += !fsbi_row_done(&s->shape, row);
        *proposed += fsbi_row_proposed(&s->shape, row);
    }
}

/* Reads the share of one round from the campaign file. A round of fewer rows than shards leaves
 * some without any. */
static fsbi_status read_share(share *s, fsbi_campaign_file *campaign, size_t round,
                              const fsbi_shard_options *options, fsbi_error *error) {
    const size_t count = s->setup->config->rounds[round].simulations;
    s->shard = fsbi_shard_of(round, count, options->index, options->shards);
    free(s->rows);
    s->rows = fsbi_memory_allocate(s->shard.count, fsbi_row_size(&s->shape), error);
    if (s->rows == NULL)
        return FSBI_NO_MEMORY;
    return s->shard.count == 0 ? FSBI_OK
                               : fsbi_campaign_file_read_rows(campaign, round, s->shard.first,
                                                              s->shard.count, s->rows, error);
}

/* Finds the round that is asked for, or else the first in which rows of the share are missing;
 * `*ready` of them have their rules. */
static fsbi_status find_round(share *s, fsbi_campaign_file *campaign,
                              const fsbi_shard_options *options, size_t *ready, fsbi_error *error) {
    const size_t rounds = s->setup->config->round_count;
    const bool chosen = options->round >= 0;
    size_t pending = 0;
    if (options->round >= (long)rounds)
        return fsbi_error_set(error, FSBI_BAD_INPUT, "there is no round %ld: the last one is %zu",
                              options->round, rounds - 1);
    const size_t end = chosen ? (size_t)options->round + 1 : rounds;
    for (size_t round = chosen ? end - 1 : 0; round < end && pending == 0; round++) {
        FSBI_TRY(read_share(s, campaign, round, options, error));
        count_rows(s, &pending, ready);
    }
    if (*ready > 0 && *ready < pending)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "of the rules of round %zu only a part is drawn: wait for 'fsbi_mpi "
                              "propose', or run it again if it was interrupted",
                              s->shard.round);
    return FSBI_OK;
}

static fsbi_status read_campaign(share *s, const fsbi_shard_options *options, size_t *ready,
                                 FILE *report, fsbi_error *error) {
    const char *path = s->setup->config->campaign.output;
    fsbi_campaign_file *campaign = NULL;
    if (access(path, F_OK) != 0)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "there is no campaign file '%s'; 'fsbi_mpi propose' begins one",
                              path);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_output_file_compare(s->setup, path, report, error));
    FSBI_TRY_DONE(fsbi_campaign_file_open_readonly(path, s->setup->model, &campaign, error));
    FSBI_TRY_DONE(find_round(s, campaign, options, ready, error));
    if (*ready > 0)
        FSBI_TRY_DONE(fsbi_early_ends_load(s->setup, campaign, s->shard.round, &s->search, error));
done:
    fsbi_campaign_file_close(campaign, NULL);
    return status;
}

static fsbi_status name_output(share *s, const char *output, fsbi_error *error) {
    char rest[64];
    snprintf(rest, sizeof rest, ".round%02zu.shard%03zuof%03zu.h5", s->shard.round, s->shard.index,
             s->shard.shards);
    if (output == NULL)
        return fsbi_output_file_name(s->setup->config->campaign.output, rest, s->path, error);
    return snprintf(s->path, PATH, "%s", output) < PATH
               ? FSBI_OK
               : fsbi_error_set(error, FSBI_BAD_INPUT, "the output's name is too long");
}

/* Whether an existing file is this very share's; `*damaged`: it cannot be read. */
static fsbi_status check_file(const share *s, bool *damaged, FILE *report, fsbi_error *error) {
    fsbi_shard found;
    *damaged = true;
    FSBI_TRY(fsbi_shard_read(s->path, &found, error));
    *damaged = false;
    FSBI_TRY(fsbi_output_file_compare(s->setup, s->path, report, error));
    if (memcmp(&found, &s->shard, sizeof found) != 0)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "'%s' has shard %zu of %zu of round %zu: choose another --output",
                              s->path, found.index, found.shards, found.round);
    return FSBI_OK;
}

static fsbi_status provide_file(const share *s, bool force_new, FILE *report, fsbi_error *error) {
    const bool exists = access(s->path, F_OK) == 0;
    if (exists && !force_new) {
        bool damaged = false;
        const fsbi_status status = check_file(s, &damaged, report, error);
        if (!damaged)
            return status;
        fprintf(report, "note: %s\n", error->message);
    }
    if (exists)
        FSBI_TRY(fsbi_output_file_move_away(s->path, report, error));
    return fsbi_output_file_create(s->setup, s->path, &s->shard, error);
}

/* A shard may have been run for a campaign that was begun anew since. */
static bool is_same_rule(const share *s, const fsbi_row *a, const fsbi_row *b) {
    return a->seed == b->seed &&
           memcmp(a->values, b->values, s->shape.theta_count * sizeof *a->values) == 0;
}

/* Takes the rows over that the shard's file has already. */
static fsbi_status read_finished(share *s, fsbi_campaign_file *file, fsbi_error *error) {
    const size_t size = fsbi_row_size(&s->shape);
    void *rows = fsbi_memory_allocate(s->shard.count, size, error);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(rows == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    FSBI_TRY_DONE(
        fsbi_campaign_file_read_rows(file, s->shard.round, 0, s->shard.count, rows, error));
    for (size_t i = 0; i < s->shard.count; i++) {
        const fsbi_row *found = fsbi_row_at(&s->shape, rows, i);
        fsbi_row *row = fsbi_row_at(&s->shape, s->rows, i);
        if (fsbi_row_done(&s->shape, row))
            continue;
        if (fsbi_row_done(&s->shape, found) && is_same_rule(s, row, found))
            memcpy(row, found, size);
        else
            row->crashes = found->crashes;
    }
done:
    free(rows);
    return status;
}

static fsbi_status open_and_simulate(share *s, fsbi_campaign_state *state, fsbi_error *error) {
    const fsbi_round_share all = {s->shard.round, s->shard.first, s->shard.count};
    double idle = 0;
    state->rng = fsbi_random_allocate(error);
    state->rows = fsbi_memory_allocate(s->setup->config->round_count, sizeof *state->rows, error);
    state->searches =
        fsbi_memory_allocate(s->setup->config->round_count, sizeof *state->searches, error);
    if (state->rows == NULL || state->rng == NULL || state->searches == NULL)
        return FSBI_NO_MEMORY;
    state->searches[s->shard.round] = s->search;
    s->search = (fsbi_campaign_search){0};
    FSBI_TRY(fsbi_rank_log_open(s->setup->config->run.log, s->path, 0, &state->log, error));
    FSBI_TRY(fsbi_campaign_file_open(s->path, MPI_COMM_NULL, s->setup->model, &state->file, error));
    FSBI_TRY(read_finished(s, state->file, error));
    state->rows[s->shard.round] = s->rows;
    s->rows = NULL;
    FSBI_TRY(fsbi_campaign_simulate(state, &all, &idle, error));
    return fsbi_campaign_file_flush(state->file, error);
}

static fsbi_status simulate_share(share *s, FILE *report, fsbi_error *error) {
    fsbi_campaign_state state = {.comm = MPI_COMM_NULL,
                                 .first_rank = true,
                                 .setup = s->setup,
                                 .report = report,
                                 .shape = s->shape};
    const fsbi_status status = open_and_simulate(s, &state, error);
    fsbi_campaign_state_clear(&state);
    return fsbi_campaign_file_finish(state.file, status, error);
}

static fsbi_status run(share *s, const fsbi_shard_options *options, FILE *report,
                       fsbi_error *error) {
    fsbi_lock_file lock;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_output_lock_take(MPI_COMM_NULL, s->path, &lock, report, error));
    FSBI_TRY_DONE(provide_file(s, options->force_new, report, error));
    FSBI_TRY_DONE(simulate_share(s, report, error));
done:
    fsbi_lock_file_release(&lock);
    return status;
}

fsbi_status fsbi_campaign_simulate_shard(const fsbi_setup_source *source,
                                         const fsbi_shard_options *options, FILE *report,
                                         fsbi_error *error) {
    fsbi_setup setup;
    size_t ready = 0;
    share s = {.setup = &setup};
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_setup_load(MPI_COMM_NULL, source, &setup, error));
    FSBI_TRY_DONE(fsbi_setup_expect_rounds(&setup, error));
    s.shape = fsbi_row_shape_of(setup.model);
    FSBI_TRY_DONE(read_campaign(&s, options, &ready, report, error));
    if (ready == 0) {
        fprintf(report,
                "nothing to do for shard %zu of %zu: the campaign file has all of its rows whose "
                "rules are drawn ('fsbi_mpi propose' draws the next ones)\n",
                options->index, options->shards);
        goto done;
    }
    FSBI_TRY_DONE(name_output(&s, options->output, error));
    FSBI_TRY_DONE(run(&s, options, report, error));
    fprintf(report, "shard %zu of %zu of round %zu is in %s\n", s.shard.index, s.shard.shards,
            s.shard.round, s.path);
done:
    free(s.rows);
    fsbi_posterior_clear(&s.search.interim);
    fsbi_setup_clear(&setup);
    return status;
}
