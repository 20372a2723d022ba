/* Stands before a library in LD_PRELOAD, for tests: its matrix product fails as OpenBLAS does when
 * it cannot make threads, or never comes back, by HANG_DO. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

void cblas_sgemm(void);

void cblas_sgemm(void) {
    const char *what = getenv("HANG_DO");
    if (what != NULL && strcmp(what, "raise") == 0)
        raise(SIGINT);
    for (volatile int forever = 1; forever;)
        continue;
}
