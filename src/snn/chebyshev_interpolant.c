#include "snn/chebyshev_interpolant.h"

#include <math.h>

const int fsbi_chebyshev_sizes[FSBI_CHEBYSHEV_SIZES] = {4, 6, 8, 12, 16};

/* Coefficients of powers of Chebyshev polynomials, by T[k+1] = 2 t T[k] - T[k-1]. */
static void fill_powers(fsbi_chebyshev_matrix powers) {
    double t[FSBI_CHEBYSHEV_LARGEST][FSBI_CHEBYSHEV_LARGEST] = {{1}, {0, 1}};
    for (int k = 2; k < FSBI_CHEBYSHEV_LARGEST; k++)
        for (int i = 0; i <= k; i++)
            t[k][i] = (i > 0 ? 2 * t[k - 1][i - 1] : 0) - t[k - 2][i];
    for (int k = 0; k < FSBI_CHEBYSHEV_LARGEST; k++)
        for (int i = 0; i < FSBI_CHEBYSHEV_LARGEST; i++)
            powers[k][i] = (float)t[k][i];
}

void fsbi_chebyshev_basis_init(fsbi_chebyshev_basis *basis) {
    *basis = (fsbi_chebyshev_basis){0};
    fill_powers(basis->powers);
    for (int s = 0; s < FSBI_CHEBYSHEV_SIZES; s++) {
        const int size = fsbi_chebyshev_sizes[s];
        for (int j = 0; j < size; j++) {
            const double angle = M_PI * (j + 0.5) / size;
            basis->point[s][j] = (float)cos(angle);
            for (int k = 0; k < size; k++)
                basis->chebyshev[s][k][j] = (float)((k > 0 ? 2 : 1) * cos(k * angle) / size);
        }
    }
}

fsbi_chebyshev_axis fsbi_chebyshev_axis_of(float low, float high, float slope) {
    static const float largest[FSBI_CHEBYSHEV_SIZES] = {0.046F, 0.188F, 0.384F, 0.81F, 1.23F};
    /* Not of no width, so that places can be scaled. */
    const float half = fmaxf((high - low) / 2, 1e-6F + 1e-6F * fabsf(high));
    /* tanh is singular at i pi/2; coefficients decay with the ellipse that reaches there. */
    const float singular = (float)M_PI_2 / (slope * half);
    fsbi_chebyshev_axis axis = {.center = (low + high) / 2,
                                .half = half,
                                .decay = 1 / (singular + sqrtf(1 + singular * singular))};
    while (axis.size < FSBI_CHEBYSHEV_SIZES && slope * half > largest[axis.size])
        axis.size++;
    return axis;
}

int fsbi_chebyshev_points(const fsbi_chebyshev_interpolant *interpolant) {
    return fsbi_chebyshev_sizes[interpolant->first.size] *
           fsbi_chebyshev_sizes[interpolant->second.size];
}

void fsbi_chebyshev_place(const fsbi_chebyshev_basis *basis,
                          const fsbi_chebyshev_interpolant *interpolant, float *first,
                          float *second) {
    const fsbi_chebyshev_axis *a = &interpolant->first;
    const fsbi_chebyshev_axis *b = &interpolant->second;
    for (int i = 0; i < fsbi_chebyshev_sizes[a->size]; i++) {
        for (int j = 0; j < fsbi_chebyshev_sizes[b->size]; j++) {
            *first++ = a->center + a->half * basis->point[a->size][i];
            *second++ = b->center + b->half * basis->point[b->size][j];
        }
    }
}

/* product[i][j] = sum over k of left[i][k] right[k][j] for all j, or left[k][i] if `transposed`. */
static inline void multiply(const fsbi_chebyshev_matrix left, bool transposed, int rows, int inner,
                            const fsbi_chebyshev_matrix right, fsbi_chebyshev_matrix product) {
    _Static_assert((int)FSBI_CHEBYSHEV_LARGEST == 2 * (int)FSBI_FLOAT8,
                   "a row fills two sets of lanes");
    for (int i = 0; i < rows; i++) {
        fsbi_float8 low = fsbi_float8_of(0);
        fsbi_float8 high = fsbi_float8_of(0);
        for (int k = 0; k < inner; k++) {
            const float factor = transposed ? left[k][i] : left[i][k];
            low += factor * fsbi_float8_load(right[k]);
            high += factor * fsbi_float8_load(right[k] + FSBI_FLOAT8);
        }
        fsbi_float8_store(low, product[i]);
        fsbi_float8_store(high, product[i] + FSBI_FLOAT8);
    }
}

static void transpose(const fsbi_chebyshev_matrix from, int rows, int columns,
                      fsbi_chebyshev_matrix to) {
    for (int i = 0; i < rows; i++)
        for (int j = 0; j < columns; j++)
            to[j][i] = from[i][j];
}

/* What the coefficients of the highest degree along each axis say of those left out. */
static float left_out(const fsbi_chebyshev_matrix c, const fsbi_chebyshev_axis *along_rows,
                      const fsbi_chebyshev_axis *along_columns) {
    const int rows = fsbi_chebyshev_sizes[along_rows->size];
    const int columns = fsbi_chebyshev_sizes[along_columns->size];
    float last_column = 0;
    float last_row = 0;
    for (int i = 0; i < rows; i++)
        last_column += fabsf(c[i][columns - 1]);
    for (int j = 0; j < columns; j++)
        last_row += fabsf(c[rows - 1][j]);
    return last_column * along_columns->decay + last_row * along_rows->decay;
}

bool fsbi_chebyshev_fit(const fsbi_chebyshev_basis *basis, const float *values, float tolerance,
                        fsbi_chebyshev_interpolant *interpolant) {
    const int a = interpolant->first.size;
    const int b = interpolant->second.size;
    const int rows = fsbi_chebyshev_sizes[a];
    const int columns = fsbi_chebyshev_sizes[b];
    fsbi_chebyshev_matrix c = {{0}};
    fsbi_chebyshev_matrix turned = {{0}};
    fsbi_chebyshev_matrix work = {{0}};
    for (int i = 0; i < rows; i++)
        memcpy(c[i], values + (ptrdiff_t)i * columns, (size_t)columns * sizeof *values);
    multiply(basis->chebyshev[a], false, rows, rows, c, work);
    transpose(work, rows, columns, turned);
    multiply(basis->chebyshev[b], false, columns, columns, turned, work);
    if (left_out(work, &interpolant->second, &interpolant->first) > tolerance)
        return false;
    multiply(basis->powers, true, columns, columns, work, turned);
    transpose(turned, columns, rows, work);
    multiply(basis->powers, true, rows, rows, work, interpolant->coefficient);
    return true;
}
