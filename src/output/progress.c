#include "output/progress.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cluster/cluster.h"
#include "core/clock.h"

/* Seconds between two lines. */
static const double terminal_interval = 0.25;
static const double plain_interval = 30;

/* mpirun gives its processes a pseudo-terminal even where its own output goes to a file, so what
 * counts there is where the parent writes. */
static bool is_terminal(FILE *report) {
    if (isatty(fileno(report)) != 1)
        return false;
    if (getenv("OMPI_COMM_WORLD_RANK") == NULL)
        return true;
    char link[64];
    char target[64] = "";
    snprintf(link, sizeof link, "/proc/%ld/fd/1", (long)getppid());
    return readlink(link, target, sizeof target - 1) > 0 &&
           (strncmp(target, "/dev/pts/", 9) == 0 || strncmp(target, "/dev/tty", 8) == 0);
}

fsbi_progress fsbi_progress_start(FILE *report, const char *what, size_t total) {
    double now = fsbi_clock_seconds();
    return (fsbi_progress){.report = report,
                           .terminal = is_terminal(report),
                           .what = what,
                           .total = total,
                           .started = now,
                           .last_shown = now};
}

static void print_duration(FILE *report, double seconds) {
    enum { MINUTE = 60, HOUR = 3600 };
    long whole = (long)(seconds + 0.5);
    if (whole < MINUTE)
        fprintf(report, "%ld s", whole);
    else if (whole < HOUR)
        fprintf(report, "%ld min %02ld s", whole / MINUTE, whole % MINUTE);
    else
        fprintf(report, "%ld h %02ld min", whole / HOUR, whole % HOUR / MINUTE);
}

static void print_line(fsbi_progress *progress, size_t done, long blown_up) {
    FILE *report = progress->report;
    double elapsed = fsbi_clock_seconds() - progress->started;
    double rate = elapsed > 0 ? (double)done / elapsed : 0;
    fprintf(report, "%s%s: %zu/%zu", progress->terminal ? "\r\033[K" : "", progress->what, done,
            progress->total);
    fprintf(report, rate >= 1 || rate <= 0 ? ", %.1f/s" : ", %.3f/s", rate);
    if (done < progress->total && rate > 0) {
        fprintf(report, ", ");
        print_duration(report, (double)(progress->total - done) / rate);
        fprintf(report, " left");
    } else if (done == progress->total) {
        fprintf(report, ", took ");
        print_duration(report, elapsed);
    }
    if (blown_up >= 0 && done > 0)
        fprintf(report, ", %.0f %% blown up", 100 * (double)blown_up / (double)done);
    fprintf(report, progress->terminal ? "" : "\n");
    fflush(report);
    progress->last_shown = fsbi_clock_seconds();
    progress->last_done = done;
}

void fsbi_progress_show(fsbi_progress *progress, size_t done, long blown_up) {
    double interval = progress->terminal ? terminal_interval : plain_interval;
    bool due = fsbi_clock_seconds() - progress->last_shown >= interval;
    if (due && (progress->terminal || done > progress->last_done))
        print_line(progress, done, blown_up);
}

void fsbi_progress_show_share(fsbi_progress *progress, MPI_Comm comm, size_t done) {
    const size_t of_all = done * (size_t)fsbi_cluster_size(comm);
    if (fsbi_cluster_rank(comm) == 0)
        fsbi_progress_show(progress, of_all < progress->total ? of_all : progress->total, -1);
}

void fsbi_progress_finish(fsbi_progress *progress, size_t done, long blown_up) {
    print_line(progress, done, blown_up);
    if (progress->terminal) {
        fprintf(progress->report, "\n");
        fflush(progress->report);
    }
}
