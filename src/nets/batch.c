#include "nets/batch.h"

void fsbi_batch_from_rows(const fsbi_real *rows, size_t samples, size_t features,
                          fsbi_real *batch) {
    const size_t stride = fsbi_batch_stride(samples);
    for (size_t i = 0; i < features; i++) {
        for (size_t j = 0; j < samples; j++)
            batch[i * stride + j] = rows[j * features + i];
        for (size_t j = samples; j < stride; j++)
            batch[i * stride + j] = 0;
    }
}

void fsbi_batch_to_rows(const fsbi_real *batch, size_t samples, size_t features, fsbi_real *rows) {
    const size_t stride = fsbi_batch_stride(samples);
    for (size_t j = 0; j < samples; j++)
        for (size_t i = 0; i < features; i++)
            rows[j * features + i] = batch[i * stride + j];
}

void fsbi_batch_ones(fsbi_real *feature, size_t stride) {
    for (size_t j = 0; j < stride; j++)
        feature[j] = 1;
}
