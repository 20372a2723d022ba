#include "store/hdf5_util.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/crash.h"
#include "core/memory.h"
#include "core/target.h"

enum { NAME_LENGTH = 64 };

void fsbi_hdf5_quiet(void) {
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
}

/* Ways in for files that people take for HDF5. */
static const char *hint(const unsigned char *begin, size_t length) {
    static const struct {
        const char *begin, *words;
    } others[] = {
        {"\x93NUMPY", ": it is a NumPy array, of which tools/fsbi-data import makes a table"},
        {"PK", ": it is a zip archive, as .npz files are; write its arrays with h5py"},
        {"MATLAB 5", ": it is an old MATLAB file; save it with -v7.3, which is HDF5"},
        {"CDF", ": it is a classic netCDF file; nccopy -k nc4 makes HDF5 of it"},
        {"<", ": it begins like a web page; download the file itself"}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        const size_t needed = strlen(others[i].begin);
        if (length >= needed && memcmp(begin, others[i].begin, needed) == 0)
            return others[i].words;
    }
    return "";
}

static fsbi_status explain_no_hdf5(const char *path, fsbi_error *error) {
    unsigned char begin[16];
    FILE *stream = fopen(path, "rbe");
    const size_t length = stream == NULL ? 0 : fread(begin, 1, sizeof begin, stream);
    if (stream != NULL)
        fclose(stream);
    return length == 0 ? fsbi_error_set(error, FSBI_BAD_INPUT, "'%s' is empty", path)
                       : fsbi_error_set(error, FSBI_BAD_INPUT, "'%s' is no HDF5 file%s", path,
                                        hint(begin, length));
}

fsbi_status fsbi_hdf5_expect(const char *path, fsbi_error *error) {
    const char *kind = fsbi_target_kind(path);
    fsbi_hdf5_quiet();
    if (access(path, F_OK) != 0)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              errno == ENOENT ? "there is no file '%s'" : "cannot find '%s': %s",
                              path, strerror(errno));
    if (kind != NULL)
        return fsbi_error_set(error, FSBI_BAD_INPUT, "'%s' is %s, where an HDF5 file is needed%s",
                              path, kind,
                              strcmp(kind, "a pipe") == 0
                                  ? ", which is not read from begin to end: write it to disk first"
                                  : "");
    if (access(path, R_OK) != 0)
        return fsbi_error_set(error, FSBI_BAD_INPUT, "'%s' may not be read: %s", path,
                              strerror(errno));
    return H5Fis_hdf5(path) > 0 ? FSBI_OK : explain_no_hdf5(path, error);
}

fsbi_status fsbi_hdf5_open(const char *path, hid_t *file, fsbi_error *error) {
    char words[2048];
    *file = -1;
    FSBI_TRY(fsbi_hdf5_expect(path, error));
    snprintf(words, sizeof words,
             "fsbi_mpi: the program crashed while it read '%.1024s', which is probably damaged. "
             "Nothing was changed; take another copy of the file (if h5dump reads it through, "
             "please report this)\n",
             path);
    fsbi_crash_words(words);
    *file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (*file >= 0)
        return FSBI_OK;
    fsbi_crash_words(NULL);
    fsbi_hdf5_error(error, "'%s' is damaged or cut off: restore it from a copy", path);
    return FSBI_BAD_INPUT;
}

void fsbi_hdf5_close(hid_t file) {
    H5Fclose(file);
    fsbi_crash_words(NULL);
}

static herr_t keep_innermost(unsigned depth, const H5E_error2_t *entry, void *reason) {
    if (depth == 0 && entry->desc != NULL)
        snprintf(reason, 512, "%s", entry->desc);
    return 0;
}

fsbi_status fsbi_hdf5_error(fsbi_error *error, const char *format, ...) {
    char what[1024];
    char reason[512] = "";
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_innermost, reason);
    const char *shown = reason;
    /* Of a failed system call: what the system said, without HDF5's addresses. */
    static const char system_message[] = "error message = '";
    char *quoted = strstr(reason, system_message);
    if (quoted != NULL) {
        quoted += sizeof system_message - 1;
        quoted[strcspn(quoted, "'")] = '\0';
        shown = quoted;
    }
    /* MPI-IO does not say why it could not. */
    if (strcmp(shown, "file write failed") == 0)
        shown = "file write failed (is there room?); run the same command again once it can";
    return fsbi_error_set(error, FSBI_IO, "%s%s%s", what, shown[0] != '\0' ? ": " : "", shown);
}

fsbi_status fsbi_hdf5_read_error(hid_t dataset, const char *what, fsbi_error *error) {
    fsbi_status status = fsbi_hdf5_error(error, "%s", what);
    hid_t properties = H5Dget_create_plist(dataset);
    const int count = H5Pget_layout(properties) == H5D_CHUNKED ? H5Pget_nfilters(properties) : 0;
    for (int i = 0; i < count; i++) {
        char name[64] = "";
        unsigned flags = 0;
        size_t values = 0;
        const H5Z_filter_t filter =
            H5Pget_filter2(properties, (unsigned)i, &flags, &values, NULL, sizeof name, name, NULL);
        name[sizeof name - 1] = '\0';
        if (filter >= 0 && H5Zfilter_avail(filter) <= 0)
            status = fsbi_error_set(
                error, FSBI_BAD_INPUT,
                "it is compressed by the filter '%s' (number %d), which the HDF5 library here does "
                "not have: where it was made, write it again without, as by `h5repack -f NONE`, or "
                "with gzip; or tell HDF5_PLUGIN_PATH where the filter is",
                name[0] != '\0' ? name : "without a name", (int)filter);
    }
    H5Pclose(properties);
    return status;
}

static fsbi_status write_attribute(hid_t object, const char *name, hid_t type, hid_t space,
                                   const void *value, fsbi_error *error) {
    hid_t attribute = H5Acreate2(object, name, type, space, H5P_DEFAULT, H5P_DEFAULT);
    fsbi_status status = FSBI_OK;
    if (attribute < 0 || H5Awrite(attribute, type, value) < 0)
        status = fsbi_hdf5_error(error, "cannot write the attribute '%s'", name);
    if (attribute >= 0)
        H5Aclose(attribute);
    return status;
}

static hid_t text_type(size_t length) {
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, length);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}

fsbi_status fsbi_hdf5_write_text(hid_t object, const char *name, const char *text,
                                 fsbi_error *error) {
    hid_t type = text_type(strlen(text) + 1);
    hid_t space = H5Screate(H5S_SCALAR);
    fsbi_status status = write_attribute(object, name, type, space, text, error);
    H5Sclose(space);
    H5Tclose(type);
    return status;
}

fsbi_status fsbi_hdf5_write_texts(hid_t object, const fsbi_hdf5_text *texts, size_t count,
                                  fsbi_error *error) {
    for (size_t i = 0; i < count; i++)
        FSBI_TRY(fsbi_hdf5_write_text(object, texts[i].name, texts[i].text, error));
    return FSBI_OK;
}

static bool has_one_element(hid_t attribute) {
    hid_t space = H5Aget_space(attribute);
    const bool one = H5Sget_simple_extent_npoints(space) == 1;
    H5Sclose(space);
    return one;
}

fsbi_status fsbi_hdf5_read_text(hid_t object, const char *name, char **text, fsbi_error *error) {
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    hid_t type = attribute < 0 ? -1 : H5Aget_type(attribute);
    fsbi_status status = FSBI_OK;
    *text = NULL;
    if (type < 0 || H5Tget_class(type) != H5T_STRING || H5Tis_variable_str(type) != 0 ||
        !has_one_element(attribute)) {
        FSBI_TRY_DONE(fsbi_hdf5_error(error, "the attribute '%s' is missing or no string", name));
    } else {
        *text = fsbi_memory_allocate(H5Tget_size(type) + 1, 1, error);
        if (*text == NULL)
            FSBI_TRY_DONE(FSBI_NO_MEMORY);
        else if (H5Aread(attribute, type, *text) < 0)
            FSBI_TRY_DONE(fsbi_hdf5_error(error, "cannot read the attribute '%s'", name));
    }
done:
    if (status != FSBI_OK) {
        free(*text);
        *text = NULL;
    }
    if (type >= 0)
        H5Tclose(type);
    if (attribute >= 0)
        H5Aclose(attribute);
    return status;
}

static fsbi_status write_scalar(hid_t object, const char *name, hid_t type, const void *value,
                                fsbi_error *error) {
    hid_t space = H5Screate(H5S_SCALAR);
    fsbi_status status = write_attribute(object, name, type, space, value, error);
    H5Sclose(space);
    return status;
}

/* A number, whatever its type in the file. */
static fsbi_status read_scalar(hid_t object, const char *name, hid_t type, void *value,
                               fsbi_error *error) {
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    fsbi_status status = FSBI_OK;
    if (attribute < 0 || !has_one_element(attribute) || H5Aread(attribute, type, value) < 0)
        status = fsbi_hdf5_error(error, "cannot read the attribute '%s'", name);
    if (attribute >= 0)
        H5Aclose(attribute);
    return status;
}

fsbi_status fsbi_hdf5_write_integer(hid_t object, const char *name, long value, fsbi_error *error) {
    return write_scalar(object, name, H5T_NATIVE_LONG, &value, error);
}

fsbi_status fsbi_hdf5_read_integer(hid_t object, const char *name, long *value, fsbi_error *error) {
    return read_scalar(object, name, H5T_NATIVE_LONG, value, error);
}

fsbi_status fsbi_hdf5_write_real(hid_t object, const char *name, double value, fsbi_error *error) {
    return write_scalar(object, name, H5T_NATIVE_DOUBLE, &value, error);
}

fsbi_status fsbi_hdf5_read_real(hid_t object, const char *name, double *value, fsbi_error *error) {
    return read_scalar(object, name, H5T_NATIVE_DOUBLE, value, error);
}

fsbi_status fsbi_hdf5_write_names(hid_t object, const char *name, const char *names, size_t stride,
                                  size_t count, fsbi_error *error) {
    char *packed = fsbi_memory_allocate(count, NAME_LENGTH, error);
    if (packed == NULL)
        return FSBI_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        snprintf(packed + i * NAME_LENGTH, NAME_LENGTH, "%s", names + i * stride);
    hsize_t size = count;
    hid_t type = text_type(NAME_LENGTH);
    hid_t space = H5Screate_simple(1, &size, NULL);
    fsbi_status status = write_attribute(object, name, type, space, packed, error);
    H5Sclose(space);
    H5Tclose(type);
    free(packed);
    return status;
}

fsbi_status fsbi_hdf5_count_names(hid_t object, const char *name, size_t *count,
                                  fsbi_error *error) {
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    hid_t space = attribute < 0 ? -1 : H5Aget_space(attribute);
    hssize_t points = space < 0 ? -1 : H5Sget_simple_extent_npoints(space);
    fsbi_status status = FSBI_OK;
    if (points < 0)
        status = fsbi_hdf5_error(error, "the attribute '%s' is missing", name);
    else
        *count = (size_t)points;
    if (space >= 0)
        H5Sclose(space);
    if (attribute >= 0)
        H5Aclose(attribute);
    return status;
}

static bool has_control_characters(const char *text) {
    while (*text != '\0' && !iscntrl((unsigned char)*text))
        text++;
    return *text != '\0';
}

fsbi_status fsbi_hdf5_read_names(hid_t object, const char *name, char *names, size_t count,
                                 fsbi_error *error) {
    size_t present = 0;
    FSBI_TRY(fsbi_hdf5_count_names(object, name, &present, error));
    if (present != count)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "the attribute '%s' has %zu entries instead of %zu", name, present,
                              count);
    fsbi_status status = FSBI_OK;
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    hid_t type = text_type(NAME_LENGTH);
    if (H5Aread(attribute, type, names) < 0)
        FSBI_TRY_DONE(fsbi_hdf5_error(error, "cannot read the attribute '%s'", name));
    for (size_t i = 0; i < count; i++) {
        names[(i + 1) * NAME_LENGTH - 1] = '\0';
        if (has_control_characters(names + i * NAME_LENGTH))
            FSBI_TRY_DONE(fsbi_error_set(error, FSBI_BAD_INPUT,
                                         "the attribute '%s' is damaged: entry %zu is no text",
                                         name, i));
    }
done:
    H5Tclose(type);
    H5Aclose(attribute);
    return status;
}

/* The bytes that a dataset can have by what is stored of it in its file; INFINITY if it is in
 * others. */
static double largest_size(hid_t dataset) {
    /* Deflate, the usual filter, makes at most 1032 bytes of one; and what was not written yet is
     * read as fill values. */
    static const double largest_ratio = 1100, most_unwritten = 1e9;
    hsize_t file_size = 0;
    hid_t properties = H5Dget_create_plist(dataset);
    hid_t file = H5Iget_file_id(dataset);
    const H5D_layout_t layout = H5Pget_layout(properties);
    double size = (double)H5Dget_storage_size(dataset);
    /* HDF5 does not know the size of a file that is open by MPI-IO. */
    if (H5Fget_filesize(file, &file_size) >= 0)
        size = fmin(size, (double)file_size);
    if (layout == H5D_CHUNKED)
        size *= largest_ratio;
    if (layout == H5D_VIRTUAL || H5Pget_external_count(properties) > 0)
        size = INFINITY;
    H5Fclose(file);
    H5Pclose(properties);
    return layout == H5D_CONTIGUOUS && size > 0 ? size : size + most_unwritten;
}

/* Whether nothing of it is stored, here or in other files. */
static bool is_empty(hid_t dataset) {
    hid_t properties = H5Dget_create_plist(dataset);
    const H5D_layout_t layout = H5Pget_layout(properties);
    const bool elsewhere = layout == H5D_VIRTUAL || H5Pget_external_count(properties) > 0;
    H5Pclose(properties);
    return !elsewhere && H5Dget_storage_size(dataset) == 0;
}

double fsbi_hdf5_written_share(hid_t dataset) {
    hsize_t size[H5S_MAX_RANK] = {0};
    hsize_t chunk[H5S_MAX_RANK] = {0};
    hsize_t written = 0;
    hid_t properties = H5Dget_create_plist(dataset);
    hid_t space = H5Dget_space(dataset);
    const int dimensions = H5Sget_simple_extent_dims(space, size, NULL);
    const bool chunked = H5Pget_layout(properties) == H5D_CHUNKED && dimensions > 0 &&
                         H5Pget_chunk(properties, dimensions, chunk) == dimensions &&
                         H5Dget_num_chunks(dataset, space, &written) >= 0;
    double chunks = 1;
    for (int i = 0; i < dimensions && chunked; i++)
        chunks *= ceil((double)size[i] / (double)chunk[i]);
    H5Sclose(space);
    H5Pclose(properties);
    return chunked && chunks > 0 ? fmin((double)written / chunks, 1) : 1;
}

fsbi_status fsbi_hdf5_check_written(hid_t dataset, fsbi_error *error) {
    static const double largest = (double)(SIZE_MAX / sizeof(double)); /* as numbers of a byte */
    hsize_t size[H5S_MAX_RANK] = {0};
    hid_t space = H5Dget_space(dataset);
    hid_t type = H5Dget_type(dataset);
    const int dimensions = H5Sget_simple_extent_dims(space, size, NULL);
    double claimed = (double)H5Tget_size(type);
    for (int i = 0; i < dimensions; i++)
        claimed *= (double)size[i];
    H5Tclose(type);
    H5Sclose(space);
    if (claimed > 0 && is_empty(dataset))
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "nothing was ever written there: it has %.3g bytes, all of them fill "
                              "values",
                              claimed);
    return claimed <= fmin(largest_size(dataset), largest)
               ? FSBI_OK
               : fsbi_error_set(error, FSBI_BAD_INPUT,
                                "it should be %.3g bytes long, of which %.3g are stored: it is "
                                "damaged, or was never written",
                                claimed, (double)H5Dget_storage_size(dataset));
}

fsbi_status fsbi_hdf5_measure(hid_t group, const char *name, size_t *rows, size_t *columns,
                              fsbi_error *error) {
    hid_t open = H5Dopen2(group, name, H5P_DEFAULT);
    hid_t space = open < 0 ? -1 : H5Dget_space(open);
    hsize_t size[2] = {0, 1};
    const int dimensions = space < 0 ? -1 : H5Sget_simple_extent_ndims(space);
    fsbi_status status = FSBI_OK;
    if (dimensions < 1 || dimensions > 2 || H5Sget_simple_extent_dims(space, size, NULL) < 0 ||
        size[0] == 0)
        status = fsbi_hdf5_error(error, "the dataset '%s' is missing or empty", name);
    else
        status = fsbi_hdf5_check_written(open, error);
    *rows = (size_t)size[0];
    *columns = (size_t)size[1];
    if (space >= 0)
        H5Sclose(space);
    if (open >= 0)
        H5Dclose(open);
    return status;
}

fsbi_status fsbi_hdf5_count_rows(hid_t group, const char *name, size_t *rows, fsbi_error *error) {
    size_t columns = 0;
    return fsbi_hdf5_measure(group, name, rows, &columns, error);
}

static fsbi_status create_dataset(hid_t group, const char *name, hid_t type, const hsize_t *size,
                                  hid_t properties, fsbi_error *error) {
    H5Pset_alloc_time(properties, H5D_ALLOC_TIME_EARLY);
    hid_t space = H5Screate_simple(size[1] == 0 ? 1 : 2, size, NULL);
    hid_t dataset = H5Dcreate2(group, name, type, space, H5P_DEFAULT, properties, H5P_DEFAULT);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(dataset < 0 ? fsbi_hdf5_error(error, "cannot create the dataset '%s'", name)
                              : FSBI_OK);
    if (dataset >= 0 && H5Dclose(dataset) < 0)
        FSBI_TRY_DONE(fsbi_hdf5_error(error, "cannot write the dataset '%s'", name));
done:
    H5Sclose(space);
    return status;
}

fsbi_status fsbi_hdf5_create_dataset(hid_t group, const fsbi_hdf5_dataset *dataset,
                                     fsbi_error *error) {
    const hsize_t size[2] = {dataset->rows, dataset->columns};
    hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_fill_time(properties, H5D_FILL_TIME_ALLOC);
    if (dataset->fill != NULL)
        H5Pset_fill_value(properties, dataset->type, dataset->fill);
    fsbi_status status =
        create_dataset(group, dataset->name, dataset->type, size, properties, error);
    H5Pclose(properties);
    return status;
}

fsbi_status fsbi_hdf5_create_unfilled(hid_t group, const char *name, hid_t type, size_t rows,
                                      fsbi_error *error) {
    const hsize_t size[2] = {rows, 0};
    hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_fill_time(properties, H5D_FILL_TIME_NEVER);
    fsbi_status status = create_dataset(group, name, type, size, properties, error);
    H5Pclose(properties);
    return status;
}

/* An open dataset and the rows of it that are to be moved. */
typedef struct {
    hid_t dataset, file_space, memory_space;
} selection;

static void clear_selection(selection *chosen) {
    if (chosen->memory_space >= 0)
        H5Sclose(chosen->memory_space);
    if (chosen->file_space >= 0)
        H5Sclose(chosen->file_space);
    if (chosen->dataset >= 0)
        H5Dclose(chosen->dataset);
}

static fsbi_status select_rows(hid_t file, const fsbi_hdf5_rows *rows, selection *chosen,
                               fsbi_error *error) {
    hsize_t size[2] = {0, 1};
    *chosen = (selection){.memory_space = -1};
    chosen->dataset = H5Dopen2(file, rows->path, H5P_DEFAULT);
    chosen->file_space = chosen->dataset < 0 ? -1 : H5Dget_space(chosen->dataset);
    int dimensions = chosen->file_space < 0 ? -1 : H5Sget_simple_extent_ndims(chosen->file_space);
    if (dimensions < 1 || dimensions > 2 ||
        H5Sget_simple_extent_dims(chosen->file_space, size, NULL) < 0 || rows->count > size[0] ||
        rows->first > size[0] - rows->count || rows->columns != size[1])
        return fsbi_hdf5_error(error, "the dataset '%s' is missing or of the wrong size",
                               rows->path);
    hsize_t begin[2] = {rows->first, 0};
    hsize_t block[2] = {rows->count, size[1]};
    H5Sselect_hyperslab(chosen->file_space, H5S_SELECT_SET, begin, NULL, block, NULL);
    chosen->memory_space = H5Screate_simple(dimensions, block, NULL);
    return FSBI_OK;
}

fsbi_status fsbi_hdf5_write(hid_t file, const fsbi_hdf5_rows *rows, const void *data,
                            fsbi_error *error) {
    selection chosen;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(select_rows(file, rows, &chosen, error));
    if (H5Dwrite(chosen.dataset, rows->type, chosen.memory_space, chosen.file_space, H5P_DEFAULT,
                 data) < 0)
        FSBI_TRY_DONE(fsbi_hdf5_error(error, "cannot write the dataset '%s'", rows->path));
done:
    clear_selection(&chosen);
    return status;
}

fsbi_status fsbi_hdf5_read(hid_t file, const fsbi_hdf5_rows *rows, void *data, fsbi_error *error) {
    selection chosen;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(select_rows(file, rows, &chosen, error));
    if (H5Dread(chosen.dataset, rows->type, chosen.memory_space, chosen.file_space, H5P_DEFAULT,
                data) < 0)
        FSBI_TRY_DONE(fsbi_hdf5_error(error, "cannot read the dataset '%s'", rows->path));
done:
    clear_selection(&chosen);
    return status;
}
