#include "fit/calibration_report.h"

#include <math.h>

/* A test that fails by chance once in a hundred checks; deviations below a tenth are not called bad
 * however certain they are. */
static const double least_p = 0.01;
static const double bad_deviation = 0.1;

/* Of all ranks together. */
typedef struct {
    size_t reached;    /* rows that the posterior could be checked on */
    double p_value;    /* that the worst of so many columns comes about by chance, 0 .. 1 */
    size_t worst;      /* the column it belongs to */
    double acceptance; /* share of the posterior's samples within the bounds */
} summary;

static summary weigh(const fsbi_posterior_plan *plan, const fsbi_posterior_check *check) {
    const size_t columns = fsbi_calibration_columns(plan->specification.theta_size);
    summary all = {.p_value = 1};
    for (int64_t row = 0; check->ranks != NULL && row < check->rows; row++)
        all.reached += check->ranks[(size_t)row * columns] >= 0;
    for (size_t k = 0; k < columns; k++) {
        const double p = check->results[k].p_value * (double)columns;
        if (p < all.p_value) {
            all.p_value = p;
            all.worst = k;
        }
    }
    all.acceptance = check->acceptance.inside / check->acceptance.candidates;
    return all;
}

static const char *word(const summary *all, const fsbi_posterior_check *check) {
    if (all->p_value >= least_p)
        return "calibrated";
    return check->results[all->worst].deviation < bad_deviation ? "slightly off" : "BADLY OFF";
}

static void explain_worst(const fsbi_posterior_plan *plan, const fsbi_posterior_check *check,
                          const summary *all, const char *indentation, fsbi_text *text) {
    const size_t theta_size = plan->specification.theta_size;
    const double percent = 100;
    const fsbi_calibration_result *density = &check->results[theta_size];
    const fsbi_calibration_result *worst = &check->results[all->worst];
    if (all->worst < theta_size)
        fsbi_text_append(
            text,
            "%sthe ranks of %s are not uniform: off by up to %.0f %% (p = %.1g); it is "
            "biased there, or too narrow or too wide\n",
            indentation, plan->theta_names[all->worst], percent * worst->deviation, all->p_value);
    else if (density->inside_50 < 0.5 && density->inside_90 < 0.9)
        fsbi_text_append(
            text,
            "%sits regions are too narrow (p = %.1g): trust them less than they say; more "
            "rows or a larger inference.ensemble help\n",
            indentation, all->p_value);
    else if (density->inside_50 > 0.5 && density->inside_90 > 0.9)
        fsbi_text_append(text,
                         "%sits regions are too wide (p = %.1g): it knows more than it says\n",
                         indentation, all->p_value);
    else
        fsbi_text_append(text,
                         "%sits shape is not right (p = %.1g): more rows or more training help\n",
                         indentation, all->p_value);
}

/* A posterior that is the prior at every x is calibrated, too. */
static void explain_learned(const fsbi_posterior_check *check, const char *indentation,
                            fsbi_text *text) {
    static const double least_errors = 2;
    if (isnan(check->learned))
        return;
    if (check->learned > least_errors * check->learned_error)
        fsbi_text_append(text,
                         "%sx tells it %.3g +- %.2g nats about theta (rows held out, log q(theta | "
                         "x) against the x of others)\n",
                         indentation, check->learned, check->learned_error);
    else
        fsbi_text_append(text,
                         "%sNOTHING was learned from x: it tells %.2g +- %.2g nats about theta "
                         "(rows held out, log q(theta | x) against the x of others)\n",
                         indentation, check->learned, check->learned_error);
}

void fsbi_calibration_report_write(const fsbi_posterior_plan *plan,
                                   const fsbi_posterior_check *check, const char *indentation,
                                   fsbi_text *text) {
    static const double much = 0.5;
    const double percent = 100;
    const summary all = weigh(plan, check);
    if (check->rows < 0)
        return;
    if (isnan(check->results[0].p_value)) {
        fsbi_text_append(text, "%scalibration not checked: %zu rows held out, %d are needed\n",
                         indentation, all.reached, FSBI_CALIBRATION_LEAST_ROWS);
    } else {
        const fsbi_calibration_result *density = &check->results[plan->specification.theta_size];
        fsbi_text_append(text,
                         "%s%s: on %zu rows held out, its 50 %% regions hold %.0f %% and its 90 %% "
                         "regions %.0f %% of the true values\n",
                         indentation, word(&all, check), all.reached, percent * density->inside_50,
                         percent * density->inside_90);
        if (all.p_value < least_p)
            explain_worst(plan, check, &all, indentation, text);
    }
    explain_learned(check, indentation, text);
    if ((size_t)check->rows > all.reached)
        fsbi_text_append(
            text,
            "%s%zu of %zu rows held out are out of its reach: none of its samples there "
            "lies within the prior's bounds\n",
            indentation, (size_t)check->rows - all.reached, (size_t)check->rows);
    if (all.acceptance < 1)
        fsbi_text_append(text, "%s%.3g %% of its samples lie within the prior's bounds%s\n",
                         indentation, percent * all.acceptance,
                         all.acceptance < much
                             ? ": it LEAKS most of its mass (inference.bounds: stretch avoids that)"
                             : "");
}
