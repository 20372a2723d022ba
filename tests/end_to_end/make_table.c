/* Writes a table whose posterior is known: theta_0 = a + noise, theta_1 of no influence, x_0 =
 * theta_0 + noise / 2 within the box [-3, 3] x [0, 1]. Usage: make_table OUT.h5 ROWS [KIND]: "nan"
 * spoils every tenth row (the first included), "bounds" swaps the bounds of theta_1, "short" gives
 * x one row less, "names" calls the datasets rules and metrics, and leaves the bounds out,
 * "unwritten" gives x a million million numbers that nobody wrote, "virtual" takes x from the file
 * table.h5 of as many rows. */
#include <hdf5.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A small generator of its own: a sum of twelve uniform numbers is normal enough. */
static double uniform(void) {
    static unsigned long state = 12345;
    state = state * 6364136223846793005UL + 1442695040888963407UL;
    return (double)(state >> 11) * 0x1p-53;
}

static double normal(void) {
    double sum = -6;
    for (int i = 0; i < 12; i++)
        sum += uniform();
    return sum;
}

static void write(hid_t file, const char *name, hsize_t rows, hsize_t columns,
                  const double *values) {
    hsize_t size[2] = {rows, columns};
    hid_t space = H5Screate_simple(columns == 0 ? 1 : 2, size, NULL);
    hid_t dataset =
        H5Dcreate2(file, name, H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, values);
    H5Dclose(dataset);
    H5Sclose(space);
}

static void write_nothing(hid_t file, const char *name) {
    const hsize_t size[2] = {1000000, 1000000};
    const hsize_t chunk[2] = {10, 10};
    hid_t space = H5Screate_simple(2, size, NULL);
    hid_t layout = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_chunk(layout, 2, chunk);
    H5Dclose(H5Dcreate2(file, name, H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, layout, H5P_DEFAULT));
    H5Pclose(layout);
    H5Sclose(space);
}

static void point_elsewhere(hid_t file, const char *name, hsize_t rows) {
    hid_t space = H5Screate_simple(1, &rows, NULL);
    hid_t layout = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_virtual(layout, space, "table.h5", name, space);
    H5Dclose(H5Dcreate2(file, name, H5T_NATIVE_DOUBLE, space, H5P_DEFAULT, layout, H5P_DEFAULT));
    H5Pclose(layout);
    H5Sclose(space);
}

int main(int argc, char **argv) {
    const char *kind = argc > 3 ? argv[3] : "";
    const hsize_t rows = (hsize_t)strtoul(argv[2], NULL, 10);
    double *theta = malloc(2 * rows * sizeof *theta);
    double *x = malloc(rows * sizeof *x);
    for (hsize_t i = 0; i < rows; i++) {
        theta[2 * i] = fmin(fmax(normal(), -3), 3);
        theta[2 * i + 1] = uniform();
        x[i] = theta[2 * i] + normal() / 2;
    }
    for (hsize_t i = 0; i < rows && strcmp(kind, "nan") == 0; i += 10)
        *(i % 20 == 0 ? &x[i] : &theta[2 * i]) = i % 30 == 0 ? NAN : INFINITY;
    const int named = strcmp(kind, "names") == 0;
    hid_t file = H5Fcreate(argv[1], H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
    write(file, named ? "rules" : "theta", rows, 2, theta);
    if (strcmp(kind, "unwritten") == 0)
        write_nothing(file, "x");
    else if (strcmp(kind, "virtual") == 0)
        point_elsewhere(file, "x", rows);
    else
        write(file, named ? "metrics" : "x", rows - (strcmp(kind, "short") == 0), 0, x);
    if (!named) {
        double low[2] = {-3, 0};
        double high[2] = {3, 1};
        if (strcmp(kind, "bounds") == 0)
            low[1] = 2;
        H5Gclose(H5Gcreate2(file, "prior", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
        write(file, "prior/low", 2, 0, low);
        write(file, "prior/high", 2, 0, high);
    }
    H5Fclose(file);
    free(theta);
    free(x);
    return 0;
}
