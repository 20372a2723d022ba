#include "fuzz/edit_file.h"

#include <fcntl.h>
#include <hdf5.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH = 256, MOST_PLACES = 2048, EDIT = 8 };

/* An object, or an attribute of it. */
typedef struct {
    char object[PATH];
    char attribute[PATH]; /* empty: the object itself */
} place;

typedef struct {
    place *list;
    size_t count;
} places;

static void add(places *all, const char *object, const char *attribute) {
    if (all->count == MOST_PLACES)
        return;
    place *added = &all->list[all->count++];
    snprintf(added->object, PATH, "%s", object);
    snprintf(added->attribute, PATH, "%s", attribute);
}

typedef struct {
    places *all;
    const char *object;
} visit;

static herr_t see_attribute(hid_t object, const char *name, const H5A_info_t *info, void *seen) {
    (void)object;
    (void)info;
    const visit *now = seen;
    add(now->all, now->object, name);
    return 0;
}

static herr_t see_object(hid_t file, const char *name, const H5O_info_t *info, void *all) {
    (void)info;
    visit now = {.all = all, .object = name};
    if (strcmp(name, ".") != 0)
        add(all, name, "");
    hid_t object = H5Oopen(file, name, H5P_DEFAULT);
    H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, NULL, see_attribute, &now);
    H5Oclose(object);
    return 0;
}

static void find_places(hid_t file, places *all) {
    H5Ovisit2(file, H5_INDEX_NAME, H5_ITER_INC, see_object, all, H5O_INFO_BASIC);
}

/* Numbers that programs stumble over, as eight bytes. */
static uint64_t special(uint8_t which, uint32_t otherwise) {
    static const uint64_t numbers[] = {0,
                                       1,
                                       2,
                                       UINT64_MAX,
                                       INT64_MAX,
                                       (uint64_t)INT64_MIN,
                                       INT32_MAX,
                                       UINT32_MAX,
                                       UINT64_C(0x7ff0000000000000),  /* infinity */
                                       UINT64_C(0x7ff8000000000000),  /* NaN */
                                       UINT64_C(0xbff0000000000000),  /* -1 */
                                       UINT64_C(0x41dfffffffc00000)}; /* 2^31 - 1 */
    const size_t count = sizeof numbers / sizeof *numbers;
    return which % 16 < count ? numbers[which % 16] : otherwise;
}

static hid_t wide_enumeration(void) {
    hid_t base = H5Tcopy(H5T_NATIVE_INT64);
    H5Tset_size(base, 16);
    hid_t type = H5Tenum_create(base);
    const char value[16] = {1};
    H5Tenum_insert(type, "one", value);
    H5Tclose(base);
    return type;
}

/* Rows as they are imported, with thetas of several lengths and a status of one type or another. */
static hid_t row_type(uint8_t which) {
    static const hsize_t sizes[] = {2, 3, 1000};
    hid_t theta = H5Tarray_create2(H5T_NATIVE_DOUBLE, 1, &sizes[which / 8 % 3]);
    hid_t status = which < 128 ? H5Tcopy(H5T_NATIVE_INT32) : wide_enumeration();
    const size_t theta_size = H5Tget_size(theta);
    hid_t rows = H5Tcreate(H5T_COMPOUND, theta_size + sizeof(double) + H5Tget_size(status));
    H5Tinsert(rows, "theta", 0, theta);
    H5Tinsert(rows, "x_0", theta_size, H5T_NATIVE_DOUBLE);
    H5Tinsert(rows, "status", theta_size + sizeof(double), status);
    H5Tclose(status);
    H5Tclose(theta);
    return rows;
}

static hid_t some_type(uint8_t which) {
    hid_t text = -1;
    switch (which % 8) {
    case 0:
        return H5Tcopy(H5T_NATIVE_DOUBLE);
    case 1:
        return H5Tcopy(H5T_NATIVE_INT8);
    case 2:
        return H5Tcopy(H5T_NATIVE_UINT64);
    case 3:
        return which < 128 ? H5Tcopy(H5T_STD_I32BE) : wide_enumeration();
    case 4:
    case 5:
        text = H5Tcopy(H5T_C_S1);
        H5Tset_size(text, which % 8 == 4 ? 3 : H5T_VARIABLE);
        return text;
    case 6:
        return H5Tvlen_create(H5T_NATIVE_INT32);
    default:
        return row_type(which);
    }
}

static hid_t some_space(uint8_t which, bool large) {
    static const hsize_t sizes[] = {0, 1, 2, 3, 100, 10000, 1000000, 1000000000};
    const hsize_t size[3] = {sizes[which % (large ? 8 : 4)], sizes[which / 8 % (large ? 8 : 4)], 1};
    switch (which / 64) {
    case 0:
        return H5Screate(H5S_SCALAR);
    case 1:
        return H5Screate(H5S_NULL);
    default:
        return H5Screate_simple(which / 64 - 1 + (which % 8 == 7), size, NULL);
    }
}

/* Chunks, so that what is claimed need not be stored. */
static hid_t layout_of(hid_t space) {
    const hsize_t chunk[H5S_MAX_RANK] = {10, 10, 1};
    hid_t layout = H5Pcreate(H5P_DATASET_CREATE);
    const int dimensions = H5Sget_simple_extent_ndims(space);
    if (dimensions > 0)
        H5Pset_chunk(layout, dimensions, chunk);
    return layout;
}

static void replace_object(hid_t file, const place *at, const uint8_t *edit) {
    H5Ldelete(file, at->object, H5P_DEFAULT);
    hid_t type = some_type(edit[3]);
    hid_t space = some_space(edit[4], true);
    hid_t layout = layout_of(space);
    hid_t made = H5Dcreate2(file, at->object, type, space, H5P_DEFAULT, layout, H5P_DEFAULT);
    if (made >= 0)
        H5Dclose(made);
    H5Pclose(layout);
    H5Sclose(space);
    H5Tclose(type);
}

static void replace_attribute(hid_t object, const place *at, const uint8_t *edit) {
    uint64_t values[2000];
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        values[i] = special(edit[5], edit[6]);
    H5Adelete(object, at->attribute);
    hid_t type = some_type(edit[3]);
    hid_t space = some_space(edit[4], false);
    hid_t made = H5Acreate2(object, at->attribute, type, space, H5P_DEFAULT, H5P_DEFAULT);
    const bool fits =
        H5Tget_size(type) * (size_t)H5Sget_simple_extent_npoints(space) <= sizeof values &&
        !H5Tis_variable_str(type) && H5Tget_class(type) != H5T_VLEN;
    if (made >= 0 && fits)
        H5Awrite(made, type, values);
    if (made >= 0)
        H5Aclose(made);
    H5Sclose(space);
    H5Tclose(type);
}

/* Puts `width` bytes into a list of them. */
static void put(char *bytes, size_t size, const uint8_t *edit) {
    const size_t widths[] = {1, 4, 8, 8};
    const size_t width = widths[edit[3] % 4];
    uint32_t otherwise = 0;
    memcpy(&otherwise, edit + 4, sizeof otherwise);
    const uint64_t value = special(edit[3] / 16, otherwise);
    const size_t position = (size_t)(edit[6] + 256 * edit[7]) * width;
    for (size_t i = 0; i < width && size > 0; i++)
        bytes[(position + i) % size] = ((const char *)&value)[i];
}

static void change_attribute(hid_t object, const place *at, const uint8_t *edit) {
    hid_t attribute = H5Aopen(object, at->attribute, H5P_DEFAULT);
    hid_t type = H5Aget_type(attribute);
    const size_t size = (size_t)H5Aget_storage_size(attribute);
    char *bytes = size > 0 && !H5Tis_variable_str(type) && H5Tget_class(type) != H5T_VLEN
                      ? calloc(size, 1)
                      : NULL;
    if (bytes != NULL && H5Aread(attribute, type, bytes) >= 0) {
        put(bytes, size, edit);
        H5Awrite(attribute, type, bytes);
    }
    free(bytes);
    H5Tclose(type);
    H5Aclose(attribute);
}

/* Data have no checksums of HDF5's: they are changed where they are in the file. */
static void change_data(hid_t file, const char *path, const place *at, const uint8_t *edit) {
    hid_t dataset = H5Dopen2(file, at->object, H5P_DEFAULT);
    if (dataset < 0)
        return;
    const haddr_t begin = H5Dget_offset(dataset);
    const size_t size = (size_t)H5Dget_storage_size(dataset);
    H5Dclose(dataset);
    char *bytes = begin == HADDR_UNDEF || size == 0 ? NULL : malloc(size);
    if (bytes == NULL)
        return;
    H5Fflush(file, H5F_SCOPE_GLOBAL);
    const int descriptor = open(path, O_RDWR);
    if (pread(descriptor, bytes, size, (off_t)begin) == (ssize_t)size) {
        put(bytes, size, edit);
        if (pwrite(descriptor, bytes, size, (off_t)begin) != (ssize_t)size)
            abort();
    }
    close(descriptor);
    free(bytes);
}

static void edit_attribute(hid_t file, const place *at, const uint8_t *edit) {
    hid_t object = H5Oopen(file, at->object, H5P_DEFAULT);
    if (object < 0 || H5Aexists(object, at->attribute) <= 0) {
        if (object >= 0)
            H5Oclose(object);
        return;
    }
    switch (edit[2] % 4) {
    case 0:
        H5Adelete(object, at->attribute);
        break;
    case 1:
        replace_attribute(object, at, edit);
        break;
    default:
        change_attribute(object, at, edit);
    }
    H5Oclose(object);
}

static void edit_object(hid_t file, const char *path, const place *at, const uint8_t *edit) {
    switch (edit[2] % 4) {
    case 0:
        H5Ldelete(file, at->object, H5P_DEFAULT);
        break;
    case 1:
        replace_object(file, at, edit);
        break;
    default:
        change_data(file, path, at, edit);
    }
}

void fuzz_edit_file(const char *path, const uint8_t *edits, size_t size) {
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    places all = {.list = calloc(MOST_PLACES, sizeof *all.list)};
    hid_t file = H5Fopen(path, H5F_ACC_RDWR, H5P_DEFAULT);
    if (file < 0 || all.list == NULL)
        abort();
    find_places(file, &all);
    for (size_t begin = 0; begin + EDIT <= size; begin += EDIT) {
        const uint8_t *edit = edits + begin;
        const place *at = &all.list[(edit[0] + 256U * edit[1]) % all.count];
        if (at->attribute[0] != '\0')
            edit_attribute(file, at, edit);
        else
            edit_object(file, path, at, edit);
    }
    H5Fclose(file);
    free(all.list);
}
