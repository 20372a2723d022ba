#include "store/portrait_file.h"

#include <stdio.h>

#include "store/hdf5_util.h"
#include "store/new_file.h"

/* The attributes and coordinates of a series whose dataset is there. */
static fsbi_status fill_series(hid_t group, const char *name, const fsbi_portrait_series *series,
                               fsbi_error *error) {
    hid_t dataset = H5Dopen2(group, name, H5P_DEFAULT);
    if (dataset < 0)
        return fsbi_hdf5_error(error, "cannot open the dataset '%s'", name);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_hdf5_write_text(dataset, "label", series->label, error));
    FSBI_TRY_DONE(fsbi_hdf5_write_integer(dataset, "kind", series->kind, error));
    const double *const coordinates[] = {series->x, series->y};
    for (size_t k = 0; k < 2; k++)
        FSBI_TRY_DONE(
            fsbi_hdf5_write(group, &(fsbi_hdf5_rows){name, H5T_NATIVE_DOUBLE, k, 1, series->count},
                            coordinates[k], error));
done:
    H5Dclose(dataset);
    return status;
}

static fsbi_status create_series(hid_t group, size_t index, const fsbi_portrait_series *series,
                                 fsbi_error *error) {
    char name[32];
    if (series->count == 0)
        return FSBI_OK;
    snprintf(name, sizeof name, "series_%02zu", index);
    FSBI_TRY(fsbi_hdf5_create_dataset(
        group,
        &(fsbi_hdf5_dataset){
            .name = name, .type = H5T_NATIVE_DOUBLE, .rows = 2, .columns = series->count},
        error));
    return fill_series(group, name, series, error);
}

static fsbi_status create_picture(hid_t pictures, size_t index, const fsbi_picture *picture,
                                  fsbi_error *error) {
    char name[32];
    snprintf(name, sizeof name, "%02zu", index);
    hid_t group = H5Gcreate2(pictures, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (group < 0)
        return fsbi_hdf5_error(error, "cannot create the group '%s'", name);
    const fsbi_hdf5_text texts[] = {{"name", picture->name},
                                    {"title", picture->title},
                                    {"x_label", picture->x_label},
                                    {"y_label", picture->y_label}};
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_hdf5_write_integer(group, "log_x", picture->log_x, error));
    FSBI_TRY_DONE(fsbi_hdf5_write_integer(group, "wide", picture->wide, error));
    FSBI_TRY_DONE(fsbi_hdf5_write_texts(group, texts, sizeof texts / sizeof *texts, error));
    for (size_t i = 0; i < picture->series_count; i++)
        FSBI_TRY_DONE(create_series(group, i, &picture->series[i], error));
done:
    H5Gclose(group);
    return status;
}

static fsbi_status write_caption(hid_t file, const fsbi_portrait_caption *caption,
                                 fsbi_error *error) {
    const fsbi_hdf5_text texts[] = {{"campaign", caption->campaign},
                                    {"model", caption->model},
                                    {"status", caption->status},
                                    {"pictured", caption->pictured}};
    FSBI_TRY(fsbi_hdf5_write_integer(file, "round", caption->round, error));
    FSBI_TRY(fsbi_hdf5_write_integer(file, "row", caption->row, error));
    return fsbi_hdf5_write_texts(file, texts, sizeof texts / sizeof *texts, error);
}

/* What a file of pictures is made of. */
typedef struct {
    const fsbi_portrait_caption *caption;
    const fsbi_portrait *portrait;
} new_portrait;

static fsbi_status fill_file(fsbi_store_file file, const void *context, fsbi_error *error) {
    const new_portrait *made = context;
    FSBI_TRY(write_caption(file.identifier, made->caption, error));
    hid_t pictures = H5Gcreate2(file.identifier, "pictures", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (pictures < 0)
        return fsbi_hdf5_error(error, "cannot create the group 'pictures'");
    fsbi_status status = FSBI_OK;
    for (size_t i = 0; i < made->portrait->count; i++)
        FSBI_TRY_DONE(create_picture(pictures, i, &made->portrait->pictures[i], error));
done:
    H5Gclose(pictures);
    return status;
}

fsbi_status fsbi_portrait_file_write(const char *path, const fsbi_portrait_caption *caption,
                                     const fsbi_portrait *portrait, fsbi_error *error) {
    const new_portrait made = {caption, portrait};
    FSBI_TRY(fsbi_new_file_begin(path, "file of pictures", fill_file, &made, error));
    return fsbi_new_file_finish(path, error);
}
