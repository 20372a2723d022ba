#include "output/rank_log.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/target.h"

enum { PATH = 4096 };

fsbi_status fsbi_rank_log_open(const char *folder, const char *output, int rank, FILE **log,
                               fsbi_error *error) {
    char path[PATH];
    char host[64] = "";
    const char *slash = strrchr(output, '/');
    *log = NULL;
    if (folder[0] == '\0')
        return FSBI_OK;
    snprintf(path, sizeof path, "%s/%s.rank%04d.log", folder, slash == NULL ? output : slash + 1,
             rank);
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return fsbi_error_set(error, FSBI_IO, "cannot make the folder '%s' of run.log: %s", folder,
                              strerror(errno));
    char target[FSBI_TARGET_PATH];
    FSBI_TRY(fsbi_target_find(path, target, error));
    *log = fopen(target, "ae");
    if (*log == NULL)
        return fsbi_error_set(error, FSBI_IO, "cannot write the log '%s' of run.log: %s", path,
                              strerror(errno));
    gethostname(host, sizeof host - 1);
    fsbi_rank_log_write(*log, "rank %d, process %ld on %s", rank, (long)getpid(), host);
    return FSBI_OK;
}

void fsbi_rank_log_write(FILE *log, const char *format, ...) {
    char now[32];
    struct timespec moment;
    struct tm date;
    if (log == NULL)
        return;
    clock_gettime(CLOCK_REALTIME, &moment);
    gmtime_r(&moment.tv_sec, &date);
    strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%S", &date);
    fprintf(log, "%s.%03ldZ ", now, moment.tv_nsec / 1000000);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(log, format, arguments);
    va_end(arguments);
    fprintf(log, "\n");
    fflush(log);
}
