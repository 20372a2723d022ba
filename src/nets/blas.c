#include "nets/blas.h"

#include <cblas.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "core/memory.h"

/* Bytes of OpenBLAS's buffer for a thread, on 64 bit processors. */
static const size_t buffer_size = (size_t)128 << 20;

/* A product large enough to need the buffer, which OpenBLAS then keeps. */
static fsbi_status take_buffer(fsbi_error *error) {
    enum { SIZE = 128 };
    const size_t entries = (size_t)SIZE * SIZE;
    float *zeros = fsbi_memory_allocate(2 * entries, sizeof *zeros, error);
    if (zeros == NULL)
        return FSBI_NO_MEMORY;
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, SIZE, SIZE, SIZE, 1, zeros, SIZE, zeros,
                SIZE, 0, zeros + entries, SIZE);
    free(zeros);
    return FSBI_OK;
}

fsbi_status fsbi_blas_prepare(fsbi_error *error) {
    static bool prepared; /* the library is one for the whole process */
    if (prepared)
        return FSBI_OK;
    openblas_set_num_threads(1);
    void *buffer =
        mmap(NULL, buffer_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (buffer == MAP_FAILED)
        return fsbi_error_set(error, FSBI_NO_MEMORY,
                              "no room for the %zu MB that OpenBLAS takes for matrices (%s): allow "
                              "more memory (ulimit -v, or what the job asks for)",
                              buffer_size >> 20, strerror(errno));
    munmap(buffer, buffer_size);
    FSBI_TRY(take_buffer(error));
    prepared = true;
    return FSBI_OK;
}
