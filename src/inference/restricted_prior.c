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

/* With the log-probabilities of all rows known. */
static void choose(const double *log_valid, const double *valid, size_t rows,
                   double false_negatives, double *sorted, fsbi_restriction_report *report) {
    for (size_t row = 0; row < rows; row++) {
        if (valid[row] > 0)
            sorted[report->valid++] = log_valid[row];
        else
            report->invalid++;
    }
    gsl_sort(sorted, 1, report->valid);
    size_t allowed = (size_t)floor(false_negatives * (double)report->valid);
    report->threshold = sorted[allowed < report->valid ? allowed : report->valid - 1];
    for (size_t row = 0; row < rows; row++) {
        if (log_valid[row] >= report->threshold)
            continue;
        report->valid_turned_away += valid[row] > 0;
        report->invalid_turned_away += valid[row] > 0 ? 0 : 1;
    }
}

fsbi_status fsbi_restricted_prior_threshold(const fsbi_posterior *classifier, const double *theta,
                                            const double *valid, size_t rows,
                                            double false_negatives, fsbi_restriction_report *report,
                                            fsbi_error *error) {
    fsbi_posterior_workspace workspace = {0};
    double *log_valid = fsbi_memory_allocate(2 * rows, sizeof *log_valid, error);
    size_t any_valid = 0;
    *report = (fsbi_restriction_report){0};
    for (size_t row = 0; row < rows; row++)
        any_valid += valid[row] > 0 ? 1 : 0;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(log_valid == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    if (any_valid == 0)
        FSBI_TRY_DONE(
            fsbi_error_set(error, FSBI_HOPELESS,
                           "none of the %zu rows held out is valid: run more simulations, or "
                           "call more of them valid in 'classify'",
                           rows));
    FSBI_TRY_DONE(fsbi_posterior_workspace_init(&workspace, classifier, error));
    FSBI_TRY_DONE(fsbi_restricted_prior_log_valid(&workspace, theta, rows, log_valid, error));
    choose(log_valid, valid, rows, false_negatives, log_valid + rows, report);
done:
    fsbi_posterior_workspace_clear(&workspace);
    free(log_valid);
    return status;
}
