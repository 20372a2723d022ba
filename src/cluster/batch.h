/** How many tasks go into one message: enough that messages are no work worth speaking of, few
 * enough that nobody waits for a long batch at the end. Private to cluster/. */
#ifndef FSBI_CLUSTER_BATCH_H
#define FSBI_CLUSTER_BATCH_H

#include <stddef.h>

typedef struct {
    size_t workers;
    size_t most;         /**< tasks that there is room for in a message; 1: always one by one */
    double task_seconds; /**< of one task, lately; 0: not known yet */
} fsbi_cluster_batch;

/** Room for `task_bytes` and `result_bytes` a task, in so many messages on one rank. */
size_t fsbi_cluster_batch_room(size_t task_bytes, size_t result_bytes, size_t messages);

/** Takes in that `count` tasks took `seconds`. */
void fsbi_cluster_batch_learn(fsbi_cluster_batch *batch, size_t count, double seconds);

/** Tasks for the next message, of `left` that there are to hand out (at least 1). */
size_t fsbi_cluster_batch_size(const fsbi_cluster_batch *batch, size_t left);

#endif
