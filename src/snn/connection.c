#include "snn/connection.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "snn/geometric.h"

static fsbi_status init_columns(fsbi_connection *connection, fsbi_error *error) {
    connection->column_begin = fsbi_memory_allocate(connection->specification.postsynaptic_size + 1,
                                                    sizeof(uint32_t), error);
    connection->column_synapse =
        fsbi_memory_allocate(connection->capacity, sizeof(uint32_t), error);
    connection->column_presynaptic =
        fsbi_memory_allocate(connection->capacity, sizeof(uint16_t), error);
    return connection->column_begin == NULL || connection->column_synapse == NULL ||
                   connection->column_presynaptic == NULL
               ? FSBI_NO_MEMORY
               : FSBI_OK;
}

fsbi_status fsbi_connection_init(fsbi_connection *connection,
                                 const fsbi_connection_specification *specification,
                                 fsbi_error *error) {
    *connection = (fsbi_connection){.specification = *specification};
    double pairs =
        (double)specification->presynaptic_size * (double)specification->postsynaptic_size;
    double mean = pairs * specification->probability;
    double most = fmin(pairs, mean + 10 * sqrt(mean) + 64);
    if (most >= UINT32_MAX)
        return fsbi_error_set(
            error, FSBI_BAD_INPUT,
            "a connection of %zu to %zu neurons with probability %g has too many synapses "
            "(at most 4294967295)",
            specification->presynaptic_size, specification->postsynaptic_size,
            specification->probability);
    connection->capacity = (size_t)most;
    const size_t room = connection->capacity + FSBI_CONNECTION_SPARE;
    connection->row_begin =
        fsbi_memory_allocate(specification->presynaptic_size + 1, sizeof(uint32_t), error);
    connection->target = fsbi_memory_allocate(room, sizeof(uint16_t), error);
    if (connection->row_begin == NULL || connection->target == NULL)
        return FSBI_NO_MEMORY;
    if (specification->weighted)
        connection->weight = fsbi_memory_allocate(room, sizeof(float), error);
    if (specification->weighted && connection->weight == NULL)
        return FSBI_NO_MEMORY;
    return specification->columns ? init_columns(connection, error) : FSBI_OK;
}

void fsbi_connection_clear(fsbi_connection *connection) {
    free(connection->row_begin);
    free(connection->target);
    free(connection->weight);
    free(connection->column_begin);
    free(connection->column_synapse);
    free(connection->column_presynaptic);
    *connection = (fsbi_connection){0};
}

/* Fills row_begin and target. */
static fsbi_status draw_rows(fsbi_connection *connection, gsl_rng *stream, fsbi_error *error) {
    const fsbi_connection_specification *specification = &connection->specification;
    const uint64_t columns = specification->postsynaptic_size;
    const uint64_t pairs = specification->presynaptic_size * columns;
    fsbi_geometric_table skips;
    fsbi_geometric_table_fill(&skips, specification->probability);
    connection->synapses = 0;
    size_t row = 0;
    connection->row_begin[0] = 0;
    uint64_t row_end = columns;
    for (uint64_t pair = fsbi_geometric_table_failures(&skips, pairs, stream); pair < pairs;
         pair += 1 + fsbi_geometric_table_failures(&skips, pairs, stream)) {
        while (pair >= row_end) {
            connection->row_begin[++row] = (uint32_t)connection->synapses;
            row_end += columns;
        }
        uint64_t column = pair + columns - row_end;
        if (specification->exclude_self && column == row)
            continue;
        if (connection->synapses == connection->capacity)
            return fsbi_error_set(
                error, FSBI_INTERNAL, "a connection of %zu to %zu neurons came out too dense",
                specification->presynaptic_size, specification->postsynaptic_size);
        connection->target[connection->synapses++] = (uint16_t)column;
    }
    while (row < specification->presynaptic_size)
        connection->row_begin[++row] = (uint32_t)connection->synapses;
    return FSBI_OK;
}

/* Counting sort of the synapses by target: columns list their synapses in ascending order. */
static void index_columns(fsbi_connection *connection) {
    uint32_t *begin = connection->column_begin;
    const size_t columns = connection->specification.postsynaptic_size;
    memset(begin, 0, (columns + 1) * sizeof *begin);
    for (size_t s = 0; s < connection->synapses; s++)
        begin[connection->target[s]]++;
    uint32_t sum = 0;
    for (size_t i = 0; i <= columns; i++) {
        uint32_t count = begin[i];
        begin[i] = sum;
        sum += count;
    }
    for (size_t row = 0; row < connection->specification.presynaptic_size; row++) {
        for (uint32_t s = connection->row_begin[row]; s < connection->row_begin[row + 1]; s++) {
            uint32_t place = begin[connection->target[s]]++;
            connection->column_synapse[place] = s;
            connection->column_presynaptic[place] = (uint16_t)row;
        }
    }
    memmove(begin + 1, begin, columns * sizeof *begin);
    begin[0] = 0;
}

/* What was there before must not be told from what was never there. */
static void clear_spare(fsbi_connection *connection) {
    for (size_t s = connection->synapses; s < connection->synapses + FSBI_CONNECTION_SPARE; s++) {
        connection->target[s] = 0;
        if (connection->weight != NULL)
            connection->weight[s] = 0;
    }
}

fsbi_status fsbi_connection_draw(fsbi_connection *connection, double initial_weight,
                                 gsl_rng *stream, fsbi_error *error) {
    FSBI_TRY(draw_rows(connection, stream, error));
    for (size_t s = 0; connection->specification.weighted && s < connection->synapses; s++)
        connection->weight[s] = (float)initial_weight;
    clear_spare(connection);
    if (connection->specification.columns)
        index_columns(connection);
    return FSBI_OK;
}

size_t fsbi_connection_row_of(const fsbi_connection *connection, size_t synapse) {
    size_t low = 0;
    size_t high = connection->specification.presynaptic_size;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (connection->row_begin[middle] <= synapse)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* The beginning: from there on the processor fetches ahead by itself. */
static void prefetch(const void *begin, size_t bytes) {
    enum { LINE = 64, MOST = 8 * LINE };
    for (size_t byte = 0; byte < bytes && byte < MOST; byte += LINE)
        __builtin_prefetch((const char *)begin + byte);
}

void fsbi_connection_prefetch(const fsbi_connection *connection, const fsbi_spike_list *spikes) {
    for (size_t k = 0; k < spikes->count; k++) {
        const uint32_t begin = connection->row_begin[spikes->neurons[k]];
        const size_t count = fsbi_connection_row_length(connection, spikes->neurons[k]);
        prefetch(connection->target + begin, count * sizeof *connection->target);
        if (connection->weight != NULL)
            prefetch(connection->weight + begin, count * sizeof *connection->weight);
    }
}

void fsbi_connection_transmit(const fsbi_connection *connection, const fsbi_spike_list *arriving,
                              float weight, fsbi_trace *conductance) {
    enum { UNROLLED = 8 };
    float *restrict scaled = conductance->scaled;
    weight *= fsbi_trace_unit(conductance);
    for (size_t k = 0; k < arriving->count; k++) {
        const uint16_t *target = connection->target + connection->row_begin[arriving->neurons[k]];
        const size_t count = fsbi_connection_row_length(connection, arriving->neurons[k]);
        size_t s = 0;
        for (; s + UNROLLED <= count; s += UNROLLED)
            for (size_t lane = 0; lane < UNROLLED; lane++)
                scaled[target[s + lane]] += weight;
        for (; s < count; s++)
            scaled[target[s]] += weight;
    }
}

void fsbi_connection_transmit_weights(const fsbi_connection *connection, size_t row,
                                      fsbi_trace *conductance) {
    const uint32_t end = connection->row_begin[row + 1];
    float *restrict scaled = conductance->scaled;
    const float unit = fsbi_trace_unit(conductance);
    for (uint32_t s = connection->row_begin[row]; s < end; s++)
        scaled[connection->target[s]] += unit * connection->weight[s];
}
