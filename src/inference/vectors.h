/**
 * A few numbers side by side, for loops that compilers do not vectorise well by themselves: vector
 * extensions of gcc and clang, one instruction where the processor has vectors of 32 bytes.
 */
#ifndef FSBI_INFERENCE_VECTORS_H
#define FSBI_INFERENCE_VECTORS_H

#include <stdint.h>
#include <string.h>

#include "inference/real.h"

enum { FSBI_VECTOR_BYTES = 32, FSBI_VECTOR = FSBI_VECTOR_BYTES / sizeof(fsbi_real) };

typedef fsbi_real fsbi_vector __attribute__((vector_size(FSBI_VECTOR_BYTES)));
#ifdef FSBI_DOUBLE_NETWORKS
typedef int64_t fsbi_vector_mask __attribute__((vector_size(FSBI_VECTOR_BYTES)));
#else
typedef int32_t fsbi_vector_mask __attribute__((vector_size(FSBI_VECTOR_BYTES)));
#endif

/** From and to memory of any alignment. */
static inline fsbi_vector fsbi_vector_load(const fsbi_real *from) {
    fsbi_vector vector;
    memcpy(&vector, from, sizeof vector);
    return vector;
}

static inline void fsbi_vector_store(fsbi_vector vector, fsbi_real *to) {
    memcpy(to, &vector, sizeof vector);
}

/** The same number throughout. */
static inline fsbi_vector fsbi_vector_of(fsbi_real value) {
    return value - (fsbi_vector){0};
}

/** a where the mask (of a comparison) holds, b elsewhere. */
static inline fsbi_vector fsbi_vector_choose(fsbi_vector_mask mask, fsbi_vector a, fsbi_vector b) {
    return (fsbi_vector)((mask & (fsbi_vector_mask)a) | (~mask & (fsbi_vector_mask)b));
}

#endif
