#include "cluster/cluster.h"
#include "cluster/wait.h"

/* One message of MPI counts in int. */
enum { LARGEST_PIECE = 1 << 30 };

int fsbi_cluster_size(MPI_Comm comm) {
    int size = 1;
    if (comm != MPI_COMM_NULL)
        MPI_Comm_size(comm, &size);
    return size;
}

int fsbi_cluster_rank(MPI_Comm comm) {
    int rank = 0;
    if (comm != MPI_COMM_NULL)
        MPI_Comm_rank(comm, &rank);
    return rank;
}

void fsbi_cluster_broadcast_from(MPI_Comm comm, int root, void *data, size_t bytes) {
    const size_t end = fsbi_cluster_size(comm) > 1 ? bytes : 0;
    for (size_t begin = 0; begin < end; begin += LARGEST_PIECE) {
        size_t piece = bytes - begin < LARGEST_PIECE ? bytes - begin : LARGEST_PIECE;
        MPI_Request request;
        MPI_Ibcast((char *)data + begin, (int)piece, MPI_BYTE, root, comm, &request);
        fsbi_cluster_wait(&request);
    }
}

void fsbi_cluster_broadcast(MPI_Comm comm, void *data, size_t bytes) {
    fsbi_cluster_broadcast_from(comm, 0, data, bytes);
}

void fsbi_cluster_exchange(MPI_Comm comm, int rank, const void *send, void *receive, size_t bytes) {
    for (size_t begin = 0; begin < bytes; begin += LARGEST_PIECE) {
        size_t piece = bytes - begin < LARGEST_PIECE ? bytes - begin : LARGEST_PIECE;
        MPI_Request request[2];
        MPI_Irecv((char *)receive + begin, (int)piece, MPI_BYTE, rank, 0, comm, &request[0]);
        MPI_Isend((const char *)send + begin, (int)piece, MPI_BYTE, rank, 0, comm, &request[1]);
        fsbi_cluster_wait_in_step(request, 2);
    }
}

void fsbi_cluster_allreduce_sum(MPI_Comm comm, double *numbers, size_t count) {
    const size_t largest = LARGEST_PIECE / sizeof(double);
    const size_t end = fsbi_cluster_size(comm) > 1 ? count : 0;
    for (size_t begin = 0; begin < end; begin += largest) {
        size_t piece = count - begin < largest ? count - begin : largest;
        MPI_Request request;
        MPI_Iallreduce(MPI_IN_PLACE, numbers + begin, (int)piece, MPI_DOUBLE, MPI_SUM, comm,
                       &request);
        fsbi_cluster_wait(&request);
    }
}

fsbi_status fsbi_cluster_agree(MPI_Comm comm, fsbi_status status, fsbi_error *error) {
    if (fsbi_cluster_size(comm) == 1)
        return status;
    fsbi_error local = {.status = status};
    fsbi_error *message = error != NULL ? error : &local;
    int failed_rank = status != FSBI_OK ? fsbi_cluster_rank(comm) : fsbi_cluster_size(comm);
    int first = failed_rank;
    MPI_Request request;
    MPI_Iallreduce(&failed_rank, &first, 1, MPI_INT, MPI_MIN, comm, &request);
    fsbi_cluster_wait(&request);
    if (first == fsbi_cluster_size(comm))
        return FSBI_OK;
    message->status = status;
    fsbi_cluster_broadcast_from(comm, first, message, sizeof *message);
    return message->status;
}
