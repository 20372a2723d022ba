/* Stands before a library in LD_PRELOAD, for tests: its matrix product fails as OpenBLAS does when
 * it cannot make threads, or never comes back, by HANG_DO. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void cblas_sgemm(void);

void cblas_sgemm(void) {
    const char *what = getenv("HANG_DO");
    const char *mark = getenv("HANG_MARK"); /* a file that tells that it has begun */
    if (mark != NULL)
        close(open(mark, O_WRONLY | O_CREAT, 0600));
    if (what != NULL && strcmp(what, "raise") == 0)
        raise(SIGINT);
    for (volatile int forever = 1; forever;)
        continue;
}
