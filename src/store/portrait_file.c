#include "store/portrait_file.h"

#include <stdio.h>

#include "store/hdf5_util.h"
#include "store/new_file.h"

static fsbi_status create_series(hid_t group, size_t index, const fsbi_portrait_series *series,
                                 fsbi_error *error) {
    char name[32];
    if (series->count == 0)
        return FSBI_OK;
    snprintf(name, sizeof name, "series_%02zu", index);
    fsbi_status status =
        fsbi_hdf5_create_dataset(group, name, H5T_NATIVE_DOUBLE, 2, series->count, NULL, error);
    hid_t dataset = status == FSBI_OK ? H5Dopen2(group, name, H5P_DEFAULT) : -1;
    if (status == FSBI_OK && dataset < 0)
        status = fsbi_hdf5_error(error, "cannot open the dataset '%s'", name);
    if (status == FSBI_OK)
        status = fsbi_hdf5_write_text(dataset, "label", series->label, error);
    if (status == FSBI_OK)
        status = fsbi_hdf5_write_integer(dataset, "kind", series->kind, error);
    if (dataset >= 0)
        H5Dclose(dataset);
    const double *const coordinates[] = {series->x, series->y};
    for (size_t k = 0; k < 2 && status == FSBI_OK; k++)
        status =
            fsbi_hdf5_write(group, &(fsbi_hdf5_rows){name, H5T_NATIVE_DOUBLE, k, 1, series->count},
                            coordinates[k], error);
    return status;
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

static fsbi_status fill_file(hid_t file, const fsbi_portrait_caption *caption,
                             const fsbi_portrait *portrait, fsbi_error *error) {
    hid_t pictures = H5Gcreate2(file, "pictures", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (pictures < 0)
        return fsbi_hdf5_error(error, "cannot create the group 'pictures'");
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(write_caption(file, caption, error));
    for (size_t i = 0; i < portrait->count; i++)
        FSBI_TRY_DONE(create_picture(pictures, i, &portrait->pictures[i], error));
done:
    H5Gclose(pictures);
    return status;
}

fsbi_status fsbi_portrait_file_write(const char *path, const fsbi_portrait_caption *caption,
                                     const fsbi_portrait *portrait, fsbi_error *error) {
    int64_t file = 0;
    fsbi_status status = fsbi_new_file_create(path, "file of pictures", &file, error);
    if (status != FSBI_OK)
        return status;
    status = fill_file(file, caption, portrait, error);
    const fsbi_status closed = fsbi_new_file_close(path, file, status == FSBI_OK ? error : NULL);
    status = status == FSBI_OK ? closed : status;
    if (status == FSBI_OK)
        status = fsbi_new_file_finish(path, error);
    if (status != FSBI_OK)
        fsbi_new_file_abandon(path);
    return status;
}
