#include "inference/posterior_plan.h"

#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

fsbi_status fsbi_posterior_plan_init(fsbi_posterior_plan *plan,
                                     const fsbi_estimator_specification *specification,
                                     fsbi_error *error) {
    *plan = (fsbi_posterior_plan){.specification = *specification};
    plan->theta_names =
        fsbi_memory_allocate(specification->theta_size, sizeof *plan->theta_names, error);
    plan->x_names = fsbi_memory_allocate(specification->x_size, sizeof *plan->x_names, error);
    plan->low = fsbi_memory_allocate(specification->theta_size, sizeof *plan->low, error);
    plan->high = fsbi_memory_allocate(specification->theta_size, sizeof *plan->high, error);
    return plan->theta_names == NULL || plan->x_names == NULL || plan->low == NULL ||
                   plan->high == NULL
               ? FSBI_NO_MEMORY
               : FSBI_OK;
}

void fsbi_posterior_plan_clear(fsbi_posterior_plan *plan) {
    free(plan->theta_names);
    free(plan->x_names);
    free(plan->low);
    free(plan->high);
    *plan = (fsbi_posterior_plan){0};
}

fsbi_status fsbi_posterior_plan_start(const fsbi_posterior_plan *plan, fsbi_posterior *posterior,
                                      fsbi_error *error) {
    FSBI_TRY(fsbi_posterior_init(posterior, plan->estimator, &plan->specification, plan->members,
                                 error));
    posterior->unbounded = plan->unbounded;
    memcpy(posterior->low, plan->low, plan->specification.theta_size * sizeof *plan->low);
    memcpy(posterior->high, plan->high, plan->specification.theta_size * sizeof *plan->high);
    return FSBI_OK;
}
