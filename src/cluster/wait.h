/** Waiting for MPI without burning a core. Private to cluster/. */
#ifndef FSBI_CLUSTER_WAIT_H
#define FSBI_CLUSTER_WAIT_H

#include <mpi.h>

/** Sleeps a little longer at each call in a row, up to a millisecond; start with {0}. */
typedef struct {
    double pause; /**< s */
} fsbi_cluster_patience;

void fsbi_cluster_pause(fsbi_cluster_patience *patience);

/** Waits for a request. */
void fsbi_cluster_wait(MPI_Request *request);

/** Waits for requests that others are about to answer: yields the core for some milliseconds before
 * it sleeps. */
void fsbi_cluster_wait_in_step(MPI_Request *requests, int count);

#endif
