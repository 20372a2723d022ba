/** Storing what simulations record, of the rows that part `traces` of the configuration chooses. */
#ifndef FSBI_CAMPAIGN_TRACES_H
#define FSBI_CAMPAIGN_TRACES_H

#include <mpi.h>
#include <stdio.h>

#include "output/output_file.h"
#include "rows/row.h"
#include "setup/setup.h"
#include "store/trace_file.h"

/** The traces that one rank writes; begin with zeros. */
typedef struct {
    fsbi_trace_spool spool;
    bool open;
    size_t round; /**< of the spool */
} fsbi_trace_writer;

void fsbi_trace_writer_close(fsbi_trace_writer *writer);

/** Appends the traces of the simulation that `workspace` has just finished if its row, `place` of
 * the round, is one to be stored. */
fsbi_status fsbi_traces_store(fsbi_trace_writer *writer, const fsbi_setup *setup, size_t round,
                              size_t place, const fsbi_row *row, void *workspace,
                              fsbi_error *error);

/** The file of a round's traces: of search.h5, search.round00.traces.h5. FSBI_BAD_INPUT if it is
 * too long. */
fsbi_status fsbi_traces_path(const char *campaign, size_t round, char path[FSBI_OUTPUT_PATH],
                             fsbi_error *error);

/** Opens it; without such a file `file->rows` is 0. Close with fsbi_trace_file_close. */
fsbi_status fsbi_traces_open(const char *campaign, const fsbi_model *model, size_t round,
                             fsbi_trace_file *file, fsbi_error *error);

/** Puts the traces that ranks have written of a complete round into its file, in the order of rows;
 * collective. `rows` are the round's, on rank 0. `*needed` tells whether there was anything to do.
 */
fsbi_status fsbi_traces_gather(MPI_Comm comm, const fsbi_setup *setup, size_t round, void *rows,
                               bool *needed, FILE *report, fsbi_error *error);

#endif
