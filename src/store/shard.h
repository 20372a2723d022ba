/** A share of a round's rows in a file of its own, for processes that know nothing of each other.
 */
#ifndef FSBI_STORE_SHARD_H
#define FSBI_STORE_SHARD_H

#include <stddef.h>
#include <stdint.h>

#include "config/settings.h"
#include "fsbi/error.h"
#include "store/file.h"

/** Rows `first` .. `first + count - 1` of a round: the share `index` of `shards`. */
typedef struct {
    size_t round;
    size_t index, shards;
    size_t first, count;
} fsbi_shard;

/** Share `index` of a round of `rows` rows; neighbours differ by one row at most. */
fsbi_shard fsbi_shard_of(size_t round, size_t rows, size_t index, size_t shards);

/** Whether it is one of a campaign with this configuration. FSBI_BAD_INPUT, naming `path`. */
fsbi_status fsbi_shard_check(const fsbi_shard *shard, const fsbi_config *config, const char *path,
                             fsbi_error *error);

/** Writes to the attributes of an open file what its rows are. */
fsbi_status fsbi_shard_write(fsbi_store_file file, const fsbi_shard *shard, fsbi_error *error);

/** Reads that from the file at `path`. FSBI_BAD_INPUT if it is no shard. */
fsbi_status fsbi_shard_read(const char *path, fsbi_shard *shard, fsbi_error *error);

#endif
