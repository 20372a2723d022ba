#include "cluster/batch.h"

/* What rank 0 is to take in a second at most, a tenth of what it can; and the shortest batch, which
 * takes as long as the longest sleep of somebody who waits. */
static const double messages_a_second = 2000;
static const double shortest = 0.01;

size_t fsbi_cluster_batch_room(size_t task_bytes, size_t result_bytes, size_t messages) {
    enum { MOST = 1024, MEGABYTE = 1 << 20 };
    const size_t bytes = messages * task_bytes + result_bytes;
    const size_t room = (size_t)64 * MEGABYTE / bytes;
    return room < 1 ? 1 : room > MOST ? MOST : room;
}

void fsbi_cluster_batch_learn(fsbi_cluster_batch *batch, size_t count, double seconds) {
    static const double weight = 0.1;
    const double latest = seconds / (double)count;
    batch->task_seconds =
        batch->task_seconds > 0 ? (1 - weight) * batch->task_seconds + weight * latest : latest;
}

size_t fsbi_cluster_batch_size(const fsbi_cluster_batch *batch, size_t left) {
    const double needed = (double)batch->workers / messages_a_second;
    const double seconds = needed > shortest ? needed : shortest;
    const double wanted = batch->task_seconds > 0 ? seconds / batch->task_seconds : 1;
    const size_t fair = left / (4 * batch->workers) + 1;
    size_t size = wanted < (double)batch->most ? (size_t)wanted : batch->most;
    size = size < fair ? size : fair;
    return size < 1 ? 1 : size;
}
