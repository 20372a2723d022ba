#include "store/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/leftovers.h"
#include "core/target.h"
#include "store/hdf5_util.h"

static const char ending[] = ".unfinished";

/* Where a file and its unfinished form are. */
typedef struct {
    char target[FSBI_TARGET_PATH];
    char unfinished[FSBI_TARGET_PATH + sizeof ending];
} names;

static fsbi_status find_names(const char *path, names *found, fsbi_error *error) {
    FSBI_TRY(fsbi_target_find(path, found->target, error));
    snprintf(found->unfinished, sizeof found->unfinished, "%s%s", found->target, ending);
    return FSBI_OK;
}

/* Takes this much disk space for a file; errno if there is not so much. Not posix_fallocate, which
 * writes where the file system cannot do it, perhaps over what another rank is writing. */
static int reserve(int descriptor, off_t bytes) {
    const bool asks = descriptor >= 0 && bytes > 0;
    const int failure = asks && fallocate(descriptor, 0, 0, bytes) != 0 ? errno : 0;
    struct statvfs disk;
    if (failure == EOPNOTSUPP && fstatvfs(descriptor, &disk) == 0 &&
        (double)disk.f_bavail * (double)disk.f_frsize < (double)bytes)
        return ENOSPC;
    return failure == ENOSPC || failure == EDQUOT || failure == EFBIG ? failure : 0;
}

fsbi_status fsbi_new_file_check_room(const char *path, double bytes, fsbi_error *error) {
    names found;
    FSBI_TRY(find_names(path, &found, error));
    const int descriptor = open(found.unfinished, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    const int failure = reserve(descriptor, (off_t)bytes);
    if (descriptor >= 0)
        close(descriptor);
    if (failure == 0)
        return FSBI_OK;
    unlink(found.unfinished);
    return fsbi_error_set(error, FSBI_IO, "there is no room for '%s', which takes %.1f MB: %s",
                          path, bytes / 1e6, strerror(failure));
}

static fsbi_status create(const char *path, const char *what, fsbi_store_file *file,
                          fsbi_error *error) {
    names found;
    FSBI_TRY(find_names(path, &found, error));
    fsbi_hdf5_quiet();
    /* From 1.8 on HDF5's own records have checksums; from 1.10 on a file that was open for writing
     * when its program was killed cannot be opened any more. */
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18);
    file->identifier = H5Fcreate(found.unfinished, H5F_ACC_TRUNC, H5P_DEFAULT, access);
    H5Pclose(access);
    return file->identifier < 0
               ? fsbi_hdf5_error(error,
                                 "cannot create the %s '%s' (does its folder exist, may you write "
                                 "there, is there room?)",
                                 what, path)
               : FSBI_OK;
}

fsbi_status fsbi_new_file_begin(const char *path, const char *what, fsbi_new_file_fill fill,
                                const void *context, fsbi_error *error) {
    fsbi_store_file file = {0};
    FSBI_TRY(create(path, what, &file, error));
    const fsbi_status filled = fill(file, context, error);
    const fsbi_status closed = fsbi_new_file_close(path, file, filled == FSBI_OK ? error : NULL);
    if (filled == FSBI_OK && closed == FSBI_OK)
        return FSBI_OK;
    fsbi_new_file_abandon(path);
    return filled != FSBI_OK ? filled : closed;
}

fsbi_status fsbi_new_file_open(const char *path, MPI_Comm comm, fsbi_store_file *file,
                               fsbi_error *error) {
    names found;
    FSBI_TRY(find_names(path, &found, error));
    fsbi_hdf5_quiet();
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    if (comm != MPI_COMM_NULL)
        H5Pset_fapl_mpio(access, comm, MPI_INFO_NULL);
    file->identifier = H5Fopen(found.unfinished, H5F_ACC_RDWR, access);
    H5Pclose(access);
    return file->identifier < 0 ? fsbi_hdf5_error(error, "cannot open '%s' for writing", path)
                                : FSBI_OK;
}

/* Takes all the disk space that the file will ever need. */
static int reserve_all(const char *unfinished, hid_t file) {
    haddr_t end = 0;
    const int descriptor = open(unfinished, O_RDWR | O_CLOEXEC);
    const int failure = H5Fget_eoa(file, &end) < 0 ? 0 : reserve(descriptor, (off_t)end);
    if (descriptor >= 0)
        close(descriptor);
    return failure;
}

fsbi_status fsbi_new_file_close(const char *path, fsbi_store_file file, fsbi_error *error) {
    names found;
    if (file.identifier <= 0)
        return FSBI_OK;
    FSBI_TRY(find_names(path, &found, error));
    const int failure = reserve_all(found.unfinished, file.identifier);
    /* HDF5 crashes at the program's end over a file whose last records it could not write. */
    const bool made_room = failure != 0 && truncate(found.unfinished, 0) == 0;
    const bool closed = (failure == 0 || made_room) && H5Fclose(file.identifier) >= 0;
    if (failure != 0)
        return fsbi_error_set(error, FSBI_IO, "cannot write '%s': %s", path, strerror(failure));
    return closed ? FSBI_OK : fsbi_hdf5_error(error, "cannot write '%s' (is there room?)", path);
}

fsbi_status fsbi_new_file_finish(const char *path, fsbi_error *error) {
    names found;
    FSBI_TRY(find_names(path, &found, error));
    int descriptor = open(found.unfinished, O_RDWR | O_CLOEXEC);
    bool synced = descriptor >= 0 && fsync(descriptor) == 0;
    if (descriptor >= 0)
        close(descriptor);
    if (synced && rename(found.unfinished, found.target) == 0)
        return FSBI_OK;
    fsbi_error_set(error, FSBI_IO, "cannot make the file '%s': %s", path, strerror(errno));
    fsbi_new_file_abandon(path);
    return FSBI_IO;
}

void fsbi_new_file_abandon(const char *path) {
    names found;
    if (find_names(path, &found, NULL) == FSBI_OK)
        unlink(found.unfinished);
}

void fsbi_new_file_give_up_on_signal(const char *path, int rank) {
    enum { MAIN, DATA, METADATA, COUNT };
    char paths[COUNT][FSBI_LEFTOVER_PATH];
    names found;
    if (path == NULL || find_names(path, &found, NULL) != FSBI_OK) {
        fsbi_leftovers_remove(NULL, 0);
        return;
    }
    snprintf(paths[MAIN], sizeof *paths, "%s", found.unfinished);
    snprintf(paths[DATA], sizeof *paths, "%s.data.%d", found.unfinished, rank);
    snprintf(paths[METADATA], sizeof *paths, "%s.metadata.%d", found.unfinished, rank);
    fsbi_leftovers_remove((const char(*)[FSBI_LEFTOVER_PATH])paths, COUNT);
}
