/**
 * A smooth function of two variables on a rectangle as a polynomial, from its values at a grid of
 * Chebyshev points: many evaluations for the price of a few. For functions made of hyperbolic
 * tangents, whose nearest singularities say how many points are needed.
 */
#ifndef FSBI_SNN_SURFACE_H
#define FSBI_SNN_SURFACE_H

#include "snn/lanes.h"

/** Grids have these numbers of points along an axis. */
enum { FSBI_SURFACE_SIZES = 5, FSBI_SURFACE_LARGEST = 16 };
extern const int fsbi_surface_sizes[FSBI_SURFACE_SIZES];

typedef float fsbi_surface_matrix[FSBI_SURFACE_LARGEST][FSBI_SURFACE_LARGEST];

/** For each size, Chebyshev points in -1..1, and the matrix from values there to coefficients of
 * Chebyshev polynomials; and the matrix from those to coefficients of powers. */
typedef struct {
    float point[FSBI_SURFACE_SIZES][FSBI_SURFACE_LARGEST];
    fsbi_surface_matrix chebyshev[FSBI_SURFACE_SIZES];
    fsbi_surface_matrix powers; /**< of each Chebyshev polynomial */
} fsbi_surface_basis;

void fsbi_surface_basis_init(fsbi_surface_basis *basis);

/** An axis of the rectangle. */
typedef struct {
    int size; /**< index of fsbi_surface_sizes; FSBI_SURFACE_SIZES: none is large enough */
    float center, half;
    float decay; /**< about how much smaller each Chebyshev coefficient is than the one before */
} fsbi_surface_axis;

/** The axis from `low` to `high` for functions of tanh(y0 + slope x), any y0: of the smallest size
 * that interpolates them to 1e-7. */
fsbi_surface_axis fsbi_surface_axis_of(float low, float high, float slope);

typedef struct {
    fsbi_surface_axis first, second;
    fsbi_surface_matrix coefficient; /**< of powers of the first and the second scaled variable */
} fsbi_surface;

/** Points of a grid: first sizes x second sizes, at most FSBI_SURFACE_LARGEST squared. */
int fsbi_surface_points(const fsbi_surface *surface);

/** Coordinates of the grid's points, the second variable running faster. */
void fsbi_surface_place(const fsbi_surface_basis *basis, const fsbi_surface *surface, float *first,
                        float *second);

/**
 * Sets the coefficients from the values at the points. False, and then the surface is of no use,
 * unless the highest Chebyshev coefficients say that those left out sum up to less than
 * `tolerance`.
 */
bool fsbi_surface_fit(const fsbi_surface_basis *basis, const float *values, float tolerance,
                      fsbi_surface *surface);

/** Values at eight places of the rectangle. */
static inline fsbi_lanes fsbi_surface_value(const fsbi_surface *surface, fsbi_lanes first,
                                            fsbi_lanes second) {
    const int first_size = fsbi_surface_sizes[surface->first.size];
    const int second_size = fsbi_surface_sizes[surface->second.size];
    first = (first - surface->first.center) * (1 / surface->first.half);
    second = (second - surface->second.center) * (1 / surface->second.half);
    fsbi_lanes sum = fsbi_lanes_of(0);
    for (int i = first_size - 1; i >= 0; i--) {
        const float *coefficient = surface->coefficient[i];
        fsbi_lanes row = fsbi_lanes_of(coefficient[second_size - 1]);
        for (int j = second_size - 2; j >= 0; j--)
            row = row * second + coefficient[j];
        sum = sum * first + row;
    }
    return sum;
}

#endif
