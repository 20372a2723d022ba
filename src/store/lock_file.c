#include "store/lock_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/target.h"

/* Whether the locked file still is the one of that name: its holder may just have removed it. */
static bool is_current(const fsbi_lock_file *lock) {
    struct stat locked, named;
    return fstat(lock->descriptor, &locked) == 0 && stat(lock->path, &named) == 0 &&
           locked.st_ino == named.st_ino && locked.st_dev == named.st_dev;
}

/* What a lock file begins with. */
static const char signature[] = "process ";

static void drop(fsbi_lock_file *lock) {
    close(lock->descriptor);
    lock->descriptor = -1;
}

static fsbi_status refuse(const char *path, fsbi_lock_file *lock, fsbi_error *error) {
    char holder[256] = {0};
    const ssize_t length = pread(lock->descriptor, holder, sizeof holder - 1, 0);
    drop(lock);
    return fsbi_error_set(error, FSBI_BAD_INPUT,
                          "'%s' is in use by another run of this program (%s): wait for it or end "
                          "it, or choose another output",
                          path, length > 0 ? holder : "which has just begun");
}

/* A file of that name that says something else is somebody's. */
static bool is_foreign(const fsbi_lock_file *lock) {
    char begin[sizeof signature] = {0};
    const ssize_t length = pread(lock->descriptor, begin, sizeof signature - 1, 0);
    return length > 0 && strncmp(begin, signature, (size_t)length) != 0;
}

static void sign(const fsbi_lock_file *lock) {
    char holder[256];
    char host[128] = "unknown host";
    gethostname(host, sizeof host - 1);
    const int length =
        snprintf(holder, sizeof holder, "%s%ld on %s", signature, (long)getpid(), host);
    if (ftruncate(lock->descriptor, 0) != 0 ||
        pwrite(lock->descriptor, holder, (size_t)length, 0) < 0)
        return; /* only the message of the other run loses by it */
}

fsbi_status fsbi_lock_file_take(const char *path, fsbi_lock_file *lock, bool *supported,
                                fsbi_error *error) {
    lock->descriptor = -1;
    *supported = true;
    char target[FSBI_TARGET_PATH];
    FSBI_TRY(fsbi_target_find(path, target, error));
    snprintf(lock->path, sizeof lock->path, "%s.lock", target);
    for (;;) {
        lock->descriptor = open(lock->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
        if (lock->descriptor < 0)
            return fsbi_error_set(error, FSBI_IO,
                                  "cannot create the file '%s', or '%s', which locks it "
                                  "(does its folder exist, may you write there, is there room?): "
                                  "%s",
                                  path, lock->path, strerror(errno));
        if (flock(lock->descriptor, LOCK_EX | LOCK_NB) != 0) {
            if (errno == EWOULDBLOCK)
                return refuse(path, lock, error);
            *supported = false;
            fsbi_lock_file_release(lock);
            return FSBI_OK;
        }
        if (is_current(lock))
            break;
        drop(lock);
    }
    if (is_foreign(lock)) {
        drop(lock);
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "'%s' is no lock of this program: move it away, or choose another "
                              "output",
                              lock->path);
    }
    sign(lock);
    return FSBI_OK;
}

void fsbi_lock_file_release(fsbi_lock_file *lock) {
    if (lock->descriptor < 0)
        return;
    unlink(lock->path);
    drop(lock);
}
