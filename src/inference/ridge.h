/**
 * Ridge regression (Hoerl and Kennard 1970): the linear map from x to each entry of theta, for
 * networks to start from. Few rows say little more than a line, and networks alone are worse at it.
 */
#ifndef FSBI_INFERENCE_RIDGE_H
#define FSBI_INFERENCE_RIDGE_H

#include "inference/training.h"

/**
 * Entry j of theta as sum over k of weights[j * (x_size + 1) + k] x[k], plus the last one: fitted
 * to the training rows, with the penalty, out of a few, that predicts the rows held out best.
 * Entries of theta that are NaN do not count, nor do weights of rows; where fewer than two are
 * known the weights are 0.
 */
fsbi_status fsbi_ridge_fit(const fsbi_training_data *data, size_t theta_size, size_t x_size,
                           fsbi_real *weights, fsbi_error *error);

#endif
