#include "fit/training_status.h"

fsbi_status fsbi_training_status_read(const fsbi_setup *setup, const fsbi_campaign_file *file,
                                      size_t round, fsbi_networks_kind kind,
                                      fsbi_training_status *trained, fsbi_error *error) {
    const fsbi_config_round *settings = &setup->config->rounds[round];
    const bool classifier = kind == FSBI_NETWORKS_CLASSIFIER;
    const fsbi_posterior_place place = fsbi_campaign_file_place(file, round, kind);
    fsbi_posterior_plan plan = {0};
    *trained = (fsbi_training_status){.checked = true};
    if (classifier ? !settings->has_classifier : settings->infer.count == 0)
        return FSBI_OK;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(classifier ? fsbi_setup_classifier_plan(setup, &plan, error)
                             : fsbi_setup_posterior_plan(setup, round, &plan, error));
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
