/** Waiting for MPI without burning a core. Private to cluster/. */
#ifndef FSBI_CLUSTER_WAIT_H
#define FSBI_CLUSTER_WAIT_H

#include <mpi.h>

/** Sleeps a twentieth of the time that was waited already, so that waiting costs little and nobody
 * waits much longer than necessary; at most `longest` s. */
typedef struct {
    double longest;
    double waited; /**< s; begins with 0 */
} fsbi_cluster_backoff;

/** The longest sleep while data move, which only do when MPI is asked, and while there is work
 * elsewhere. */
extern const double fsbi_cluster_short_sleep;
extern const double fsbi_cluster_long_sleep;

void fsbi_cluster_pause(fsbi_cluster_backoff *backoff);

/** Waits for a request, with such sleeps. */
void fsbi_cluster_wait(MPI_Request *request);
void fsbi_cluster_wait_long(MPI_Request *request);

/** Waits for requests that others are about to answer: yields the core for some milliseconds before
 * it sleeps. */
void fsbi_cluster_wait_in_step(MPI_Request *requests, int count);

#endif
