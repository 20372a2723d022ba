/** Threads of the linear algebra library. */
#ifndef FSBI_NETS_BLAS_THREADS_H
#define FSBI_NETS_BLAS_THREADS_H

/** One thread a process, whatever the environment says: the ranks are what runs in parallel. */
void fsbi_blas_use_one_thread(void);

#endif
