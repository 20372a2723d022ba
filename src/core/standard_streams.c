#include "core/standard_streams.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int failure_status;

/* Of a pipe or socket. */
static bool reader_is_gone(void) {
    struct pollfd output = {.fd = STDOUT_FILENO, .events = POLLOUT};
    return poll(&output, 1, 0) > 0 && (output.revents & (POLLERR | POLLHUP)) != 0;
}

/* At the program's end. */
static void check_output(void) {
    const bool failed_before = ferror(stdout) != 0;
    const bool failed = fflush(stdout) != 0;
    if ((!failed && !failed_before) || reader_is_gone())
        return;
    fprintf(stderr, "fsbi_mpi: cannot write to standard output: %s\n",
            failed ? strerror(errno) : "the text above is not all");
    _exit(failure_status);
}

void fsbi_standard_streams_guard(int exit_status) {
    int opened = 0;
    while (opened >= 0 && opened <= STDERR_FILENO)
        opened = open("/dev/null", O_RDWR);
    if (opened > STDERR_FILENO)
        close(opened);
    failure_status = exit_status;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file at its limit (ulimit -f) is an error like a full disk */
    atexit(check_output);
}
