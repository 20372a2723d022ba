#include "steps/emulate.h"

#include <stdlib.h>
#include <string.h>

#include "cluster/cluster.h"
#include "cluster/share.h"
#include "core/memory.h"
#include "fit/fit.h"
#include "output/interruption.h"
#include "setup/networks.h"

bool fsbi_campaign_same_search(const fsbi_campaign_state *state, size_t round, size_t other) {
    const char *one = state->setup->config->rounds[round].model;
    const char *two = state->setup->config->rounds[other].model;
    return one == NULL || two == NULL ? one == two : strcmp(one, two) == 0;
}

/* Rank 0: what was known beforehand and what came out, of all rows before the round. Rows that
 * chance ended early are left out; those that it let pass stand for them. */
static fsbi_status collect_rows(const fsbi_campaign_state *state, size_t round,
                                fsbi_training_table *table, fsbi_error *error) {
    const fsbi_model *model = fsbi_setup_model_of(state->setup, round);
    const fsbi_row_set set = fsbi_campaign_rows(state, 0, round);
    const size_t rows = fsbi_row_set_count(&set);
    const size_t inputs = fsbi_search_input_size(model);
    const size_t targets = fsbi_search_target_size(model);
    table->theta = fsbi_memory_allocate(rows * targets, sizeof *table->theta, error);
    table->x = fsbi_memory_allocate(rows * inputs, sizeof *table->x, error);
    table->weights = fsbi_memory_allocate(rows, sizeof *table->weights, error);
    if (table->theta == NULL || table->x == NULL || table->weights == NULL)
        return FSBI_NO_MEMORY;
    for (size_t r = 0; r < round; r++) {
        for (size_t i = 0; i < set.rounds[r].simulations; i++) {
            const fsbi_row *row = fsbi_row_set_at(&set, r, i);
            if (!fsbi_campaign_same_search(state, r, round) || fsbi_row_ended_early(row))
                continue;
            fsbi_search_inputs(model, row->values, table->x + table->rows * inputs);
            fsbi_search_targets(model, row->values + model->parameter_count,
                                table->theta + table->rows * targets);
            table->weights[table->rows++] = fsbi_row_stands_for(row);
        }
    }
    return FSBI_OK;
}

/* Rank 0: whether enough of the rows so far are ok. */
static fsbi_status check_enough(const fsbi_campaign_state *state, size_t round, fsbi_error *error) {
    const long minimum = state->setup->config->inference.minimum_rows;
    const fsbi_row_set set = fsbi_campaign_rows(state, 0, round);
    size_t ok = 0;
    for (size_t r = 0; r < round; r++)
        for (size_t i = 0; i < set.rounds[r].simulations; i++)
            ok += fsbi_campaign_same_search(state, r, round) &&
                  fsbi_row_set_at(&set, r, i)->status == FSBI_SIMULATION_OK;
    return ok >= (size_t)minimum
               ? FSBI_OK
               : fsbi_error_set(error, FSBI_HOPELESS,
                                "only %zu of the %zu rows so far are ok for the emulator of round "
                                "%zu to learn from (inference.minimum_rows is %ld): run more "
                                "simulations of the prior first",
                                ok, fsbi_row_set_count(&set), round, minimum);
}

static fsbi_status collect(const fsbi_campaign_state *state, const fsbi_fit *fit,
                           const fsbi_outcome_networks *kind, fsbi_training_table *table,
                           fsbi_error *error) {
    FSBI_TRY(check_enough(state, fit->round, error));
    FSBI_TRY(kind->collect(state, fit->round, table, error));
    size_t alike = 0;
    while (alike < table->rows && table->weights[alike] == 1)
        alike++;
    if (alike == table->rows) {
        free(table->weights);
        table->weights = NULL;
    }
    return FSBI_OK;
}

static fsbi_status train(fsbi_campaign_state *state, const fsbi_fit *fit,
                         const fsbi_outcome_networks *kind, fsbi_posterior *networks,
                         fsbi_error *error) {
    fsbi_training_table table = {0};
    fsbi_posterior_plan plan = {0};
    fsbi_fit_data data = {0};
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_setup_plan_networks(state->setup, fit->round, kind->kind, &plan, error));
    FSBI_TRY_DONE(fsbi_posterior_plan_start(&plan, networks, error));
    FSBI_TRY_DONE(fsbi_cluster_agree(
        state->comm, state->first_rank ? collect(state, fit, kind, &table, error) : FSBI_OK,
        error));
    FSBI_TRY_DONE(fsbi_fit_share(fit, &table, networks, &data, error));
    FSBI_TRY_DONE(fsbi_fit_train(fit, &data, networks, error));
done:
    fsbi_fit_data_clear(&data);
    fsbi_training_table_clear(&table);
    fsbi_posterior_plan_clear(&plan);
    return status;
}

fsbi_status fsbi_campaign_provide_outcome_networks(fsbi_campaign_state *state, size_t round,
                                                   const fsbi_outcome_networks *kind,
                                                   fsbi_posterior *networks, fsbi_error *error) {
    const fsbi_config *config = state->setup->config;
    const fsbi_config_inference settings = fsbi_setup_emulator_training(config);
    char what[64];
    if (networks->members > 0)
        return FSBI_OK;
    snprintf(what, sizeof what, "round %zu, %s", round, fsbi_networks_kind_name(kind->kind));
    const fsbi_fit fit = {.comm = state->comm,
                          .first_worker = fsbi_cluster_size(state->comm) > 1,
                          .report = state->report,
                          .what = what,
                          .settings = &settings,
                          .weight_decay = config->search.weight_decay,
                          .own_held_out = true,
                          .seed = (uint64_t)config->campaign.seed,
                          .round = round,
                          .train = kind->train,
                          .split = kind->split,
                          .place = fsbi_campaign_file_place(state->file, round, kind->kind)};
    return train(state, &fit, kind, networks, error);
}

fsbi_status fsbi_campaign_provide_emulator(fsbi_campaign_state *state, size_t round,
                                           fsbi_error *error) {
    static const fsbi_outcome_networks emulator = {FSBI_NETWORKS_EMULATOR, FSBI_PURPOSE_EMULATE,
                                                   FSBI_PURPOSE_EMULATE_SPLIT, collect_rows};
    return fsbi_campaign_provide_outcome_networks(state, round, &emulator,
                                                  &state->searches[round].emulator, error);
}

/* This rank's share; the rest of `log_probability` stays 0. */
static fsbi_status emulate_share(const fsbi_campaign_state *state, size_t round,
                                 const double *inferred, size_t count, double *log_probability,
                                 fsbi_error *error) {
    const fsbi_model *model = fsbi_setup_model_of(state->setup, round);
    const size_t dimension = fsbi_model_inferred_count(model);
    fsbi_condition_probability computation = {0};
    fsbi_status status = FSBI_OK;
    memset(log_probability, 0, count * sizeof *log_probability);
    FSBI_TRY_DONE(fsbi_interruption_check(error));
    FSBI_TRY_DONE(
        fsbi_condition_probability_init(&computation, model, &state->searches[round].emulator,
                                        &state->setup->config->rounds[round].towards, error));
    fsbi_cluster_share share =
        fsbi_cluster_share_begin(state->comm, count, FSBI_CONDITION_PROBABILITY_BLOCK);
    while (fsbi_cluster_share_next(&share))
        fsbi_condition_probability_log(&computation, inferred + share.first * dimension,
                                       share.count, log_probability + share.first);
done:
    fsbi_condition_probability_clear(&computation);
    return status;
}

fsbi_status fsbi_campaign_emulate(fsbi_campaign_state *state, size_t round, const double *inferred,
                                  size_t count, double *log_probability, fsbi_error *error) {
    FSBI_TRY(fsbi_cluster_agree(
        state->comm, emulate_share(state, round, inferred, count, log_probability, error), error));
    fsbi_cluster_allreduce_sum(state->comm, log_probability, count);
    return FSBI_OK;
}
