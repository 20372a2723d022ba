/** Adam (Kingma and Ba 2015) with its usual constants, and the clipping of gradients by their norm.
 */
#ifndef FSBI_NETS_ADAM_H
#define FSBI_NETS_ADAM_H

#include "fsbi/error.h"
#include "nets/real.h"

typedef struct {
    size_t count;
    size_t steps;
    double learning_rate;
    fsbi_real *mean;   /**< running mean of the gradient */
    fsbi_real *square; /**< and of its square */
} fsbi_adam;

/** For `count` weights; release with fsbi_adam_clear. */
fsbi_status fsbi_adam_init(fsbi_adam *adam, size_t count, double learning_rate, fsbi_error *error);
void fsbi_adam_clear(fsbi_adam *adam);

/** Scales `gradient` down if its norm exceeds `limit`; returns the norm that it had. */
double fsbi_adam_clip(fsbi_real *gradient, size_t count, double limit);

/** One step down the gradient. */
void fsbi_adam_step(fsbi_adam *adam, const fsbi_real *gradient, fsbi_real *parameters);

#endif
