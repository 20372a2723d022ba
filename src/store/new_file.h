/** The way of every new file: it is made under another name, which all ranks may write to, and gets
 * its own once it is whole. */
#ifndef FSBI_STORE_NEW_FILE_H
#define FSBI_STORE_NEW_FILE_H

#include <mpi.h>

#include "fsbi/error.h"
#include "store/file.h"

/** One process: FSBI_IO if a file of about so many bytes, which would become `path`, has no room on
 * the disk, in the quota, or below the limit on the size of files. */
fsbi_status fsbi_new_file_check_room(const char *path, double bytes, fsbi_error *error);

/** What fills a file that has just been created. */
typedef fsbi_status (*fsbi_new_file_fill)(fsbi_store_file file, const void *context,
                                          fsbi_error *error);

/** One process: creates the file that becomes `path` (`what` names its kind in messages), has
 * `fill` fill it, and closes it. After a failure nothing is left behind. */
fsbi_status fsbi_new_file_begin(const char *path, const char *what, fsbi_new_file_fill fill,
                                const void *context, fsbi_error *error);

/** Opens it for all ranks of `comm`, collectively; MPI_COMM_NULL: for this process alone. */
fsbi_status fsbi_new_file_open(const char *path, MPI_Comm comm, fsbi_store_file *file,
                               fsbi_error *error);

/** Closes it, collectively if it was opened so; one that is not open is allowed. */
fsbi_status fsbi_new_file_close(const char *path, fsbi_store_file file, fsbi_error *error);

/** One process: brings the closed file to the disk and gives it its name. After a failure nothing
 * is left behind. */
fsbi_status fsbi_new_file_finish(const char *path, fsbi_error *error);

/** One process: removes it. */
void fsbi_new_file_abandon(const char *path);

/** Each process: has a signal that ends it remove the file, and what MPI-IO keeps beside it for
 * this rank; NULL: no longer. */
void fsbi_new_file_give_up_on_signal(const char *path, int rank);

#endif
