#include "fit/training_status.h"

#include "setup/networks.h"

fsbi_status fsbi_training_status_read(const fsbi_setup *setup, const fsbi_campaign_file *file,
                                      size_t round, fsbi_networks_kind kind,
                                      fsbi_training_status *trained, fsbi_error *error) {
    const fsbi_posterior_place place = fsbi_campaign_file_place(file, round, kind);
    fsbi_posterior_plan plan = {0};
    *trained = (fsbi_training_status){.checked = true};
    if (!fsbi_setup_has_networks(setup, round, kind))
        return FSBI_OK;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_setup_plan_networks(setup, round, kind, &plan, error));
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
