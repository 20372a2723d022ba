#include "store/posterior_group.h"

#include <math.h>

#include "store/hdf5_util.h"
#include "store/layout.h"

static fsbi_status write_attributes(hid_t group, const fsbi_posterior_plan *plan,
                                    fsbi_error *error) {
    const fsbi_estimator_specification *specification = &plan->specification;
    const struct {
        const char *name;
        long value;
    } integers[] = {{"transforms", (long)specification->transforms},
                    {"hidden_features", (long)specification->hidden_features},
                    {"blocks", (long)specification->blocks},
                    {"bins", (long)specification->bins},
                    {"unbounded", plan->unbounded},
                    {"check_samples", (long)plan->check_samples}};
    FSBI_TRY(fsbi_hdf5_write_text(group, "estimator", plan->estimator->name, error));
    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++)
        FSBI_TRY(fsbi_hdf5_write_integer(group, integers[i].name, integers[i].value, error));
    FSBI_TRY(fsbi_hdf5_write_real(group, "tail_bound", specification->tail_bound, error));
    FSBI_TRY(fsbi_hdf5_write_names(group, "theta_names", plan->theta_names[0],
                                   sizeof(fsbi_posterior_name), specification->theta_size, error));
    return fsbi_hdf5_write_names(group, "x_names", plan->x_names[0], sizeof(fsbi_posterior_name),
                                 specification->x_size, error);
}

typedef struct {
    const char *name;
    hid_t type;
    size_t rows, columns;
    const void *fill;
} dataset;

static fsbi_status create_datasets(hid_t group, const dataset *datasets, size_t count,
                                   fsbi_error *error) {
    for (size_t i = 0; i < count; i++)
        FSBI_TRY(fsbi_hdf5_create_dataset(group,
                                          &(fsbi_hdf5_dataset){.name = datasets[i].name,
                                                               .type = datasets[i].type,
                                                               .rows = datasets[i].rows,
                                                               .columns = datasets[i].columns,
                                                               .fill = datasets[i].fill},
                                          error));
    return FSBI_OK;
}

static fsbi_status create_check(hid_t group, const fsbi_posterior_plan *plan, fsbi_error *error) {
    const double nan = NAN;
    const int32_t no_rank = -1;
    const int64_t not_done = -1;
    const size_t columns = fsbi_calibration_columns(plan->specification.theta_size);
    const dataset datasets[] = {
        {"rows", H5T_NATIVE_INT64, 1, 0, &not_done},
        {"acceptance", H5T_NATIVE_DOUBLE, 2, 0, &nan},
        {"learned", H5T_NATIVE_DOUBLE, 2, 0, &nan},
        {"ranks", H5T_NATIVE_INT32, plan->check_rows, columns, &no_rank},
        {"results", H5T_NATIVE_DOUBLE, columns, sizeof(fsbi_calibration_result) / sizeof(double),
         &nan},
    };
    hid_t check = H5Gcreate2(group, "check", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (check < 0)
        return fsbi_hdf5_error(error, "cannot create the group 'check'");
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(create_datasets(check, datasets, sizeof datasets / sizeof *datasets, error));
    static const char names[][sizeof(fsbi_posterior_name)] = {"p_value", "deviation", "inside_50",
                                                              "inside_90"};
    FSBI_TRY_DONE(fsbi_hdf5_write_names(check, "result_names", names[0], sizeof *names,
                                        sizeof names / sizeof *names, error));
done:
    H5Gclose(check);
    return status;
}

fsbi_status fsbi_posterior_group_create(hid_t parent, const char *name,
                                        const fsbi_posterior_plan *plan, fsbi_error *error) {
    const double nan = NAN;
    const fsbi_estimator_specification *specification = &plan->specification;
    const size_t members = plan->members;
    const dataset datasets[] = {
        {"parameters", fsbi_layout_real_type(), members,
         plan->estimator->parameter_count(plan->estimator, specification), NULL},
        {"training_loss", H5T_NATIVE_DOUBLE, members, plan->max_epochs, &nan},
        {"validation_loss", H5T_NATIVE_DOUBLE, members, plan->max_epochs, &nan},
        {"epochs", H5T_NATIVE_INT64, members, 0, NULL},
        {"best_validation_loss", H5T_NATIVE_DOUBLE, members, 0, &nan},
        {"checksum", H5T_NATIVE_UINT64, members, 0, NULL},
        {"theta_mean", H5T_NATIVE_DOUBLE, specification->theta_size, 0, &nan},
        {"theta_std", H5T_NATIVE_DOUBLE, specification->theta_size, 0, &nan},
        {"x_mean", H5T_NATIVE_DOUBLE, specification->x_size, 0, &nan},
        {"x_std", H5T_NATIVE_DOUBLE, specification->x_size, 0, &nan},
        {"low", H5T_NATIVE_DOUBLE, specification->theta_size, 0, &nan},
        {"high", H5T_NATIVE_DOUBLE, specification->theta_size, 0, &nan},
        {"rows", H5T_NATIVE_INT64, 3, 0, NULL},
        {"threshold", H5T_NATIVE_DOUBLE, 1, 0, &nan},
        {"weight_cap", H5T_NATIVE_DOUBLE, 1, 0, &nan},
    };
    hid_t group = H5Gcreate2(parent, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    if (group < 0)
        return fsbi_hdf5_error(error, "cannot create the group '%s'", name);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(write_attributes(group, plan, error));
    FSBI_TRY_DONE(create_datasets(group, datasets, sizeof datasets / sizeof *datasets, error));
    if (plan->check_rows > 0)
        FSBI_TRY_DONE(create_check(group, plan, error));
done:
    H5Gclose(group);
    return status;
}
