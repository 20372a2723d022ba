#include "store/posterior_store.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/checksum.h"
#include "core/memory.h"
#include "store/hdf5_util.h"
#include "store/layout.h"

/* Rows of a dataset of the posterior, whose path in `rows` is that within its group. */
static fsbi_status write(const fsbi_posterior_place *place, fsbi_hdf5_rows rows, const void *data,
                         fsbi_error *error) {
    char path[2 * FSBI_STORE_PATH];
    snprintf(path, sizeof path, "%s/%s", place->path, rows.path);
    rows.path = path;
    return fsbi_hdf5_write(place->file.identifier, &rows, data, error);
}

static fsbi_status read(const fsbi_posterior_place *place, fsbi_hdf5_rows rows, void *data,
                        fsbi_error *error) {
    char path[2 * FSBI_STORE_PATH];
    snprintf(path, sizeof path, "%s/%s", place->path, rows.path);
    rows.path = path;
    return fsbi_hdf5_read(place->file.identifier, &rows, data, error);
}

/* A posterior's vectors, as they are named in the file. */
typedef struct {
    const char *name;
    size_t count;
    double *values;
} vector;

enum { VECTORS = 6 };

static void list_vectors(const fsbi_posterior *posterior, vector vectors[VECTORS]) {
    const fsbi_estimator_specification *specification = &posterior->specification;
    const vector all[VECTORS] = {{"theta_mean", specification->theta_size, posterior->theta_mean},
                                 {"theta_std", specification->theta_size, posterior->theta_std},
                                 {"x_mean", specification->x_size, posterior->x_mean},
                                 {"x_std", specification->x_size, posterior->x_std},
                                 {"low", specification->theta_size, posterior->low},
                                 {"high", specification->theta_size, posterior->high}};
    memcpy(vectors, all, sizeof all);
}

fsbi_status fsbi_posterior_store_start(const fsbi_posterior_place *place,
                                       const fsbi_posterior *posterior,
                                       const fsbi_posterior_rows *rows, fsbi_error *error) {
    const int64_t counts[] = {rows->trained, rows->held_out, rows->left_out};
    vector vectors[VECTORS];
    list_vectors(posterior, vectors);
    FSBI_TRY(write(place, (fsbi_hdf5_rows){"rows", H5T_NATIVE_INT64, 0, 3, 1}, counts, error));
    for (size_t i = 0; i < VECTORS; i++)
        FSBI_TRY(write(place,
                       (fsbi_hdf5_rows){vectors[i].name, H5T_NATIVE_DOUBLE, 0, vectors[i].count, 1},
                       vectors[i].values, error));
    return FSBI_OK;
}

/* Never 0, which is what an absent member has. */
static uint64_t member_checksum(const fsbi_real *parameters, size_t count) {
    return fsbi_checksum_add(FSBI_CHECKSUM_START, parameters, count * sizeof *parameters) | 1;
}

fsbi_status fsbi_posterior_store_write_member(const fsbi_posterior_place *place, size_t member,
                                              size_t parameter_count,
                                              const fsbi_training_result *result,
                                              fsbi_error *error) {
    const uint64_t checksum = member_checksum(result->parameters, parameter_count);
    const int64_t epochs = (int64_t)result->epochs;
    const struct {
        const char *name;
        hid_t type;
        size_t columns;
        const void *data;
    } parts[] = {
        {"parameters", fsbi_layout_real_type(), parameter_count, result->parameters},
        {"training_loss", H5T_NATIVE_DOUBLE, result->max_epochs, result->training_loss},
        {"validation_loss", H5T_NATIVE_DOUBLE, result->max_epochs, result->validation_loss},
        {"epochs", H5T_NATIVE_INT64, 1, &epochs},
        {"best_validation_loss", H5T_NATIVE_DOUBLE, 1, &result->best_validation_loss},
        {"checksum", H5T_NATIVE_UINT64, 1, &checksum}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        FSBI_TRY(write(place,
                       (fsbi_hdf5_rows){parts[i].name, parts[i].type, member, 1, parts[i].columns},
                       parts[i].data, error));
    return FSBI_OK;
}

fsbi_status fsbi_posterior_store_read_member(const fsbi_posterior_place *place, size_t member,
                                             size_t parameter_count, fsbi_real *parameters,
                                             bool *done, fsbi_error *error) {
    uint64_t checksum = 0;
    *done = false;
    FSBI_TRY(read(place, (fsbi_hdf5_rows){"checksum", H5T_NATIVE_UINT64, member, 1, 1}, &checksum,
                  error));
    if (checksum == 0)
        return FSBI_OK;
    FSBI_TRY(read(
        place, (fsbi_hdf5_rows){"parameters", fsbi_layout_real_type(), member, 1, parameter_count},
        parameters, error));
    *done = checksum == member_checksum(parameters, parameter_count);
    return FSBI_OK;
}

/* Members, and whether their weights are as many as the settings make: no room is made by what
 * settings say alone. */
static fsbi_status measure(const fsbi_posterior_place *place, const fsbi_posterior_plan *plan,
                           size_t *members, fsbi_error *error) {
    char path[2 * FSBI_STORE_PATH];
    const size_t weights = plan->estimator->parameter_count(plan->estimator, &plan->specification);
    size_t columns = 0;
    snprintf(path, sizeof path, "%s/parameters", place->path);
    FSBI_TRY(fsbi_hdf5_measure(place->file.identifier, path, members, &columns, error));
    return columns == weights
               ? FSBI_OK
               : fsbi_error_set(error, FSBI_BAD_INPUT,
                                "its networks have %zu weights; by its settings it should be %zu",
                                columns, weights);
}

fsbi_status fsbi_posterior_store_count_members(const fsbi_posterior_place *place,
                                               const fsbi_posterior_plan *plan, size_t *done,
                                               fsbi_error *error) {
    fsbi_posterior posterior = {0};
    size_t members = 0;
    *done = 0;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(measure(place, plan, &members, error));
    if (members != plan->members)
        FSBI_TRY_DONE(fsbi_error_set(error, FSBI_BAD_INPUT, "there are %zu networks instead of %zu",
                                     members, plan->members));
    FSBI_TRY_DONE(fsbi_posterior_init(&posterior, plan->estimator, &plan->specification, 1, error));
    for (size_t member = 0; member < plan->members; member++) {
        bool whole = false;
        FSBI_TRY_DONE(fsbi_posterior_store_read_member(place, member, posterior.parameter_count,
                                                       posterior.parameters, &whole, error));
        *done += whole;
    }
done:
    fsbi_posterior_clear(&posterior);
    return status;
}

/* Mean and standard error of what was learned; files of earlier versions have no place for them. */
static bool find_learned(const fsbi_posterior_place *place, fsbi_hdf5_rows *rows) {
    char path[2 * FSBI_STORE_PATH];
    *rows = (fsbi_hdf5_rows){"check/learned", H5T_NATIVE_DOUBLE, 0, 2, 1};
    snprintf(path, sizeof path, "%s/%s", place->path, rows->path);
    return H5Lexists(place->file.identifier, path, H5P_DEFAULT) > 0;
}

fsbi_status fsbi_posterior_store_write_check(const fsbi_posterior_place *place,
                                             const fsbi_posterior_check *check, fsbi_error *error) {
    const double acceptance[] = {check->acceptance.candidates, check->acceptance.inside};
    const double learned[] = {check->learned, check->learned_error};
    fsbi_hdf5_rows learned_rows;
    if (find_learned(place, &learned_rows))
        FSBI_TRY(write(place, learned_rows, learned, error));
    if (check->rows > 0)
        FSBI_TRY(write(place,
                       (fsbi_hdf5_rows){"check/ranks", H5T_NATIVE_INT32, 0, (size_t)check->rows,
                                        check->columns},
                       check->ranks, error));
    FSBI_TRY(write(place,
                   (fsbi_hdf5_rows){"check/results", H5T_NATIVE_DOUBLE, 0, check->columns,
                                    sizeof *check->results / sizeof(double)},
                   check->results, error));
    FSBI_TRY(write(place, (fsbi_hdf5_rows){"check/acceptance", H5T_NATIVE_DOUBLE, 0, 2, 1},
                   acceptance, error));
    return write(place, (fsbi_hdf5_rows){"check/rows", H5T_NATIVE_INT64, 0, 1, 1}, &check->rows,
                 error);
}

fsbi_status fsbi_posterior_store_read_check(const fsbi_posterior_place *place,
                                            fsbi_posterior_check *check, fsbi_error *error) {
    double acceptance[2] = {NAN, NAN};
    double learned[2] = {NAN, NAN};
    fsbi_hdf5_rows learned_rows;
    if (find_learned(place, &learned_rows))
        FSBI_TRY(read(place, learned_rows, learned, error));
    check->learned = learned[0];
    check->learned_error = learned[1];
    FSBI_TRY(read(place, (fsbi_hdf5_rows){"check/rows", H5T_NATIVE_INT64, 0, 1, 1}, &check->rows,
                  error));
    FSBI_TRY(read(place, (fsbi_hdf5_rows){"check/acceptance", H5T_NATIVE_DOUBLE, 0, 2, 1},
                  acceptance, error));
    FSBI_TRY(read(place,
                  (fsbi_hdf5_rows){"check/results", H5T_NATIVE_DOUBLE, 0, check->columns,
                                   sizeof *check->results / sizeof(double)},
                  check->results, error));
    if (check->rows > (int64_t)check->most_rows)
        return fsbi_error_set(error, FSBI_BAD_INPUT, "'check/rows' is larger than the check");
    if (check->rows > 0)
        FSBI_TRY(read(place,
                      (fsbi_hdf5_rows){"check/ranks", H5T_NATIVE_INT32, 0, (size_t)check->rows,
                                       check->columns},
                      check->ranks, error));
    check->acceptance = (fsbi_acceptance){acceptance[0], acceptance[1]};
    return FSBI_OK;
}

fsbi_status fsbi_posterior_store_write_weight_cap(const fsbi_posterior_place *place, double cap,
                                                  fsbi_error *error) {
    return write(place, (fsbi_hdf5_rows){"weight_cap", H5T_NATIVE_DOUBLE, 0, 1, 1}, &cap, error);
}

fsbi_status fsbi_posterior_store_write_threshold(const fsbi_posterior_place *place,
                                                 double threshold, fsbi_error *error) {
    return write(place, (fsbi_hdf5_rows){"threshold", H5T_NATIVE_DOUBLE, 0, 1, 1}, &threshold,
                 error);
}

static fsbi_status read_estimator(hid_t group, const fsbi_estimator **estimator,
                                  fsbi_error *error) {
    char *name = NULL;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_hdf5_read_text(group, "estimator", &name, error));
    *estimator = fsbi_estimator_find(name);
    if (*estimator == NULL || (*estimator)->of_classes)
        FSBI_TRY_DONE(fsbi_error_set(error, FSBI_BAD_INPUT,
                                     "this program knows no estimator of posteriors '%s'", name));
done:
    free(name);
    return status;
}

/* Sizes and settings of a stored posterior. */
static fsbi_status read_plan(hid_t group, fsbi_posterior_plan *plan, fsbi_error *error) {
    enum { LARGEST = 1000000 };
    fsbi_estimator_specification specification = {0};
    size_t unbounded = 0, check_samples = 0;
    const struct {
        const char *name;
        size_t least;
        size_t *value;
    } integers[] = {{"transforms", 1, &specification.transforms},
                    {"hidden_features", 1, &specification.hidden_features},
                    {"blocks", 0, &specification.blocks},
                    {"bins", 2, &specification.bins},
                    {"unbounded", 0, &unbounded},
                    {"check_samples", 0, &check_samples}};
    const fsbi_estimator *estimator = NULL;
    FSBI_TRY(read_estimator(group, &estimator, error));
    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++) {
        long value = 0;
        FSBI_TRY(fsbi_hdf5_read_integer(group, integers[i].name, &value, error));
        if (value < (long)integers[i].least || value > LARGEST)
            return fsbi_error_set(error, FSBI_BAD_INPUT, "the attribute '%s' is %ld",
                                  integers[i].name, value);
        *integers[i].value = (size_t)value;
    }
    FSBI_TRY(fsbi_hdf5_read_real(group, "tail_bound", &specification.tail_bound, error));
    FSBI_TRY(fsbi_hdf5_count_names(group, "theta_names", &specification.theta_size, error));
    FSBI_TRY(fsbi_hdf5_count_names(group, "x_names", &specification.x_size, error));
    if (specification.theta_size == 0)
        return fsbi_error_set(error, FSBI_BAD_INPUT, "the attribute 'theta_names' is empty");
    FSBI_TRY(fsbi_posterior_plan_init(plan, &specification, error));
    plan->estimator = estimator;
    plan->unbounded = unbounded != 0;
    plan->check_samples = check_samples;
    FSBI_TRY(fsbi_hdf5_read_names(group, "theta_names", plan->theta_names[0],
                                  specification.theta_size, error));
    return fsbi_hdf5_read_names(group, "x_names", plan->x_names[0], specification.x_size, error);
}

static fsbi_status load_group(hid_t group, const fsbi_posterior_place *place,
                              fsbi_posterior_plan *plan, fsbi_posterior *posterior,
                              fsbi_error *error) {
    vector vectors[VECTORS];
    FSBI_TRY(read_plan(group, plan, error));
    FSBI_TRY(measure(place, plan, &plan->members, error));
    FSBI_TRY(fsbi_posterior_plan_start(plan, posterior, error));
    list_vectors(posterior, vectors);
    for (size_t i = 0; i < VECTORS; i++)
        FSBI_TRY(read(place,
                      (fsbi_hdf5_rows){vectors[i].name, H5T_NATIVE_DOUBLE, 0, vectors[i].count, 1},
                      vectors[i].values, error));
    memcpy(plan->low, posterior->low, plan->specification.theta_size * sizeof *plan->low);
    memcpy(plan->high, posterior->high, plan->specification.theta_size * sizeof *plan->high);
    for (size_t member = 0; member < posterior->members; member++) {
        bool done = false;
        FSBI_TRY(fsbi_posterior_store_read_member(
            place, member, posterior->parameter_count,
            posterior->parameters + member * posterior->parameter_count, &done, error));
        if (!done)
            return fsbi_error_set(error, FSBI_BAD_INPUT,
                                  "network %zu of %zu is not trained yet, or damaged: finish "
                                  "the run that makes it first",
                                  member, posterior->members);
    }
    return FSBI_OK;
}

fsbi_status fsbi_posterior_store_is_complete(const fsbi_posterior_place *place,
                                             const fsbi_posterior_plan *plan, bool *complete,
                                             fsbi_error *error) {
    int64_t rows = 0;
    double threshold = 0;
    if (plan->check_rows > 0)
        FSBI_TRY(
            read(place, (fsbi_hdf5_rows){"check/rows", H5T_NATIVE_INT64, 0, 1, 1}, &rows, error));
    if (plan->estimator == &fsbi_estimator_classifier)
        FSBI_TRY(read(place, (fsbi_hdf5_rows){"threshold", H5T_NATIVE_DOUBLE, 0, 1, 1}, &threshold,
                      error));
    *complete = rows >= 0 && !isnan(threshold);
    return FSBI_OK;
}

fsbi_status fsbi_posterior_store_load(const fsbi_posterior_place *place, fsbi_posterior_plan *plan,
                                      fsbi_posterior *posterior, fsbi_error *error) {
    hid_t group = H5Gopen2(place->file.identifier, place->path, H5P_DEFAULT);
    if (group < 0) {
        fsbi_hdf5_error(error, "there is no posterior '%s'", place->path);
        return FSBI_BAD_INPUT;
    }
    fsbi_status status = load_group(group, place, plan, posterior, error);
    H5Gclose(group);
    if (status != FSBI_OK) {
        fsbi_posterior_clear(posterior);
        fsbi_posterior_plan_clear(plan);
        fsbi_error_prefix(error, "%s", place->path);
        return status == FSBI_NO_MEMORY ? status : FSBI_BAD_INPUT;
    }
    return FSBI_OK;
}
