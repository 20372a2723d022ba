#include "store/imported_table.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "store/hdf5_util.h"
#include "store/layout.h"

/* Bytes a row, of any field but theta, while it is converted. */
enum { ROOM = sizeof(double) };

/* A table being read. */
typedef struct {
    hid_t dataset, type;
    bool of_campaign; /* its rows are a campaign's */
    const fsbi_model *model;
    fsbi_row_shape shape;
    fsbi_imported_table *table;
} reader;

static hid_t member_type(const reader *r, const char *name) {
    const int index = H5Tget_member_index(r->type, name);
    return index < 0 ? -1 : H5Tget_member_type(r->type, (unsigned)index);
}

static H5T_class_t class_of(const reader *r, const char *name) {
    const int index = H5Tget_member_index(r->type, name);
    return index < 0 ? H5T_NO_CLASS : H5Tget_member_class(r->type, (unsigned)index);
}

/* Of a field of a campaign's rows; other tables may have one of that name, about which nothing is
 * known. */
static H5T_class_t own_class_of(const reader *r, const char *name) {
    return r->of_campaign ? class_of(r, name) : H5T_NO_CLASS;
}

static bool is_number(H5T_class_t class) {
    return class == H5T_FLOAT || class == H5T_INTEGER || class == H5T_ENUM;
}

/* Reads one field of all rows, as elements of `memory_type`, one after another. */
static fsbi_status read_field(const reader *r, const char *name, hid_t memory_type, void *values,
                              fsbi_error *error) {
    hid_t type = H5Tcreate(H5T_COMPOUND, H5Tget_size(memory_type));
    H5Tinsert(type, name, 0, memory_type);
    const bool read = H5Dread(r->dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0;
    H5Tclose(type);
    return read ? FSBI_OK : fsbi_hdf5_read_error(r->dataset, "a field cannot be read", error);
}

static fsbi_row *row_of(const reader *r, size_t index) {
    return fsbi_row_at(&r->shape, r->table->rows, index);
}

/* A field of numbers, perhaps each an array of one, into one place of each row. */
static fsbi_status read_numbers(const reader *r, const char *name, size_t value, double *room,
                                fsbi_error *error) {
    const hsize_t one = 1;
    hid_t array = class_of(r, name) == H5T_ARRAY ? H5Tarray_create2(H5T_NATIVE_DOUBLE, 1, &one)
                                                 : H5Tcopy(H5T_NATIVE_DOUBLE);
    const fsbi_status status = read_field(r, name, array, room, error);
    H5Tclose(array);
    FSBI_TRY(status);
    for (size_t i = 0; i < r->table->count; i++)
        row_of(r, i)->values[value] = room[i];
    return FSBI_OK;
}

static fsbi_status read_thetas(const reader *r, fsbi_error *error) {
    const size_t size = r->shape.theta_count;
    hsize_t found = 1;
    hid_t member = member_type(r, "theta");
    if (H5Tget_class(member) == H5T_ARRAY && H5Tget_array_ndims(member) == 1)
        H5Tget_array_dims2(member, &found);
    H5Tclose(member);
    if (found != size)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "'theta' has %zu numbers; the model has %zu parameters",
                              (size_t)found, size);
    double *thetas = fsbi_memory_allocate(r->table->count * size, sizeof *thetas, error);
    if (thetas == NULL)
        return FSBI_NO_MEMORY;
    const hsize_t width = size;
    hid_t array = class_of(r, "theta") == H5T_ARRAY ? H5Tarray_create2(H5T_NATIVE_DOUBLE, 1, &width)
                                                    : H5Tcopy(H5T_NATIVE_DOUBLE);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(read_field(r, "theta", array, thetas, error));
    for (size_t i = 0; i < r->table->count; i++) {
        memcpy(row_of(r, i)->values, thetas + i * size, size * sizeof *thetas);
        for (size_t k = 0; k < size; k++)
            if (!isfinite(thetas[i * size + k]))
                FSBI_TRY_DONE(
                    fsbi_error_set(error, FSBI_BAD_INPUT, "the theta of row %zu is not finite", i));
    }
done:
    H5Tclose(array);
    free(thetas);
    return status;
}

/* Whether a field is numbers, or arrays of one. */
static bool holds_numbers(const reader *r, const char *name) {
    const H5T_class_t class = class_of(r, name);
    hid_t member = class == H5T_ARRAY ? member_type(r, name) : -1;
    hsize_t size = 0;
    if (member >= 0 && H5Tget_array_ndims(member) == 1)
        H5Tget_array_dims2(member, &size);
    hid_t element = member >= 0 ? H5Tget_super(member) : -1;
    const bool of_one = size == 1 && is_number(H5Tget_class(element));
    if (element >= 0)
        H5Tclose(element);
    if (member >= 0)
        H5Tclose(member);
    return is_number(class) || of_one;
}

static fsbi_status not_numbers(const char *name, fsbi_error *error) {
    return fsbi_error_set(error, FSBI_BAD_INPUT, "the field '%s' has to be numbers", name);
}

static fsbi_status read_metrics(const reader *r, double *room, fsbi_error *error) {
    size_t found = 0;
    for (size_t k = 0; k < r->shape.metric_count; k++) {
        const char *name = r->model->metrics[k].name;
        const H5T_class_t class = class_of(r, name);
        if (class != H5T_NO_CLASS) {
            FSBI_TRY(holds_numbers(r, name)
                         ? read_numbers(r, name, r->shape.theta_count + k, room, error)
                         : not_numbers(name, error));
            found++;
            continue;
        }
        fsbi_text_append(&r->table->lacking, "%s%s", r->table->lacking.length > 0 ? ", " : "",
                         name);
        for (size_t i = 0; i < r->table->count; i++)
            row_of(r, i)->values[r->shape.theta_count + k] = NAN;
    }
    return found > 0 ? FSBI_OK
                     : fsbi_error_set(error, FSBI_BAD_INPUT,
                                      "no metric of the model is among its fields (%s and so on)",
                                      r->model->metrics[0].name);
}

static fsbi_status read_text_seeds(const reader *r, fsbi_error *error) {
    hid_t member = member_type(r, "seed");
    hid_t text = fsbi_layout_text_type(FSBI_IMPORTED_SEED);
    H5Tset_cset(text, H5Tget_cset(member));
    const fsbi_status status = read_field(r, "seed", text, r->table->seeds, error);
    H5Tclose(text);
    H5Tclose(member);
    return status;
}

static fsbi_status read_integer_seeds(const reader *r, fsbi_error *error) {
    const size_t count = r->table->count;
    hid_t member = member_type(r, "seed");
    const bool is_signed = H5Tget_sign(member) == H5T_SGN_2;
    H5Tclose(member);
    uint64_t *seeds = fsbi_memory_allocate(count, sizeof *seeds, error);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(seeds == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    FSBI_TRY_DONE(
        read_field(r, "seed", is_signed ? H5T_NATIVE_INT64 : H5T_NATIVE_UINT64, seeds, error));
    for (size_t i = 0; i < count; i++) {
        row_of(r, i)->seed = seeds[i];
        snprintf(r->table->seeds[i], FSBI_IMPORTED_SEED, is_signed ? "%" PRId64 : "%" PRIu64,
                 seeds[i]);
    }
done:
    free(seeds);
    return status;
}

/* Whether there are seeds: integers, or text that fits. */
static bool has_seeds(const reader *r) {
    const H5T_class_t class = class_of(r, "seed");
    hid_t member = class == H5T_STRING ? member_type(r, "seed") : -1;
    const bool fits =
        member >= 0 && H5Tis_variable_str(member) == 0 && H5Tget_size(member) <= FSBI_IMPORTED_SEED;
    if (member >= 0)
        H5Tclose(member);
    return class == H5T_INTEGER || fits;
}

/* Integers are taken over as seeds, text stands beside the rows. */
static fsbi_status read_seeds(const reader *r, fsbi_error *error) {
    if (!has_seeds(r))
        return FSBI_OK;
    return class_of(r, "seed") == H5T_INTEGER ? read_integer_seeds(r, error)
                                              : read_text_seeds(r, error);
}

/* Reads integers with names as those that they stand for. `room` has ROOM bytes a row. */
static fsbi_status read_enumeration(const reader *r, const char *name, hid_t member, void *room,
                                    fsbi_error *error) {
    hid_t base = H5Tget_super(member);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(read_field(r, name, member, room, error));
    if (H5Tconvert(base, H5T_NATIVE_INT32, r->table->count, room, NULL, H5P_DEFAULT) < 0)
        FSBI_TRY_DONE(fsbi_hdf5_error(error, "the field '%s' cannot be read", name));
done:
    H5Tclose(base);
    return status;
}

/* A field of integers or, as campaigns have it, of integers with names, where there is one;
 * `fallback` where there is none. */
static fsbi_status read_integers(const reader *r, const char *name, int32_t fallback,
                                 int32_t *values, fsbi_error *error) {
    const H5T_class_t class = own_class_of(r, name);
    for (size_t i = 0; i < r->table->count; i++)
        values[i] = fallback;
    if (class == H5T_NO_CLASS)
        return FSBI_OK;
    if (class == H5T_INTEGER)
        return read_field(r, name, H5T_NATIVE_INT32, values, error);
    hid_t member = class == H5T_ENUM ? member_type(r, name) : -1;
    if (member < 0 || H5Tget_size(member) > ROOM) {
        if (member >= 0)
            H5Tclose(member);
        return fsbi_error_set(error, FSBI_BAD_INPUT, "the field '%s' has to be integers", name);
    }
    const fsbi_status status = read_enumeration(r, name, member, values, error);
    H5Tclose(member);
    return status;
}

/* A field of numbers likewise. */
static fsbi_status read_times(const reader *r, const char *name, double fallback, double *values,
                              fsbi_error *error) {
    const H5T_class_t class = own_class_of(r, name);
    for (size_t i = 0; i < r->table->count; i++)
        values[i] = fallback;
    if (class == H5T_NO_CLASS)
        return FSBI_OK;
    return is_number(class) ? read_field(r, name, H5T_NATIVE_DOUBLE, values, error)
                            : not_numbers(name, error);
}

static bool has_metric(const reader *r, const fsbi_row *row) {
    for (size_t k = 0; k < r->shape.metric_count; k++)
        if (!isnan(row->values[r->shape.theta_count + k]))
            return true;
    return false;
}

static fsbi_status set_status(const reader *r, size_t index, int32_t found, fsbi_error *error) {
    fsbi_row *row = row_of(r, index);
    row->status = found >= 0           ? found
                  : has_metric(r, row) ? FSBI_SIMULATION_OK
                                       : FSBI_SIMULATION_BLOWN_UP;
    return row->status > FSBI_SIMULATION_PENDING && row->status < FSBI_SIMULATION_STATUSES
               ? FSBI_OK
               : fsbi_error_set(error, FSBI_BAD_INPUT,
                                "row %zu is not finished (status %d): finish that campaign first",
                                index, (int)row->status);
}

static fsbi_status read_outcomes(const reader *r, double *room, fsbi_error *error) {
    const size_t count = r->table->count;
    int32_t *values = (int32_t *)room;
    FSBI_TRY(read_integers(r, "status", -1, values, error));
    for (size_t i = 0; i < count; i++)
        FSBI_TRY(set_status(r, i, values[i], error));
    FSBI_TRY(read_integers(r, "reason", FSBI_REASON_NONE, values, error));
    for (size_t i = 0; i < count; i++)
        row_of(r, i)->reason = values[i];
    FSBI_TRY(read_integers(r, "rank", -1, values, error));
    for (size_t i = 0; i < count; i++)
        row_of(r, i)->rank = values[i];
    FSBI_TRY(read_times(r, "t_end", NAN, room, error));
    for (size_t i = 0; i < count; i++)
        row_of(r, i)->t_end = room[i];
    FSBI_TRY(read_times(r, "wall_time", 0, room, error));
    for (size_t i = 0; i < count; i++)
        row_of(r, i)->wall_time = room[i];
    FSBI_TRY(read_times(r, "survival", 1, room, error));
    for (size_t i = 0; i < count; i++)
        row_of(r, i)->survival = room[i];
    FSBI_TRY(read_integers(r, "checkpoint", 0, values, error));
    for (size_t i = 0; i < count; i++)
        row_of(r, i)->checkpoint = values[i];
    return FSBI_OK;
}

/* Rows of a campaign with the same fields must have the checksums that they were given there. */
static fsbi_status check_rows(const reader *r, fsbi_error *error) {
    const size_t count = r->table->count;
    if (own_class_of(r, "checksum") != H5T_INTEGER || class_of(r, "seed") != H5T_INTEGER ||
        class_of(r, "reason") != H5T_ENUM || r->table->lacking.length > 0 ||
        r->table->extra.length > 0)
        return FSBI_OK;
    uint64_t *sums = fsbi_memory_allocate(count, sizeof *sums, error);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(sums == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    FSBI_TRY_DONE(read_field(r, "checksum", H5T_NATIVE_UINT64, sums, error));
    for (size_t i = 0; i < count; i++)
        if (sums[i] != row_of(r, i)->checksum)
            FSBI_TRY_DONE(
                fsbi_error_set(error, FSBI_BAD_INPUT,
                               "row %zu is torn (written in part): run that campaign again, it "
                               "computes it anew",
                               i));
done:
    free(sums);
    return status;
}

/* Fields that nothing is known about. */
static void list_extra(const reader *r) {
    static const char *const known[] = {"theta",     "seed",     "status",    "t_end",
                                        "wall_time", "rank",     "reason",    "crashes",
                                        "checksum",  "survival", "checkpoint"};
    const size_t of_all = has_seeds(r) ? 2 : 1;
    const size_t known_count = r->of_campaign ? sizeof known / sizeof *known : of_all;
    const int count = H5Tget_nmembers(r->type);
    for (int i = 0; i < count; i++) {
        char *name = H5Tget_member_name(r->type, (unsigned)i);
        bool found = name == NULL;
        for (size_t k = 0; k < known_count && !found; k++)
            found = strcmp(known[k], name) == 0;
        for (size_t k = 0; k < r->shape.metric_count && !found; k++)
            found = strcmp(r->model->metrics[k].name, name) == 0;
        if (!found)
            fsbi_text_append(&r->table->extra, "%s%s", r->table->extra.length > 0 ? ", " : "",
                             name);
        H5free_memory(name);
    }
}

/* What tools/fsbi-data notes of the original; anything else is none. */
static void read_columns(const reader *r) {
    static const char name[] = "npy_columns";
    char *text = NULL;
    if (H5Aexists(r->dataset, name) > 0 &&
        fsbi_hdf5_read_text(r->dataset, name, &text, NULL) == FSBI_OK &&
        strlen(text) < FSBI_IMPORTED_COLUMNS)
        memcpy(r->table->columns, text, strlen(text) + 1);
    free(text);
}

static fsbi_status read_rows(const reader *r, fsbi_error *error) {
    fsbi_imported_table *table = r->table;
    double *room = fsbi_memory_allocate(table->count, sizeof *room, error);
    table->rows = fsbi_memory_allocate(table->count, fsbi_row_size(&r->shape), error);
    table->seeds = fsbi_memory_allocate(table->count, sizeof *table->seeds, error);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(room == NULL || table->rows == NULL || table->seeds == NULL ? FSBI_NO_MEMORY
                                                                              : FSBI_OK);
    FSBI_TRY_DONE(read_thetas(r, error));
    FSBI_TRY_DONE(read_metrics(r, room, error));
    FSBI_TRY_DONE(read_seeds(r, error));
    FSBI_TRY_DONE(read_outcomes(r, room, error));
    for (size_t i = 0; i < table->count; i++)
        fsbi_row_seal(&r->shape, row_of(r, i));
    list_extra(r);
    read_columns(r);
    FSBI_TRY_DONE(check_rows(r, error));
    if (table->lacking.failed || table->extra.failed)
        FSBI_TRY_DONE(fsbi_error_set(error, FSBI_NO_MEMORY, "out of memory"));
done:
    free(room);
    return status;
}

/* Opens the dataset; the reader's ids are to be closed in any case. */
static fsbi_status open_dataset(hid_t file, const char *dataset, reader *r, fsbi_error *error) {
    r->dataset = H5Dopen2(file, dataset, H5P_DEFAULT);
    r->type = r->dataset < 0 ? -1 : H5Dget_type(r->dataset);
    if (r->dataset < 0) {
        fsbi_hdf5_error(error, "there is no such dataset");
        return FSBI_BAD_INPUT;
    }
    hid_t space = H5Dget_space(r->dataset);
    hsize_t rows = 0;
    if (H5Sget_simple_extent_ndims(space) == 1)
        H5Sget_simple_extent_dims(space, &rows, NULL);
    H5Sclose(space);
    r->table->count = (size_t)rows;
    r->of_campaign = fsbi_layout_is_row_type(r->type);
    const H5T_class_t theta =
        H5Tget_class(r->type) == H5T_COMPOUND ? class_of(r, "theta") : H5T_NO_CLASS;
    if (rows > 0 && fsbi_hdf5_written_share(r->dataset) < 1)
        return fsbi_error_set(
            error, FSBI_BAD_INPUT,
            "only %.3g %% of its chunks were ever written, the other rows are fill "
            "values: shorten it to what is there",
            100 * fsbi_hdf5_written_share(r->dataset));
    return rows > 0 && (theta == H5T_ARRAY || is_number(theta))
               ? fsbi_hdf5_check_written(r->dataset, error)
               : fsbi_error_set(error, FSBI_BAD_INPUT,
                                "not a table of rows with a field 'theta'; tools/fsbi-data makes "
                                "one of a structured .npy file");
}

fsbi_status fsbi_imported_table_read(const char *path, const char *dataset, const fsbi_model *model,
                                     fsbi_imported_table *table, fsbi_error *error) {
    *table = (fsbi_imported_table){0};
    reader r = {.model = model, .shape = fsbi_row_shape_of(model), .table = table};
    hid_t file = -1;
    fsbi_status status = FSBI_OK;
    FSBI_TRY(fsbi_hdf5_open(path, &file, error));
    FSBI_TRY_DONE(open_dataset(file, dataset, &r, error));
    FSBI_TRY_DONE(read_rows(&r, error));
done:
    if (status != FSBI_OK)
        fsbi_error_prefix(error, "'%s' in '%s'", dataset, path);
    if (r.type >= 0)
        H5Tclose(r.type);
    if (r.dataset >= 0)
        H5Dclose(r.dataset);
    fsbi_hdf5_close(file);
    return status == FSBI_IO ? FSBI_BAD_INPUT : status;
}

void fsbi_imported_table_clear(fsbi_imported_table *table) {
    free(table->rows);
    free(table->seeds);
    fsbi_text_clear(&table->lacking);
    fsbi_text_clear(&table->extra);
    *table = (fsbi_imported_table){0};
}
