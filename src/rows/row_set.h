/** The rows of a campaign's rounds in memory. */
#ifndef FSBI_ROWS_ROW_SET_H
#define FSBI_ROWS_ROW_SET_H

#include "config/settings.h"
#include "rows/row.h"

/** The rows of several rounds; borrowed. */
typedef struct {
    const fsbi_row_shape *shape;
    const fsbi_config_round *rounds; /**< all of the campaign's */
    void *const *rows;               /**< of each of them */
    size_t first, end;               /**< those that are meant */
} fsbi_row_set;

/** How many rows these are. */
size_t fsbi_row_set_count(const fsbi_row_set *set);

/** Row `index` of a round. */
fsbi_row *fsbi_row_set_at(const fsbi_row_set *set, size_t round, size_t index);

/** How many of `count` rows in memory are finished. */
size_t fsbi_rows_count_done(const fsbi_row_shape *shape, void *rows, size_t count);

/** What names the random stream of a simulation. */
uint64_t fsbi_row_seed_of(const fsbi_config *config, size_t round, size_t row);

/** Frees the rows of all rounds and their list; NULL is allowed. */
void fsbi_rows_free(void **rows, size_t round_count);

#endif
