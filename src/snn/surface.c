#include "snn/surface.h"

#include <math.h>

const int fsbi_surface_sizes[FSBI_SURFACE_SIZES] = {4, 6, 8, 12, 16};

/* Coefficients of powers of Chebyshev polynomials, by T[k+1] = 2 t T[k] - T[k-1]. */
static void fill_powers(fsbi_surface_matrix powers) {
    double t[FSBI_SURFACE_LARGEST][FSBI_SURFACE_LARGEST] = {{1}, {0, 1}};
    for (int k = 2; k < FSBI_SURFACE_LARGEST; k++)
        for (int i = 0; i <= k; i++)
            t[k][i] = (i > 0 ? 2 * t[k - 1][i - 1] : 0) - t[k - 2][i];
    for (int k = 0; k < FSBI_SURFACE_LARGEST; k++)
        for (int i = 0; i < FSBI_SURFACE_LARGEST; i++)
            powers[k][i] = (float)t[k][i];
}

void fsbi_surface_basis_init(fsbi_surface_basis *basis) {
    *basis = (fsbi_surface_basis){0};
    fill_powers(basis->powers);
    for (int s = 0; s < FSBI_SURFACE_SIZES; s++) {
        const int size = fsbi_surface_sizes[s];
        for (int j = 0; j < size; j++) {
            const double angle = M_PI * (j + 0.5) / size;
            basis->point[s][j] = (float)cos(angle);
            for (int k = 0; k < size; k++)
                basis->chebyshev[s][k][j] = (float)((k > 0 ? 2 : 1) * cos(k * angle) / size);
        }
    }
}

fsbi_surface_axis fsbi_surface_axis_of(float low, float high, float slope) {
    static const float largest[FSBI_SURFACE_SIZES] = {0.046F, 0.188F, 0.384F, 0.81F, 1.23F};
    /* Not of no width, so that places can be scaled. */
    const float half = fmaxf((high - low) / 2, 1e-6F + 1e-6F * fabsf(high));
    /* tanh is singular at i pi/2; coefficients decay with the ellipse that reaches there. */
    const float singular = (float)M_PI_2 / (slope * half);
    fsbi_surface_axis axis = {.center = (low + high) / 2,
                              .half = half,
                              .decay = 1 / (singular + sqrtf(1 + singular * singular))};
    while (axis.size < FSBI_SURFACE_SIZES && slope * half > largest[axis.size])
        axis.size++;
    return axis;
}

int fsbi_surface_points(const fsbi_surface *surface) {
    return fsbi_surface_sizes[surface->first.size] * fsbi_surface_sizes[surface->second.size];
}

void fsbi_surface_place(const fsbi_surface_basis *basis, const fsbi_surface *surface, float *first,
                        float *second) {
    const fsbi_surface_axis *a = &surface->first;
    const fsbi_surface_axis *b = &surface->second;
    for (int i = 0; i < fsbi_surface_sizes[a->size]; i++) {
        for (int j = 0; j < fsbi_surface_sizes[b->size]; j++) {
            *first++ = a->center + a->half * basis->point[a->size][i];
            *second++ = b->center + b->half * basis->point[b->size][j];
        }
    }
}

/* product[i][j] = sum over k of left[i][k] right[k][j] for all j, or left[k][i] if `transposed`. */
static inline void multiply(const fsbi_surface_matrix left, bool transposed, int rows, int inner,
                            const fsbi_surface_matrix right, fsbi_surface_matrix product) {
    _Static_assert((int)FSBI_SURFACE_LARGEST == 2 * (int)FSBI_LANES,
                   "a row fills two sets of lanes");
    for (int i = 0; i < rows; i++) {
        fsbi_lanes low = fsbi_lanes_of(0);
        fsbi_lanes high = fsbi_lanes_of(0);
        for (int k = 0; k < inner; k++) {
            const float factor = transposed ? left[k][i] : left[i][k];
            low += factor * fsbi_lanes_load(right[k]);
            high += factor * fsbi_lanes_load(right[k] + FSBI_LANES);
        }
        fsbi_lanes_store(low, product[i]);
        fsbi_lanes_store(high, product[i] + FSBI_LANES);
    }
}

static void transpose(const fsbi_surface_matrix from, int rows, int columns,
                      fsbi_surface_matrix to) {
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++)
            to[j][i] = from[i][j];
}

/* What the coefficients of the highest degree along each axis say of those left out. */
static float left_out(const fsbi_surface_matrix c, const fsbi_surface_axis *along_rows,
                      const fsbi_surface_axis *along_columns) {
    const int rows = fsbi_surface_sizes[along_rows->size];
    const int columns = fsbi_surface_sizes[along_columns->size];
    float last_column = 0;
    float last_row = 0;
    for (int i = 0; i < rows; i++)
        last_column += fabsf(c[i][columns - 1]);
    for (int j = 0; j < columns; j++)
        last_row += fabsf(c[rows - 1][j]);
    return last_column * along_columns->decay + last_row * along_rows->decay;
}

bool fsbi_surface_fit(const fsbi_surface_basis *basis, const float *values, float tolerance,
                      fsbi_surface *surface) {
    const int a = surface->first.size;
    const int b = surface->second.size;
    const int rows = fsbi_surface_sizes[a];
    const int columns = fsbi_surface_sizes[b];
    fsbi_surface_matrix c = {{0}};
    fsbi_surface_matrix turned = {{0}};
    fsbi_surface_matrix work = {{0}};
    for (int i = 0; i < rows; i++)
        memcpy(c[i], values + (ptrdiff_t)i * columns, (size_t)columns * sizeof *values);
    multiply(basis->chebyshev[a], false, rows, rows, c, work);
    transpose(work, rows, columns, turned);
    multiply(basis->chebyshev[b], false, columns, columns, turned, work);
    if (left_out(work, &surface->second, &surface->first) > tolerance)
        return false;
    multiply(basis->powers, true, columns, columns, work, turned);
    transpose(turned, columns, rows, work);
    multiply(basis->powers, true, rows, rows, work, surface->coefficient);
    return true;
}
