#include "cluster/wait.h"

#include <sched.h>

#include "core/clock.h"
#include "core/interrupt.h"

const double fsbi_cluster_short_sleep = 1e-3;
const double fsbi_cluster_long_sleep = 10e-3;

void fsbi_cluster_pause(fsbi_cluster_backoff *backoff) {
    static const double share = 0.05;
    static const double shortest = 20e-6;
    double pause = share * backoff->waited;
    pause = pause < shortest ? shortest : pause < backoff->longest ? pause : backoff->longest;
    fsbi_interrupt_alive();
    fsbi_clock_sleep(pause);
    backoff->waited += pause;
}

static void wait(MPI_Request *request, double longest) {
    fsbi_cluster_backoff backoff = {.longest = longest};
    int done = 0;
    MPI_Test(request, &done, MPI_STATUS_IGNORE);
    while (!done) {
        fsbi_cluster_pause(&backoff);
        MPI_Test(request, &done, MPI_STATUS_IGNORE);
    }
}

void fsbi_cluster_wait(MPI_Request *request) {
    wait(request, fsbi_cluster_short_sleep);
}

void fsbi_cluster_wait_long(MPI_Request *request) {
    wait(request, fsbi_cluster_long_sleep);
}

void fsbi_cluster_wait_in_step(MPI_Request *requests, int count) {
    static const double most_yielding = 5e-3;
    const double started = fsbi_clock_seconds();
    fsbi_cluster_backoff backoff = {.longest = fsbi_cluster_short_sleep};
    int done = 0;
    MPI_Testall(count, requests, &done, MPI_STATUSES_IGNORE);
    while (!done) {
        if (fsbi_clock_seconds() - started < most_yielding)
            sched_yield();
        else
            fsbi_cluster_pause(&backoff);
        MPI_Testall(count, requests, &done, MPI_STATUSES_IGNORE);
    }
}
