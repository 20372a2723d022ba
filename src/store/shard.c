#include "store/shard.h"

#include <string.h>

#include "store/hdf5_util.h"

enum { NUMBERS = 5 };

static const char *const names[NUMBERS] = {"shard_round", "shard", "shards", "first_row",
                                           "row_count"};

fsbi_shard fsbi_shard_of(size_t round, size_t rows, size_t index, size_t shards) {
    const size_t least = rows / shards;
    const size_t longer = rows % shards;
    const size_t longer_before = index < longer ? index : longer;
    return (fsbi_shard){.round = round,
                        .index = index,
                        .shards = shards,
                        .first = index * least + longer_before,
                        .count = least + (index < longer ? 1 : 0)};
}

fsbi_status fsbi_shard_check(const fsbi_shard *shard, const fsbi_config *config, const char *path,
                             fsbi_error *error) {
    const bool possible = shard->round < config->round_count && shard->index < shard->shards;
    const fsbi_shard expected =
        possible ? fsbi_shard_of(shard->round, config->rounds[shard->round].simulations,
                                 shard->index, shard->shards)
                 : (fsbi_shard){0};
    return memcmp(&expected, shard, sizeof expected) == 0
               ? FSBI_OK
               : fsbi_error_set(error, FSBI_BAD_INPUT,
                                "'%s' says that it is shard %zu of %zu of round %zu, but has other "
                                "rows: it is damaged, run that shard again",
                                path, shard->index, shard->shards, shard->round);
}

fsbi_status fsbi_shard_write(fsbi_store_file file, const fsbi_shard *shard, fsbi_error *error) {
    const size_t numbers[NUMBERS] = {shard->round, shard->index, shard->shards, shard->first,
                                     shard->count};
    for (int i = 0; i < NUMBERS; i++)
        FSBI_TRY(fsbi_hdf5_write_integer(file.identifier, names[i], (long)numbers[i], error));
    return FSBI_OK;
}

fsbi_status fsbi_shard_read(const char *path, fsbi_shard *shard, fsbi_error *error) {
    long numbers[NUMBERS] = {0};
    hid_t file = -1;
    fsbi_status status = FSBI_OK;
    *shard = (fsbi_shard){0};
    FSBI_TRY(fsbi_hdf5_open(path, &file, error));
    for (int i = 0; i < NUMBERS && status == FSBI_OK; i++) {
        status = fsbi_hdf5_read_integer(file, names[i], &numbers[i], error);
        if (status == FSBI_OK && numbers[i] < 0)
            status = FSBI_BAD_INPUT;
    }
    fsbi_hdf5_close(file);
    *shard = (fsbi_shard){(size_t)numbers[0], (size_t)numbers[1], (size_t)numbers[2],
                          (size_t)numbers[3], (size_t)numbers[4]};
    return status == FSBI_OK ? FSBI_OK
                             : fsbi_error_set(error, FSBI_BAD_INPUT,
                                              "'%s' is no file that simulate-round made", path);
}
