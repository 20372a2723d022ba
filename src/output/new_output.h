/** A new file that a command makes: created, filled by all ranks, given its name, or abandoned. */
#ifndef FSBI_OUTPUT_NEW_OUTPUT_H
#define FSBI_OUTPUT_NEW_OUTPUT_H

#include <mpi.h>
#include <stdbool.h>

#include "store/file.h"
#include "store/table_file.h"

/** How the file comes to be; every function gets `context`. */
typedef struct {
    /** REQUIRED. Rank 0: creates the file that becomes `path` (store/new_file.h). */
    fsbi_status (*begin)(void *context, const char *path, fsbi_error *error);
    /** REQUIRED. All ranks, collectively: writes into the open file. */
    fsbi_status (*fill)(void *context, fsbi_store_file file, fsbi_error *error);
    /** OPTIONAL. Rank 0: adds to the closed file what is known only now. */
    fsbi_status (*complete)(void *context, const char *path, fsbi_error *error);
    bool resumable; /**< FSBI_UNFINISHED leaves the file to be gone on with */
    void *context;
} fsbi_new_output;

/** Collective over `comm`; MPI_COMM_NULL: this process alone. */
fsbi_status fsbi_new_output_make(MPI_Comm comm, const char *path, const fsbi_new_output *output,
                                 fsbi_error *error);

/** A file of tables that are in memory; borrowed. */
typedef struct {
    const fsbi_table *tables;
    const double *const *values; /**< rows x columns of each */
    size_t count;
    const fsbi_table_attribute *attributes;
    size_t attribute_count;
} fsbi_new_output_tables;

/** Writes it by one process. */
fsbi_status fsbi_new_output_write_tables(const char *path, const fsbi_new_output_tables *tables,
                                         fsbi_error *error);

/** Collective: refuses an output that is this input (NULL: none). */
fsbi_status fsbi_new_output_expect_other(MPI_Comm comm, const char *input, const char *output,
                                         fsbi_error *error);

/** Likewise one that cannot be a file, and one that is there, unless `force_new`. */
fsbi_status fsbi_new_output_check(MPI_Comm comm, const char *input, const char *output,
                                  bool force_new, fsbi_error *error);

#endif
