/* Compares two campaign files: every dataset must have the same bytes, but for the fields
 * that tell of times, and rank and crashes of rows. Usage: same_campaign A.h5 B.h5; says what
 * differs and exits with 1 if anything does. */
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    hid_t other;
    int differing;
    int compared;
} comparison;

/* Sets one field of all elements to zero. */
static void blank_field(char *data, size_t count, hid_t type, const char *field) {
    const size_t size = H5Tget_size(type);
    int index = H5Tget_class(type) == H5T_COMPOUND ? H5Tget_member_index(type, field) : -1;
    if (index < 0) {
        H5Eclear2(H5E_DEFAULT);
        return;
    }
    hid_t member = H5Tget_member_type(type, (unsigned)index);
    for (size_t i = 0; i < count; i++)
        memset(data + i * size + H5Tget_member_offset(type, (unsigned)index), 0,
               H5Tget_size(member));
    H5Tclose(member);
}

/* A whole dataset in the type of the file, without what may differ; NULL if it cannot be read. */
static char *load(hid_t file, const char *name, size_t *bytes) {
    hid_t dataset = H5Dopen2(file, name, H5P_DEFAULT);
    if (dataset < 0)
        return NULL;
    hid_t type = H5Dget_type(dataset);
    hid_t space = H5Dget_space(dataset);
    const size_t count = (size_t)H5Sget_simple_extent_npoints(space);
    *bytes = count * H5Tget_size(type);
    char *data = calloc(*bytes + 1, 1);
    if (data != NULL && H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0) {
        blank_field(data, count, type, "wall_time");
        blank_field(data, count, type, "rank");
        blank_field(data, count, type, "crashes");
        blank_field(data, count, type, "core_time");
        blank_field(data, count, type, "idle_time");
    } else {
        free(data);
        data = NULL;
    }
    H5Sclose(space);
    H5Tclose(type);
    H5Dclose(dataset);
    return data;
}

static herr_t compare(hid_t file, const char *name, const H5O_info_t *info, void *context) {
    comparison *c = context;
    if (info->type != H5O_TYPE_DATASET)
        return 0;
    size_t bytes_a = 0;
    size_t bytes_b = 0;
    char *a = load(file, name, &bytes_a);
    char *b = load(c->other, name, &bytes_b);
    if (a == NULL || b == NULL || bytes_a != bytes_b || memcmp(a, b, bytes_a) != 0) {
        printf("%s differs\n", name);
        c->differing++;
    }
    c->compared++;
    free(a);
    free(b);
    return 0;
}

int main(int argc, char **argv) {
    if (argc != 3) {
        fprintf(stderr, "usage: same_campaign A.h5 B.h5\n");
        return 2;
    }
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    hid_t a = H5Fopen(argv[1], H5F_ACC_RDONLY, H5P_DEFAULT);
    hid_t b = H5Fopen(argv[2], H5F_ACC_RDONLY, H5P_DEFAULT);
    if (a < 0 || b < 0) {
        fprintf(stderr, "cannot read %s\n", a < 0 ? argv[1] : argv[2]);
        return 2;
    }
    comparison c = {.other = b};
    H5Ovisit2(a, H5_INDEX_NAME, H5_ITER_INC, compare, &c, H5O_INFO_BASIC);
    c.other = a;
    H5Ovisit2(b, H5_INDEX_NAME, H5_ITER_INC, compare, &c, H5O_INFO_BASIC);
    H5Fclose(a);
    H5Fclose(b);
    printf("%d datasets compared, %d differ\n", c.compared, c.differing);
    return c.differing > 0 || c.compared == 0;
}
