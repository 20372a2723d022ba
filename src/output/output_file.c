/* The campaign file as a run of the program finds or makes it. */
#include "output/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/memory.h"
#include "core/target.h"
#include "setup/networks.h"
#include "store/campaign_file.h"
#include "store/matrix.h"
#include "store/new_file.h"

fsbi_status fsbi_output_file_name(const char *campaign, const char *rest,
                                  char path[FSBI_OUTPUT_PATH], fsbi_error *error) {
    char target[FSBI_TARGET_PATH];
    FSBI_TRY(fsbi_target_find(campaign, target, error));
    const char *dot = strrchr(target, '.');
    const bool has_ending = dot != NULL && strchr(dot, '/') == NULL;
    const int stem = (int)(has_ending ? (size_t)(dot - target) : strlen(target));
    return snprintf(path, FSBI_OUTPUT_PATH, "%.*s%s", stem, target, rest) < FSBI_OUTPUT_PATH
               ? FSBI_OK
               : fsbi_error_set(error, FSBI_BAD_INPUT, "the output's name is too long");
}

fsbi_status fsbi_output_file_move_away(const char *path, FILE *report, fsbi_error *error) {
    enum { MOST_OLD = 10000 };
    char target[FSBI_TARGET_PATH];
    FSBI_TRY(fsbi_target_find(path, target, error));
    for (int k = 1; k < MOST_OLD; k++) {
        fsbi_text name = {0};
        fsbi_text_append(&name, "%s.old-%d", target, k);
        if (name.failed)
            return fsbi_error_set(error, FSBI_NO_MEMORY, "out of memory");
        bool taken = access(name.characters, F_OK) == 0;
        bool moved = !taken && rename(target, name.characters) == 0;
        if (moved)
            fprintf(report, "the old file is kept as %s\n", name.characters);
        fsbi_text_clear(&name);
        if (moved)
            return FSBI_OK;
        if (!taken)
            break;
    }
    return fsbi_error_set(error, FSBI_IO, "cannot move '%s' out of the way: %s", path,
                          strerror(errno));
}

fsbi_status fsbi_output_file_compare(const fsbi_setup *setup, const char *path, FILE *report,
                                     fsbi_error *error) {
    static const char *const ignored[] = {"campaign.output", "run", "traces", NULL};
    char *stored_text = NULL;
    char *stored_version = NULL;
    fsbi_setup stored_setup = {0};
    fsbi_config_node *stored = NULL;
    fsbi_config_node *present = NULL;
    char difference[512];
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_campaign_file_read_config(path, &stored_text, &stored_version, error));
    /* Settings that the program which made the file did not know yet have their defaults. */
    FSBI_TRY_DONE(fsbi_setup_parse(stored_text, path, NULL, 0, &stored_setup, error));
    FSBI_TRY_DONE(fsbi_config_node_parse(stored_setup.effective.characters, path, &stored, error));
    FSBI_TRY_DONE(fsbi_config_node_parse(setup->effective.characters, "effective configuration",
                                         &present, error));
    if (fsbi_config_node_difference(present, stored, ignored, difference, sizeof difference))
        FSBI_TRY_DONE(fsbi_error_set(
            error, FSBI_BAD_INPUT,
            "'%s' was made by another configuration (%s, in the file); choose another "
            "campaign.output, or --force-new to start over and keep the old file",
            path, difference));
    if (strcmp(stored_version, FSBI_BUILD) != 0)
        fprintf(report,
                "note: %s was begun by fsbi_mpi %s, this is %s: rows may differ in rounding\n",
                path, stored_version, FSBI_BUILD);
done:
    fsbi_config_node_free(present);
    fsbi_config_node_free(stored);
    fsbi_setup_clear(&stored_setup);
    free(stored_text);
    free(stored_version);
    return status;
}

/* MPI-IO does not say why it cannot. */
static fsbi_status check_writable(const char *path, fsbi_error *error) {
    const int descriptor = open(path, O_RDWR | O_CLOEXEC);
    if (descriptor < 0)
        return fsbi_error_set(error, FSBI_IO, "'%s' cannot be written: %s", path, strerror(errno));
    close(descriptor);
    return FSBI_OK;
}

/* Whether everything in the file is there in its size. */
static fsbi_status check_contents(const fsbi_setup *setup, const char *path, fsbi_error *error) {
    fsbi_campaign_file *file = NULL;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_campaign_file_open_readonly(path, setup->model, &file, error));
    FSBI_TRY_DONE(fsbi_campaign_file_check_layout(file, error));
    for (size_t round = 0; round < setup->config->round_count; round++)
        FSBI_TRY_DONE(fsbi_campaign_file_check_sizes(file, setup->config, round, error));
done:
    fsbi_campaign_file_close(file, NULL);
    if (status != FSBI_OK)
        fsbi_error_prefix(error,
                          "'%s' is damaged; restore it from a copy, or start over with `fsbi_mpi "
                          "run --force-new`, which keeps it",
                          path);
    return status;
}

fsbi_status fsbi_output_file_check(const fsbi_setup *setup, const char *path, FILE *report,
                                   fsbi_error *error) {
    FSBI_TRY(fsbi_output_file_compare(setup, path, report, error));
    FSBI_TRY(check_contents(setup, path, error));
    return check_writable(path, error);
}

/* What each round's networks are made for: `plans` has FSBI_NETWORKS_KINDS of each round. */
static fsbi_status plan_networks(const fsbi_setup *setup, fsbi_posterior_plan *plans,
                                 fsbi_error *error) {
    for (size_t i = 0; i < setup->config->round_count; i++)
        for (fsbi_networks_kind kind = 0; kind < FSBI_NETWORKS_KINDS; kind++, plans++)
            if (fsbi_setup_has_networks(setup, i, kind))
                FSBI_TRY(fsbi_setup_plan_networks(setup, i, kind, plans, error));
    return FSBI_OK;
}

fsbi_status fsbi_output_file_create(const fsbi_setup *setup, const char *path,
                                    const fsbi_shard *shard, fsbi_error *error) {
    const size_t count = FSBI_NETWORKS_KINDS * setup->config->round_count;
    fsbi_posterior_plan *plans = fsbi_memory_allocate(count, sizeof *plans, error);
    if (plans == NULL)
        return FSBI_NO_MEMORY;
    const fsbi_campaign_plan plan = {.config = setup->config,
                                     .model = setup->model,
                                     .config_text = setup->config_text,
                                     .effective_config = setup->effective.characters,
                                     .program_version = FSBI_BUILD,
                                     .networks = plans};
    const fsbi_row_shape shape = fsbi_row_shape_of(setup->model);
    double bytes = shard == NULL ? 0 : (double)(shard->count * fsbi_row_size(&shape));
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(plan_networks(setup, plans, error));
    if (shard == NULL)
        FSBI_TRY_DONE(fsbi_setup_file_bytes(setup, &bytes, error));
    FSBI_TRY_DONE(fsbi_new_file_check_room(path, bytes, error));
    FSBI_TRY_DONE(fsbi_campaign_file_create(path, &plan, shard, error));
done:
    for (size_t i = 0; i < count; i++)
        fsbi_posterior_plan_clear(&plans[i]);
    free(plans);
    return status;
}

/* The file that is there, or a new one. */
static fsbi_status provide(const fsbi_setup *setup, bool force_new, FILE *report,
                           fsbi_error *error) {
    const char *path = setup->config->campaign.output;
    const bool exists = access(path, F_OK) == 0;
    if (exists && fsbi_store_expect_hdf5(path, error) != FSBI_OK) {
        fsbi_error_prefix(error, "choose another campaign.output");
        return FSBI_BAD_INPUT;
    }
    if (exists && !force_new) {
        FSBI_TRY(fsbi_output_file_check(setup, path, report, error));
        fprintf(report, "%s: going on where it stopped\n", path);
        return FSBI_OK;
    }
    if (exists)
        FSBI_TRY(fsbi_output_file_move_away(path, report, error));
    FSBI_TRY(fsbi_output_file_create(setup, path, NULL, error));
    fprintf(report, "%s: new campaign file\n", path);
    return FSBI_OK;
}

fsbi_status fsbi_output_file_provide(const fsbi_setup *setup, bool force_new, FILE *report,
                                     fsbi_error *error) {
    const fsbi_status status = provide(setup, force_new, report, error);
    fflush(report);
    return status;
}
