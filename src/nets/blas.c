#include "nets/blas.h"

#include <cblas.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

/* Bytes of OpenBLAS's buffer for a thread, on 64 bit processors. */
static const size_t buffer_size = (size_t)128 << 20;

fsbi_status fsbi_blas_prepare(fsbi_error *error) {
    openblas_set_num_threads(1);
    void *buffer =
        mmap(NULL, buffer_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (buffer == MAP_FAILED)
        return fsbi_error_set(error, FSBI_NO_MEMORY,
                              "no room for the %zu MB that OpenBLAS takes for matrices (%s): allow "
                              "more memory (ulimit -v, or what the job asks for)",
                              buffer_size >> 20, strerror(errno));
    munmap(buffer, buffer_size);
    return FSBI_OK;
}
