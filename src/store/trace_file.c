#include "store/trace_file.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/memory.h"
#include "store/hdf5_util.h"
#include "store/new_file.h"

enum { NAME = FSBI_MODEL_NAME + 8 };

static hid_t element_type(fsbi_trace_type type) {
    switch (type) {
    case FSBI_TRACE_UINT32:
        return H5T_NATIVE_UINT32;
    case FSBI_TRACE_UINT64:
        return H5T_NATIVE_UINT64;
    case FSBI_TRACE_FLOAT:
        break;
    }
    return H5T_NATIVE_FLOAT;
}

static void first_name(const fsbi_trace_array *array, char name[NAME]) {
    snprintf(name, NAME, "%s_first", array->name);
}

static fsbi_status write_unit(hid_t file, const fsbi_trace_array *array, fsbi_error *error) {
    const hid_t dataset = H5Dopen2(file, array->name, H5P_DEFAULT);
    if (dataset < 0)
        return fsbi_hdf5_error(error, "cannot open the dataset '%s'", array->name);
    fsbi_status status = fsbi_hdf5_write_text(dataset, "unit", array->unit, error);
    H5Dclose(dataset);
    return status;
}

static fsbi_status write_numbers(hid_t file, const char *name, const uint64_t *numbers,
                                 size_t count, fsbi_error *error) {
    FSBI_TRY(fsbi_hdf5_create_dataset(
        file, &(fsbi_hdf5_dataset){.name = name, .type = H5T_NATIVE_UINT64, .rows = count}, error));
    return fsbi_hdf5_write(file, &(fsbi_hdf5_rows){name, H5T_NATIVE_UINT64, 0, count, 1}, numbers,
                           error);
}

/* An array of all rows, and where each begins. An empty dataset has no space that could be
 * allocated, so there is always room for one element. */
static fsbi_status create_array(hid_t file, const fsbi_model *model, size_t which,
                                const fsbi_trace_entry *entries, size_t count, fsbi_error *error) {
    const fsbi_trace_array *array = &model->traces[which];
    char name[NAME];
    uint64_t *first = fsbi_memory_allocate(count + 1, sizeof *first, error);
    if (first == NULL)
        return FSBI_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        first[i + 1] = first[i] + entries[i].count[which];
    first_name(array, name);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(
        fsbi_hdf5_create_dataset(file,
                                 &(fsbi_hdf5_dataset){.name = array->name,
                                                      .type = element_type(array->type),
                                                      .rows = first[count] > 0 ? first[count] : 1},
                                 error));
    FSBI_TRY_DONE(write_unit(file, array, error));
    FSBI_TRY_DONE(fsbi_hdf5_create_dataset(
        file, &(fsbi_hdf5_dataset){.name = name, .type = H5T_NATIVE_UINT64, .rows = count + 1},
        error));
    FSBI_TRY_DONE(fsbi_hdf5_write(file, &(fsbi_hdf5_rows){name, H5T_NATIVE_UINT64, 0, count + 1, 1},
                                  first, error));
done:
    free(first);
    return status;
}

/* What a file of traces is created for. */
typedef struct {
    const fsbi_model *model;
    const fsbi_trace_entry *entries;
    size_t count;
} new_traces;

static fsbi_status create_arrays(fsbi_store_file file, const void *context, fsbi_error *error) {
    const new_traces *made = context;
    const hid_t id = file.identifier;
    uint64_t *numbers = fsbi_memory_allocate(made->count, sizeof *numbers, error);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(numbers == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    for (size_t i = 0; i < made->count; i++)
        numbers[i] = made->entries[i].owner.row;
    FSBI_TRY_DONE(write_numbers(id, "row", numbers, made->count, error));
    for (size_t i = 0; i < made->count; i++)
        numbers[i] = made->entries[i].owner.row_checksum;
    FSBI_TRY_DONE(write_numbers(id, "row_checksum", numbers, made->count, error));
    FSBI_TRY_DONE(fsbi_hdf5_create_dataset(
        id, &(fsbi_hdf5_dataset){.name = "whole", .type = H5T_NATIVE_UINT8, .rows = made->count},
        error));
    for (size_t which = 0; which < made->model->trace_count; which++)
        FSBI_TRY_DONE(create_array(id, made->model, which, made->entries, made->count, error));
done:
    free(numbers);
    return status;
}

fsbi_status fsbi_trace_file_begin(const char *path, const fsbi_model *model,
                                  const fsbi_trace_entry *entries, size_t count,
                                  fsbi_error *error) {
    const new_traces made = {model, entries, count};
    return fsbi_new_file_begin(path, "file of traces", create_arrays, &made, error);
}

fsbi_status fsbi_trace_file_write(fsbi_store_file file, const fsbi_model *model,
                                  const fsbi_trace_entry *entries, size_t index, const void *data,
                                  fsbi_error *error) {
    const unsigned char whole = 1;
    const char *next = data;
    for (size_t which = 0; which < model->trace_count; which++) {
        const fsbi_trace_array *array = &model->traces[which];
        const size_t count = entries[index].count[which];
        uint64_t first = 0;
        char name[NAME];
        first_name(array, name);
        FSBI_TRY(fsbi_hdf5_read(file.identifier,
                                &(fsbi_hdf5_rows){name, H5T_NATIVE_UINT64, index, 1, 1}, &first,
                                error));
        if (count > 0)
            FSBI_TRY(fsbi_hdf5_write(
                file.identifier,
                &(fsbi_hdf5_rows){array->name, element_type(array->type), first, count, 1}, next,
                error));
        next += count * fsbi_trace_element_size(array->type);
    }
    return fsbi_hdf5_write(
        file.identifier, &(fsbi_hdf5_rows){"whole", H5T_NATIVE_UINT8, index, 1, 1}, &whole, error);
}

/* Where each row's elements of an array begin; they must be in order and within the array. */
static fsbi_status read_first(const fsbi_trace_file *file, const fsbi_trace_array *array,
                              uint64_t *first, fsbi_error *error) {
    const hid_t id = file->file.identifier;
    char name[NAME];
    size_t elements = 0;
    first_name(array, name);
    FSBI_TRY(fsbi_hdf5_read(id, &(fsbi_hdf5_rows){name, H5T_NATIVE_UINT64, 0, file->rows + 1, 1},
                            first, error));
    FSBI_TRY(fsbi_hdf5_count_rows(id, array->name, &elements, error));
    bool ordered = first[0] == 0 && first[file->rows] <= elements;
    for (size_t i = 0; ordered && i < file->rows; i++)
        ordered = first[i] <= first[i + 1];
    return ordered ? FSBI_OK : fsbi_error_set(error, FSBI_BAD_INPUT, "'%s' is damaged", name);
}

static fsbi_status allocate(fsbi_trace_file *file, const fsbi_model *model, fsbi_error *error) {
    file->row = fsbi_memory_allocate(file->rows, sizeof *file->row, error);
    file->row_checksum = fsbi_memory_allocate(file->rows, sizeof *file->row_checksum, error);
    file->whole = fsbi_memory_allocate(file->rows, 1, error);
    bool complete = file->row != NULL && file->row_checksum != NULL && file->whole != NULL;
    for (size_t which = 0; which < model->trace_count; which++) {
        file->first[which] =
            fsbi_memory_allocate(file->rows + 1, sizeof *file->first[which], error);
        complete = complete && file->first[which] != NULL;
    }
    return complete ? FSBI_OK : FSBI_NO_MEMORY;
}

static fsbi_status read_index(fsbi_trace_file *file, const fsbi_model *model, fsbi_error *error) {
    const hid_t id = file->file.identifier;
    if (id < 0)
        return fsbi_hdf5_error(error, "it cannot be opened");
    FSBI_TRY(fsbi_hdf5_count_rows(id, "row", &file->rows, error));
    FSBI_TRY(allocate(file, model, error));
    const struct {
        fsbi_hdf5_rows rows;
        void *data;
    } parts[] = {{{"row", H5T_NATIVE_UINT64, 0, file->rows, 1}, file->row},
                 {{"row_checksum", H5T_NATIVE_UINT64, 0, file->rows, 1}, file->row_checksum},
                 {{"whole", H5T_NATIVE_UINT8, 0, file->rows, 1}, file->whole}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        FSBI_TRY(fsbi_hdf5_read(id, &parts[i].rows, parts[i].data, error));
    for (size_t which = 0; which < model->trace_count; which++)
        FSBI_TRY(read_first(file, &model->traces[which], file->first[which], error));
    return FSBI_OK;
}

fsbi_status fsbi_trace_file_open(const char *path, const fsbi_model *model, fsbi_trace_file *file,
                                 fsbi_error *error) {
    fsbi_hdf5_quiet();
    *file = (fsbi_trace_file){.file = {H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT)}};
    const fsbi_status status = read_index(file, model, error);
    if (status == FSBI_OK || status == FSBI_NO_MEMORY)
        return status;
    fsbi_error_prefix(error, "'%s' holds no traces of model %s", path, model->type->name);
    return FSBI_BAD_INPUT;
}

void fsbi_trace_file_close(fsbi_trace_file *file) {
    if (file->file.identifier > 0)
        H5Fclose(file->file.identifier);
    free(file->row);
    free(file->row_checksum);
    free(file->whole);
    for (size_t which = 0; which < FSBI_MODEL_MOST_TRACES; which++)
        free(file->first[which]);
    *file = (fsbi_trace_file){0};
}

fsbi_status fsbi_trace_file_read(const fsbi_trace_file *file, const fsbi_model *model, size_t index,
                                 fsbi_trace_data *traces, void **memory, fsbi_error *error) {
    size_t bytes = 0;
    for (size_t which = 0; which < model->trace_count; which++) {
        traces[which].count = file->first[which][index + 1] - file->first[which][index];
        bytes += (traces[which].count + 1) * sizeof(uint64_t);
    }
    *memory = fsbi_memory_allocate(bytes, 1, error);
    if (*memory == NULL)
        return FSBI_NO_MEMORY;
    char *next = *memory;
    for (size_t which = 0; which < model->trace_count; which++) {
        const fsbi_trace_array *array = &model->traces[which];
        traces[which].data = next;
        if (traces[which].count > 0)
            FSBI_TRY(
                fsbi_hdf5_read(file->file.identifier,
                               &(fsbi_hdf5_rows){array->name, element_type(array->type),
                                                 file->first[which][index], traces[which].count, 1},
                               next, error));
        next += (traces[which].count + 1) * sizeof(uint64_t);
    }
    return FSBI_OK;
}
