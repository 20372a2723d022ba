#include "fit/training_notes.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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

/* A column that is being looked at. */
typedef struct {
    fsbi_column column;
    const char *name;
    bool is_x;
    double low, high; /* within which a theta is what it should be; none of x */
} suspect;

static bool is_odd(const suspect *s, const fsbi_robust_scale *scale, double value) {
    const bool within = !s->is_x && value >= s->low && value <= s->high;
    return !within && fsbi_robust_scale_is_outside(scale, value);
}

static size_t count_odd(const suspect *s, const fsbi_robust_scale *scale, unsigned char *odd) {
    size_t count = 0;
    for (size_t row = 0; row < s->column.rows; row++) {
        const bool found = is_odd(s, scale, s->column.values[row * s->column.stride]);
        count += found;
        if (found && !s->is_x)
            odd[row] = 1;
    }
    return count;
}

static void explain_odd(const fsbi_training_table *table, const suspect *s,
                        const fsbi_robust_scale *scale, size_t count, fsbi_text *text) {
    const fsbi_column *column = &s->column;
    size_t named = 0;
    fsbi_text_append(text, "note: %s lies far from the others in %zu of %zu rows (", s->name, count,
                     column->rows);
    for (size_t row = 0; row < column->rows && named < EXAMPLES; row++) {
        const double value = column->values[row * column->stride];
        if (!is_odd(s, scale, value))
            continue;
        fsbi_text_append(text, named > 0 ? ", " : "");
        name_row(table, row, value, text);
        named++;
    }
    fsbi_text_append(text, "%s)%s\n", count > EXAMPLES ? " ..." : "",
                     s->is_x ? "; the others alone give its scale. If such values stand for "
                               "something missing, leave these rows out"
                             : ", which are left out");
}

static void look_at(const fsbi_training_table *table, const suspect *s, double *room,
                    unsigned char *odd, fsbi_text *text) {
    const fsbi_robust_scale scale = fsbi_robust_scale_find(&s->column, room);
    const size_t count = scale.outside > 0 ? count_odd(s, &scale, odd) : 0;
    if (!(scale.deviation > 0) && count == 0)
        fsbi_text_append(text, "note: %s is %.6g in all rows: %s\n", s->name, s->column.values[0],
                         s->is_x ? "nothing can be learned from it"
                                 : "it is not inferred, but repeated; leave it out");
    else if (count > 0)
        explain_odd(table, s, &scale, count, text);
}

static void leave_out(fsbi_training_table *table, const fsbi_posterior_plan *plan,
                      const unsigned char *odd) {
    const size_t theta_size = plan->specification.theta_size;
    const size_t x_size = plan->specification.x_size;
    size_t kept = 0;
    for (size_t row = 0; row < table->rows; row++) {
        if (odd[row])
            continue;
        memmove(table->theta + kept * theta_size, table->theta + row * theta_size,
                theta_size * sizeof *table->theta);
        memmove(table->x + kept * x_size, table->x + row * x_size, x_size * sizeof *table->x);
        if (table->weights != NULL)
            table->weights[kept] = table->weights[row];
        if (table->origins != NULL)
            table->origins[kept] = table->origins[row];
        kept++;
    }
    table->left_out += table->rows - kept;
    table->rows = kept;
}

fsbi_status fsbi_training_notes_examine(fsbi_training_table *table, const fsbi_posterior_plan *plan,
                                        fsbi_text *text, fsbi_error *error) {
    const size_t theta_size = plan->specification.theta_size;
    const size_t x_size = plan->specification.x_size;
    double *room = fsbi_memory_allocate(table->rows, sizeof *room, error);
    unsigned char *odd = fsbi_memory_allocate(table->rows, 1, error);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(room == NULL || odd == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    for (size_t j = 0; j < theta_size && table->rows > 0; j++)
        look_at(table,
                &(suspect){.column = {table->theta + j, theta_size, table->rows},
                           .name = plan->theta_names[j],
                           .low = plan->low[j],
                           .high = plan->high[j]},
                room, odd, text);
    for (size_t j = 0; j < x_size && table->rows > 0; j++)
        look_at(table,
                &(suspect){.column = {table->x + j, x_size, table->rows},
                           .name = plan->x_names[j],
                           .is_x = true},
                room, odd, text);
    leave_out(table, plan, odd);
done:
    free(room);
    free(odd);
    return status;
}

fsbi_status fsbi_training_notes_far(const fsbi_posterior *posterior, const fsbi_x_range *ranges,
                                    fsbi_text *text, fsbi_error *error) {
    const size_t x_size = posterior->specification.x_size;
    double *farther = fsbi_memory_allocate(x_size, sizeof *farther, error);
    size_t column = 0;
    double distance = 0;
    if (farther == NULL)
        return FSBI_NO_MEMORY;
    for (size_t j = 0; j < x_size; j++)
        farther[j] = posterior->x_mean[j] - ranges[j].low > ranges[j].high - posterior->x_mean[j]
                         ? ranges[j].low
                         : ranges[j].high;
    if (fsbi_posterior_is_far(posterior, farther, &column, &distance))
        fsbi_text_append(text,
                         "note: %s = %.6g lies far from what the posterior was trained on (%.3g +- "
                         "%.3g, %.3g standard deviations away): it says little there\n",
                         ranges[column].name, farther[column], posterior->x_mean[column],
                         posterior->x_std[column], distance);
    free(farther);
    return FSBI_OK;
}
