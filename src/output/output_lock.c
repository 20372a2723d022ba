#include "output/output_lock.h"

#include "cluster/cluster.h"

fsbi_status fsbi_output_lock_take(MPI_Comm comm, const char *path, fsbi_lock_file *lock,
                                  FILE *report, fsbi_error *error) {
    bool supported = true;
    fsbi_status status = FSBI_OK;
    lock->descriptor = -1;
    if (fsbi_cluster_rank(comm) == 0)
        status = fsbi_lock_file_take(path, lock, &supported, error);
    if (!supported)
        fprintf(report,
                "note: the file system of %s knows no locks: take care that no two runs use the "
                "file at the same time\n",
                path);
    return fsbi_cluster_agree(comm, status, error);
}
