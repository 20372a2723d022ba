/** The way of every new file: it is made under another name, which all ranks may write to, and gets
 * its own once it is whole. */
#ifndef FSBI_STORE_NEW_FILE_H
#define FSBI_STORE_NEW_FILE_H

#include <mpi.h>
#include <stdint.h>

#include "fsbi/error.h"

/** One process: FSBI_IO if a file of about so many bytes, which would become `path`, has no room on
 * the disk, in the quota, or below the limit on the size of files. */
fsbi_status fsbi_new_file_check_room(const char *path, double bytes, fsbi_error *error);

/** One process: creates the file that becomes `path` (`what` names its kind in messages). `*file`
 * is HDF5's identifier, to be closed with fsbi_new_file_close. */
fsbi_status fsbi_new_file_create(const char *path, const char *what, int64_t *file,
                                 fsbi_error *error);

/** Opens it for all ranks of `comm`, collectively; MPI_COMM_NULL: for this process alone. */
fsbi_status fsbi_new_file_open(const char *path, MPI_Comm comm, int64_t *file, fsbi_error *error);

/** Closes it, collectively if it was opened so; 0 is allowed. */
fsbi_status fsbi_new_file_close(const char *path, int64_t file, fsbi_error *error);

/** One process: brings the closed file to the disk and gives it its name. */
fsbi_status fsbi_new_file_finish(const char *path, fsbi_error *error);

/** One process: removes it. */
void fsbi_new_file_abandon(const char *path);

#endif
