#include "fit/training_status.h"

static bool has_networks(const fsbi_config_round *settings, fsbi_networks_kind kind) {
    switch (kind) {
    case FSBI_NETWORKS_CLASSIFIER:
        return settings->has_classifier;
    case FSBI_NETWORKS_POSTERIOR:
        return settings->has_posterior;
    case FSBI_NETWORKS_EMULATOR:
        break;
    }
    return settings->propose == FSBI_PROPOSE_TOWARDS;
}

static fsbi_status make_plan(const fsbi_setup *setup, size_t round, fsbi_networks_kind kind,
                             fsbi_posterior_plan *plan, fsbi_error *error) {
    switch (kind) {
    case FSBI_NETWORKS_CLASSIFIER:
        return fsbi_setup_classifier_plan(setup, plan, error);
    case FSBI_NETWORKS_POSTERIOR:
        return fsbi_setup_posterior_plan(setup, round, plan, error);
    case FSBI_NETWORKS_EMULATOR:
        break;
    }
    return fsbi_setup_emulator_plan(setup, plan, error);
}

fsbi_status fsbi_training_status_read(const fsbi_setup *setup, const fsbi_campaign_file *file,
                                      size_t round, fsbi_networks_kind kind,
                                      fsbi_training_status *trained, fsbi_error *error) {
    const fsbi_config_round *settings = &setup->config->rounds[round];
    const fsbi_posterior_place place = fsbi_campaign_file_place(file, round, kind);
    fsbi_posterior_plan plan = {0};
    *trained = (fsbi_training_status){.checked = true};
    if (!has_networks(settings, kind))
        return FSBI_OK;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(make_plan(setup, round, kind, &plan, error));
    trained->members = plan.members;
    FSBI_TRY_DONE(fsbi_posterior_store_count_members(&place, &plan, &trained->trained, error));
    FSBI_TRY_DONE(fsbi_posterior_store_is_complete(&place, &plan, &trained->checked, error));
done:
    fsbi_posterior_plan_clear(&plan);
    return status;
}

bool fsbi_training_status_is_complete(const fsbi_training_status *trained) {
    return trained->trained == trained->members && trained->checked;
}
