#include "cluster/share.h"

#include "cluster/cluster.h"
#include "core/interrupt.h"

fsbi_cluster_share fsbi_cluster_share_begin(MPI_Comm comm, size_t total, size_t block) {
    return (fsbi_cluster_share){.next = (size_t)fsbi_cluster_rank(comm) * block,
                                .total = total,
                                .block = block,
                                .stride = (size_t)fsbi_cluster_size(comm) * block};
}

bool fsbi_cluster_share_next(fsbi_cluster_share *share) {
    fsbi_interrupt_alive();
    if (share->next >= share->total)
        return false;
    const size_t left = share->total - share->next;
    share->first = share->next;
    share->count = left < share->block ? left : share->block;
    share->next += share->stride;
    return true;
}

bool fsbi_cluster_share_has(MPI_Comm comm, size_t index) {
    return index % (size_t)fsbi_cluster_size(comm) == (size_t)fsbi_cluster_rank(comm);
}
