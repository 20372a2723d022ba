#include "fit/training_notes.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"
#include "inference/robust_scale.h"

/* Rows that are named. */
enum { EXAMPLES = 3 };

static void name_row(const fsbi_training_table *table, size_t row, double value, fsbi_text *text) {
    const fsbi_training_origin *origin = table->origins == NULL ? NULL : &table->origins[row];
    if (origin != NULL && origin->of_campaign)
        fsbi_text_append(text, "row %zu of round %zu: %.6g", origin->row, origin->round, value);
    else
        fsbi_text_append(text, "row %zu: %.6g", origin == NULL ? row : origin->row, value);
}

static void explain_outside(const fsbi_training_table *table, const fsbi_column *column,
                            const fsbi_robust_scale *scale, const char *name, fsbi_text *text) {
    size_t named = 0;
    fsbi_text_append(text, "note: %s lies far from the others in %zu of %zu rows (", name,
                     scale->outside, column->rows);
    for (size_t row = 0; row < column->rows && named < EXAMPLES; row++) {
        const double value = column->values[row * column->stride];
        if (!fsbi_robust_scale_is_outside(scale, value))
            continue;
        fsbi_text_append(text, named > 0 ? ", " : "");
        name_row(table, row, value, text);
        named++;
    }
    fsbi_text_append(text,
                     "%s); the others alone give its scale. If such values stand for something "
                     "missing, leave these rows out\n",
                     scale->outside > EXAMPLES ? " ..." : "");
}

static void look_at(const fsbi_training_table *table, const fsbi_column *column, const char *name,
                    bool is_x, double *room, fsbi_text *text) {
    const fsbi_robust_scale scale = fsbi_robust_scale_find(column, room);
    if (!(scale.deviation > 0))
        fsbi_text_append(text, "note: %s is %.6g in all rows: %s\n", name, column->values[0],
                         is_x ? "nothing can be learned from it"
                              : "it is not inferred, but repeated; leave it out");
    else if (is_x && scale.outside > 0)
        explain_outside(table, column, &scale, name, text);
}

fsbi_status fsbi_training_notes_write(const fsbi_training_table *table,
                                      const fsbi_posterior_plan *plan, fsbi_text *text,
                                      fsbi_error *error) {
    const size_t theta_size = plan->specification.theta_size;
    const size_t x_size = plan->specification.x_size;
    double *room = fsbi_memory_allocate(table->rows, sizeof *room, error);
    if (room == NULL)
        return FSBI_NO_MEMORY;
    for (size_t j = 0; j < theta_size && table->rows > 0; j++)
        look_at(table, &(fsbi_column){table->theta + j, theta_size, table->rows},
                plan->theta_names[j], false, room, text);
    for (size_t j = 0; j < x_size && table->rows > 0; j++)
        look_at(table, &(fsbi_column){table->x + j, x_size, table->rows}, plan->x_names[j], true,
                room, text);
    free(room);
    return FSBI_OK;
}

fsbi_status fsbi_training_notes_far(const fsbi_posterior *posterior, const fsbi_x_range *ranges,
                                    fsbi_text *text, fsbi_error *error) {
    const size_t x_size = posterior->specification.x_size;
    double *nearest = fsbi_memory_allocate(x_size, sizeof *nearest, error);
    size_t column = 0;
    double distance = 0;
    if (nearest == NULL)
        return FSBI_NO_MEMORY;
    for (size_t j = 0; j < x_size; j++)
        nearest[j] = fmin(fmax(posterior->x_mean[j], ranges[j].low), ranges[j].high);
    if (fsbi_posterior_is_far(posterior, nearest, &column, &distance))
        fsbi_text_append(text,
                         "note: %s = %.6g lies far from what the posterior was trained on (%.3g +- "
                         "%.3g, %.3g standard deviations away): it says little there\n",
                         ranges[column].name, nearest[column], posterior->x_mean[column],
                         posterior->x_std[column], distance);
    free(nearest);
    return FSBI_OK;
}
