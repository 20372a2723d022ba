#include "rows/row_set.h"

#include <stdlib.h>

#include "fsbi/random.h"

size_t fsbi_row_set_count(const fsbi_row_set *set) {
    size_t count = 0;
    for (size_t round = set->first; round < set->end; round++)
        count += set->rounds[round].simulations;
    return count;
}

fsbi_row *fsbi_row_set_at(const fsbi_row_set *set, size_t round, size_t index) {
    return fsbi_row_at(set->shape, set->rows[round], index);
}

size_t fsbi_rows_count_done(const fsbi_row_shape *shape, void *rows, size_t count) {
    size_t done = 0;
    for (size_t i = 0; i < count; i++)
        done += fsbi_row_done(shape, fsbi_row_at(shape, rows, i));
    return done;
}

uint64_t fsbi_row_seed_of(const fsbi_config *config, size_t round, size_t row) {
    return fsbi_random_stream_seed((uint64_t)config->campaign.seed, FSBI_PURPOSE_SIMULATE, round,
                                   row);
}

void fsbi_rows_free(void **rows, size_t round_count) {
    for (size_t round = 0; rows != NULL && round < round_count; round++)
        free(rows[round]);
    free(rows);
}
