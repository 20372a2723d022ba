/** Allocation with an error instead of a NULL that someone forgets to check. */
#ifndef FSBI_CORE_MEMORY_H
#define FSBI_CORE_MEMORY_H

#include "fsbi/error.h"

/**
 * `count` zeroed elements of `size` bytes, aligned to a cache line, at least one cache line long so
 * that the result is never NULL for want of elements. Owned by the caller, released with free().
 * NULL and FSBI_NO_MEMORY in `error` when there is not enough or the product overflows.
 */
void *fsbi_memory_allocate(size_t count, size_t size, fsbi_error *error);

/** A copy of `bytes` bytes, as fsbi_memory_allocate. */
void *fsbi_memory_copy(const void *source, size_t bytes, fsbi_error *error);

#endif
