/** Vectors (core/simd.h) in the precision of networks. */
#ifndef FSBI_NETS_VECTORS_H
#define FSBI_NETS_VECTORS_H

#include "core/simd.h"
#include "nets/real.h"

#ifdef FSBI_DOUBLE_NETS
typedef fsbi_double4 fsbi_vector;
typedef fsbi_double4_mask fsbi_vector_mask;
enum { FSBI_VECTOR = FSBI_DOUBLE4 };
#define fsbi_vector_of fsbi_double4_of
#define fsbi_vector_load fsbi_double4_load
#define fsbi_vector_store fsbi_double4_store
#define fsbi_vector_choose fsbi_double4_choose
#else
typedef fsbi_float8 fsbi_vector;
typedef fsbi_float8_mask fsbi_vector_mask;
enum { FSBI_VECTOR = FSBI_FLOAT8 };
#define fsbi_vector_of fsbi_float8_of
#define fsbi_vector_load fsbi_float8_load
#define fsbi_vector_store fsbi_float8_store
#define fsbi_vector_choose fsbi_float8_choose
#endif

#endif
