#include "campaign/traces.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cluster/cluster.h"
#include "config/filter.h"
#include "core/memory.h"
#include "fsbi/random.h"
#include "output/interruption.h"
#include "output/output_file.h"
#include "rows/row_filter.h"
#include "store/new_file.h"
#include "store/trace_file.h"

enum { PATH = FSBI_OUTPUT_PATH };

void fsbi_trace_writer_close(fsbi_trace_writer *writer) {
    if (writer->open)
        fsbi_trace_spool_close(&writer->spool);
    writer->open = false;
}

fsbi_status fsbi_traces_path(const char *campaign, size_t round, char path[PATH],
                             fsbi_error *error) {
    char rest[64];
    snprintf(rest, sizeof rest, ".round%02zu.traces.h5", round);
    return fsbi_output_file_name(campaign, rest, path, error);
}

fsbi_status fsbi_traces_open(const char *campaign, const fsbi_model *model, size_t round,
                             fsbi_trace_file *file, fsbi_error *error) {
    char path[PATH];
    *file = (fsbi_trace_file){0};
    FSBI_TRY(fsbi_traces_path(campaign, round, path, error));
    return access(path, F_OK) != 0 ? FSBI_OK : fsbi_trace_file_open(path, model, file, error);
}

/* Whether the random draw of a row chooses it; the same whoever runs it. */
static bool is_drawn(const fsbi_config *config, size_t round, size_t place) {
    const uint64_t seed =
        fsbi_random_stream_seed((uint64_t)config->campaign.seed, FSBI_PURPOSE_TRACE, round, place);
    return (double)seed < config->traces.share * 0x1p64;
}

static bool is_chosen(const fsbi_setup *setup, size_t round, size_t place, const fsbi_row *row) {
    const fsbi_row_shape shape = fsbi_row_shape_of(setup->model);
    const char *store = setup->config->traces.store;
    if (row->status != FSBI_SIMULATION_OK || strcmp(store, "none") == 0)
        return false;
    if (strcmp(store, "random") == 0)
        return is_drawn(setup->config, round, place);
    return strcmp(store, "all") == 0 ||
           fsbi_filter_met(&setup->config->rounds[round].keep, &shape, row);
}

/* A spool of this process for this round, in the folder beside the campaign file. */
static fsbi_status open_spool(fsbi_trace_writer *writer, const fsbi_setup *setup, size_t round,
                              fsbi_error *error) {
    char folder[PATH];
    char path[PATH + 256];
    char host[64] = "";
    fsbi_trace_writer_close(writer);
    fsbi_status status =
        fsbi_output_file_name(setup->config->campaign.output, ".traces", folder, error);
    if (status == FSBI_OK && mkdir(folder, 0777) != 0 && errno != EEXIST)
        status = fsbi_error_set(error, FSBI_IO, "cannot make the folder '%s' for traces: %s",
                                folder, strerror(errno));
    if (status != FSBI_OK)
        return status;
    gethostname(host, sizeof host - 1);
    int k = 0;
    do
        snprintf(path, sizeof path, "%s/round%02zu.%s.%ld.%d", folder, round, host, (long)getpid(),
                 k++);
    while (access(path, F_OK) == 0);
    status = fsbi_trace_spool_create(&writer->spool, path, error);
    writer->open = status == FSBI_OK;
    writer->round = round;
    return status;
}

fsbi_status fsbi_traces_store(fsbi_trace_writer *writer, const fsbi_setup *setup, size_t round,
                              size_t place, const fsbi_row *row, void *workspace,
                              fsbi_error *error) {
    fsbi_trace_data traces[FSBI_MODEL_MOST_TRACES];
    if (setup->model->trace_count == 0 || !is_chosen(setup, round, place, row))
        return FSBI_OK;
    if (!writer->open || writer->round != round)
        FSBI_TRY(open_spool(writer, setup, round, error));
    {
        const fsbi_trace_owner owner = {place, row->checksum};
        setup->model->type->record(workspace, traces);
        FSBI_TRY(fsbi_trace_spool_append(&writer->spool, setup->model, &owner, traces, error));
    }
    return FSBI_OK;
}

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

/* Whether a record is of this campaign's row. */
static bool is_ours(const fsbi_setup *setup, size_t round, void *rows,
                    const fsbi_trace_owner *owner) {
    const fsbi_row_shape shape = fsbi_row_shape_of(setup->model);
    return owner->row < setup->config->rounds[round].simulations &&
           owner->row_checksum == fsbi_row_at(&shape, rows, owner->row)->checksum;
}

/* Whether a record is as it was written. */
static bool is_whole(const fsbi_setup *setup, const spooled *s, const fsbi_trace_entry *entry) {
    bool whole = false;
    void *data = fsbi_memory_allocate(entry->bytes, 1, NULL);
    const bool read = data != NULL && fsbi_trace_spool_read(s->paths[entry->spool], setup->model,
                                                            entry, data, &whole, NULL) == FSBI_OK;
    free(data);
    return read && whole;
}

/* One record for each row of the campaign, in their order. A row that was run twice, since the
 * program was killed before it was written, has the same traces in both, unless one is damaged. */
static void sort_rows(const fsbi_setup *setup, size_t round, void *rows, spooled *s) {
    size_t kept = 0;
    if (s->count > 0)
        qsort(s->entries, s->count, sizeof *s->entries, compare_rows);
    for (size_t i = 0; i < s->count; i++) {
        const fsbi_trace_owner *owner = &s->entries[i].owner;
        fsbi_trace_entry *last = kept == 0 ? NULL : &s->entries[kept - 1];
        if (!is_ours(setup, round, rows, owner))
            continue;
        if (last == NULL || last->owner.row != owner->row)
            s->entries[kept++] = s->entries[i];
        else if (!is_whole(setup, s, last))
            *last = s->entries[i];
    }
    s->count = kept;
}

/* Rank 0: everything that was spooled of a round. */
static fsbi_status list_spooled(const fsbi_setup *setup, const char *folder, size_t round,
                                void *rows, spooled *s, fsbi_error *error) {
    FSBI_TRY(find_spools(folder, round, s, error));
    for (size_t i = 0; i < s->path_count; i++)
        FSBI_TRY(
            fsbi_trace_spool_list(s->paths[i], i, setup->model, &s->entries, &s->count, error));
    sort_rows(setup, round, rows, s);
    return FSBI_OK;
}

/* Gives rank 0's list to all; collective. */
static fsbi_status share_spooled(MPI_Comm comm, spooled *s, fsbi_error *error) {
    size_t sizes[2] = {s->count, s->path_count};
    fsbi_cluster_broadcast(comm, sizes, sizeof sizes);
    if (fsbi_cluster_rank(comm) > 0) {
        clear_spooled(s);
        s->count = sizes[0];
        s->path_count = sizes[1];
        s->paths = fsbi_memory_allocate(s->path_count, sizeof *s->paths, error);
        s->entries = fsbi_memory_allocate(s->count, sizeof *s->entries, error);
    }
    const bool complete = s->paths != NULL && s->entries != NULL;
    FSBI_TRY(fsbi_cluster_agree(comm, complete ? FSBI_OK : FSBI_NO_MEMORY, error));
    if (complete) {
        fsbi_cluster_broadcast(comm, s->paths, s->path_count * sizeof *s->paths);
        fsbi_cluster_broadcast(comm, s->entries, s->count * sizeof *s->entries);
    }
    return FSBI_OK;
}

/* This rank's share of the rows. */
static fsbi_status copy_share(MPI_Comm comm, const fsbi_setup *setup, const spooled *s,
                              int64_t file, fsbi_error *error) {
    fsbi_status status = FSBI_OK;
    for (size_t i = (size_t)fsbi_cluster_rank(comm); i < s->count && status == FSBI_OK;
         i += (size_t)fsbi_cluster_size(comm)) {
        bool whole = false;
        status = fsbi_interruption_check(error);
        if (status != FSBI_OK)
            break;
        void *data = fsbi_memory_allocate(s->entries[i].bytes, 1, error);
        status = data == NULL ? FSBI_NO_MEMORY
                              : fsbi_trace_spool_read(s->paths[s->entries[i].spool], setup->model,
                                                      &s->entries[i], data, &whole, error);
        if (status == FSBI_OK && whole)
            status = fsbi_trace_file_write(file, setup->model, s->entries, i, data, error);
        free(data);
    }
    return status;
}

static fsbi_status create_file(const fsbi_setup *setup, const char *path, const spooled *s,
                               fsbi_error *error) {
    double bytes = 0;
    for (size_t i = 0; i < s->count; i++)
        bytes += (double)s->entries[i].bytes;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_new_file_check_room(path, bytes, error));
    FSBI_TRY_DONE(fsbi_trace_file_create(path, setup->model, s->entries, s->count, error));
done:
    if (status != FSBI_OK)
        fsbi_error_prefix(error, "the traces of the round, which are kept, cannot be collected");
    return status;
}

/* Makes the round's file of what was spooled; collective. */
static fsbi_status make_file(MPI_Comm comm, const fsbi_setup *setup, const char *path,
                             const spooled *s, fsbi_error *error) {
    const bool first_rank = fsbi_cluster_rank(comm) == 0;
    int64_t file = 0;
    fsbi_status status = FSBI_OK;
    if (first_rank)
        status = create_file(setup, path, s, error);
    status = fsbi_cluster_agree(comm, status, error);
    if (status != FSBI_OK)
        return status;
    status = fsbi_cluster_agree(comm, fsbi_new_file_open(path, comm, &file, error), error);
    if (status == FSBI_OK)
        status = copy_share(comm, setup, s, file, error);
    const fsbi_status closed = fsbi_new_file_close(path, file, status == FSBI_OK ? error : NULL);
    status = fsbi_cluster_agree(comm, status == FSBI_OK ? closed : status, error);
    if (first_rank && status == FSBI_OK)
        status = fsbi_new_file_finish(path, error);
    else if (first_rank)
        fsbi_new_file_abandon(path);
    return fsbi_cluster_agree(comm, status, error);
}

/* Rank 0: whether the round's file is there, with traces of this campaign; one of another campaign
 * is moved out of the way. */
static fsbi_status find_file(const fsbi_setup *setup, size_t round, void *rows, const char *path,
                             bool *found, FILE *report, fsbi_error *error) {
    fsbi_trace_file file = {0};
    *found = access(path, F_OK) == 0;
    if (!*found)
        return FSBI_OK;
    *found = fsbi_trace_file_open(path, setup->model, &file, error) == FSBI_OK;
    for (size_t i = 0; i < file.rows && *found; i++) {
        const fsbi_trace_owner owner = {file.row[i], file.row_checksum[i]};
        *found = is_ours(setup, round, rows, &owner);
    }
    fsbi_trace_file_close(&file);
    return *found ? FSBI_OK : fsbi_output_file_move_away(path, report, error);
}

fsbi_status fsbi_traces_gather(MPI_Comm comm, const fsbi_setup *setup, size_t round, void *rows,
                               bool *needed, FILE *report, fsbi_error *error) {
    const char *campaign = setup->config->campaign.output;
    const bool first_rank = fsbi_cluster_rank(comm) == 0;
    char folder[PATH];
    char path[PATH];
    spooled s = {0};
    bool found = false;
    *needed = false;
    if (setup->model->trace_count == 0)
        return FSBI_OK;
    fsbi_status status = fsbi_output_file_name(campaign, ".traces", folder, error);
    if (status == FSBI_OK)
        status = fsbi_traces_path(campaign, round, path, error);
    if (status == FSBI_OK && first_rank)
        status = list_spooled(setup, folder, round, rows, &s, error);
    /* A file that is there was finished, and only its spools not yet removed. */
    if (status == FSBI_OK && s.count > 0)
        status = find_file(setup, round, rows, path, &found, report, error);
    status = fsbi_cluster_agree(comm, status, error);
    *needed = s.count > 0 && !found;
    fsbi_cluster_broadcast(comm, needed, sizeof *needed);
    if (status == FSBI_OK && *needed) {
        status = share_spooled(comm, &s, error);
        if (status == FSBI_OK && s.entries != NULL)
            status = make_file(comm, setup, path, &s, error);
        if (status == FSBI_OK && first_rank)
            fprintf(report, "round %zu: traces of %zu rows in %s\n", round, s.count, path);
    }
    for (size_t i = 0; status == FSBI_OK && first_rank && s.paths != NULL && i < s.path_count; i++)
        unlink(s.paths[i]);
    if (status == FSBI_OK && first_rank)
        rmdir(folder);
    clear_spooled(&s);
    return status;
}
