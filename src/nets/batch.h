/**
 * Samples side by side, as networks compute with them: feature i of sample j stands at
 * i * stride + j, the stride being the number of samples rounded up so that vectors fit. What
 * stands beyond the last sample is of no meaning, but finite.
 */
#ifndef FSBI_NETS_BATCH_H
#define FSBI_NETS_BATCH_H

#include "nets/real.h"

/** Samples that elementwise functions treat at once; strides are multiples of it. */
enum { FSBI_BATCH_LANES = 16 };

static inline size_t fsbi_batch_stride(size_t samples) {
    return (samples + FSBI_BATCH_LANES - 1) / FSBI_BATCH_LANES * FSBI_BATCH_LANES;
}

/** Rows of `features` numbers, one row a sample, to a batch; zeros beyond the last sample. */
void fsbi_batch_from_rows(const fsbi_real *rows, size_t samples, size_t features, fsbi_real *batch);

/** And back. */
void fsbi_batch_to_rows(const fsbi_real *batch, size_t samples, size_t features, fsbi_real *rows);

/** Fills one feature with ones: the input that a layer's biases are the weights of. */
void fsbi_batch_ones(fsbi_real *feature, size_t stride);

#endif
