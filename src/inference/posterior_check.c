#include "inference/posterior_check.h"

#include <math.h>
#include <stdlib.h>

#include "core/memory.h"

fsbi_status fsbi_posterior_check_init(fsbi_posterior_check *check, const fsbi_posterior_plan *plan,
                                      fsbi_error *error) {
    *check =
        (fsbi_posterior_check){.rows = -1,
                               .most_rows = plan->check_rows,
                               .learned = NAN,
                               .learned_error = NAN,
                               .columns = fsbi_calibration_columns(plan->specification.theta_size)};
    check->ranks =
        fsbi_memory_allocate(check->most_rows * check->columns, sizeof *check->ranks, error);
    check->results = fsbi_memory_allocate(check->columns, sizeof *check->results, error);
    return check->ranks == NULL || check->results == NULL ? FSBI_NO_MEMORY : FSBI_OK;
}

void fsbi_posterior_check_clear(fsbi_posterior_check *check) {
    free(check->ranks);
    free(check->results);
    *check = (fsbi_posterior_check){0};
}
