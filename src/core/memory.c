#include "core/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { CACHE_LINE = 64 };

void *fsbi_memory_allocate(size_t count, size_t size, fsbi_error *error) {
    void *memory = NULL;
    if (size == 0 || count <= (SIZE_MAX - CACHE_LINE) / size) {
        size_t bytes = (count * size + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
        if (bytes == 0)
            bytes = CACHE_LINE;
        memory = aligned_alloc(CACHE_LINE, bytes);
        if (memory != NULL)
            memset(memory, 0, bytes);
    }
    if (memory == NULL)
        fsbi_error_set(error, FSBI_NO_MEMORY, "out of memory: %zu elements of %zu bytes asked for",
                       count, size);
    return memory;
}

void *fsbi_memory_copy(const void *source, size_t bytes, fsbi_error *error) {
    void *copy = fsbi_memory_allocate(bytes, 1, error);
    if (copy != NULL && bytes > 0)
        memcpy(copy, source, bytes);
    return copy;
}
