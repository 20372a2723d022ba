#include "rows/row_set.h"

#include <stdlib.h>

#include "core/memory.h"
#include "fsbi/random.h"

size_t fsbi_row_set_count(const fsbi_row_set *set) {
    size_t count = 0;
    for (size_t round = set->first; round < set->end; round++)
        count += set->rounds[round].simulations;
    return count;
}

fsbi_status fsbi_row_set_read(fsbi_campaign_file *file, const fsbi_row_shape *shape,
                              const fsbi_config *config, void ***rows, fsbi_error *error) {
    *rows = fsbi_memory_allocate(config->round_count, sizeof **rows, error);
    fsbi_status status = *rows == NULL ? FSBI_NO_MEMORY : FSBI_OK;
    for (size_t round = 0; round < config->round_count && status == FSBI_OK; round++) {
        const size_t count = config->rounds[round].simulations;
        void *of_round = NULL;
        status = fsbi_campaign_file_check_rows(file, round, count, error);
        if (status != FSBI_OK) {
            fsbi_error_prefix(error, "the campaign file does not hold what its configuration says "
                                     "(fsbi_mpi verify tells more)");
        } else {
            of_round = fsbi_memory_allocate(count, fsbi_row_size(shape), error);
            status = of_round == NULL
                         ? FSBI_NO_MEMORY
                         : fsbi_campaign_file_read_rows(file, round, 0, count, of_round, error);
        }
        (*rows)[round] = of_round;
        for (size_t i = 0; i < count && status == FSBI_OK; i++) {
            fsbi_row *row = fsbi_row_at(shape, of_round, i);
            if (!fsbi_row_done(shape, row))
                row->status = FSBI_SIMULATION_PENDING;
        }
    }
    return status;
}

size_t fsbi_row_set_count_done(const fsbi_row_shape *shape, void *rows, size_t count) {
    size_t done = 0;
    for (size_t i = 0; i < count; i++)
        done += fsbi_row_done(shape, fsbi_row_at(shape, rows, i));
    return done;
}

uint64_t fsbi_row_seed_of(const fsbi_config *config, size_t round, size_t row) {
    return fsbi_random_stream_seed((uint64_t)config->campaign.seed, FSBI_PURPOSE_SIMULATE, round,
                                   row);
}

void fsbi_row_set_free(void **rows, size_t round_count) {
    for (size_t round = 0; rows != NULL && round < round_count; round++)
        free(rows[round]);
    free(rows);
}
