/* `merge`: takes the rows of shards into the campaign file. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "campaign/campaign.h"
#include "core/memory.h"
#include "output/output_file.h"
#include "output/output_lock.h"
#include "rows/row_set.h"
#include "store/campaign_file.h"

typedef struct {
    size_t merged, present, differing;
} row_counts;

/* A merge under way. */
typedef struct {
    const fsbi_setup *setup;
    fsbi_campaign_file *campaign;
    fsbi_row_shape shape;
    FILE *report;
    row_counts counts;
    size_t taken;    /* shards */
    fsbi_shard last; /* merged; tells how the round is divided */
} merging;

/* The rows of a share, as the campaign and as a shard have them. */
typedef struct {
    void *campaign, *shard;
} row_pair;

/* A shard that cannot be read is a bad one; a campaign file that cannot be read is a failure. */
static fsbi_status read_shard_rows(const merging *m, const char *path, const fsbi_shard *shard,
                                   void *rows, fsbi_error *error) {
    fsbi_campaign_file *file = NULL;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_campaign_file_open_readonly(path, m->setup->model, &file, error));
    FSBI_TRY_DONE(fsbi_campaign_file_read_rows(file, shard->round, 0, shard->count, rows, error));
done:
    fsbi_campaign_file_close(file, NULL);
    return status == FSBI_IO ? FSBI_BAD_INPUT : status;
}

static fsbi_status read_pair(const merging *m, const char *path, const fsbi_shard *shard,
                             row_pair *rows, fsbi_error *error) {
    const size_t size = fsbi_row_size(&m->shape);
    rows->campaign = fsbi_memory_allocate(shard->count, size, error);
    rows->shard = fsbi_memory_allocate(shard->count, size, error);
    if (rows->campaign == NULL || rows->shard == NULL)
        return FSBI_NO_MEMORY;
    FSBI_TRY(fsbi_campaign_file_read_rows(m->campaign, shard->round, shard->first, shard->count,
                                          rows->campaign, error));
    return read_shard_rows(m, path, shard, rows->shard, error);
}

/* Takes one finished row of a shard over, unless the campaign has it. */
static fsbi_status take_row(const merging *m, const fsbi_shard *shard, size_t index,
                            const row_pair *rows, row_counts *counts, fsbi_error *error) {
    const fsbi_row *found = fsbi_row_at(&m->shape, rows->shard, index);
    fsbi_row *row = fsbi_row_at(&m->shape, rows->campaign, index);
    if (!fsbi_row_done(&m->shape, found))
        return FSBI_OK;
    const bool done = fsbi_row_done(&m->shape, row);
    const bool known = done || fsbi_row_proposed(&m->shape, row);
    const bool same_rule =
        known && memcmp(found->values, row->values, m->shape.theta_count * sizeof(double)) == 0;
    if (found->seed != fsbi_row_seed_of(m->setup->config, shard->round, shard->first + index) ||
        !same_rule)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "row %zu is not a simulation of the rule that round %zu of the "
                              "campaign file has there; nothing of this shard was merged",
                              index, shard->round);
    if (done) {
        counts->present++;
        counts->differing += found->checksum != row->checksum;
    } else {
        memcpy(row, found, fsbi_row_size(&m->shape));
        counts->merged++;
    }
    return FSBI_OK;
}

static fsbi_status check_shard(const merging *m, const char *path, fsbi_shard *shard,
                               fsbi_error *error) {
    FSBI_TRY(fsbi_output_file_compare(m->setup, path, m->report, error));
    FSBI_TRY(fsbi_shard_read(path, shard, error));
    return fsbi_shard_check(shard, m->setup->config, path, error);
}

static fsbi_status take_rows(const merging *m, const char *path, const fsbi_shard *shard,
                             row_pair *rows, row_counts *counts, fsbi_error *error) {
    FSBI_TRY(read_pair(m, path, shard, rows, error));
    for (size_t i = 0; i < shard->count; i++) {
        const fsbi_status status = take_row(m, shard, i, rows, counts, error);
        if (status != FSBI_OK)
            return fsbi_error_prefix(error, "'%s'", path);
    }
    return counts->merged == 0
               ? FSBI_OK
               : fsbi_campaign_file_write_rows(m->campaign, shard->round, shard->first,
                                               shard->count, rows->campaign, error);
}

static fsbi_status merge_shard(merging *m, const char *path, fsbi_error *error) {
    fsbi_shard shard;
    row_pair rows = {0};
    row_counts counts = {0};
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(check_shard(m, path, &shard, error));
    FSBI_TRY_DONE(take_rows(m, path, &shard, &rows, &counts, error));
    m->last = shard;
    m->taken++;
    m->counts.merged += counts.merged;
    m->counts.present += counts.present;
    m->counts.differing += counts.differing;
done:
    free(rows.campaign);
    free(rows.shard);
    return status;
}

/* Rows of a share, of which there may be none, that the campaign file does not have. */
static fsbi_status count_missing(const merging *m, const fsbi_shard *shard, size_t *missing,
                                 fsbi_error *error) {
    *missing = 0;
    if (shard->count == 0)
        return FSBI_OK;
    void *rows = fsbi_memory_allocate(shard->count, fsbi_row_size(&m->shape), error);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(rows == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    FSBI_TRY_DONE(fsbi_campaign_file_read_rows(m->campaign, shard->round, shard->first,
                                               shard->count, rows, error));
    *missing = shard->count - fsbi_rows_count_done(&m->shape, rows, shard->count);
done:
    free(rows);
    return status;
}

/* Adds first .. end - 1 to a list such as 0,3-5. */
static void end_range(fsbi_text *list, size_t first, size_t end) {
    if (first == end)
        return;
    fsbi_text_append(list, "%s%zu", list->length > 0 ? "," : "", first);
    if (end - first > 1)
        fsbi_text_append(list, "-%zu", end - 1);
}

/* The shards of the round that rows are missing of, as a job array wants them. */
static fsbi_status list_missing(const merging *m, fsbi_text *list, size_t *missing,
                                fsbi_error *error) {
    const size_t count = m->setup->config->rounds[m->last.round].simulations;
    const size_t shards = m->last.shards < count ? m->last.shards : count; /* that have rows */
    size_t first = 0;
    *missing = 0;
    for (size_t i = 0; i < shards; i++) {
        const fsbi_shard shard = fsbi_shard_of(m->last.round, count, i, m->last.shards);
        size_t of_shard = 0;
        FSBI_TRY(count_missing(m, &shard, &of_shard, error));
        *missing += of_shard;
        if (of_shard > 0)
            continue;
        end_range(list, first, i);
        first = i + 1;
    }
    end_range(list, first, shards);
    return FSBI_OK;
}

static fsbi_status report_merge(const merging *m, fsbi_error *error) {
    fsbi_text list = {0};
    size_t missing = 0;
    fprintf(m->report, "round %zu: %zu rows merged, %zu were there already\n", m->last.round,
            m->counts.merged, m->counts.present);
    if (m->counts.differing > 0)
        fprintf(m->report,
                "note: %zu of these differ from the shard's, perhaps made by another build of the "
                "program or given up for their time; they were left as they are\n",
                m->counts.differing);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(list_missing(m, &list, &missing, error));
    if (missing > 0) {
        fprintf(m->report, "%zu rows are missing: run these shards of %zu again: --array=%s\n",
                missing, m->last.shards, list.length > 0 ? list.characters : "");
        FSBI_TRY_DONE(
            fsbi_error_set(error, FSBI_UNFINISHED,
                           "%zu rows of round %zu are missing; the shards to run again are listed "
                           "above",
                           missing, m->last.round));
    }
done:
    fsbi_text_clear(&list);
    return status;
}

/* All that can be merged; a bad shard is an error only if there is no good one. */
static fsbi_status merge_shards(merging *m, const char *const *shards, size_t shard_count,
                                fsbi_error *error) {
    fsbi_status status = FSBI_OK;
    for (size_t i = 0; i < shard_count && (status == FSBI_OK || status == FSBI_BAD_INPUT); i++) {
        status = merge_shard(m, shards[i], error);
        if (status == FSBI_BAD_INPUT)
            fprintf(m->report, "note: left out: %s\n", error->message);
    }
    return status == FSBI_BAD_INPUT && m->taken > 0 ? FSBI_OK : status;
}

static fsbi_status merge_all(merging *m, const char *const *shards, size_t shard_count,
                             fsbi_error *error) {
    const char *path = m->setup->config->campaign.output;
    if (access(path, F_OK) != 0)
        return fsbi_error_set(error, FSBI_BAD_INPUT, "there is no campaign file '%s' to merge into",
                              path);
    FSBI_TRY(fsbi_output_file_check(m->setup, path, m->report, error));
    FSBI_TRY(fsbi_campaign_file_open(path, MPI_COMM_NULL, m->setup->model, &m->campaign, error));
    FSBI_TRY(merge_shards(m, shards, shard_count, error));
    FSBI_TRY(fsbi_campaign_file_flush(m->campaign, error));
    return report_merge(m, error);
}

fsbi_status fsbi_campaign_merge(const fsbi_setup_source *source, const char *const *shards,
                                size_t shard_count, FILE *report, fsbi_error *error) {
    fsbi_setup setup;
    merging m = {.setup = &setup, .report = report};
    fsbi_lock_file lock = {.descriptor = -1};
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_setup_load(MPI_COMM_NULL, source, &setup, error));
    FSBI_TRY_DONE(fsbi_setup_expect_rounds(&setup, error));
    m.shape = fsbi_row_shape_of(setup.model);
    FSBI_TRY_DONE(
        fsbi_output_lock_take(MPI_COMM_NULL, setup.config->campaign.output, &lock, report, error));
    FSBI_TRY_DONE(merge_all(&m, shards, shard_count, error));
done:
    status = fsbi_campaign_file_finish(m.campaign, status, error);
    fsbi_lock_file_release(&lock);
    fsbi_setup_clear(&setup);
    return status;
}
