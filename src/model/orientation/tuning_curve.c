#include "model/orientation/tuning_curve.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_math.h>
#include <gsl/gsl_statistics_double.h>

#include "model/orientation/stimuli.h"

/* The order of the parameters in the solver's vector. */
enum { AMPLITUDE, PREFERRED, WIDTH, OFFSET, PARAMETERS };

typedef struct {
    size_t points;
    const double *angle, *response;
} tuning_data;

static int residuals(const gsl_vector *p, void *context, gsl_vector *f) {
    const tuning_data *data = context;
    const double width = gsl_vector_get(p, WIDTH);
    for (size_t i = 0; i < data->points; i++) {
        const double d = orientation_difference(data->angle[i] - gsl_vector_get(p, PREFERRED));
        const double bell = exp(-d * d / (2 * width * width));
        gsl_vector_set(f, i,
                       gsl_vector_get(p, OFFSET) + fabs(gsl_vector_get(p, AMPLITUDE)) * bell -
                           data->response[i]);
    }
    return GSL_SUCCESS;
}

static int slopes(const gsl_vector *p, void *context, gsl_matrix *jacobian) {
    const tuning_data *data = context;
    const double amplitude = gsl_vector_get(p, AMPLITUDE);
    const double width = gsl_vector_get(p, WIDTH);
    for (size_t i = 0; i < data->points; i++) {
        const double d = orientation_difference(data->angle[i] - gsl_vector_get(p, PREFERRED));
        const double bell = exp(-d * d / (2 * width * width));
        const double scaled = fabs(amplitude) * bell * d / (width * width);
        gsl_matrix_set(jacobian, i, AMPLITUDE, amplitude < 0 ? -bell : bell);
        gsl_matrix_set(jacobian, i, PREFERRED, scaled);
        gsl_matrix_set(jacobian, i, WIDTH, scaled * d / width);
        gsl_matrix_set(jacobian, i, OFFSET, 1);
    }
    return GSL_SUCCESS;
}

fsbi_status orientation_tuning_fit_init(orientation_tuning_fit *fit, size_t points,
                                        fsbi_error *error) {
    const gsl_multifit_nlinear_parameters settings = gsl_multifit_nlinear_default_parameters();
    fit->points = points;
    fit->solver =
        gsl_multifit_nlinear_alloc(gsl_multifit_nlinear_trust, &settings, points, PARAMETERS);
    return fit->solver != NULL
               ? FSBI_OK
               : fsbi_error_set(error, FSBI_NO_MEMORY, "out of memory for the fit of tuning");
}

void orientation_tuning_fit_clear(orientation_tuning_fit *fit) {
    if (fit->solver != NULL)
        gsl_multifit_nlinear_free(fit->solver);
}

static double modulo_pi(double angle) {
    const double wrapped = angle - M_PI * floor(angle / M_PI);
    return wrapped < M_PI ? wrapped : 0;
}

/* What the solver found, against the spread of the responses. */
static orientation_tuning describe(const orientation_tuning_fit *fit, const double *response) {
    const gsl_vector *p = gsl_multifit_nlinear_position(fit->solver);
    const gsl_vector *f = gsl_multifit_nlinear_residual(fit->solver);
    double left = 0;
    for (size_t i = 0; i < fit->points; i++)
        left += gsl_pow_2(gsl_vector_get(f, i));
    return (orientation_tuning){.amplitude = fabs(gsl_vector_get(p, AMPLITUDE)),
                                .preferred = modulo_pi(gsl_vector_get(p, PREFERRED)),
                                .width = fabs(gsl_vector_get(p, WIDTH)),
                                .offset = gsl_vector_get(p, OFFSET),
                                .r2 = 1 - left / gsl_stats_tss(response, 1, fit->points)};
}

orientation_tuning orientation_tuning_fit_run(orientation_tuning_fit *fit, const double *angle,
                                              const double *response, double width) {
    static const orientation_tuning not_converged = {.width = 100};
    static const double tolerance = 1e-12;
    enum { MOST_ITERATIONS = 1000 };
    tuning_data data = {fit->points, angle, response};
    gsl_multifit_nlinear_fdf problem = {
        .f = residuals, .df = slopes, .n = fit->points, .p = PARAMETERS, .params = &data};
    const size_t largest = gsl_stats_max_index(response, 1, fit->points);
    double start[PARAMETERS];
    start[AMPLITUDE] = response[largest];
    start[PREFERRED] = angle[largest];
    start[WIDTH] = width;
    start[OFFSET] = 0;
    if (!(response[largest] > 0))
        return (orientation_tuning){.preferred = modulo_pi(angle[largest]), .width = width};
    const gsl_vector_const_view from = gsl_vector_const_view_array(start, PARAMETERS);
    int info = 0;
    gsl_multifit_nlinear_init(&from.vector, &problem, fit->solver);
    const int status = gsl_multifit_nlinear_driver(MOST_ITERATIONS, tolerance, tolerance, 0, NULL,
                                                   NULL, &info, fit->solver);
    /* No progress: the sum of squares is at its least but for rounding. */
    return status == GSL_SUCCESS || status == GSL_ENOPROG ? describe(fit, response) : not_converged;
}
