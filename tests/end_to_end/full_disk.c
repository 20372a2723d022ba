/* Preloaded, it makes the disk full for the file t.h5 from its write number FULL_AFTER on. */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef ssize_t write_function(int, const void *, size_t);
typedef ssize_t pwrite_function(int, const void *, size_t, off_t);

static bool is_full(int descriptor) {
    static long writes;
    const char *limit = getenv("FULL_AFTER");
    char link[64];
    char path[4096] = "";
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    if (limit == NULL || readlink(link, path, sizeof path - 1) < 0 ||
        strstr(path, "/t.h5") == NULL || ++writes < atol(limit))
        return false;
    errno = ENOSPC;
    return true;
}

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): those of libc are reserved. */
ssize_t write(int descriptor, const void *data, size_t bytes) {
    static write_function *original;
    if (original == NULL)
        *(void **)&original = dlsym(RTLD_NEXT, "write");
    return is_full(descriptor) ? -1 : original(descriptor, data, bytes);
}

ssize_t pwrite(int descriptor, const void *data, size_t bytes, off_t offset) {
    static pwrite_function *original;
    if (original == NULL)
        *(void **)&original = dlsym(RTLD_NEXT, "pwrite");
    return is_full(descriptor) ? -1 : original(descriptor, data, bytes, offset);
}

ssize_t pwrite64(int descriptor, const void *data, size_t bytes, off_t offset) {
    return pwrite(descriptor, data, bytes, offset);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
