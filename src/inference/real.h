/**
 * The precision of networks, and products of row-major matrices in it. Single precision; tests that
 * check gradients compile the same sources with FSBI_DOUBLE_NETWORKS.
 */
#ifndef FSBI_INFERENCE_REAL_H
#define FSBI_INFERENCE_REAL_H

#include <gsl/gsl_cblas.h>
#include <stddef.h>

#ifdef FSBI_DOUBLE_NETWORKS
typedef double fsbi_real;
#define FSBI_CBLAS(name) cblas_d##name
#else
typedef float fsbi_real;
#define FSBI_CBLAS(name) cblas_s##name
#endif

/** c (rows x columns) = a b, where a is rows x inner and b is inner x columns. */
static inline void fsbi_real_times(const fsbi_real *a, const fsbi_real *b, size_t rows,
                                   size_t inner, size_t columns, fsbi_real *c) {
    FSBI_CBLAS(gemm)
    (CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)rows, (int)columns, (int)inner, 1, a,
     (int)inner, b, (int)columns, 0, c, (int)columns);
}

/** c (rows x columns) = the first `rows` rows of a' times b, where a is inner x width (width at
 * least rows) and b is inner x columns. */
static inline void fsbi_real_transposed_times(const fsbi_real *a, size_t width, const fsbi_real *b,
                                              size_t rows, size_t inner, size_t columns,
                                              fsbi_real *c) {
    FSBI_CBLAS(gemm)
    (CblasRowMajor, CblasTrans, CblasNoTrans, (int)rows, (int)columns, (int)inner, 1, a, (int)width,
     b, (int)columns, 0, c, (int)columns);
}

/** c (rows x columns) += a b', where a is rows x inner and b is columns x inner. */
static inline void fsbi_real_add_times_transposed(const fsbi_real *a, const fsbi_real *b,
                                                  size_t rows, size_t inner, size_t columns,
                                                  fsbi_real *c) {
    FSBI_CBLAS(gemm)
    (CblasRowMajor, CblasNoTrans, CblasTrans, (int)rows, (int)columns, (int)inner, 1, a, (int)inner,
     b, (int)inner, 1, c, (int)columns);
}

#endif
