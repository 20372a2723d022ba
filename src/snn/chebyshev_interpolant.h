/**
 * A smooth function of two variables on a rectangle as a polynomial, from its values at a grid of
 * Chebyshev points: many evaluations for the price of a few. For functions made of hyperbolic
 * tangents, whose nearest singularities say how many points are needed.
 */
#ifndef FSBI_SNN_CHEBYSHEV_INTERPOLANT_H
#define FSBI_SNN_CHEBYSHEV_INTERPOLANT_H

#include "core/simd.h"

/** Grids have these numbers of points along an axis. */
enum { FSBI_CHEBYSHEV_SIZES = 5, FSBI_CHEBYSHEV_LARGEST = 16 };
extern const int fsbi_chebyshev_sizes[FSBI_CHEBYSHEV_SIZES];

typedef float fsbi_chebyshev_matrix[FSBI_CHEBYSHEV_LARGEST][FSBI_CHEBYSHEV_LARGEST];

/** For each size, Chebyshev points in -1..1, and the matrix from values there to coefficients of
 * Chebyshev polynomials; and the matrix from those to coefficients of powers. */
typedef struct {
    float point[FSBI_CHEBYSHEV_SIZES][FSBI_CHEBYSHEV_LARGEST];
    fsbi_chebyshev_matrix chebyshev[FSBI_CHEBYSHEV_SIZES];
    fsbi_chebyshev_matrix powers; /**< of each Chebyshev polynomial */
} fsbi_chebyshev_basis;

void fsbi_chebyshev_basis_init(fsbi_chebyshev_basis *basis);

/** An axis of the rectangle. */
typedef struct {
    int size; /**< index of fsbi_chebyshev_sizes; FSBI_CHEBYSHEV_SIZES: none is large enough */
    float center, half;
    float decay; /**< about how much smaller each Chebyshev coefficient is than the one before */
} fsbi_chebyshev_axis;

/** The axis from `low` to `high` for functions of tanh(y0 + slope x), any y0: of the smallest size
 * that interpolates them to 1e-7. */
fsbi_chebyshev_axis fsbi_chebyshev_axis_of(float low, float high, float slope);

typedef struct {
    fsbi_chebyshev_axis first, second;
    fsbi_chebyshev_matrix coefficient; /**< of powers of the first and the second scaled variable */
} fsbi_chebyshev_interpolant;

/** Points of a grid: first sizes x second sizes, at most FSBI_CHEBYSHEV_LARGEST squared. */
int fsbi_chebyshev_points(const fsbi_chebyshev_interpolant *interpolant);

/** Coordinates of the grid's points, the second variable running faster. */
void fsbi_chebyshev_place(const fsbi_chebyshev_basis *basis,
                          const fsbi_chebyshev_interpolant *interpolant, float *first,
                          float *second);

/**
 * Sets the coefficients from the values at the points. False, and then the interpolant is of no
 * use, unless the highest Chebyshev coefficients say that those left out sum up to less than
 * `tolerance`.
 */
bool fsbi_chebyshev_fit(const fsbi_chebyshev_basis *basis, const float *values, float tolerance,
                        fsbi_chebyshev_interpolant *interpolant);

/** Values at eight places of the rectangle. */
static inline fsbi_float8 fsbi_chebyshev_value(const fsbi_chebyshev_interpolant *interpolant,
                                               fsbi_float8 first, fsbi_float8 second) {
    const int first_size = fsbi_chebyshev_sizes[interpolant->first.size];
    const int second_size = fsbi_chebyshev_sizes[interpolant->second.size];
    first = (first - interpolant->first.center) * (1 / interpolant->first.half);
    second = (second - interpolant->second.center) * (1 / interpolant->second.half);
    fsbi_float8 sum = fsbi_float8_of(0);
    for (int i = first_size - 1; i >= 0; i--) {
        const float *coefficient = interpolant->coefficient[i];
        fsbi_float8 row = fsbi_float8_of(coefficient[second_size - 1]);
        for (int j = second_size - 2; j >= 0; j--)
            row = row * second + coefficient[j];
        sum = sum * first + row;
    }
    return sum;
}

#endif
