/* All metrics against an independent computation in numpy (tools/reference/spike_metrics.py, which
 * made the data). */
#include <hdf5.h>
#include <stdlib.h>
#include <string.h>

#include "fsbi/spike_metrics.h"
#include "fsbi/weight_metrics.h"
#include "unit.h"

static double attribute(hid_t object, const char *name) {
    double value = NAN;
    hid_t attribute = H5Aopen(object, name, H5P_DEFAULT);
    assert_true(attribute >= 0);
    assert_true(H5Aread(attribute, H5T_NATIVE_DOUBLE, &value) >= 0);
    H5Aclose(attribute);
    return value;
}

/* A whole dataset (free), its dimensions in `size`. */
static void *dataset(hid_t group, const char *name, hid_t type, size_t element, hsize_t size[2]) {
    hid_t data = H5Dopen2(group, name, H5P_DEFAULT);
    assert_true(data >= 0);
    hid_t space = H5Dget_space(data);
    size[1] = 1;
    H5Sget_simple_extent_dims(space, size, NULL);
    void *values = malloc(size[0] * size[1] * element + 1);
    assert_true(size[0] * size[1] == 0 ||
                H5Dread(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values) >= 0);
    H5Sclose(space);
    H5Dclose(data);
    return values;
}

static fsbi_spike_trains load_trains(hid_t group, const char *which) {
    char name[64];
    hsize_t size[2];
    snprintf(name, sizeof name, "spikes_%s/offsets", which);
    size_t *begin = dataset(group, name, H5T_NATIVE_ULLONG, sizeof(size_t), size);
    const size_t neurons = size[0] - 1;
    snprintf(name, sizeof name, "spikes_%s/steps", which);
    uint32_t *step = dataset(group, name, H5T_NATIVE_UINT32, sizeof *step, size);
    return (fsbi_spike_trains){.neurons = neurons,
                               .begin = begin,
                               .step = step,
                               .duration_steps = (size_t)attribute(group, "duration_steps"),
                               .dt = attribute(group, "dt")};
}

static void compare(hid_t expected, const char *name, double value) {
    const double reference = attribute(expected, name);
    check_near(value, reference, 1e-9 * fabs(reference) + 1e-15, name, __FILE__, __LINE__);
}

static void check_weights(hid_t group, hid_t expected) {
    static const char *const names[] = {"ee", "ei", "ie", "ii"};
    static const char *const means[] = {"weef", "weif", "wief", "wiif"};
    double blow = 0;
    double creep = 0;
    int connections = 0;
    for (int k = 0; k < 4; k++) {
        char name[64];
        snprintf(name, sizeof name, "weights/%s", names[k]);
        double mean = NAN;
        if (H5Lexists(group, name, H5P_DEFAULT) > 0) {
            hsize_t size[2];
            float *weight = dataset(group, name, H5T_NATIVE_FLOAT, sizeof *weight, size);
            const fsbi_weight_samples samples = {
                .synapses = size[1], .samples = size[0], .weight = weight};
            blow += fsbi_weight_saturated_share(&samples, 0, attribute(group, "wmax"));
            creep = fmax(creep, fsbi_weight_creep(&samples));
            mean = fsbi_weight_final_mean(&samples);
            connections++;
            free(weight);
        }
        compare(expected, means[k], mean);
    }
    assert_true(connections > 0);
    compare(expected, "w_blow", blow / connections);
    compare(expected, "w_creep", creep);
}

static void check_case(hid_t group) {
    fsbi_error error = {0};
    fsbi_spike_metrics metrics;
    fsbi_spike_trains excitatory = load_trains(group, "e");
    fsbi_spike_trains inhibitory = load_trains(group, "i");
    hid_t expected = H5Gopen2(group, "expected", H5P_DEFAULT);
    assert_ok(fsbi_spike_metrics_compute(&excitatory, &metrics, &error), error);
    const struct {
        const char *name;
        double value;
    } values[] = {{"rate", metrics.rate},
                  {"rate_i", fsbi_spike_rate(&inhibitory)},
                  {"cv_isi", metrics.cv_isi},
                  {"std_cv", metrics.std_cv},
                  {"kl_isi", metrics.kl_isi},
                  {"spatial_Fano", metrics.spatial_fano},
                  {"temporal_Fano", metrics.temporal_fano},
                  {"auto_cov", metrics.auto_cov},
                  {"fft", metrics.fft},
                  {"std_rate_temporal", metrics.std_rate_temporal},
                  {"std_rate_spatial", metrics.std_rate_spatial}};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        compare(expected, values[i].name, values[i].value);
    check_weights(group, expected);
    H5Gclose(expected);
    free((void *)(uintptr_t)excitatory.begin);
    free((void *)(uintptr_t)excitatory.step);
    free((void *)(uintptr_t)inhibitory.begin);
    free((void *)(uintptr_t)inhibitory.step);
}

static herr_t visit(hid_t file, const char *name, const H5L_info_t *info, void *count) {
    (void)info;
    print_message("%s\n", name);
    hid_t group = H5Gopen2(file, name, H5P_DEFAULT);
    check_case(group);
    H5Gclose(group);
    (*(int *)count)++;
    return 0;
}

static void equal_numpy(void **state) {
    (void)state;
    int cases = 0;
    hid_t file = H5Fopen(FSBI_TEST_DATA "/spike_metrics.h5", H5F_ACC_RDONLY, H5P_DEFAULT);
    assert_true(file >= 0);
    assert_true(H5Literate(file, H5_INDEX_NAME, H5_ITER_INC, NULL, visit, &cases) >= 0);
    assert_int_equal(cases, 10);
    H5Fclose(file);
}

static void refused(void **state) {
    (void)state;
    const size_t begin[2] = {0, 0};
    const uint32_t step[1] = {0};
    fsbi_spike_metrics metrics;
    fsbi_error error = {0};
    fsbi_spike_trains trains = {1, begin, step, 5000, 1e-4};
    assert_int_equal(fsbi_spike_metrics_compute(&trains, &metrics, &error), FSBI_BAD_INPUT);
    assert_contains(error.message, "too short");
    trains.duration_steps = 50000;
    trains.dt = 3e-4;
    assert_int_equal(fsbi_spike_metrics_compute(&trains, &metrics, &error), FSBI_BAD_INPUT);
    assert_contains(error.message, "does not divide");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(equal_numpy), cmocka_unit_test(refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
