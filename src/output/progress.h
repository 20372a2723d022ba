/** One line that tells how far a round is: rewritten in place on a terminal, sparse plain lines
 * elsewhere. */
#ifndef FSBI_OUTPUT_PROGRESS_H
#define FSBI_OUTPUT_PROGRESS_H

#include <mpi.h>
#include <stdbool.h>
#include <stdio.h>

typedef struct {
    FILE *report;
    bool terminal;
    const char *what; /**< "round 1: simulations" */
    size_t total;     /**< tasks to do */
    double started;
    double last_shown;
    size_t last_done;
} fsbi_progress;

/** Begins; `what` is borrowed. */
fsbi_progress fsbi_progress_start(FILE *report, const char *what, size_t total);

/** Shows the line if it is time to; `blown_up` of the `done` tasks blew up (negative: say nothing
 * of it). */
void fsbi_progress_show(fsbi_progress *progress, size_t done, long blown_up);

/** The same on rank 0 of ranks that all do about as much as it has done; nothing on others. */
void fsbi_progress_show_share(fsbi_progress *progress, MPI_Comm comm, size_t done);

/** Shows the last line; call it once, at the end. */
void fsbi_progress_finish(fsbi_progress *progress, size_t done, long blown_up);

#endif
