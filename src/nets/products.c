#include "nets/products.h"

#include <stdbool.h>

#include "nets/vectors.h"

/* What a tile of the result has in registers: ROWS rows of two vectors; or, of sums over samples,
 * SUM_ROWS x SUM_COLUMNS vectors, whose entries are added up at the end. */
enum { ROWS = 6, PANEL = 2 * FSBI_VECTOR, SUM_ROWS = 4, SUM_COLUMNS = 2, SUMS = 8 };

/* Inner indices gone through at once, so that a panel of b remains in the first cache. */
enum { DEPTH = 96 };

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* Where a factor's entries stand: of row r and inner index k at r * row_step + k * inner_step. */
typedef struct {
    const fsbi_real *entries;
    size_t row_step, inner_step;
} factor;

/* One tile: part of a, b and c, and whether what is in c is added to. */
typedef struct {
    factor a;
    const fsbi_real *b;
    size_t inner, stride;
    bool add;
    fsbi_real *c;
} tile_part;

/* Computes a tile of `rows` rows, a constant after inlining. */
ALWAYS_INLINE void tile(tile_part p, size_t rows) {
    fsbi_vector left[ROWS] = {{0}}, right[ROWS] = {{0}};
    for (size_t r = 0; r < rows && p.add; r++) {
        left[r] = fsbi_vector_load(p.c + r * p.stride);
        right[r] = fsbi_vector_load(p.c + r * p.stride + FSBI_VECTOR);
    }
    for (size_t k = 0; k < p.inner; k++) {
        const fsbi_vector b_left = fsbi_vector_load(p.b + k * p.stride);
        const fsbi_vector b_right = fsbi_vector_load(p.b + k * p.stride + FSBI_VECTOR);
        for (size_t r = 0; r < rows; r++) {
            const fsbi_vector entry =
                fsbi_vector_of(p.a.entries[r * p.a.row_step + k * p.a.inner_step]);
            left[r] += entry * b_left;
            right[r] += entry * b_right;
        }
    }
    for (size_t r = 0; r < rows; r++) {
        fsbi_vector_store(left[r], p.c + r * p.stride);
        fsbi_vector_store(right[r], p.c + r * p.stride + FSBI_VECTOR);
    }
}

static void tile_rest(tile_part p, size_t rows) {
    switch (rows) {
    case 5:
        tile(p, 5);
        break;
    case 4:
        tile(p, 4);
        break;
    case 3:
        tile(p, 3);
        break;
    case 2:
        tile(p, 2);
        break;
    case 1:
        tile(p, 1);
        break;
    default:
        break;
    }
}

/* With the steps constants after inlining, at best. */
ALWAYS_INLINE void product(factor a, const fsbi_real *b, const fsbi_product_sizes *sizes,
                           fsbi_real *c) {
    const size_t stride = sizes->stride;
    const size_t whole = sizes->rows / ROWS * ROWS;
    for (size_t first = 0; first < sizes->inner; first += DEPTH) {
        const size_t left = sizes->inner - first;
        for (size_t column = 0; column < stride; column += PANEL) {
            tile_part part = {.a = a,
                              .b = b + first * stride + column,
                              .inner = left < DEPTH ? left : DEPTH,
                              .stride = stride,
                              .add = first > 0,
                              .c = c + column};
            part.a.entries += first * a.inner_step;
            for (size_t row = 0; row < whole; row += ROWS) {
                tile(part, ROWS);
                part.a.entries += ROWS * a.row_step;
                part.c += ROWS * stride;
            }
            tile_rest(part, sizes->rows - whole);
        }
    }
}

void fsbi_product(const fsbi_real *a, const fsbi_real *b, const fsbi_product_sizes *sizes,
                  fsbi_real *c) {
    product((factor){a, sizes->inner, 1}, b, sizes, c);
}

void fsbi_product_transposed(const fsbi_real *a, size_t width, const fsbi_real *b,
                             const fsbi_product_sizes *sizes, fsbi_real *c) {
    product((factor){a, 1, width}, b, sizes, c);
}

/* Sums of the entries of eight vectors. */
ALWAYS_INLINE void add_up(const fsbi_vector sums[SUMS], fsbi_real totals[SUMS]) {
#ifdef FSBI_DOUBLE_NETS
    for (size_t i = 0; i < SUMS; i++)
        totals[i] = (sums[i][0] + sums[i][1]) + (sums[i][2] + sums[i][3]);
#else
    fsbi_vector pairs[4], quartets[2];
    for (size_t i = 0; i < 4; i++)
        pairs[i] =
            __builtin_shufflevector(sums[2 * i], sums[2 * i + 1], 0, 8, 2, 10, 4, 12, 6, 14) +
            __builtin_shufflevector(sums[2 * i], sums[2 * i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
    for (size_t i = 0; i < 2; i++)
        quartets[i] =
            __builtin_shufflevector(pairs[2 * i], pairs[2 * i + 1], 0, 1, 8, 9, 4, 5, 12, 13) +
            __builtin_shufflevector(pairs[2 * i], pairs[2 * i + 1], 2, 3, 10, 11, 6, 7, 14, 15);
    fsbi_vector_store(
        __builtin_shufflevector(quartets[0], quartets[1], 0, 1, 2, 3, 8, 9, 10, 11) +
            __builtin_shufflevector(quartets[0], quartets[1], 4, 5, 6, 7, 12, 13, 14, 15),
        totals);
#endif
}

/* Rows of a and b, and entries of c, c_width apart. */
typedef struct {
    const fsbi_real *a, *b;
    size_t stride, c_width;
    fsbi_real *c;
} sum_part;

/* Sums over samples of a tile of `rows` x `columns`, constants after inlining. */
ALWAYS_INLINE void sum_tile(sum_part p, size_t rows, size_t columns) {
    fsbi_vector sums[SUMS] = {{0}};
    fsbi_real totals[SUMS];
    for (size_t k = 0; k < p.stride; k += FSBI_VECTOR) {
        fsbi_vector b_part[SUM_COLUMNS];
        for (size_t j = 0; j < columns; j++)
            b_part[j] = fsbi_vector_load(p.b + j * p.stride + k);
        for (size_t i = 0; i < rows; i++) {
            const fsbi_vector a_part = fsbi_vector_load(p.a + i * p.stride + k);
            for (size_t j = 0; j < columns; j++)
                sums[i * SUM_COLUMNS + j] += a_part * b_part[j];
        }
    }
    add_up(sums, totals);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++)
            p.c[i * p.c_width + j] += totals[i * SUM_COLUMNS + j];
}

void fsbi_product_add_outer(const fsbi_real *a, const fsbi_real *b, size_t rows, size_t columns,
                            size_t stride, fsbi_real *c) {
    for (size_t i = 0; i < rows; i += SUM_ROWS) {
        sum_part part = {a + i * stride, b, stride, columns, c + i * columns};
        const bool whole = i + SUM_ROWS <= rows;
        size_t j = 0;
        for (; whole && j + SUM_COLUMNS <= columns; j += SUM_COLUMNS) {
            sum_tile(part, SUM_ROWS, SUM_COLUMNS);
            part.b += SUM_COLUMNS * stride;
            part.c += SUM_COLUMNS;
        }
        for (; whole && j < columns; j++) {
            sum_tile(part, SUM_ROWS, 1);
            part.b += stride;
            part.c++;
        }
        for (size_t row = i; !whole && row < rows; row++)
            for (j = 0; j < columns; j++)
                sum_tile((sum_part){a + row * stride, b + j * stride, stride, columns,
                                    c + row * columns + j},
                         1, 1);
    }
}
