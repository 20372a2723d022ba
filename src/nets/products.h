/**
 * Products of the small matrices of networks with batches: weights are packed row by row, batches
 * have a stride that is a multiple of FSBI_BATCH_LANES. General matrix libraries spend a third of
 * their time on copying and clearing at these sizes.
 */
#ifndef FSBI_NETS_PRODUCTS_H
#define FSBI_NETS_PRODUCTS_H

#include "nets/real.h"

/** Sizes of a product c = a b: a has rows x inner entries, b inner x stride. */
typedef struct {
    size_t rows, inner, stride;
} fsbi_product_sizes;

/** c (rows x stride) = a b. */
void fsbi_product(const fsbi_real *a, const fsbi_real *b, const fsbi_product_sizes *sizes,
                  fsbi_real *c);

/** c (rows x stride) = the first `rows` rows of a' times b, where a is inner x width (width at
 * least rows). */
void fsbi_product_transposed(const fsbi_real *a, size_t width, const fsbi_real *b,
                             const fsbi_product_sizes *sizes, fsbi_real *c);

/** c (rows x columns) += a b', where a is rows x stride and b is columns x stride: sums over
 * samples. */
void fsbi_product_add_outer(const fsbi_real *a, const fsbi_real *b, size_t rows, size_t columns,
                            size_t stride, fsbi_real *c);

#endif
