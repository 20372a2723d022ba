#include "core/read_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static fsbi_status failed(const char *path, const char *what, fsbi_error *error) {
    return fsbi_error_set(error, FSBI_BAD_INPUT, "cannot read the %s '%s': %s", what, path,
                          strerror(errno));
}

static fsbi_status read_all(FILE *stream, char **bytes, size_t *length) {
    enum { PIECE = 1 << 16, ZEROS = 4 };
    size_t capacity = 0;
    size_t read = PIECE;
    while (read == PIECE) {
        if (*length + PIECE + ZEROS > capacity) {
            capacity = 2 * capacity + PIECE + ZEROS;
            char *grown = realloc(*bytes, capacity);
            if (grown == NULL)
                return FSBI_NO_MEMORY;
            *bytes = grown;
        }
        read = fread(*bytes + *length, 1, PIECE, stream);
        *length += read;
    }
    memset(*bytes + *length, 0, ZEROS);
    return ferror(stream) != 0 ? FSBI_BAD_INPUT : FSBI_OK;
}

fsbi_status fsbi_read_file(const char *path, const char *what, char **bytes, size_t *length,
                           fsbi_error *error) {
    FILE *stream = fopen(path, "rbe");
    *bytes = NULL;
    *length = 0;
    if (stream == NULL)
        return failed(path, what, error);
    errno = 0;
    fsbi_status status = read_all(stream, bytes, length);
    if (status == FSBI_NO_MEMORY)
        status = fsbi_error_set(error, status, "out of memory while reading '%s'", path);
    else if (status != FSBI_OK)
        status = failed(path, what, error);
    fclose(stream);
    if (status != FSBI_OK) {
        free(*bytes);
        *bytes = NULL;
    }
    return status;
}
