/** Keeps other runs of the program from an output. */
#ifndef FSBI_OUTPUT_OUTPUT_LOCK_H
#define FSBI_OUTPUT_OUTPUT_LOCK_H

#include <mpi.h>
#include <stdio.h>

#include "store/lock_file.h"

/**
 * Rank 0 locks `path` for all, or says in the report that its file system knows no locks;
 * collective. Release with fsbi_lock_file_release. FSBI_BAD_INPUT if another run has it.
 */
fsbi_status fsbi_output_lock_take(MPI_Comm comm, const char *path, fsbi_lock_file *lock,
                                  FILE *report, fsbi_error *error);

#endif
