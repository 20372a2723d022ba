/**
 * Traces as they come: each process appends those of its simulations to a file of its own, so that
 * nobody waits for anybody. A record that was being written when its process was killed is told by
 * its length or its checksum.
 */
#ifndef FSBI_STORE_TRACE_SPOOL_H
#define FSBI_STORE_TRACE_SPOOL_H

#include <stdbool.h>

#include "fsbi/model.h"

/** A spool being written; begin with {-1}. */
typedef struct {
    int descriptor; /**< below 0: not open */
    void *buffer;
    size_t capacity;
} fsbi_trace_spool;

/** Creates the file, which must not exist. FSBI_IO. */
fsbi_status fsbi_trace_spool_create(fsbi_trace_spool *spool, const char *path, fsbi_error *error);
void fsbi_trace_spool_close(fsbi_trace_spool *spool);

/** Whose traces they are. */
typedef struct {
    uint64_t row;          /**< of the round */
    uint64_t row_checksum; /**< of that row when it is finished: tells it from other campaigns' */
} fsbi_trace_owner;

/** Appends the traces of a row, an entry for each of the model's arrays. */
fsbi_status fsbi_trace_spool_append(fsbi_trace_spool *spool, const fsbi_model *model,
                                    const fsbi_trace_owner *owner, const fsbi_trace_data *traces,
                                    fsbi_error *error);

/** Where a row's traces stand in a spool. */
typedef struct {
    fsbi_trace_owner owner;
    uint64_t spool;  /**< number of the file, as the caller counts them */
    uint64_t offset; /**< of the record in the file */
    uint64_t bytes;  /**< of its arrays */
    uint64_t count[FSBI_MODEL_MOST_TRACES];
} fsbi_trace_entry;

/** Lists the records of file number `spool` that are not cut off; `*entries` grows by them (free).
 */
fsbi_status fsbi_trace_spool_list(const char *path, size_t spool, const fsbi_model *model,
                                  fsbi_trace_entry **entries, size_t *count, fsbi_error *error);

/** Reads the arrays of a record, one after another, into `data` (entry->bytes); `*whole` tells
 * whether they are as they were written. */
fsbi_status fsbi_trace_spool_read(const char *path, const fsbi_model *model,
                                  const fsbi_trace_entry *entry, void *data, bool *whole,
                                  fsbi_error *error);

#endif
