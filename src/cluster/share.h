/** Which items of a list are this rank's: for work that is divided beforehand, whose results are
 * added up afterwards (fsbi_cluster_allreduce_sum). */
#ifndef FSBI_CLUSTER_SHARE_H
#define FSBI_CLUSTER_SHARE_H

#include <mpi.h>
#include <stdbool.h>
#include <stddef.h>

/** The block that is reached: items `first` .. `first + count - 1`. The rest is the iterator's own.
 */
typedef struct {
    size_t first, count;
    size_t next, total, block, stride;
} fsbi_cluster_share;

/** Cuts `total` items into blocks of `block`, the last one perhaps shorter; rank r of R has the
 * blocks r, r + R, r + 2 R, ... Blocks do not depend on the number of ranks. */
fsbi_cluster_share fsbi_cluster_share_begin(MPI_Comm comm, size_t total, size_t block);

/** Goes to the rank's next block; false if there is none. */
bool fsbi_cluster_share_next(fsbi_cluster_share *share);

/** Whether item `index`, in blocks of one, is this rank's. */
bool fsbi_cluster_share_has(MPI_Comm comm, size_t index);

#endif
