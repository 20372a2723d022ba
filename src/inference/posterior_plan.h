/** What a posterior, or a classifier, is made for, known before it is trained. */
#ifndef FSBI_INFERENCE_POSTERIOR_PLAN_H
#define FSBI_INFERENCE_POSTERIOR_PLAN_H

#include "inference/posterior.h"

/** The name of a parameter or metric. */
typedef char fsbi_posterior_name[64];

/** What a posterior is made for, known before it is trained. Owns its arrays. */
typedef struct {
    const fsbi_estimator *estimator;
    fsbi_estimator_specification specification;
    bool unbounded;
    size_t members;
    size_t max_epochs;
    size_t check_rows;                /**< room for the ranks of so many rows; 0: no check */
    size_t check_samples;             /**< for each of them */
    fsbi_posterior_name *theta_names; /**< theta_size */
    fsbi_posterior_name *x_names;     /**< x_size */
    double *low, *high;               /**< theta_size */
} fsbi_posterior_plan;

/** Allocates the arrays for the sizes in `shape`; release with fsbi_posterior_plan_clear. */
fsbi_status fsbi_posterior_plan_init(fsbi_posterior_plan *plan,
                                     const fsbi_estimator_specification *specification,
                                     fsbi_error *error);
void fsbi_posterior_plan_clear(fsbi_posterior_plan *plan);

/** The untrained posterior of a plan; release with fsbi_posterior_clear. */
fsbi_status fsbi_posterior_plan_start(const fsbi_posterior_plan *plan, fsbi_posterior *posterior,
                                      fsbi_error *error);

#endif
