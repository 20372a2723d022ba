#include "steps/gather_traces.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cluster/cluster.h"
#include "cluster/share.h"
#include "core/memory.h"
#include "output/interruption.h"
#include "output/new_output.h"
#include "output/trace_files.h"
#include "store/new_file.h"

enum { PATH = FSBI_OUTPUT_PATH };

/* The records of a round, and the files that they are in. */
typedef struct {
    char (*paths)[PATH];
    size_t path_count;
    fsbi_trace_entry *entries;
    size_t count;
} spooled;

static void clear_spooled(spooled *s) {
    free(s->paths);
    free(s->entries);
    *s = (spooled){0};
}

/* Names of the round's spools, in alphabetical order. */
static fsbi_status find_spools(const char *folder, size_t round, spooled *s, fsbi_error *error) {
    char prefix[32];
    struct dirent **found = NULL;
    const int count = scandir(folder, &found, NULL, alphasort);
    if (count < 0)
        return errno == ENOENT
                   ? FSBI_OK
                   : fsbi_error_set(error, FSBI_IO, "cannot read the folder '%s' of traces: %s",
                                    folder, strerror(errno));
    snprintf(prefix, sizeof prefix, "round%02zu.", round);
    s->paths = fsbi_memory_allocate((size_t)count, sizeof *s->paths, error);
    for (int i = 0; i < count; i++) {
        const bool ours = strncmp(found[i]->d_name, prefix, strlen(prefix)) == 0;
        if (s->paths != NULL && ours &&
            snprintf(s->paths[s->path_count], PATH, "%s/%s", folder, found[i]->d_name) < PATH)
            s->path_count++;
        free(found[i]);
    }
    free(found);
    return s->paths == NULL ? FSBI_NO_MEMORY : FSBI_OK;
}

static int compare_rows(const void *a, const void *b) {
    const fsbi_trace_entry *left = a;
    const fsbi_trace_entry *right = b;
    if (left->owner.row != right->owner.row)
        return left->owner.row < right->owner.row ? -1 : 1;
    return left->spool < right->spool ? -1 : left->spool > right->spool;
}

/* A round whose traces are collected. */
typedef struct {
    const fsbi_campaign_state *state;
    size_t round;
    spooled found;
} gathering;

/* Whether a record is of this campaign's row. */
static bool is_ours(const gathering *g, const fsbi_trace_owner *owner) {
    return owner->row < g->state->setup->config->rounds[g->round].simulations &&
           owner->row_checksum == fsbi_campaign_row(g->state, g->round, owner->row)->checksum;
}

/* Whether a record is as it was written. */
static bool is_whole(const gathering *g, const fsbi_trace_entry *entry) {
    bool whole = false;
    void *data = fsbi_memory_allocate(entry->bytes, 1, NULL);
    const bool read =
        data != NULL && fsbi_trace_spool_read(g->found.paths[entry->spool], g->state->setup->model,
                                              entry, data, &whole, NULL) == FSBI_OK;
    free(data);
    return read && whole;
}

/* One record for each row of the campaign, in their order. A row that was run twice, since the
 * program was killed before it was written, has the same traces in both, unless one is damaged. */
static void sort_rows(gathering *g) {
    spooled *s = &g->found;
    size_t kept = 0;
    if (s->count > 0)
        qsort(s->entries, s->count, sizeof *s->entries, compare_rows);
    for (size_t i = 0; i < s->count; i++) {
        const fsbi_trace_owner *owner = &s->entries[i].owner;
        fsbi_trace_entry *last = kept == 0 ? NULL : &s->entries[kept - 1];
        if (!is_ours(g, owner))
            continue;
        if (last == NULL || last->owner.row != owner->row)
            s->entries[kept++] = s->entries[i];
        else if (!is_whole(g, last))
            *last = s->entries[i];
    }
    s->count = kept;
}

/* Rank 0: everything that was spooled of a round. */
static fsbi_status list_spooled(gathering *g, const char *folder, fsbi_error *error) {
    spooled *s = &g->found;
    FSBI_TRY(find_spools(folder, g->round, s, error));
    for (size_t i = 0; i < s->path_count; i++)
        FSBI_TRY(fsbi_trace_spool_list(s->paths[i], i, g->state->setup->model, &s->entries,
                                       &s->count, error));
    sort_rows(g);
    return FSBI_OK;
}

/* Room for as many records as rank 0 has. */
static fsbi_status make_room(spooled *s, const size_t sizes[2], fsbi_error *error) {
    clear_spooled(s);
    s->count = sizes[0];
    s->path_count = sizes[1];
    s->paths = fsbi_memory_allocate(s->path_count, sizeof *s->paths, error);
    s->entries = fsbi_memory_allocate(s->count, sizeof *s->entries, error);
    return s->paths == NULL || s->entries == NULL ? FSBI_NO_MEMORY : FSBI_OK;
}

/* Gives rank 0's list to all; collective. */
static fsbi_status share_spooled(MPI_Comm comm, spooled *s, fsbi_error *error) {
    size_t sizes[2] = {s->count, s->path_count};
    fsbi_cluster_broadcast(comm, sizes, sizeof sizes);
    FSBI_TRY(fsbi_cluster_agree(
        comm, fsbi_cluster_rank(comm) > 0 ? make_room(s, sizes, error) : FSBI_OK, error));
    fsbi_cluster_broadcast(comm, s->paths, s->path_count * sizeof *s->paths);
    fsbi_cluster_broadcast(comm, s->entries, s->count * sizeof *s->entries);
    return FSBI_OK;
}

static fsbi_status create_file(void *context, const char *path, fsbi_error *error) {
    const gathering *g = context;
    const spooled *s = &g->found;
    double bytes = 0;
    for (size_t i = 0; i < s->count; i++)
        bytes += (double)s->entries[i].bytes;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_new_file_check_room(path, bytes, error));
    FSBI_TRY_DONE(fsbi_trace_file_begin(path, g->state->setup->model, s->entries, s->count, error));
done:
    if (status != FSBI_OK)
        fsbi_error_prefix(error, "the traces of the round, which are kept, cannot be collected");
    return status;
}

static fsbi_status copy_row(const gathering *g, size_t index, fsbi_store_file file,
                            fsbi_error *error) {
    const fsbi_model *model = g->state->setup->model;
    const fsbi_trace_entry *entry = &g->found.entries[index];
    bool whole = false;
    void *data = fsbi_memory_allocate(entry->bytes, 1, error);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(data == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    FSBI_TRY_DONE(
        fsbi_trace_spool_read(g->found.paths[entry->spool], model, entry, data, &whole, error));
    if (whole)
        FSBI_TRY_DONE(fsbi_trace_file_write(file, model, g->found.entries, index, data, error));
done:
    free(data);
    return status;
}

/* This rank's share of the rows. */
static fsbi_status copy_share(void *context, fsbi_store_file file, fsbi_error *error) {
    const gathering *g = context;
    fsbi_cluster_share share = fsbi_cluster_share_begin(g->state->comm, g->found.count, 1);
    while (fsbi_cluster_share_next(&share)) {
        FSBI_TRY(fsbi_interruption_check(error));
        FSBI_TRY(copy_row(g, share.first, file, error));
    }
    return FSBI_OK;
}

/* Rank 0: whether the round's file is there, with traces of this campaign; one of another campaign
 * is moved out of the way. */
static fsbi_status find_file(const gathering *g, const char *path, bool *found, fsbi_error *error) {
    fsbi_trace_file file = {0};
    *found = access(path, F_OK) == 0;
    if (!*found)
        return FSBI_OK;
    *found = fsbi_trace_file_open(path, g->state->setup->model, &file, error) == FSBI_OK;
    for (size_t i = 0; i < file.rows && *found; i++) {
        const fsbi_trace_owner owner = {file.row[i], file.row_checksum[i]};
        *found = is_ours(g, &owner);
    }
    fsbi_trace_file_close(&file);
    return *found ? FSBI_OK : fsbi_output_file_move_away(path, g->state->report, error);
}

/* Rank 0: what there is to collect; `*needed`: it is not in the round's file yet. A file that is
 * there was finished, and only its spools not yet removed. */
static fsbi_status look(gathering *g, const char *folder, const char *path, bool *needed,
                        fsbi_error *error) {
    bool found = false;
    FSBI_TRY(list_spooled(g, folder, error));
    if (g->found.count > 0)
        FSBI_TRY(find_file(g, path, &found, error));
    *needed = g->found.count > 0 && !found;
    return FSBI_OK;
}

static void remove_spools(const spooled *s, const char *folder) {
    for (size_t i = 0; i < s->path_count; i++)
        unlink(s->paths[i]);
    rmdir(folder);
}

fsbi_status fsbi_campaign_gather_traces(const fsbi_campaign_state *state, size_t round,
                                        bool *needed, fsbi_error *error) {
    const char *campaign = state->setup->config->campaign.output;
    gathering g = {.state = state, .round = round};
    const fsbi_new_output output = {.begin = create_file, .fill = copy_share, .context = &g};
    char folder[PATH];
    char path[PATH];
    *needed = false;
    if (state->setup->model->trace_count == 0)
        return FSBI_OK;
    FSBI_TRY(fsbi_trace_files_folder(campaign, folder, error));
    FSBI_TRY(fsbi_trace_files_path(campaign, round, path, error));
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_cluster_agree(
        state->comm, state->first_rank ? look(&g, folder, path, needed, error) : FSBI_OK, error));
    fsbi_cluster_broadcast(state->comm, needed, sizeof *needed);
    if (*needed) {
        FSBI_TRY_DONE(share_spooled(state->comm, &g.found, error));
        FSBI_TRY_DONE(fsbi_new_output_make(state->comm, path, &output, error));
    }
    if (state->first_rank && *needed)
        fprintf(state->report, "round %zu: traces of %zu rows in %s\n", round, g.found.count, path);
    if (state->first_rank)
        remove_spools(&g.found, folder);
done:
    clear_spooled(&g.found);
    return status;
}
