#include "inference/restricted_prior.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>

#include "core/memory.h"

fsbi_status fsbi_restricted_prior_log_valid(fsbi_posterior_workspace *workspace,
                                            const double *theta, size_t rows, double *log_valid,
                                            fsbi_error *error) {
    double *label = fsbi_memory_allocate(rows, sizeof *label, error);
    if (label == NULL)
        return FSBI_NO_MEMORY;
    for (size_t row = 0; row < rows; row++)
        label[row] = 1;
    fsbi_posterior_log_prob(workspace, label, theta, rows, log_valid);
    free(label);
    return FSBI_OK;
}

/* With the log-probabilities of all rows known; `sorted` is room for as many. */
static void choose(const fsbi_restriction_rows *rows, const double *log_valid,
                   double false_negatives, double *sorted, fsbi_restriction_report *report) {
    for (size_t row = 0; row < rows->count; row++)
        if (rows->valid[row] > 0)
            sorted[report->valid++] = log_valid[row];
    report->invalid = rows->count - report->valid;
    gsl_sort(sorted, 1, report->valid);
    size_t allowed = (size_t)floor(false_negatives * (double)report->valid);
    report->threshold = sorted[allowed < report->valid ? allowed : report->valid - 1];
    for (size_t row = 0; row < rows->count; row++) {
        if (log_valid[row] >= report->threshold)
            continue;
        report->valid_turned_away += rows->valid[row] > 0;
        report->invalid_turned_away += rows->valid[row] > 0 ? 0 : 1;
    }
}

static bool any_is_valid(const fsbi_restriction_rows *rows) {
    for (size_t row = 0; row < rows->count; row++)
        if (rows->valid[row] > 0)
            return true;
    return false;
}

fsbi_status fsbi_restricted_prior_threshold(const fsbi_posterior *classifier,
                                            const fsbi_restriction_rows *rows,
                                            double false_negatives, fsbi_restriction_report *report,
                                            fsbi_error *error) {
    fsbi_posterior_workspace workspace = {0};
    fsbi_status status = FSBI_OK;
    *report = (fsbi_restriction_report){0};
    if (!any_is_valid(rows))
        return fsbi_error_set(error, FSBI_HOPELESS,
                              "none of the %zu rows held out is valid: run more simulations, or "
                              "call more of them valid in 'classify'",
                              rows->count);
    double *log_valid = fsbi_memory_allocate(2 * rows->count, sizeof *log_valid, error);
    FSBI_TRY_DONE(log_valid == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    FSBI_TRY_DONE(fsbi_posterior_workspace_init(&workspace, classifier, error));
    FSBI_TRY_DONE(
        fsbi_restricted_prior_log_valid(&workspace, rows->theta, rows->count, log_valid, error));
    choose(rows, log_valid, false_negatives, log_valid + rows->count, report);
done:
    fsbi_posterior_workspace_clear(&workspace);
    free(log_valid);
    return status;
}
