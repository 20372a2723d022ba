/** Storing what simulations record, of the rows that part `traces` of the configuration chooses:
 * each rank into a spool of its own, which fsbi_campaign_gather_traces collects. */
#ifndef FSBI_OUTPUT_TRACE_WRITER_H
#define FSBI_OUTPUT_TRACE_WRITER_H

#include "rows/row.h"
#include "setup/setup.h"
#include "store/trace_spool.h"

/** The traces that one rank writes; begin with zeros. */
typedef struct {
    fsbi_trace_spool spool;
    bool open;
    size_t round; /**< of the spool */
} fsbi_trace_writer;

void fsbi_trace_writer_close(fsbi_trace_writer *writer);

/** A simulation that has just ended. */
typedef struct {
    size_t round, row;
    const fsbi_row *result;
    void *workspace; /**< holds what it recorded */
} fsbi_trace_source;

/** Appends its traces if its row is one to be stored. */
fsbi_status fsbi_trace_writer_store(fsbi_trace_writer *writer, const fsbi_setup *setup,
                                    const fsbi_trace_source *source, fsbi_error *error);

#endif
