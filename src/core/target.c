#include "core/target.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static fsbi_status too_long(const char *path, fsbi_error *error) {
    return fsbi_error_set(error, FSBI_BAD_INPUT, "the name '%.200s...' is too long for a file",
                          path);
}

/* Replaces a link by what it leads to, which counts from its folder; false if it is none. */
static bool follow(char path[FSBI_TARGET_PATH]) {
    char link[FSBI_TARGET_PATH];
    const ssize_t length = readlink(path, link, sizeof link - 1);
    if (length < 0)
        return false;
    link[length] = '\0';
    char *slash = strrchr(path, '/');
    char *name = link[0] == '/' || slash == NULL ? path : slash + 1;
    const size_t room = FSBI_TARGET_PATH - (size_t)(name - path);
    if ((size_t)length >= room) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(name, link, (size_t)length + 1);
    return true;
}

bool fsbi_target_is_same(const char *a, const char *b) {
    struct stat first;
    struct stat second;
    return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

const char *fsbi_target_kind(const char *path) {
    struct stat found;
    if (stat(path, &found) != 0 || S_ISREG(found.st_mode))
        return NULL;
    return S_ISDIR(found.st_mode)    ? "a folder"
           : S_ISFIFO(found.st_mode) ? "a pipe"
           : S_ISSOCK(found.st_mode) ? "a socket"
                                     : "a device";
}

fsbi_status fsbi_target_find(const char *path, char target[FSBI_TARGET_PATH], fsbi_error *error) {
    enum { MOST_LINKS = 40 };
    if (strlen(path) >= FSBI_TARGET_PATH)
        return too_long(path, error);
    memcpy(target, path, strlen(path) + 1);
    int links = 0;
    errno = 0;
    while (links < MOST_LINKS && follow(target))
        links++;
    if (links == MOST_LINKS)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "the symbolic link '%s' leads back to itself: choose another output",
                              path);
    if (errno == ENAMETOOLONG)
        return too_long(path, error);
    const char *kind = fsbi_target_kind(target);
    return kind == NULL
               ? FSBI_OK
               : fsbi_error_set(error, FSBI_BAD_INPUT,
                                "'%s' is %s: an output has to be a file; choose another name", path,
                                kind);
}
