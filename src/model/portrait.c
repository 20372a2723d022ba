#include "fsbi/portrait.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/memory.h"

fsbi_status fsbi_portrait_add_picture(fsbi_portrait *portrait, const fsbi_picture_plan *plan,
                                      fsbi_error *error) {
    fsbi_picture *grown =
        realloc(portrait->pictures, (portrait->count + 1) * sizeof *portrait->pictures);
    if (grown == NULL)
        return fsbi_error_set(error, FSBI_NO_MEMORY, "out of memory for pictures of a rule");
    portrait->pictures = grown;
    fsbi_picture *picture = &grown[portrait->count++];
    *picture = (fsbi_picture){.log_x = plan->log_x, .wide = plan->wide};
    snprintf(picture->name, sizeof picture->name, "%s", plan->name);
    snprintf(picture->title, sizeof picture->title, "%s", plan->title);
    snprintf(picture->x_label, sizeof picture->x_label, "%s", plan->x_label);
    snprintf(picture->y_label, sizeof picture->y_label, "%s", plan->y_label);
    return FSBI_OK;
}

fsbi_status fsbi_portrait_add_series(fsbi_portrait *portrait, const fsbi_series_plan *plan,
                                     double **x, double **y, fsbi_error *error) {
    fsbi_picture *picture = &portrait->pictures[portrait->count - 1];
    fsbi_portrait_series *grown =
        realloc(picture->series, (picture->series_count + 1) * sizeof *picture->series);
    if (grown == NULL)
        return fsbi_error_set(error, FSBI_NO_MEMORY, "out of memory for pictures of a rule");
    picture->series = grown;
    fsbi_portrait_series *series = &grown[picture->series_count];
    *series = (fsbi_portrait_series){.kind = plan->kind, .count = plan->count};
    snprintf(series->label, sizeof series->label, "%s", plan->label);
    *x = series->x = fsbi_memory_allocate(plan->count, sizeof *series->x, error);
    *y = series->y = fsbi_memory_allocate(plan->count, sizeof *series->y, error);
    picture->series_count++;
    return *x == NULL || *y == NULL ? FSBI_NO_MEMORY : FSBI_OK;
}

void fsbi_portrait_clear(fsbi_portrait *portrait) {
    for (size_t i = 0; i < portrait->count; i++) {
        fsbi_picture *picture = &portrait->pictures[i];
        for (size_t k = 0; k < picture->series_count; k++) {
            free(picture->series[k].x);
            free(picture->series[k].y);
        }
        free(picture->series);
    }
    free(portrait->pictures);
    *portrait = (fsbi_portrait){0};
}
