/* Preloaded, it makes something happen at a write to a file, so that tests need no clock:
 *
 *     AT_WRITE=N        the write, counted from 1 in each process
 *     AT_WRITE_FILE=T   of files whose paths contain this; with a $ behind it: end like this
 *     AT_WRITE_RANK=R   in this rank of mpirun alone; unset: in all
 *     AT_WRITE_DO=WHAT  full: from here on the disk is full
 *                       kill, killall: SIGKILL to the process, or to all processes of its parent
 *                       TERM, INT, USR1, STOP: that signal to the process
 *                       wait: until a signal comes, 90 s at most
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

typedef ssize_t write_function(int, const void *, size_t);
typedef ssize_t pwrite_function(int, const void *, size_t, off_t);

static bool is_of_file(int descriptor) {
    const char *part = getenv("AT_WRITE_FILE");
    char link[64];
    char path[4096] = "";
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    if (part == NULL || readlink(link, path, sizeof path - 2) <= 0)
        return false;
    strcat(path, "$"); /* NOLINT: there is room */
    return strstr(path, part) != NULL;
}

static bool is_of_rank(void) {
    const char *wanted = getenv("AT_WRITE_RANK");
    const char *rank = getenv("OMPI_COMM_WORLD_RANK");
    return wanted == NULL || (rank != NULL && strcmp(wanted, rank) == 0);
}

/* The parent of a process, from the fourth word of its state. */
static long parent_of(long process) {
    char path[64];
    char state[512] = "";
    long parent = -1;
    snprintf(path, sizeof path, "/proc/%ld/stat", process);
    FILE *stream = fopen(path, "r");
    if (stream == NULL)
        return -1;
    if (fgets(state, sizeof state, stream) != NULL && strrchr(state, ')') != NULL)
        parent = strtol(strrchr(state, ')') + 4, NULL, 10);
    fclose(stream);
    return parent;
}

static void kill_all(void) {
    DIR *processes = opendir("/proc");
    for (struct dirent *entry = processes == NULL ? NULL : readdir(processes); entry != NULL;
         entry = readdir(processes)) {
        const long process = strtol(entry->d_name, NULL, 10);
        if (process > 0 && process != getpid() && parent_of(process) == getppid())
            kill((pid_t)process, SIGKILL);
    }
    raise(SIGKILL);
}

/* Whether the disk is full for this write, and whatever else is to happen. */
static bool happens(int descriptor) {
    static const struct {
        const char *name;
        int number;
    } signals[] = {{"kill", SIGKILL},
                   {"TERM", SIGTERM},
                   {"INT", SIGINT},
                   {"USR1", SIGUSR1},
                   {"STOP", SIGSTOP}};
    static long writes;
    const char *limit = getenv("AT_WRITE");
    const char *what = getenv("AT_WRITE_DO");
    if (limit == NULL || what == NULL || !is_of_rank() || !is_of_file(descriptor))
        return false;
    writes++;
    if (strcmp(what, "full") == 0)
        return writes >= atol(limit);
    if (writes != atol(limit))
        return false;
    if (strcmp(what, "killall") == 0)
        kill_all();
    if (strcmp(what, "wait") == 0)
        nanosleep(&(struct timespec){.tv_sec = 90}, NULL);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (strcmp(what, signals[i].name) == 0)
            kill(getpid(), signals[i].number);
    return false;
}

/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name): those of libc are reserved. */
ssize_t write(int descriptor, const void *data, size_t bytes) {
    static write_function *original;
    if (original == NULL)
        *(void **)&original = dlsym(RTLD_NEXT, "write");
    if (!happens(descriptor))
        return original(descriptor, data, bytes);
    errno = ENOSPC;
    return -1;
}

ssize_t pwrite(int descriptor, const void *data, size_t bytes, off_t offset) {
    static pwrite_function *original;
    if (original == NULL)
        *(void **)&original = dlsym(RTLD_NEXT, "pwrite");
    if (!happens(descriptor))
        return original(descriptor, data, bytes, offset);
    errno = ENOSPC;
    return -1;
}

ssize_t pwrite64(int descriptor, const void *data, size_t bytes, off_t offset) {
    return pwrite(descriptor, data, bytes, offset);
}
/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
