#include "store/posterior_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/hdf5_util.h"
#include "store/layout.h"
#include "store/new_file.h"
#include "store/posterior_group.h"

static const char own_group[] = "/posterior";

/* The attribute written last, whose presence makes a file a whole one. */
static const char last_attribute[] = "data";

/* What such a file is created of. */
typedef struct {
    const fsbi_posterior_plan *plan;
    const fsbi_posterior_origin *origin;
} new_posterior;

static fsbi_status create_contents(hid_t id, const new_posterior *made, fsbi_error *error) {
    FSBI_TRY(fsbi_hdf5_write_integer(id, "format_version", FSBI_LAYOUT_FORMAT, error));
    FSBI_TRY(fsbi_hdf5_write_text(id, "program_version", made->origin->program_version, error));
    FSBI_TRY(fsbi_hdf5_write_text(id, "settings", made->origin->settings, error));
    FSBI_TRY(fsbi_posterior_group_create(id, "posterior", made->plan, error));
    return fsbi_hdf5_write_text(id, last_attribute, made->origin->data, error);
}

static fsbi_status create_posterior(fsbi_store_file file, const void *context, fsbi_error *error) {
    const fsbi_status status = create_contents(file.identifier, context, error);
    if (status != FSBI_OK)
        fsbi_error_prefix(error, "a posterior file cannot be made (is there room?)");
    return status;
}

fsbi_status fsbi_posterior_file_begin(const char *path, const fsbi_posterior_plan *plan,
                                      const fsbi_posterior_origin *origin, fsbi_error *error) {
    const new_posterior made = {plan, origin};
    return fsbi_new_file_begin(path, "posterior file", create_posterior, &made, error);
}

static bool attribute_is(hid_t file, const char *name, const char *expected) {
    char *text = NULL;
    const bool same = fsbi_hdf5_read_text(file, name, &text, NULL) == FSBI_OK && text != NULL &&
                      strcmp(text, expected) == 0;
    free(text);
    return same;
}

bool fsbi_posterior_file_is_begun(const char *path, const fsbi_posterior_origin *origin) {
    fsbi_store_file file = {0};
    if (fsbi_new_file_open(path, MPI_COMM_NULL, &file, NULL) != FSBI_OK)
        return false;
    const bool begun = attribute_is(file.identifier, "program_version", origin->program_version) &&
                       attribute_is(file.identifier, "settings", origin->settings) &&
                       attribute_is(file.identifier, last_attribute, origin->data);
    return fsbi_new_file_close(path, file, NULL) == FSBI_OK && begun;
}

fsbi_posterior_place fsbi_posterior_file_place(fsbi_store_file file) {
    fsbi_posterior_place place = {.file = file};
    snprintf(place.path, sizeof place.path, "%s", own_group);
    return place;
}

static bool exists(hid_t file, const char *path) {
    return H5Lexists(file, path, H5P_DEFAULT) > 0;
}

/* Whether the last member of a campaign's posterior is there: rounds are trained in turn. */
static bool is_trained(const fsbi_posterior_place *place) {
    hid_t group = H5Gopen2(place->file.identifier, place->path, H5P_DEFAULT);
    size_t members = 0;
    uint64_t checksum = 0;
    char path[2 * FSBI_STORE_PATH];
    snprintf(path, sizeof path, "%s/checksum", place->path);
    bool trained = group >= 0 && fsbi_hdf5_count_rows(group, "checksum", &members, NULL) == FSBI_OK;
    for (size_t member = 0; member < members && trained; member++)
        trained = fsbi_hdf5_read(place->file.identifier,
                                 &(fsbi_hdf5_rows){path, H5T_NATIVE_UINT64, member, 1, 1},
                                 &checksum, NULL) == FSBI_OK &&
                  checksum != 0;
    if (group >= 0)
        H5Gclose(group);
    return trained;
}

/* Finds the group; whether there is one. */
static bool find(long round, fsbi_posterior_place *place) {
    enum { MOST_ROUNDS = 100 };
    if (exists(place->file.identifier, "posterior") && round < 0) {
        snprintf(place->path, sizeof place->path, "%s", own_group);
        return true;
    }
    if (!exists(place->file.identifier, "rounds"))
        return false;
    const long last = round < 0 ? MOST_ROUNDS - 1 : round;
    for (long r = last; r >= (round < 0 ? 0 : round); r--) {
        fsbi_layout_path(place->path, (size_t)r, "");
        place->path[sizeof "/rounds/00" - 1] = '\0';
        if (!exists(place->file.identifier, place->path))
            continue;
        fsbi_layout_path(place->path, (size_t)r, "posterior");
        if (exists(place->file.identifier, place->path) && is_trained(place))
            return true;
    }
    return false;
}

fsbi_status fsbi_posterior_file_load(const char *path, long round, fsbi_posterior_plan *plan,
                                     fsbi_posterior *posterior, fsbi_error *error) {
    fsbi_posterior_place place = {0};
    long version = 0;
    FSBI_TRY(fsbi_hdf5_open(path, &place.file.identifier, error));
    fsbi_status status = FSBI_BAD_INPUT;
    if (fsbi_hdf5_read_integer(place.file.identifier, "format_version", &version, NULL) != FSBI_OK)
        fsbi_error_set(error, status, "'%s' is neither a posterior nor a campaign of this program",
                       path);
    else if (version < FSBI_LAYOUT_OLDEST_POSTERIOR || version > FSBI_LAYOUT_FORMAT)
        fsbi_error_set(error, status,
                       "'%s': this program reads formats %d to %d, the file has %ld: use the "
                       "program version that made it (attribute program_version)",
                       path, FSBI_LAYOUT_OLDEST_POSTERIOR, FSBI_LAYOUT_FORMAT, version);
    else if (!find(round, &place))
        fsbi_error_set(error, status, "'%s' holds no trained posterior%s", path,
                       round < 0 ? "" : " of that round");
    else
        status = fsbi_posterior_store_load(&place, plan, posterior, error);
    fsbi_hdf5_close(place.file.identifier);
    return status;
}
