/**
 * Ranks: handing out tasks, collecting results, agreeing on errors. Knows neither models nor files.
 * Nobody spins while waiting, so that rank 0 can share a core with a worker (`mpirun -n cores+1`).
 * For MPI_COMM_NULL this process is alone, and MPI need not have been started.
 */
#ifndef FSBI_CLUSTER_CLUSTER_H
#define FSBI_CLUSTER_CLUSTER_H

#include <mpi.h>
#include <stdbool.h>

#include "fsbi/error.h"

/** Independent tasks 0 .. task_count - 1, each described by bytes and answered by bytes. */
typedef struct {
    size_t task_size;   /**< bytes; the same on all ranks */
    size_t result_size; /**< bytes; the same on all ranks */
    size_t task_count;  /**< counts on rank 0 */
    bool prefetch;      /**< a worker may hold one message ahead, and a message many short tasks */
    void *context;      /**< handed to the functions below, on the rank that they run on */

    /** Rank 0: describes a task. */
    void (*describe)(void *context, size_t index, void *task);

    /** Any worker (rank 0 if it is alone): carries a task out. */
    fsbi_status (*work)(void *context, const void *task, void *result, fsbi_error *error);

    /** Any worker: `count` tasks one after another have been carried out, for the results to be
     * kept; called at the latest after a millisecond, and before they are sent. May be NULL. */
    fsbi_status (*finish)(void *context, size_t count, const void *tasks, const void *results,
                          fsbi_error *error);

    /** Rank 0: takes a result in, in whatever order they come. */
    fsbi_status (*collect)(void *context, size_t index, const void *result, fsbi_error *error);

    /** Rank 0: called now and then with the number of tasks done; may be NULL. */
    void (*progress)(void *context, size_t done);

    /** Any rank, now and then: whether to go on; anything but FSBI_OK is a failure. May be NULL. */
    fsbi_status (*check)(void *context, fsbi_error *error);

    double *idle; /**< rank 0: s that workers without work waited for the end, all together; or NULL
                   */
} fsbi_cluster_job;

/**
 * Carries out all tasks; collective. With one rank it does everything itself; otherwise rank 0
 * hands out and the others work. After a failure nothing more is begun, and all ranks return the
 * first error.
 */
fsbi_status fsbi_cluster_run(MPI_Comm comm, const fsbi_cluster_job *job, fsbi_error *error);

/** Whether rank 0 of a farm has called this one off, while it carries a task out: there was a
 * failure, and the result is of no use any more. */
bool fsbi_cluster_called_off(MPI_Comm comm);

/**
 * Collective: if any rank brings a status that is not FSBI_OK, all return the one of the lowest
 * such rank, with its message in `error`.
 */
fsbi_status fsbi_cluster_agree(MPI_Comm comm, fsbi_status status, fsbi_error *error);

/** Copies `bytes` bytes from rank 0 to all, without spinning; collective. */
void fsbi_cluster_broadcast(MPI_Comm comm, void *data, size_t bytes);

/** The same from another rank. */
void fsbi_cluster_broadcast_from(MPI_Comm comm, int root, void *data, size_t bytes);

/** Sends `bytes` bytes to a rank and receives as many from it. Polls without sleeping at first: for
 * ranks that work in step. */
void fsbi_cluster_exchange(MPI_Comm comm, int rank, const void *send, void *receive, size_t bytes);

/** Sums `count` numbers over the ranks, in place, on all of them; collective. Each may be non-zero
 * on one rank only. */
void fsbi_cluster_allreduce_sum(MPI_Comm comm, double *numbers, size_t count);

/** Number of ranks, and this one's. */
int fsbi_cluster_size(MPI_Comm comm);
int fsbi_cluster_rank(MPI_Comm comm);

#endif
