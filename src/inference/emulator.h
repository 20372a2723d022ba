/**
 * The estimator `emulator` as a predictor: what a network expects of theta at an x. Here theta are
 * outcomes of a simulation, x what is known of it beforehand. An entry of theta that is NaN is not
 * known; a sample that knows any entry has ended well. The entries of such a sample are distributed
 * as a mixture (Bishop 1994, "Mixture density networks"). Within a component each is normal by
 * itself, with its own mean and spread. So entries may depend on each other, and a simulation may
 * end in one of several states. The specification's `transforms` are the components.
 */
#ifndef FSBI_INFERENCE_EMULATOR_H
#define FSBI_INFERENCE_EMULATOR_H

#include "inference/estimator.h"

/** What one network predicts for a batch; borrowed from the workspace until its next use. Entry j
 * of component k of sample i stands at (k * entry_stride + j) * stride + i. Means and spreads are
 * of standardised entries. */
typedef struct {
    const fsbi_real *mean;
    const fsbi_real *log_spread;
    const fsbi_real *log_share; /**< of component k of sample i, at k * stride + i */
    const fsbi_real *log_odds;  /**< of ending well */
    size_t components, entry_stride, stride;
} fsbi_emulator_prediction;

/** Components of a mixture at most. */
enum { FSBI_EMULATOR_COMPONENTS = 16 };

/** Of `rows` samples of x (rows x x_size, standardised), at most as many as the workspace of
 * fsbi_estimator_emulator was created for. */
fsbi_emulator_prediction fsbi_emulator_predict(void *workspace, const fsbi_real *parameters,
                                               const fsbi_real *x, size_t rows);

#endif
