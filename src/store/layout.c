#include "store/layout.h"

#include <stdio.h>
#include <string.h>

void fsbi_layout_path(char *path, size_t round, const char *rest) {
    snprintf(path, FSBI_LAYOUT_PATH, "/rounds/%02zu/%s", round, rest);
}

hid_t fsbi_layout_text_type(size_t size) {
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, size);
    H5Tset_strpad(type, H5T_STR_NULLPAD);
    return type;
}

hid_t fsbi_layout_real_type(void) {
    return sizeof(fsbi_real) == sizeof(float) ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE;
}

/* A whole number of 32 bits whose values have names. */
static hid_t named_type(int32_t count, const char *(*name)(int32_t)) {
    hid_t type = H5Tenum_create(H5T_NATIVE_INT32);
    for (int32_t value = 0; value < count; value++)
        H5Tenum_insert(type, name(value), &value);
    return type;
}

static const char *status_name(int32_t status) {
    return fsbi_simulation_status_name((fsbi_simulation_status)status);
}

static const char *reason_name(int32_t reason) {
    return fsbi_simulation_reason_name((fsbi_simulation_reason)reason);
}

static size_t value_offset(size_t index) {
    return sizeof(fsbi_row) + index * sizeof(double);
}

bool fsbi_layout_is_row_type(hid_t type) {
    const int index = H5Tget_class(type) == H5T_COMPOUND ? H5Tget_member_index(type, "status") : -1;
    hid_t status = index < 0 ? -1 : H5Tget_member_type(type, (unsigned)index);
    int32_t value = 0;
    const bool found = status >= 0 && H5Tget_class(status) == H5T_ENUM &&
                       H5Tget_size(status) == sizeof value &&
                       H5Tenum_valueof(status, status_name(FSBI_SIMULATION_PENDING), &value) >= 0;
    if (status >= 0)
        H5Tclose(status);
    return found;
}

hid_t fsbi_layout_row_type(const fsbi_model *model) {
    const fsbi_row_shape shape = fsbi_row_shape_of(model);
    hid_t row = H5Tcreate(H5T_COMPOUND, fsbi_row_size(&shape));
    hsize_t theta_size = shape.theta_count;
    hid_t theta = H5Tarray_create2(H5T_NATIVE_DOUBLE, 1, &theta_size);
    hid_t status = named_type(FSBI_SIMULATION_STATUSES, status_name);
    hid_t reason = named_type(FSBI_SIMULATION_REASONS, reason_name);
    H5Tinsert(row, "theta", value_offset(0), theta);
    H5Tinsert(row, "seed", HOFFSET(fsbi_row, seed), H5T_NATIVE_UINT64);
    H5Tinsert(row, "status", HOFFSET(fsbi_row, status), status);
    H5Tinsert(row, "reason", HOFFSET(fsbi_row, reason), reason);
    H5Tinsert(row, "crashes", HOFFSET(fsbi_row, crashes), H5T_NATIVE_INT32);
    H5Tinsert(row, "t_end", HOFFSET(fsbi_row, t_end), H5T_NATIVE_DOUBLE);
    H5Tinsert(row, "wall_time", HOFFSET(fsbi_row, wall_time), H5T_NATIVE_DOUBLE);
    H5Tinsert(row, "rank", HOFFSET(fsbi_row, rank), H5T_NATIVE_INT32);
    H5Tinsert(row, "survival", HOFFSET(fsbi_row, survival), H5T_NATIVE_DOUBLE);
    H5Tinsert(row, "checkpoint", HOFFSET(fsbi_row, checkpoint), H5T_NATIVE_INT64);
    for (size_t i = 0; i < shape.metric_count; i++)
        H5Tinsert(row, model->metrics[i].name, value_offset(shape.theta_count + i),
                  H5T_NATIVE_DOUBLE);
    H5Tinsert(row, "checksum", HOFFSET(fsbi_row, checksum), H5T_NATIVE_UINT64);
    H5Tclose(reason);
    H5Tclose(status);
    H5Tclose(theta);
    return row;
}

static hid_t name_type(void) {
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, FSBI_CONFIG_NAME);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return type;
}

hid_t fsbi_layout_condition_type(void) {
    hid_t type = H5Tcreate(H5T_COMPOUND, sizeof(fsbi_layout_condition));
    hid_t name = name_type();
    H5Tinsert(type, "metric", HOFFSET(fsbi_layout_condition, metric), name);
    H5Tinsert(type, "low", HOFFSET(fsbi_layout_condition, low), H5T_NATIVE_DOUBLE);
    H5Tinsert(type, "high", HOFFSET(fsbi_layout_condition, high), H5T_NATIVE_DOUBLE);
    H5Tinsert(type, "passed", HOFFSET(fsbi_layout_condition, passed), H5T_NATIVE_INT64);
    H5Tclose(name);
    return type;
}

fsbi_layout_condition fsbi_layout_condition_of(const fsbi_condition *condition, int64_t passed) {
    fsbi_layout_condition stored = {
        .low = condition->low, .high = condition->high, .passed = passed};
    memcpy(stored.metric, condition->metric, sizeof stored.metric);
    return stored;
}

hid_t fsbi_layout_group_type(void) {
    hid_t type = H5Tcreate(H5T_COMPOUND, sizeof(fsbi_layout_group));
    hid_t name = name_type();
    H5Tinsert(type, "name", HOFFSET(fsbi_layout_group, name), name);
    H5Tinsert(type, "passed", HOFFSET(fsbi_layout_group, passed), H5T_NATIVE_INT64);
    H5Tclose(name);
    return type;
}

hid_t fsbi_layout_time_type(void) {
    hid_t type = H5Tcreate(H5T_COMPOUND, sizeof(fsbi_layout_time));
    hid_t name = name_type();
    H5Tinsert(type, "phase", HOFFSET(fsbi_layout_time, phase), name);
    H5Tinsert(type, "wall_time", HOFFSET(fsbi_layout_time, wall_time), H5T_NATIVE_DOUBLE);
    H5Tinsert(type, "core_time", HOFFSET(fsbi_layout_time, core_time), H5T_NATIVE_DOUBLE);
    H5Tinsert(type, "idle_time", HOFFSET(fsbi_layout_time, idle_time), H5T_NATIVE_DOUBLE);
    H5Tclose(name);
    return type;
}
