/* The networks at full size against Auryn, the simulator of the published searches: short runs of
 * two rules each, whose metrics over several of Auryn's seeds are in data/auryn_MODEL_short.csv,
 * and a rule that blows up. The comparison at full length is tools/reference/compare_auryn.py. */
#include "model/run_model.h"

enum { MOST = 64, SEEDS = 8, CASES = 2, OUR_SEEDS = 3, METRICS_COMPARED = 8 };

/* A metric whose mean must be within this share of Auryn's, or 4 times the spread. */
typedef struct {
    const char *name;
    double share;
} compared_metric;

/* A model, and what of it is compared. */
typedef struct {
    const char *yaml, *data;
    compared_metric metrics[METRICS_COMPARED];
    size_t seeds;        /* of ours */
    bool standard_error; /* the spread is the standard error of the difference of the means;
                            otherwise Auryn's standard deviation */
} reference_model;

typedef struct {
    char name[16];
    size_t runs;
    double theta[MOST];
    double metrics[MOST][SEEDS];
} reference_case;

static void parse_line(char *line, const fsbi_model *model, reference_case *cases) {
    char *rest = NULL;
    const char *name = strtok_r(line, ",", &rest);
    size_t index = 0;
    while (index < CASES && cases[index].runs > 0 && strcmp(cases[index].name, name) != 0)
        index++;
    assert_true(index < CASES);
    reference_case *c = &cases[index];
    assert_true(c->runs < SEEDS);
    snprintf(c->name, sizeof c->name, "%s", name);
    strtok_r(NULL, ",", &rest);
    for (size_t k = 0; k < model->parameter_count; k++)
        c->theta[k] = strtod(strtok_r(NULL, ",", &rest), NULL);
    for (size_t k = 0; k < model->metric_count && !model->metrics[k].observable; k++)
        c->metrics[k][c->runs] = strtod(strtok_r(NULL, ",\n", &rest), NULL);
    c->runs++;
}

static void load(const char *path, const fsbi_model *model, reference_case *cases) {
    FILE *stream = fopen(path, "r");
    char line[4096];
    bool header = true;
    assert_non_null(stream);
    while (fgets(line, sizeof line, stream) != NULL) {
        if (line[0] == '#')
            continue;
        if (!header)
            parse_line(line, model, cases);
        header = false;
    }
    fclose(stream);
}

static void compare_case(const reference_model *reference, const fsbi_model *model,
                         const reference_case *c, double ours[MOST][OUR_SEEDS]) {
    for (size_t m = 0; m < METRICS_COMPARED && reference->metrics[m].name != NULL; m++) {
        const size_t k = metric_index(model, reference->metrics[m].name);
        const double mean = gsl_stats_mean(c->metrics[k], 1, c->runs);
        const double deviation = gsl_stats_sd(c->metrics[k], 1, c->runs);
        const double our_mean = gsl_stats_mean(ours[k], 1, reference->seeds);
        const double spread = reference->standard_error ? standard_error(ours[k], reference->seeds,
                                                                         c->metrics[k], c->runs)
                                                        : deviation;
        print_message("%s %s: %.5g, Auryn %.5g +- %.2g\n", c->name, reference->metrics[m].name,
                      our_mean, mean, deviation);
        assert_near(our_mean, mean, fmax(reference->metrics[m].share * mean, 4 * spread));
    }
}

static void compare_model(const reference_model *reference) {
    reference_case cases[CASES] = {0};
    fsbi_model *model = open_model(reference->yaml);
    assert_true(model->parameter_count <= MOST && model->metric_count <= MOST);
    load(reference->data, model, cases);
    void *workspace = create_workspace(model);
    for (int i = 0; i < CASES; i++) {
        double ours[MOST][OUR_SEEDS];
        assert_true(cases[i].runs > 2);
        for (uint64_t seed = 1; seed <= reference->seeds; seed++) {
            double metrics[MOST];
            assert_int_equal(simulate(model, workspace, cases[i].theta, seed, metrics).status,
                             FSBI_SIMULATION_OK);
            for (size_t k = 0; k < model->metric_count; k++)
                ours[k][seed - 1] = metrics[k];
        }
        compare_case(reference, model, &cases[i], ours);
    }
    model->type->destroy(workspace);
    fsbi_model_close(model);
}

static void if_poly(void **state) {
    (void)state;
    static const reference_model reference = {.yaml = "{name: if_poly, lns: 2, ls: 3}",
                                              .data = FSBI_TEST_DATA "/auryn_if_poly_short.csv",
                                              .metrics = {{"rate", 0.03},
                                                          {"rate_i", 0.03},
                                                          {"cv_isi", 0.03},
                                                          {"fft", 0.03},
                                                          {"std_rate_temporal", 0.03},
                                                          {"spatial_Fano", 0.03},
                                                          {"temporal_Fano", 0.03}},
                                              .seeds = 2};
    compare_model(&reference);
}

static void cvaif_mlp(void **state) {
    (void)state;
    static const reference_model reference = {.yaml = "{name: cvaif_mlp, lns: 2, ls: 3}",
                                              .data = FSBI_TEST_DATA "/auryn_cvaif_mlp_short.csv",
                                              .metrics = {{"rate", 0.05},
                                                          {"rate_i", 0.05},
                                                          {"cv_isi", 0.05},
                                                          {"fft", 0.05},
                                                          {"weef", 0.1},
                                                          {"wief", 0.1}},
                                              .seeds = OUR_SEEDS,
                                              .standard_error = true};
    compare_model(&reference);
}

/* The reference rule of a model that Auryn saw blow up at this time, in s. */
static void check_blow_up(const char *yaml, const char *data, double time) {
    FILE *stream = fopen(data, "r");
    char ended[64];
    char line[8192];
    double theta[MOST];
    double metrics[MOST];
    snprintf(ended, sizeof ended, "\"blow_up\": %g", time);
    assert_non_null(stream);
    while (fgets(line, sizeof line, stream) != NULL && strstr(line, ended) == NULL)
        ;
    fclose(stream);
    assert_non_null(strstr(line, ended));
    fsbi_model *model = open_model(yaml);
    char *number = strchr(line, '[') + 1;
    for (size_t k = 0; k < model->parameter_count; k++)
        theta[k] = strtod(k == 0 ? number : number + 1, &number);
    void *workspace = create_workspace(model);
    const fsbi_outcome outcome = simulate(model, workspace, theta, 1, metrics);
    assert_int_equal(outcome.status, FSBI_SIMULATION_BLOWN_UP);
    assert_near(outcome.t_end, time, 0.1);
    model->type->destroy(workspace);
    fsbi_model_close(model);
}

static void blows_up(void **state) {
    (void)state;
    check_blow_up("{name: if_poly, lns: 2, ls: 1}", FSBI_TEST_DATA "/auryn_if_poly.jsonl", 0.6073);
    check_blow_up("{name: cvaif_mlp, lns: 2, ls: 1}", FSBI_TEST_DATA "/auryn_cvaif_mlp.jsonl",
                  0.3884);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(if_poly), cmocka_unit_test(cvaif_mlp),
                                       cmocka_unit_test(blows_up)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
