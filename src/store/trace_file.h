/**
 * The traces of a round's chosen rows, in a file beside the campaign file: `row`, the rows, in
 * order, with their checksums in `row_checksum`; `whole`, 1 for each whose traces are there; and
 * for each of the model's arrays NAME, all rows' elements one after another, and NAME_first, where
 * each row's begin (rows + 1 numbers).
 */
#ifndef FSBI_STORE_TRACE_FILE_H
#define FSBI_STORE_TRACE_FILE_H

#include <mpi.h>
#include <stdbool.h>

#include "store/file.h"
#include "store/trace_spool.h"

/** Creates the file that becomes `path` (store/new_file.h), for these entries, one a row. Only one
 * process may call it. */
fsbi_status fsbi_trace_file_begin(const char *path, const fsbi_model *model,
                                  const fsbi_trace_entry *entries, size_t count, fsbi_error *error);

/** Writes the arrays of entry `index` (as fsbi_trace_spool_read gives them) into the open file,
 * independently of other ranks. Entries of which this is not done count as not whole. */
fsbi_status fsbi_trace_file_write(fsbi_store_file file, const fsbi_model *model,
                                  const fsbi_trace_entry *entries, size_t index, const void *data,
                                  fsbi_error *error);

/** A finished file, open for reading. */
typedef struct {
    fsbi_store_file file;
    size_t rows;
    uint64_t *row, *row_checksum;            /**< rows */
    unsigned char *whole;                    /**< rows */
    uint64_t *first[FSBI_MODEL_MOST_TRACES]; /**< rows + 1, of each array */
} fsbi_trace_file;

/** FSBI_BAD_INPUT if it is not such a file of this model. Close with fsbi_trace_file_close, also
 * after failure. */
fsbi_status fsbi_trace_file_open(const char *path, const fsbi_model *model, fsbi_trace_file *file,
                                 fsbi_error *error);
void fsbi_trace_file_close(fsbi_trace_file *file);

/** Reads the traces of entry `index` into memory of the caller's (free `*memory`), to which
 * `traces` point. */
fsbi_status fsbi_trace_file_read(const fsbi_trace_file *file, const fsbi_model *model, size_t index,
                                 fsbi_trace_data *traces, void **memory, fsbi_error *error);

#endif
