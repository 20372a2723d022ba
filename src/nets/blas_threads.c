#include "nets/blas_threads.h"

#include <cblas.h>

void fsbi_blas_use_one_thread(void) {
    openblas_set_num_threads(1);
}
