/* The model `orientation` against a plain implementation fed with the same random numbers
 * (tools/reference/orientation.py), its fit of tuning curves, and its limits. */
#include <gsl/gsl_math.h>
#include <gsl/gsl_randist.h>

#include "model/orientation/stimuli.h"
#include "model/orientation/tuning_curve.h"
#include "model/run_model.h"

enum { METRICS = 18, PARAMETERS = 8, LINE = 4096 };

static fsbi_model *open_orientation(const char *settings) {
    char yaml[LINE];
    snprintf(yaml, sizeof yaml, "{name: orientation, %s}", settings);
    fsbi_model *model = open_model(yaml);
    assert_int_equal(model->metric_count, METRICS);
    return model;
}

/* What a metric may be off. A sum of squares in double precision tells parameters of a fit apart
 * down to about sqrt(2.2e-16 points) of their standard errors, 5e-7 of them here: of a curve that
 * explains next to nothing these are of the order of 1. */
static double allowed(const fsbi_model *model, size_t metric, const double *metrics) {
    const bool of_fit = strncmp(model->metrics[metric].name, "tuning", 6) == 0;
    const bool is_r2 = strcmp(model->metrics[metric].name, "tuning_r2") == 0;
    return of_fit && !is_r2 && metrics[metric_index(model, "tuning_r2")] < 0.5 ? 1e-6 : 1e-8;
}

/* A line of settings; seed; theta; metrics. */
static void compare_plain(char *line) {
    char *rest = NULL;
    fsbi_model *model = open_orientation(strtok_r(line, ";", &rest));
    const uint64_t seed = strtoull(strtok_r(NULL, ";", &rest), NULL, 10);
    double theta[PARAMETERS];
    double metrics[METRICS];
    for (size_t k = 0; k < model->parameter_count; k++)
        theta[k] = strtod(strtok_r(NULL, ";", &rest), NULL);
    void *workspace = create_workspace(model);
    const fsbi_outcome outcome = simulate(model, workspace, theta, seed, metrics);
    assert_int_equal(outcome.status, FSBI_SIMULATION_OK);
    for (size_t k = 0; k < METRICS; k++) {
        const double expected = strtod(strtok_r(NULL, ";\n", &rest), NULL);
        print_message("%s: %.3g off\n", model->metrics[k].name, metrics[k] - expected);
        assert_near(metrics[k], expected, allowed(model, k, metrics));
    }
    model->type->destroy(workspace);
    fsbi_model_close(model);
}

static void plain(void **state) {
    (void)state;
    FILE *stream = fopen(FSBI_TEST_DATA "/orientation_plain.csv", "r");
    char line[LINE];
    int cases = 0;
    assert_non_null(stream);
    for (; fgets(line, sizeof line, stream) != NULL; cases++)
        compare_plain(line);
    fclose(stream);
    assert_int_equal(cases, 6);
}

/* Points on a curve, with noise or without; the curve comes back, in its standard form. */
static void fit(void **state) {
    (void)state;
    enum { POINTS = 200 };
    static const double amplitude = 0.8, preferred = 3.1, width = 0.3, offset = 0.1, noise = 0.01;
    double angle[POINTS], response[POINTS];
    orientation_tuning_fit room = {0};
    fsbi_error error = {0};
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    assert_ok(orientation_tuning_fit_init(&room, POINTS, &error), error);
    for (int noisy = 0; noisy < 2; noisy++) {
        for (int i = 0; i < POINTS; i++) {
            angle[i] = M_PI * gsl_rng_uniform(rng);
            const double d = orientation_difference(angle[i] - preferred);
            response[i] = offset + amplitude * exp(-d * d / (2 * width * width)) +
                          noisy * gsl_ran_gaussian(rng, noise);
        }
        const orientation_tuning found = orientation_tuning_fit_run(&room, angle, response, 0.349);
        /* Standard errors of a fit to 200 points, the largest of which is that of the amplitude,
         * are below noise; without noise, the solver's tolerance counts. */
        const double tolerance = noisy ? 5 * noise : 1e-9;
        assert_near(found.amplitude, amplitude, tolerance);
        assert_near(found.preferred, preferred, tolerance);
        assert_near(found.width, width, tolerance);
        assert_near(found.offset, offset, tolerance);
        assert_near(found.r2, 1, noisy ? 0.01 : 1e-12);
        assert_true(found.r2 <= 1 && (found.r2 < 1 || !noisy));
    }
    orientation_tuning_fit_clear(&room);
    gsl_rng_free(rng);
}

static void differences(void **state) {
    (void)state;
    assert_near(orientation_difference(0.1), 0.1, 1e-15);
    assert_near(orientation_difference(M_PI - 0.1), -0.1, 1e-15);
    assert_near(orientation_difference(-M_PI + 0.1), 0.1, 1e-15);
    assert_near(orientation_difference(M_PI_2 + 0.1), -M_PI_2 + 0.1, 1e-15);
}

/* A neuron that never fires is not tuned, unless it is to count as in the original. */
static void silent(void **state) {
    (void)state;
    static const double theta[PARAMETERS] = {1, 0, 0, 0, 1, 0, 0, 0};
    static const char *const settings[] = {"duration: 4000, threshold: 100",
                                           "duration: 4000, threshold: 100, silent_r2: 1"};
    for (int k = 0; k < 2; k++) {
        double metrics[METRICS];
        fsbi_model *model = open_orientation(settings[k]);
        void *workspace = create_workspace(model);
        const fsbi_outcome outcome = simulate(model, workspace, theta, 1, metrics);
        assert_int_equal(outcome.status, FSBI_SIMULATION_OK);
        assert_near(outcome.t_end, 4000, 0.11);
        assert_near(metrics[metric_index(model, "tuning_r2")], k, 0);
        assert_near(metrics[metric_index(model, "tuning_A")], 0, 0);
        model->type->destroy(workspace);
        fsbi_model_close(model);
    }
}

/* All excitatory weights fall to 0 at once and cannot be normalised. */
static void not_finite(void **state) {
    (void)state;
    static const double theta[PARAMETERS] = {0, -2, 0, -2, 0, 0, 0, 0};
    double metrics[METRICS];
    fsbi_model *model = open_orientation("duration: 4000, eta_e: 10");
    void *workspace = create_workspace(model);
    const fsbi_outcome outcome = simulate(model, workspace, theta, 1, metrics);
    assert_int_equal(outcome.status, FSBI_SIMULATION_FAILED);
    assert_int_equal(outcome.reason, FSBI_REASON_NOT_FINITE);
    assert_true(outcome.t_end <= 50);
    for (size_t k = 0; k < METRICS; k++)
        assert_true(isnan(metrics[k]));
    model->type->destroy(workspace);
    fsbi_model_close(model);
}

static fsbi_simulation_status give_up_at_look(void *context) {
    int *looks = context;
    return --*looks == 0 ? FSBI_SIMULATION_PENDING : FSBI_SIMULATION_OK;
}

/* A watch is asked at every stimulus, in both halves. */
static void watched(void **state) {
    (void)state;
    static const double theta[PARAMETERS] = {1, 0, 0, 0, 1, 0, 0, 0};
    fsbi_model *model = open_orientation("duration: 4000");
    void *workspace = create_workspace(model);
    for (int when = 20; when <= 60; when += 40) {
        double metrics[METRICS];
        int looks = when;
        fsbi_error error = {0};
        fsbi_outcome outcome;
        const fsbi_watch watch = {.look = give_up_at_look, .context = &looks};
        const fsbi_simulation simulation = {
            .theta = theta, .stream = gsl_rng_alloc(fsbi_random_pcg32), .seed = 1, .watch = &watch};
        assert_ok(fsbi_model_simulate(model, workspace, &simulation, metrics, &outcome, &error),
                  error);
        assert_int_equal(outcome.status, FSBI_SIMULATION_PENDING);
        assert_true(isnan(metrics[0]));
        assert_true(outcome.t_end <= 50.0 * when && outcome.t_end > 0);
        gsl_rng_free(simulation.stream);
    }
    model->type->destroy(workspace);
    fsbi_model_close(model);
}

static void variants(void **state) {
    (void)state;
    fsbi_model *model = open_orientation("bound: 3");
    assert_int_equal(model->parameter_count, 8);
    assert_string_equal(model->parameters[0].name, "alpha_e");
    assert_string_equal(model->parameters[7].name, "delta_i");
    assert_near(model->parameters[3].low, -3, 0);
    fsbi_model_close(model);
    model = open_orientation("variant: fixed_excitatory");
    assert_int_equal(model->parameter_count, 4);
    assert_string_equal(model->parameters[0].name, "alpha_i");
    assert_near(model->parameters[3].high, 2, 0);
    fsbi_model_close(model);
}

static void refuse(const char *settings, const char *message) {
    char yaml[LINE];
    fsbi_model *model = NULL;
    fsbi_error error = {0};
    snprintf(yaml, sizeof yaml, "{name: orientation, %s}", settings);
    assert_int_equal(try_open_model(yaml, &model, &error), FSBI_BAD_INPUT);
    assert_contains(error.message, message);
}

static void wrong_settings(void **state) {
    (void)state;
    refuse("N_e: 201", "N_e (201) must be a multiple of groups (10)");
    refuse("N_i: 55", "N_i (55) must be a multiple of groups (10)");
    refuse("fixed_rule: [1, 2]", "fixed_rule has 2 numbers instead of the 4 of alpha");
    refuse("stimulus_duration: 50.05",
           "stimulus_duration (50.05 ms) must be a whole number of steps dt (0.1 ms)");
    refuse("I_delay: 0.01", "I_delay (0.01 ms) must be a whole number of steps");
    refuse("duration: 100050", "duration (100050 ms) must hold an even number of stimuli of 50 ms");
    refuse("duration: 500", "at least 16");
    refuse("drift_window: 50000", "must be shorter than the second half");
    refuse("duration: 800, drift_window: 100, sampled_steps: 4001",
           "sampled_steps (4001) is more than the 4000 steps of the second half");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain),          cmocka_unit_test(fit),        cmocka_unit_test(silent),
        cmocka_unit_test(not_finite),     cmocka_unit_test(watched),    cmocka_unit_test(variants),
        cmocka_unit_test(wrong_settings), cmocka_unit_test(differences)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
