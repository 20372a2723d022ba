#include "cluster/wait.h"

#include <sched.h>

#include "core/clock.h"

void fsbi_cluster_pause(fsbi_cluster_patience *patience) {
    static const double shortest = 20e-6;
    static const double longest = 1e-3;
    double pause = patience->pause < shortest ? shortest : patience->pause;
    fsbi_clock_sleep(pause);
    patience->pause = 2 * pause < longest ? 2 * pause : longest;
}

void fsbi_cluster_wait(MPI_Request *request) {
    fsbi_cluster_patience patience = {0};
    int done = 0;
    MPI_Test(request, &done, MPI_STATUS_IGNORE);
    while (!done) {
        fsbi_cluster_pause(&patience);
        MPI_Test(request, &done, MPI_STATUS_IGNORE);
    }
}

void fsbi_cluster_wait_in_step(MPI_Request *requests, int count) {
    static const double most_yielding = 5e-3;
    const double started = fsbi_clock_seconds();
    fsbi_cluster_patience patience = {0};
    int done = 0;
    MPI_Testall(count, requests, &done, MPI_STATUSES_IGNORE);
    while (!done) {
        if (fsbi_clock_seconds() - started < most_yielding)
            sched_yield();
        else
            fsbi_cluster_pause(&patience);
        MPI_Testall(count, requests, &done, MPI_STATUSES_IGNORE);
    }
}
