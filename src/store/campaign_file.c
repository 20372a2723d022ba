#include "store/campaign_file.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/crash.h"
#include "core/memory.h"
#include "store/hdf5_util.h"
#include "store/layout.h"

struct fsbi_campaign_file {
    hid_t file;
    hid_t row_type;
    bool parallel;
    int descriptor;     /* of the same file, past HDF5; below 0: none */
    size_t found_round; /* whose rows begin at byte `found_rows` of the file, if that is not 0 */
    haddr_t found_rows;
    double synced_at; /* by the clock */
};

fsbi_status fsbi_campaign_file_read_config(const char *path, char **effective_config,
                                           char **program_version, fsbi_error *error) {
    hid_t file = -1;
    long version = 0;
    FSBI_TRY(fsbi_hdf5_open(path, &file, error));
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_hdf5_read_integer(file, "format_version", &version, error));
    if (version != FSBI_LAYOUT_FORMAT)
        FSBI_TRY_DONE(fsbi_error_set(
            error, FSBI_BAD_INPUT,
            "this program reads format %d, the file has %ld: use the program version that "
            "made it (attribute program_version)",
            FSBI_LAYOUT_FORMAT, version));
    FSBI_TRY_DONE(fsbi_hdf5_read_text(file, "effective_config", effective_config, error));
    if (program_version != NULL)
        FSBI_TRY_DONE(fsbi_hdf5_read_text(file, "program_version", program_version, error));
done:
    fsbi_hdf5_close(file);
    if (status != FSBI_OK) {
        fsbi_error_prefix(error, "'%s' is no campaign file of this program", path);
        return status == FSBI_NO_MEMORY ? status : FSBI_BAD_INPUT;
    }
    return FSBI_OK;
}

static fsbi_status open_file(const char *path, hid_t access, bool parallel, const fsbi_model *model,
                             fsbi_campaign_file **out, fsbi_error *error) {
    fsbi_hdf5_quiet();
    fsbi_campaign_file *file = fsbi_memory_allocate(1, sizeof *file, error);
    if (file == NULL)
        return FSBI_NO_MEMORY;
    file->parallel = parallel;
    file->file = H5Fopen(path, parallel ? H5F_ACC_RDWR : H5F_ACC_RDONLY, access);
    if (file->file < 0) {
        free(file);
        return fsbi_hdf5_error(error, "cannot open the campaign file '%s'%s", path,
                               parallel ? " for writing" : "");
    }
    file->row_type = fsbi_layout_row_type(model);
    file->descriptor = parallel ? open(path, O_RDWR | O_CLOEXEC) : -1;
    file->synced_at = fsbi_clock_seconds();
    *out = file;
    return FSBI_OK;
}

fsbi_status fsbi_campaign_file_open(const char *path, MPI_Comm comm, const fsbi_model *model,
                                    fsbi_campaign_file **file, fsbi_error *error) {
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
    if (comm != MPI_COMM_NULL)
        H5Pset_fapl_mpio(access, comm, MPI_INFO_NULL);
    fsbi_status status = open_file(path, access, true, model, file, error);
    H5Pclose(access);
    return status;
}

fsbi_status fsbi_campaign_file_open_readonly(const char *path, const fsbi_model *model,
                                             fsbi_campaign_file **file, fsbi_error *error) {
    return open_file(path, H5P_DEFAULT, false, model, file, error);
}

fsbi_status fsbi_campaign_file_close(fsbi_campaign_file *file, fsbi_error *error) {
    if (file == NULL)
        return FSBI_OK;
    fsbi_status status = FSBI_OK;
    H5Tclose(file->row_type);
    if (file->descriptor >= 0)
        close(file->descriptor);
    if (H5Fclose(file->file) < 0)
        status = fsbi_hdf5_error(error, "cannot close the campaign file");
    free(file);
    return status;
}

fsbi_status fsbi_campaign_file_finish(fsbi_campaign_file *file, fsbi_status status,
                                      fsbi_error *error) {
    const fsbi_status closed = fsbi_campaign_file_close(file, status == FSBI_OK ? error : NULL);
    return status != FSBI_OK ? status : closed;
}

fsbi_status fsbi_campaign_file_flush(fsbi_campaign_file *file, fsbi_error *error) {
    if (H5Fflush(file->file, H5F_SCOPE_GLOBAL) < 0)
        return fsbi_hdf5_error(error, "cannot write the campaign file to disk");
    return fsbi_campaign_file_sync(file, 0, error);
}

fsbi_status fsbi_campaign_file_sync(fsbi_campaign_file *file, double interval, fsbi_error *error) {
    const double now = fsbi_clock_seconds();
    if (file->descriptor < 0 || now - file->synced_at < interval)
        return FSBI_OK;
    file->synced_at = now;
    struct stat found;
    if (fsync(file->descriptor) != 0 || fstat(file->descriptor, &found) != 0)
        return fsbi_error_set(error, FSBI_IO, "cannot bring the campaign file to disk: %s",
                              strerror(errno));
    return found.st_nlink > 0
               ? FSBI_OK
               : fsbi_error_set(
                     error, FSBI_IO,
                     "the campaign file, or its folder, was removed while it was in use: "
                     "what was computed is lost unless there is a copy");
}

static fsbi_status find_rows(fsbi_campaign_file *file, size_t round, fsbi_error *error) {
    char path[FSBI_LAYOUT_PATH];
    fsbi_layout_path(path, round, "sims");
    const hid_t sims = H5Dopen2(file->file, path, H5P_DEFAULT);
    const haddr_t begin = sims < 0 ? HADDR_UNDEF : H5Dget_offset(sims);
    if (sims >= 0)
        H5Dclose(sims);
    if (begin == HADDR_UNDEF)
        return fsbi_hdf5_error(error, "cannot find the dataset '%s' in the campaign file", path);
    file->found_round = round;
    file->found_rows = begin;
    return FSBI_OK;
}

fsbi_status fsbi_campaign_file_begin_row(fsbi_campaign_file *file, size_t round, size_t row,
                                         int32_t crashes, fsbi_error *error) {
    if (file->descriptor < 0)
        return FSBI_OK;
    if (file->found_rows == 0 || file->found_round != round)
        FSBI_TRY(find_rows(file, round, error));
    const size_t offset = row * H5Tget_size(file->row_type) + offsetof(fsbi_row, crashes);
    fsbi_crash_mark(file->descriptor, (int64_t)(file->found_rows + offset), crashes + 1);
    return FSBI_OK;
}

void fsbi_campaign_file_end_row(void) {
    fsbi_crash_unmark();
}

/* Rows of a dataset of a round, whose path in `rows` is that within the round. */
static fsbi_status write_dataset(fsbi_campaign_file *file, size_t round, fsbi_hdf5_rows rows,
                                 const void *data, fsbi_error *error) {
    char path[FSBI_LAYOUT_PATH];
    fsbi_layout_path(path, round, rows.path);
    rows.path = path;
    return fsbi_hdf5_write(file->file, &rows, data, error);
}

static fsbi_status read_dataset(fsbi_campaign_file *file, size_t round, fsbi_hdf5_rows rows,
                                void *data, fsbi_error *error) {
    char path[FSBI_LAYOUT_PATH];
    fsbi_layout_path(path, round, rows.path);
    rows.path = path;
    return fsbi_hdf5_read(file->file, &rows, data, error);
}

fsbi_status fsbi_campaign_file_write_rows(fsbi_campaign_file *file, size_t round, size_t first,
                                          size_t count, const void *rows, fsbi_error *error) {
    return write_dataset(file, round, (fsbi_hdf5_rows){"sims", file->row_type, first, count, 1},
                         rows, error);
}

fsbi_status fsbi_campaign_file_read_rows(fsbi_campaign_file *file, size_t round, size_t first,
                                         size_t count, void *rows, fsbi_error *error) {
    return read_dataset(file, round, (fsbi_hdf5_rows){"sims", file->row_type, first, count, 1},
                        rows, error);
}

fsbi_status fsbi_campaign_file_write_proposal(fsbi_campaign_file *file, size_t round, size_t count,
                                              size_t columns, const double *x, fsbi_error *error) {
    return write_dataset(file, round,
                         (fsbi_hdf5_rows){"proposal/x", H5T_NATIVE_DOUBLE, 0, count, columns}, x,
                         error);
}

fsbi_status fsbi_campaign_file_write_origins(fsbi_campaign_file *file, size_t round, size_t count,
                                             const int64_t *origins, fsbi_error *error) {
    return write_dataset(file, round,
                         (fsbi_hdf5_rows){"proposal/from", H5T_NATIVE_INT64, 0, count, 2}, origins,
                         error);
}

fsbi_status fsbi_campaign_file_read_origins(fsbi_campaign_file *file, size_t round, size_t count,
                                            int64_t *origins, fsbi_error *error) {
    return read_dataset(file, round,
                        (fsbi_hdf5_rows){"proposal/from", H5T_NATIVE_INT64, 0, count, 2}, origins,
                        error);
}

fsbi_status fsbi_campaign_file_write_import(fsbi_campaign_file *file, size_t round,
                                            const fsbi_imported_table *table, fsbi_error *error) {
    hid_t seed = fsbi_layout_text_type(FSBI_IMPORTED_SEED);
    hid_t columns = fsbi_layout_text_type(FSBI_IMPORTED_COLUMNS);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(write_dataset(file, round,
                                (fsbi_hdf5_rows){"proposal/seed", seed, 0, table->count, 1},
                                table->seeds, error));
    FSBI_TRY_DONE(write_dataset(file, round, (fsbi_hdf5_rows){"proposal/columns", columns, 0, 1, 1},
                                table->columns, error));
done:
    H5Tclose(columns);
    H5Tclose(seed);
    return status;
}

/* One member of a compound dataset, all rows. */
static fsbi_status write_counts(fsbi_campaign_file *file, size_t round, const char *name,
                                size_t count, const int64_t *passed, fsbi_error *error) {
    hid_t type = H5Tcreate(H5T_COMPOUND, sizeof *passed);
    H5Tinsert(type, "passed", 0, H5T_NATIVE_INT64);
    fsbi_status status =
        write_dataset(file, round, (fsbi_hdf5_rows){name, type, 0, count, 1}, passed, error);
    H5Tclose(type);
    return status;
}

fsbi_status fsbi_campaign_file_write_filter(fsbi_campaign_file *file, size_t round,
                                            const fsbi_filter_result *result, fsbi_error *error) {
    const fsbi_filter *keep = result->keep;
    hid_t type = fsbi_layout_condition_type();
    fsbi_status status = FSBI_OK;
    for (size_t i = 0; i < keep->count; i++) {
        const fsbi_layout_condition condition =
            fsbi_layout_condition_of(&keep->conditions[i], result->condition_passed[i]);
        FSBI_TRY_DONE(write_dataset(
            file, round, (fsbi_hdf5_rows){"filter/conditions", type, i, 1, 1}, &condition, error));
    }
    FSBI_TRY_DONE(write_dataset(
        file, round, (fsbi_hdf5_rows){"filter/accepted", H5T_NATIVE_UINT8, 0, result->row_count, 1},
        result->accepted, error));
done:
    H5Tclose(type);
    return status;
}

fsbi_status fsbi_campaign_file_write_groups(fsbi_campaign_file *file, size_t round,
                                            size_t group_count, const int64_t *passed,
                                            fsbi_error *error) {
    return group_count == 0
               ? FSBI_OK
               : write_counts(file, round, "filter/groups", group_count, passed, error);
}

fsbi_status fsbi_campaign_file_write_acceptance(fsbi_campaign_file *file, size_t round,
                                                const fsbi_acceptance *acceptance,
                                                fsbi_error *error) {
    const double counts[] = {acceptance->candidates, acceptance->inside};
    return write_dataset(file, round,
                         (fsbi_hdf5_rows){"proposal/acceptance", H5T_NATIVE_DOUBLE, 0, 2, 1},
                         counts, error);
}

fsbi_status fsbi_campaign_file_read_acceptance(fsbi_campaign_file *file, size_t round,
                                               fsbi_acceptance *acceptance, fsbi_error *error) {
    double counts[2] = {0, 0};
    fsbi_status status = read_dataset(
        file, round, (fsbi_hdf5_rows){"proposal/acceptance", H5T_NATIVE_DOUBLE, 0, 2, 1}, counts,
        error);
    *acceptance = (fsbi_acceptance){counts[0], counts[1]};
    return status;
}

/* The calibration, then each level in a row of its own. */
enum { LEVEL_COLUMNS = sizeof(fsbi_search_level) / sizeof(double) };

static fsbi_hdf5_rows search_rows(const char *name, size_t rows, size_t columns) {
    return (fsbi_hdf5_rows){name, H5T_NATIVE_DOUBLE, 0, rows, columns};
}

fsbi_status fsbi_campaign_file_write_search(fsbi_campaign_file *file, size_t round,
                                            const fsbi_search_proposal *proposal,
                                            const double *log_probability, size_t count,
                                            fsbi_error *error) {
    const double line[] = {proposal->recalibration.intercept, proposal->recalibration.slope};
    FSBI_TRY(write_dataset(file, round, search_rows("proposal/log_probability", count, 1),
                           log_probability, error));
    FSBI_TRY(write_dataset(file, round, search_rows("proposal/recalibration", 2, 1), line, error));
    return write_dataset(file, round,
                         search_rows("proposal/levels", proposal->levels.count, LEVEL_COLUMNS),
                         proposal->levels.levels, error);
}

fsbi_status fsbi_campaign_file_read_search(fsbi_campaign_file *file, size_t round,
                                           fsbi_search_proposal *proposal, double *log_probability,
                                           size_t count, fsbi_error *error) {
    double line[2] = {0, 1};
    *proposal = (fsbi_search_proposal){0};
    if (log_probability != NULL)
        FSBI_TRY(read_dataset(file, round, search_rows("proposal/log_probability", count, 1),
                              log_probability, error));
    FSBI_TRY(read_dataset(file, round, search_rows("proposal/recalibration", 2, 1), line, error));
    FSBI_TRY(read_dataset(file, round,
                          search_rows("proposal/levels", FSBI_SEARCH_LEVELS, LEVEL_COLUMNS),
                          proposal->levels.levels, error));
    proposal->recalibration = (fsbi_search_recalibration){line[0], line[1]};
    while (proposal->levels.count < FSBI_SEARCH_LEVELS &&
           !isnan(proposal->levels.levels[proposal->levels.count].sharpness))
        proposal->levels.count++;
    return FSBI_OK;
}

bool fsbi_campaign_file_has_weights(const fsbi_config *config) {
    for (size_t round = 0; round < config->round_count; round++)
        if (config->rounds[round].propose == FSBI_PROPOSE_TOWARDS)
            return true;
    return false;
}

fsbi_status fsbi_campaign_file_write_weights(fsbi_campaign_file *file, size_t round,
                                             const double *weights, size_t count,
                                             fsbi_error *error) {
    return write_dataset(file, round, search_rows("weights", count, 1), weights, error);
}

fsbi_status fsbi_campaign_file_read_weights(fsbi_campaign_file *file, size_t round, double *weights,
                                            size_t count, fsbi_error *error) {
    return read_dataset(file, round, search_rows("weights", count, 1), weights, error);
}

fsbi_status fsbi_campaign_file_write_held(fsbi_campaign_file *file, size_t round,
                                          const double *held, size_t count, fsbi_error *error) {
    return write_dataset(file, round, search_rows("held", count, 1), held, error);
}

fsbi_status fsbi_campaign_file_write_met(fsbi_campaign_file *file, size_t round, size_t count,
                                         const int64_t *met, fsbi_error *error) {
    return write_dataset(
        file, round, (fsbi_hdf5_rows){"proposal/met", H5T_NATIVE_INT64, 0, count, 1}, met, error);
}

static const char times_name[] = "timing";

/* How many phases the file has room for the times of: earlier programs knew fewer, or none. */
static size_t count_times(const fsbi_campaign_file *file, size_t round) {
    char path[FSBI_LAYOUT_PATH];
    size_t count = 0;
    fsbi_layout_path(path, round, times_name);
    if (H5Lexists(file->file, path, H5P_DEFAULT) <= 0 ||
        fsbi_hdf5_count_rows(file->file, path, &count, NULL) != FSBI_OK)
        return 0;
    return count < FSBI_PHASES ? count : FSBI_PHASES;
}

fsbi_status fsbi_campaign_file_add_time(fsbi_campaign_file *file, size_t round, fsbi_phase phase,
                                        const fsbi_phase_time *time, fsbi_error *error) {
    fsbi_layout_time stored = {0};
    if (count_times(file, round) <= phase)
        return FSBI_OK;
    hid_t type = fsbi_layout_time_type();
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(
        read_dataset(file, round, (fsbi_hdf5_rows){times_name, type, phase, 1, 1}, &stored, error));
    stored.wall_time += time->wall_time;
    stored.core_time += time->core_time;
    stored.idle_time += time->idle_time;
    FSBI_TRY_DONE(write_dataset(file, round, (fsbi_hdf5_rows){times_name, type, phase, 1, 1},
                                &stored, error));
done:
    H5Tclose(type);
    return status;
}

fsbi_status fsbi_campaign_file_read_times(fsbi_campaign_file *file, size_t round,
                                          fsbi_phase_time times[FSBI_PHASES], fsbi_error *error) {
    fsbi_layout_time stored[FSBI_PHASES] = {0};
    hid_t type = fsbi_layout_time_type();
    fsbi_status status = FSBI_OK;
    const size_t count = count_times(file, round);
    if (count > 0)
        status = read_dataset(file, round, (fsbi_hdf5_rows){times_name, type, 0, count, 1}, stored,
                              error);
    H5Tclose(type);
    for (size_t i = 0; i < FSBI_PHASES; i++)
        times[i] = (fsbi_phase_time){stored[i].wall_time, stored[i].core_time, stored[i].idle_time};
    return status;
}

/* Whether a dataset has so many rows; 0: it need not exist. */
static fsbi_status check_size(fsbi_campaign_file *file, size_t round, const char *name,
                              size_t expected, fsbi_error *error) {
    char path[FSBI_LAYOUT_PATH];
    size_t rows = 0;
    if (expected == 0)
        return FSBI_OK;
    fsbi_layout_path(path, round, name);
    FSBI_TRY(fsbi_hdf5_count_rows(file->file, path, &rows, error));
    return rows == expected
               ? FSBI_OK
               : fsbi_error_set(error, FSBI_IO, "the dataset '%s' has %zu rows instead of %zu",
                                path, rows, expected);
}

static fsbi_status check_row_type(fsbi_campaign_file *file, size_t round, fsbi_error *error) {
    char path[FSBI_LAYOUT_PATH];
    fsbi_layout_path(path, round, "sims");
    const hid_t sims = H5Dopen2(file->file, path, H5P_DEFAULT);
    const hid_t type = sims < 0 ? -1 : H5Dget_type(sims);
    const bool same = type >= 0 && H5Tequal(type, file->row_type) > 0;
    if (type >= 0)
        H5Tclose(type);
    if (sims >= 0)
        H5Dclose(sims);
    return same ? FSBI_OK
                : fsbi_error_set(error, FSBI_IO,
                                 "the dataset '%s' is missing or has other columns than its model",
                                 path);
}

/* Ends the visit at a dataset in chunks. */
static herr_t refuse_chunks(hid_t file, const char *name, const H5O_info_t *info, void *error) {
    static const char ours[] = "rounds/"; /* what else users have put there is not opened */
    if (info->type != H5O_TYPE_DATASET || strncmp(name, ours, sizeof ours - 1) != 0)
        return 0;
    hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT);
    hid_t properties = dataset < 0 ? -1 : H5Dget_create_plist(dataset);
    const bool chunked = properties < 0 || H5Pget_layout(properties) == H5D_CHUNKED;
    if (properties >= 0)
        H5Pclose(properties);
    if (dataset >= 0)
        H5Dclose(dataset);
    if (chunked)
        fsbi_error_set(error, FSBI_IO, "the dataset '/%s' is not as this program made it", name);
    return chunked;
}

fsbi_status fsbi_campaign_file_check_layout(fsbi_campaign_file *file, fsbi_error *error) {
    const herr_t visited =
        H5Ovisit2(file->file, H5_INDEX_NAME, H5_ITER_NATIVE, refuse_chunks, error, H5O_INFO_BASIC);
    if (visited < 0)
        return fsbi_hdf5_error(error, "its objects cannot be listed");
    return visited == 0 ? FSBI_OK : FSBI_IO;
}

fsbi_status fsbi_campaign_file_check_rows(fsbi_campaign_file *file, size_t round, size_t count,
                                          fsbi_error *error) {
    FSBI_TRY(check_row_type(file, round, error));
    return check_size(file, round, "sims", count, error);
}

/* Reads the rows of one round; torn ones become pending. */
static fsbi_status read_round(fsbi_campaign_file *file, const fsbi_row_shape *shape, size_t round,
                              size_t count, void **rows, fsbi_error *error) {
    const fsbi_status found = fsbi_campaign_file_check_rows(file, round, count, error);
    if (found != FSBI_OK) {
        fsbi_error_prefix(error, "the campaign file does not hold what its configuration says "
                                 "(fsbi_mpi verify tells more)");
        return found;
    }
    *rows = fsbi_memory_allocate(count, fsbi_row_size(shape), error);
    if (*rows == NULL)
        return FSBI_NO_MEMORY;
    FSBI_TRY(fsbi_campaign_file_read_rows(file, round, 0, count, *rows, error));
    for (size_t i = 0; i < count; i++) {
        fsbi_row *row = fsbi_row_at(shape, *rows, i);
        if (!fsbi_row_done(shape, row))
            row->status = FSBI_SIMULATION_PENDING;
    }
    return FSBI_OK;
}

fsbi_status fsbi_campaign_file_read_all(fsbi_campaign_file *file, const fsbi_row_shape *shape,
                                        const fsbi_config *config, void ***rows,
                                        fsbi_error *error) {
    *rows = fsbi_memory_allocate(config->round_count, sizeof **rows, error);
    if (*rows == NULL)
        return FSBI_NO_MEMORY;
    for (size_t round = 0; round < config->round_count; round++)
        FSBI_TRY(read_round(file, shape, round, config->rounds[round].simulations, &(*rows)[round],
                            error));
    return FSBI_OK;
}

fsbi_status fsbi_campaign_file_check_sizes(fsbi_campaign_file *file, const fsbi_config *config,
                                           size_t round, fsbi_error *error) {
    const fsbi_config_round *settings = &config->rounds[round];
    size_t rows_so_far = 0;
    for (size_t r = 0; r <= round; r++)
        rows_so_far += config->rounds[r].simulations;
    const bool ranges = settings->ranges.count > 0;
    const bool imported = settings->propose == FSBI_PROPOSE_IMPORT;
    const bool towards = settings->propose == FSBI_PROPOSE_TOWARDS;
    const struct {
        const char *name;
        size_t rows;
    } datasets[] = {
        {"proposal/acceptance", 2},
        {"proposal/x", ranges ? settings->simulations : 0},
        {"proposal/met", ranges ? settings->ranges.count + 1 : 0},
        {"proposal/from", settings->propose == FSBI_PROPOSE_RULES ? settings->simulations : 0},
        {"proposal/log_probability", towards ? settings->simulations : 0},
        {"proposal/recalibration", towards ? 2 : 0},
        {"proposal/levels", towards ? FSBI_SEARCH_LEVELS : 0},
        {"weights", fsbi_campaign_file_has_weights(config) ? settings->simulations : 0},
        {"held", fsbi_campaign_file_has_weights(config) ? settings->simulations : 0},
        {"proposal/seed", imported ? settings->simulations : 0},
        {"proposal/columns", imported ? 1 : 0},
        {"filter/groups", config->group_count},
        {"filter/conditions", settings->keep.count},
        {"filter/accepted", settings->has_posterior ? rows_so_far : 0}};
    FSBI_TRY(fsbi_campaign_file_check_rows(file, round, settings->simulations, error));
    for (size_t i = 0; i < sizeof datasets / sizeof *datasets; i++)
        FSBI_TRY(check_size(file, round, datasets[i].name, datasets[i].rows, error));
    return FSBI_OK;
}

const char *fsbi_networks_kind_name(fsbi_networks_kind kind) {
    static const char *const names[] = {"classifier", "posterior", "emulator", "interim"};
    return names[kind];
}

fsbi_posterior_place fsbi_campaign_file_place(const fsbi_campaign_file *file, size_t round,
                                              fsbi_networks_kind kind) {
    fsbi_posterior_place place = {.file = {file->file}};
    fsbi_layout_path(place.path, round, fsbi_networks_kind_name(kind));
    return place;
}
