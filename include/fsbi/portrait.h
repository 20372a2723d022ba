/** A portrait of a rule: pictures that a model makes of it and of one simulation with it, as
 * numbers with names. Whoever draws them needs to know nothing of the model. */
#ifndef FSBI_PORTRAIT_H
#define FSBI_PORTRAIT_H

#include <stdbool.h>
#include <stddef.h>

#include "fsbi/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** How a series is drawn: numbers stand in files, never renumber. */
typedef enum {
    FSBI_SERIES_LINE = 0,
    FSBI_SERIES_POINTS = 1,
    FSBI_SERIES_STEPS = 2 /**< a histogram: x are the bins' lower edges, y their heights, and the
                             last x, of height 0, ends the last bin */
} fsbi_series_kind;

enum { FSBI_PORTRAIT_NAME = 64 };

/** A curve, points or a histogram. */
typedef struct {
    char label[FSBI_PORTRAIT_NAME];
    fsbi_series_kind kind;
    size_t count;
    double *x, *y;
} fsbi_portrait_series;

/** Series that share axes. */
typedef struct {
    char name[FSBI_PORTRAIT_NAME]; /**< a word, for files */
    char title[FSBI_PORTRAIT_NAME];
    char x_label[FSBI_PORTRAIT_NAME], y_label[FSBI_PORTRAIT_NAME]; /**< with units */
    bool log_x;
    bool wide; /**< wants the width of a page */
    fsbi_portrait_series *series;
    size_t series_count;
} fsbi_picture;

/** Zeros: none yet. Release with fsbi_portrait_clear. */
typedef struct {
    fsbi_picture *pictures;
    size_t count;
} fsbi_portrait;

/** What the next picture is called; its series are added after it. */
typedef struct {
    const char *name, *title, *x_label, *y_label;
    bool log_x, wide;
} fsbi_picture_plan;

fsbi_status fsbi_portrait_add_picture(fsbi_portrait *portrait, const fsbi_picture_plan *plan,
                                      fsbi_error *error);

/** A series to be added. */
typedef struct {
    const char *label;
    fsbi_series_kind kind;
    size_t count; /**< points */
} fsbi_series_plan;

/** Adds a series to the last picture. Its places, zeros at first, are for the caller to fill in:
 * `*x` and `*y` stay the portrait's. */
fsbi_status fsbi_portrait_add_series(fsbi_portrait *portrait, const fsbi_series_plan *plan,
                                     double **x, double **y, fsbi_error *error);

void fsbi_portrait_clear(fsbi_portrait *portrait);

#ifdef __cplusplus
}
#endif

#endif
