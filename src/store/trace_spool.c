#include "store/trace_spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/checksum.h"
#include "core/memory.h"

/* Before a record: what tells it from anything else. The counts of its arrays follow, then they. */
typedef struct {
    uint64_t mark;
    fsbi_trace_owner owner;
    uint64_t bytes;    /* of the arrays */
    uint64_t checksum; /* of owner, counts and arrays */
} record_head;

static const uint64_t mark = UINT64_C(0x3153454341525431);

static size_t head_bytes(const fsbi_model *model) {
    return sizeof(record_head) + model->trace_count * sizeof(uint64_t);
}

static uint64_t checksum(const record_head *head, const uint64_t *counts, size_t arrays,
                         const void *data) {
    uint64_t sum = fsbi_checksum_add(FSBI_CHECKSUM_START, &head->owner, sizeof head->owner);
    sum = fsbi_checksum_add(sum, counts, arrays * sizeof *counts);
    return fsbi_checksum_add(sum, data, head->bytes);
}

fsbi_status fsbi_trace_spool_create(fsbi_trace_spool *spool, const char *path, fsbi_error *error) {
    spool->descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0666);
    return spool->descriptor >= 0
               ? FSBI_OK
               : fsbi_error_set(error, FSBI_IO, "cannot make the file '%s' for traces: %s", path,
                                strerror(errno));
}

void fsbi_trace_spool_close(fsbi_trace_spool *spool) {
    if (spool->descriptor >= 0)
        close(spool->descriptor);
    free(spool->buffer);
    *spool = (fsbi_trace_spool){.descriptor = -1};
}

/* Writes all of it; what was written in part before a failure is cut off again, so that the next
 * record can be found. */
static fsbi_status write_all(int descriptor, const char *data, size_t bytes, fsbi_error *error) {
    const off_t begin = lseek(descriptor, 0, SEEK_END);
    size_t done = 0;
    while (done < bytes) {
        const ssize_t written = write(descriptor, data + done, bytes - done);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            fsbi_error_set(error, FSBI_IO,
                           "cannot write traces: %s; make room, or store none (traces.store), and "
                           "run the same command again",
                           strerror(errno));
            if (ftruncate(descriptor, begin) != 0)
                fsbi_error_prefix(error, "the file may end in half a record");
            return FSBI_IO;
        }
        done += (size_t)written;
    }
    return FSBI_OK;
}

fsbi_status fsbi_trace_spool_append(fsbi_trace_spool *spool, const fsbi_model *model,
                                    const fsbi_trace_owner *owner, const fsbi_trace_data *traces,
                                    fsbi_error *error) {
    record_head head = {.mark = mark, .owner = *owner};
    uint64_t counts[FSBI_MODEL_MOST_TRACES];
    for (size_t i = 0; i < model->trace_count; i++) {
        counts[i] = traces[i].count;
        head.bytes += traces[i].count * fsbi_trace_element_size(model->traces[i].type);
    }
    const size_t before = head_bytes(model);
    if (before + head.bytes > spool->capacity) {
        void *grown = realloc(spool->buffer, before + head.bytes);
        if (grown == NULL)
            return fsbi_error_set(error, FSBI_NO_MEMORY, "out of memory for traces");
        spool->buffer = grown;
        spool->capacity = before + head.bytes;
    }
    char *data = (char *)spool->buffer + before;
    char *next = data;
    for (size_t i = 0; i < model->trace_count; i++) {
        const size_t bytes = traces[i].count * fsbi_trace_element_size(model->traces[i].type);
        if (bytes > 0)
            memcpy(next, traces[i].data, bytes);
        next += bytes;
    }
    head.checksum = checksum(&head, counts, model->trace_count, data);
    memcpy(spool->buffer, &head, sizeof head);
    memcpy((char *)spool->buffer + sizeof head, counts, model->trace_count * sizeof *counts);
    return write_all(spool->descriptor, spool->buffer, before + head.bytes, error);
}

static bool read_at(int descriptor, void *data, size_t bytes, off_t offset) {
    size_t done = 0;
    while (done < bytes) {
        const ssize_t got =
            pread(descriptor, (char *)data + done, bytes - done, offset + (off_t)done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        done += (size_t)got;
    }
    return true;
}

/* Reads what stands before the record at `offset`; false if there is none, or it is cut off. */
static bool read_entry(int descriptor, uint64_t file_bytes, const fsbi_model *model,
                       uint64_t offset, fsbi_trace_entry *entry) {
    record_head head;
    uint64_t bytes = 0;
    *entry = (fsbi_trace_entry){.offset = offset};
    if (!read_at(descriptor, &head, sizeof head, (off_t)offset) || head.mark != mark ||
        !read_at(descriptor, entry->count, model->trace_count * sizeof *entry->count,
                 (off_t)(offset + sizeof head)))
        return false;
    for (size_t i = 0; i < model->trace_count; i++) {
        if (entry->count[i] > file_bytes)
            return false;
        bytes += entry->count[i] * fsbi_trace_element_size(model->traces[i].type);
    }
    entry->owner = head.owner;
    entry->bytes = head.bytes;
    return bytes == head.bytes && offset + head_bytes(model) + bytes <= file_bytes;
}

fsbi_status fsbi_trace_spool_list(const char *path, size_t spool, const fsbi_model *model,
                                  fsbi_trace_entry **entries, size_t *count, fsbi_error *error) {
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    struct stat found = {0};
    fsbi_trace_entry entry;
    fsbi_status status = FSBI_OK;
    if (descriptor < 0 || fstat(descriptor, &found) != 0)
        status = fsbi_error_set(error, FSBI_IO, "cannot read the traces in '%s': %s", path,
                                strerror(errno));
    uint64_t offset = 0;
    while (status == FSBI_OK &&
           read_entry(descriptor, (uint64_t)found.st_size, model, offset, &entry)) {
        fsbi_trace_entry *grown = *entries;
        const bool full = (*count & (*count - 1)) == 0; /* of a capacity that is a power of 2 */
        if (full)
            grown = realloc(*entries, (*count == 0 ? 1 : 2 * *count) * sizeof *grown);
        if (grown == NULL) {
            status = fsbi_error_set(error, FSBI_NO_MEMORY, "out of memory for the list of traces");
            break;
        }
        *entries = grown;
        entry.spool = spool;
        grown[(*count)++] = entry;
        offset += head_bytes(model) + entry.bytes;
    }
    if (descriptor >= 0)
        close(descriptor);
    return status;
}

fsbi_status fsbi_trace_spool_read(const char *path, const fsbi_model *model,
                                  const fsbi_trace_entry *entry, void *data, bool *whole,
                                  fsbi_error *error) {
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    record_head head = {0};
    const bool read =
        descriptor >= 0 && read_at(descriptor, &head, sizeof head, (off_t)entry->offset) &&
        read_at(descriptor, data, entry->bytes, (off_t)(entry->offset + head_bytes(model)));
    const int failure = errno;
    if (descriptor >= 0)
        close(descriptor);
    *whole = read && head.bytes == entry->bytes &&
             head.checksum == checksum(&head, entry->count, model->trace_count, data);
    return read ? FSBI_OK
                : fsbi_error_set(error, FSBI_IO, "cannot read the traces in '%s': %s", path,
                                 strerror(failure));
}
