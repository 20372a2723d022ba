#include "steps/train.h"

#include <math.h>

#include "cluster/cluster.h"
#include "fit/fit.h"
#include "inference/restricted_prior.h"
#include "setup/networks.h"
#include "steps/select.h"

static fsbi_fit describe_fit(const fsbi_campaign_state *state, size_t round,
                             fsbi_networks_kind kind, const char *what) {
    const fsbi_config *config = state->setup->config;
    const bool classifier = kind == FSBI_NETWORKS_CLASSIFIER;
    return (fsbi_fit){.comm = state->comm,
                      .first_worker = fsbi_cluster_size(state->comm) > 1,
                      .report = state->report,
                      .what = what,
                      .settings = &config->inference,
                      .seed = (uint64_t)config->campaign.seed,
                      .round = round,
                      .train = classifier ? FSBI_PURPOSE_CLASSIFY : FSBI_PURPOSE_TRAIN,
                      .split = classifier ? FSBI_PURPOSE_CLASSIFY_SPLIT : FSBI_PURPOSE_SPLIT,
                      .place = fsbi_campaign_file_place(state->file, round, kind)};
}

/* Trains and checks a posterior, and makes it the one that rules are drawn from. */
static fsbi_status fit_posterior(fsbi_campaign_state *state, size_t round,
                                 fsbi_training_table *table, const fsbi_posterior_plan *plan,
                                 fsbi_error *error) {
    char what[64];
    snprintf(what, sizeof what, "round %zu", round);
    fsbi_fit fit = describe_fit(state, round, FSBI_NETWORKS_POSTERIOR, what);
    fsbi_posterior posterior = {0};
    if (fit.settings->warm_start && state->has_posterior &&
        fsbi_fit_can_start_from(plan, &state->posterior))
        fit.initial = &state->posterior;
    const fsbi_status status = fsbi_fit_posterior(&fit, table, plan, &posterior, error);
    if (status != FSBI_OK) {
        fsbi_posterior_clear(&posterior);
        return status;
    }
    fsbi_posterior_clear(&state->posterior);
    state->posterior = posterior;
    state->has_posterior = true;
    return FSBI_OK;
}

static fsbi_status train_posterior(fsbi_campaign_state *state, size_t round, fsbi_error *error) {
    fsbi_training_table table = {0};
    fsbi_posterior_plan plan = {0};
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(
        fsbi_setup_plan_networks(state->setup, round, FSBI_NETWORKS_POSTERIOR, &plan, error));
    FSBI_TRY_DONE(fsbi_cluster_agree(
        state->comm,
        state->first_rank ? fsbi_campaign_select(state, round, &table, error) : FSBI_OK, error));
    FSBI_TRY_DONE(fit_posterior(state, round, &table, &plan, error));
done:
    fsbi_training_table_clear(&table);
    fsbi_posterior_plan_clear(&plan);
    return status;
}

/* What the threshold does to the rows held out. */
static void report_threshold(const fsbi_fit *fit, const fsbi_restriction_report *found) {
    const double percent = 100;
    fprintf(
        fit->report,
        "    of %zu valid and %zu other rules held out it turns away %zu and %zu (%.1f and %.1f "
        "%%)\n",
        found->valid, found->invalid, found->valid_turned_away, found->invalid_turned_away,
        percent * (double)found->valid_turned_away / (double)found->valid,
        found->invalid == 0
            ? 0
            : percent * (double)found->invalid_turned_away / (double)found->invalid);
    if ((double)found->valid * fit->settings->false_negatives < 1)
        fprintf(fit->report,
                "    with so few valid ones held out, the share of valid rules turned away may "
                "exceed inference.false_negatives\n");
    fflush(fit->report);
}

/* The threshold under which few enough of the valid rows held out would be turned away. */
static fsbi_status find_threshold(fsbi_campaign_state *state, const fsbi_fit *fit,
                                  const fsbi_fit_data *data, fsbi_error *error) {
    const fsbi_restriction_rows held_out = {
        .theta = data->x + data->training_rows * state->classifier.specification.x_size,
        .valid = data->theta + data->training_rows,
        .count = data->held_out_rows};
    fsbi_restriction_report found = {0};
    FSBI_TRY(fsbi_restricted_prior_threshold(&state->classifier, &held_out,
                                             fit->settings->false_negatives, &found, error));
    state->threshold = found.threshold;
    if (!state->first_rank)
        return FSBI_OK;
    report_threshold(fit, &found);
    return fsbi_posterior_store_write_threshold(&fit->place, found.threshold, error);
}

static fsbi_status train_classifier(fsbi_campaign_state *state, size_t round, fsbi_error *error) {
    char what[64];
    snprintf(what, sizeof what, "round %zu, classifier", round);
    const fsbi_fit fit = describe_fit(state, round, FSBI_NETWORKS_CLASSIFIER, what);
    fsbi_training_table table = {0};
    fsbi_posterior_plan plan = {0};
    fsbi_fit_data data = {0};
    fsbi_status status = FSBI_OK;
    fsbi_posterior_clear(&state->classifier);
    FSBI_TRY_DONE(
        fsbi_setup_plan_networks(state->setup, round, FSBI_NETWORKS_CLASSIFIER, &plan, error));
    FSBI_TRY_DONE(fsbi_posterior_plan_start(&plan, &state->classifier, error));
    FSBI_TRY_DONE(fsbi_cluster_agree(
        state->comm, state->first_rank ? fsbi_campaign_label(state, round, &table, error) : FSBI_OK,
        error));
    FSBI_TRY_DONE(fsbi_fit_share(&fit, &table, &state->classifier, &data, error));
    FSBI_TRY_DONE(fsbi_fit_train(&fit, &data, &state->classifier, error));
    FSBI_TRY_DONE(
        fsbi_cluster_agree(state->comm, find_threshold(state, &fit, &data, error), error));
done:
    fsbi_fit_data_clear(&data);
    fsbi_training_table_clear(&table);
    fsbi_posterior_plan_clear(&plan);
    return status;
}

fsbi_status fsbi_campaign_train(fsbi_campaign_state *state, size_t round, fsbi_networks_kind kind,
                                fsbi_error *error) {
    return kind == FSBI_NETWORKS_CLASSIFIER ? train_classifier(state, round, error)
                                            : train_posterior(state, round, error);
}
