#include "nets/adam.h"

#include <math.h>
#include <stdlib.h>
#include <tgmath.h>

#include "core/memory.h"

fsbi_status fsbi_adam_init(fsbi_adam *adam, size_t count, double learning_rate, fsbi_error *error) {
    *adam = (fsbi_adam){.count = count, .learning_rate = learning_rate};
    adam->mean = fsbi_memory_allocate(count, sizeof *adam->mean, error);
    adam->square = fsbi_memory_allocate(count, sizeof *adam->square, error);
    return adam->mean == NULL || adam->square == NULL ? FSBI_NO_MEMORY : FSBI_OK;
}

void fsbi_adam_clear(fsbi_adam *adam) {
    free(adam->mean);
    free(adam->square);
    *adam = (fsbi_adam){0};
}

double fsbi_adam_clip(fsbi_real *gradient, size_t count, double limit) {
    double squares = 0;
    for (size_t i = 0; i < count; i++)
        squares += (double)gradient[i] * (double)gradient[i];
    double norm = sqrt(squares);
    if (norm > limit) {
        fsbi_real factor = (fsbi_real)(limit / norm);
        for (size_t i = 0; i < count; i++)
            gradient[i] *= factor;
    }
    return norm;
}

void fsbi_adam_step(fsbi_adam *adam, const fsbi_real *gradient, fsbi_real *parameters) {
    static const double keep_mean = 0.9;
    static const double keep_square = 0.999;
    static const fsbi_real tiny = (fsbi_real)1e-8;
    adam->steps++;
    const double mean_bias = 1 - pow(keep_mean, (double)adam->steps);
    const double square_bias = 1 - pow(keep_square, (double)adam->steps);
    const fsbi_real rate = (fsbi_real)(adam->learning_rate / mean_bias);
    const fsbi_real square_scale = (fsbi_real)(1 / sqrt(square_bias));
    const fsbi_real b1 = (fsbi_real)keep_mean;
    const fsbi_real b2 = (fsbi_real)keep_square;
    for (size_t i = 0; i < adam->count; i++) {
        adam->mean[i] = b1 * adam->mean[i] + (1 - b1) * gradient[i];
        adam->square[i] = b2 * adam->square[i] + (1 - b2) * gradient[i] * gradient[i];
        parameters[i] -= rate * adam->mean[i] / (sqrt(adam->square[i]) * square_scale + tiny);
    }
}
