#include "snn/polynomial_rule.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "core/simd.h"
#include "snn/clip.h"

static fsbi_status init_history(fsbi_spike_history *history, size_t neurons, fsbi_error *error) {
    fsbi_status status = FSBI_OK;
    history->neurons = neurons;
    for (int level = 0; level < FSBI_HISTORY_LEVELS; level++) {
        history->level[level] = fsbi_memory_allocate(neurons, sizeof(fsbi_history_quartet), error);
        if (history->level[level] == NULL)
            status = FSBI_NO_MEMORY;
    }
    return status;
}

double fsbi_polynomial_rule_pair(const fsbi_polynomial_rule *rule, double difference) {
    const double coincidence = difference > 0 ? rule->gamma * exp(-difference / rule->tau_pre)
                                              : rule->kappa * exp(difference / rule->tau_post);
    /* Of two spikes in one step neither sees the other. */
    return rule->eta * (rule->alpha + rule->beta + (difference == 0 ? 0 : coincidence));
}

fsbi_status fsbi_polynomial_connection_init(fsbi_polynomial_connection *plastic,
                                            const fsbi_connection_specification *specification,
                                            fsbi_error *error) {
    *plastic = (fsbi_polynomial_connection){0};
    FSBI_TRY(fsbi_connection_init(&plastic->connection, specification, error));
    const size_t rows = specification->presynaptic_size;
    float *traces = fsbi_memory_allocate(rows, sizeof *traces, error);
    plastic->presynaptic_trace = fsbi_trace_in(traces, 1, rows);
    plastic->seen = fsbi_memory_allocate(rows, sizeof *plastic->seen, error);
    if (traces == NULL || plastic->seen == NULL)
        return FSBI_NO_MEMORY;
    FSBI_TRY(init_history(&plastic->history, specification->postsynaptic_size, error));
    plastic->postsynaptic_trace =
        fsbi_trace_in(&plastic->history.level[0][0][FSBI_HISTORY_TRACE], FSBI_HISTORY_QUARTET,
                      specification->postsynaptic_size);
    return FSBI_OK;
}

void fsbi_polynomial_connection_clear(fsbi_polynomial_connection *plastic) {
    fsbi_connection_clear(&plastic->connection);
    free(plastic->presynaptic_trace.scaled);
    for (int level = 0; level < FSBI_HISTORY_LEVELS; level++)
        free(plastic->history.level[level]);
    free(plastic->seen);
    *plastic = (fsbi_polynomial_connection){0};
}

/* All rows have seen all spikes up to the step of this scale. */
static void set_all_seen(fsbi_polynomial_connection *plastic, float scale) {
    for (size_t row = 0; row < plastic->connection.specification.presynaptic_size; row++)
        plastic->seen[row] = scale;
    plastic->all_seen = scale;
    plastic->full = false;
}

/* Begins a new scale of the presynaptic trace, in which no spike has been yet. */
static void forget_spikes(fsbi_polynomial_connection *plastic) {
    fsbi_spike_history_forget(&plastic->history);
    set_all_seen(plastic, FSBI_HISTORY_NONE);
}

void fsbi_polynomial_connection_reset(fsbi_polynomial_connection *plastic,
                                      const fsbi_polynomial_rule *rule, double dt) {
    plastic->rule = *rule;
    fsbi_trace_reset(&plastic->presynaptic_trace, rule->tau_pre, dt);
    fsbi_trace_reset(&plastic->postsynaptic_trace, rule->tau_post, dt);
    forget_spikes(plastic);
}

/* What the synapses of a row have in common: the changes w += change + factor * x, where x is the
 * scale in the step of a postsynaptic spike (back) or the postsynaptic neuron's trace (forward). */
typedef struct {
    float back_change, back_factor;
    float forward_change, forward_factor;
    float seen; /* scale in the last step whose spikes the row has seen */
    float now;  /* scale in the present step */
    float weight_min, weight_max;
} row_changes;

static row_changes changes_of(const fsbi_polynomial_connection *plastic, size_t row) {
    const fsbi_polynomial_rule *rule = &plastic->rule;
    return (row_changes){
        .back_change = (float)(rule->eta * rule->beta),
        .back_factor = (float)(rule->eta * rule->gamma) * plastic->presynaptic_trace.scaled[row],
        .forward_change = (float)(rule->eta * rule->alpha),
        .forward_factor = (float)(rule->eta * rule->kappa * plastic->postsynaptic_trace.scale),
        .seen = plastic->seen[row],
        .now = (float)plastic->presynaptic_trace.scale,
        .weight_min = (float)rule->weight_min,
        .weight_max = (float)rule->weight_max};
}

/* Up to so many synapses of a row go through all of a spike's passes together. Passes, rather than
 * one long loop: more synapses are then under way at once. */
enum { PART = 240, VECTORS = PART / FSBI_FLOAT8 };

/* A part of a row, and what its passes hand on. */
typedef struct {
    const uint16_t *target;
    float *weight;
    size_t count;
    fsbi_float8 recent[VECTORS][FSBI_HISTORY_QUARTET]; /* level 0 of the postsynaptic neurons */
    uint8_t busy[PART + FSBI_FLOAT8]; /* synapses that have not seen spikes of higher levels */
    size_t busy_count;
} row_part;

/* The row's synapses from `done` on. */
static void take_part(const fsbi_connection *connection, size_t row, size_t done, row_part *part) {
    const size_t begin = connection->row_begin[row] + done;
    const size_t left = connection->row_begin[row + 1] - begin;
    part->target = connection->target + begin;
    part->weight = connection->weight + begin;
    part->count = left < PART ? left : PART;
}

static inline fsbi_float8 load_weights(const row_part *part, size_t vector) {
    return fsbi_float8_load(part->weight + vector * FSBI_FLOAT8);
}

/* Leaves the next row's weights alone. */
static inline void store_weights(row_part *part, size_t vector, fsbi_float8 w) {
    fsbi_float8_store_first(w, part->count - vector * FSBI_FLOAT8,
                            part->weight + vector * FSBI_FLOAT8);
}

static inline fsbi_float8 add_clipped(fsbi_float8 w, fsbi_float8 change, const row_changes *row) {
    return fsbi_float8_clip(w + change, fsbi_float8_of(row->weight_min),
                            fsbi_float8_of(row->weight_max));
}

/* Weights after one spike of each postsynaptic neuron, where the mask says that it counts: weights
 * are within their bounds before, so that adding 0 and clipping leaves the others as they are. */
static inline fsbi_float8 after_spike(fsbi_float8 w, fsbi_float8 scale, fsbi_float8_mask counts,
                                      const row_changes *row) {
    return add_clipped(w, fsbi_float8_where(counts, row->back_change + row->back_factor * scale),
                       row);
}

/* One level of the history of eight postsynaptic neurons. */
static inline void load_level(const fsbi_spike_history *history, int level, const uint16_t *target,
                              fsbi_float8 number[FSBI_HISTORY_QUARTET]) {
    const float *of_target[FSBI_FLOAT8];
    for (size_t k = 0; k < FSBI_FLOAT8; k++)
        of_target[k] = history->level[level][target[k]];
    fsbi_float8_transpose(of_target, number);
}

/* Reads level 0 and lists the synapses whose older spikes matter too. */
static inline void read_part(const fsbi_spike_history *restrict history,
                             const row_changes *restrict row, row_part *restrict part) {
    const uint16_t *target = part->target;
    const size_t vectors = (part->count + FSBI_FLOAT8 - 1) / FSBI_FLOAT8;
    const float seen = row->seen;
    size_t busy = 0;
    for (size_t v = 0; v < vectors; v++) {
        fsbi_float8 number[FSBI_HISTORY_QUARTET];
        load_level(history, 0, target + v * FSBI_FLOAT8, number);
        busy += fsbi_float8_list(number[FSBI_HISTORY_TRACE - 1] < seen, (uint8_t)(v * FSBI_FLOAT8),
                                 part->busy + busy);
        memcpy(part->recent[v], number, sizeof number);
    }
    while (busy > 0 && part->busy[busy - 1] >= part->count)
        busy--;
    part->busy_count = busy;
}

/* Applies the spikes of a level and above that eight weights have not seen, oldest first. */
static inline fsbi_float8 after_older_spikes(fsbi_float8 w, const fsbi_spike_history *history,
                                             const uint16_t *target, const row_changes *row) {
    fsbi_float8 number[FSBI_HISTORY_LEVELS][FSBI_HISTORY_QUARTET];
    int level = 1;
    load_level(history, level, target, number[level]);
    while (level + 1 < FSBI_HISTORY_LEVELS &&
           fsbi_float8_any(number[level][FSBI_HISTORY_QUARTET - 1] < row->seen)) {
        level++;
        load_level(history, level, target, number[level]);
    }
    for (; level > 0; level--)
        for (int k = FSBI_HISTORY_QUARTET - 1; k >= 0; k--)
            w = after_spike(w, number[level][k], number[level][k] < row->seen, row);
    return w;
}

/* The listed synapses, eight at a time. */
static void apply_older_spikes(const fsbi_spike_history *history, const row_changes *row,
                               row_part *part) {
    for (size_t begin = 0; begin < part->busy_count; begin += FSBI_FLOAT8) {
        const uint8_t *busy = part->busy + begin;
        const size_t left = part->busy_count - begin;
        const size_t count = left < FSBI_FLOAT8 ? left : FSBI_FLOAT8;
        uint16_t target[FSBI_FLOAT8];
        float weight[FSBI_FLOAT8];
        for (size_t k = 0; k < FSBI_FLOAT8; k++) {
            target[k] = part->target[busy[k < count ? k : 0]];
            weight[k] = part->weight[busy[k < count ? k : 0]];
        }
        fsbi_float8_store(after_older_spikes(fsbi_float8_load(weight), history, target, row),
                          weight);
        for (size_t k = 0; k < count; k++)
            part->weight[busy[k]] = weight[k];
    }
}

/* Applies the spikes that the row has not seen, oldest first; those of this step only if `all`. */
static inline void catch_up_part(const fsbi_spike_history *restrict history,
                                 const row_changes *restrict row, bool all,
                                 row_part *restrict part) {
    read_part(history, row, part);
    apply_older_spikes(history, row, part);
    for (size_t v = 0; v * FSBI_FLOAT8 < part->count; v++) {
        const fsbi_float8 *spike = part->recent[v];
        fsbi_float8 w = load_weights(part, v);
        for (int k = FSBI_HISTORY_TRACE - 1; k > 0; k--)
            w = after_spike(w, spike[k], spike[k] < row->seen, row);
        fsbi_float8_mask counts = spike[0] < row->seen;
        if (!all)
            counts &= spike[0] > row->now;
        store_weights(part, v, after_spike(w, spike[0], counts, row));
    }
}

static inline void transmit_part(const row_part *part, float unit, float *restrict scaled) {
    size_t s = 0;
    for (; s + FSBI_FLOAT8 <= part->count; s += FSBI_FLOAT8)
        for (size_t k = 0; k < FSBI_FLOAT8; k++)
            scaled[part->target[s + k]] += unit * part->weight[s + k];
    for (; s < part->count; s++)
        scaled[part->target[s]] += unit * part->weight[s];
}

/* The presynaptic spike's own change, then those of the postsynaptic spikes of this step. */
static inline void change_part(const row_changes *restrict row, row_part *restrict part) {
    for (size_t v = 0; v * FSBI_FLOAT8 < part->count; v++) {
        const fsbi_float8 *recent = part->recent[v];
        const fsbi_float8 w = add_clipped(
            load_weights(part, v),
            row->forward_change + row->forward_factor * recent[FSBI_HISTORY_TRACE], row);
        store_weights(part, v, after_spike(w, recent[0], recent[0] == row->now, row));
    }
}

static void arrive_at_row(fsbi_polynomial_connection *plastic, size_t row,
                          fsbi_trace *conductance) {
    const float unit = fsbi_trace_unit(conductance);
    const row_changes changes = changes_of(plastic, row);
    const size_t count = fsbi_connection_row_length(&plastic->connection, row);
    row_part part;
    for (size_t done = 0; done < count; done += PART) {
        take_part(&plastic->connection, row, done, &part);
        catch_up_part(&plastic->history, &changes, false, &part);
        transmit_part(&part, unit, conductance->scaled);
        change_part(&changes, &part);
    }
    plastic->seen[row] = changes.now;
}

static void catch_up(fsbi_polynomial_connection *plastic) {
    row_part part;
    for (size_t row = 0; row < plastic->connection.specification.presynaptic_size; row++) {
        const row_changes changes = changes_of(plastic, row);
        const size_t count = fsbi_connection_row_length(&plastic->connection, row);
        for (size_t done = 0; done < count; done += PART) {
            take_part(&plastic->connection, row, done, &part);
            catch_up_part(&plastic->history, &changes, true, &part);
        }
    }
    set_all_seen(plastic, (float)plastic->presynaptic_trace.scale);
}

static void record_spikes(fsbi_polynomial_connection *plastic, const fsbi_spike_list *emitted) {
    const float now = (float)plastic->presynaptic_trace.scale;
    for (size_t k = 0; k < emitted->count; k++) {
        const size_t neuron = emitted->neurons[k];
        fsbi_spike_history_record(&plastic->history, neuron, now);
        plastic->full |= fsbi_spike_history_full(&plastic->history, neuron, plastic->all_seen);
    }
}

void fsbi_polynomial_connection_step(fsbi_polynomial_connection *plastic,
                                     const fsbi_spike_list *arriving,
                                     const fsbi_spike_list *emitted, fsbi_trace *conductance) {
    record_spikes(plastic, emitted);
    for (size_t k = 0; k < arriving->count; k++)
        arrive_at_row(plastic, arriving->neurons[k], conductance);
    const bool folds = fsbi_trace_will_fold(&plastic->presynaptic_trace);
    if (folds || plastic->full)
        catch_up(plastic);
    fsbi_trace_step(&plastic->presynaptic_trace, arriving);
    fsbi_trace_step(&plastic->postsynaptic_trace, emitted);
    if (folds)
        forget_spikes(plastic);
}

float fsbi_polynomial_connection_weight(const void *plastic, size_t synapse) {
    const fsbi_polynomial_connection *p = plastic;
    const row_changes row = changes_of(p, fsbi_connection_row_of(&p->connection, synapse));
    float w = p->connection.weight[synapse];
    for (int level = FSBI_HISTORY_LEVELS - 1; level >= 0; level--) {
        const float *scale = p->history.level[level][p->connection.target[synapse]];
        for (int k = fsbi_history_level_spikes(level) - 1; k >= 0; k--)
            if (scale[k] < row.seen)
                w = fsbi_clip(w + (row.back_change + row.back_factor * scale[k]), row.weight_min,
                              row.weight_max);
    }
    return w;
}
