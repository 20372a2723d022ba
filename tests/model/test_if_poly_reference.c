/* The network at full size against Auryn, the simulator of the published search: short runs of two
 * rules, whose metrics over eight of Auryn's seeds are in data/auryn_if_poly_short.csv, and a rule
 * that blows up. The comparison at full length is tools/reference/compare_if_poly.py. */
#include <gsl/gsl_statistics_double.h>

#include "fsbi/model.h"
#include "fsbi/random.h"
#include "unit.h"

enum { PARAMETERS = 25, METRICS = 17, SEEDS = 8, CASES = 2, OUR_SEEDS = 2 };

typedef struct {
    char name[16];
    size_t runs;
    double theta[PARAMETERS];
    double metrics[METRICS][SEEDS];
} reference_case;

static void parse_line(char *line, reference_case *cases) {
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
    for (int k = 0; k < PARAMETERS; k++)
        c->theta[k] = strtod(strtok_r(NULL, ",", &rest), NULL);
    for (int k = 0; k < METRICS; k++)
        c->metrics[k][c->runs] = strtod(strtok_r(NULL, ",\n", &rest), NULL);
    c->runs++;
}

static void load(reference_case *cases) {
    FILE *stream = fopen(FSBI_TEST_DATA "/auryn_if_poly_short.csv", "r");
    char line[4096];
    bool header = true;
    assert_non_null(stream);
    while (fgets(line, sizeof line, stream) != NULL) {
        if (line[0] == '#')
            continue;
        if (!header)
            parse_line(line, cases);
        header = false;
    }
    fclose(stream);
}

static fsbi_model *open_model(const char *yaml) {
    fsbi_config_node *section = NULL;
    fsbi_model *model = NULL;
    fsbi_error error = {0};
    assert_ok(fsbi_config_node_parse(yaml, "test", &section, &error), error);
    assert_ok(fsbi_model_open(section, &model, &error), error);
    fsbi_config_node_free(section);
    return model;
}

static fsbi_outcome simulate(const fsbi_model *model, void *workspace, const double *theta,
                             uint64_t seed, double *metrics) {
    fsbi_error error = {0};
    fsbi_outcome outcome;
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    assert_ok(fsbi_model_simulate(model, workspace, theta, rng, seed, metrics, &outcome, &error),
              error);
    gsl_rng_free(rng);
    return outcome;
}

static void near_auryn(void **state) {
    (void)state;
    static const char *const compared[] = {
        "rate", "rate_i", "cv_isi", "fft", "std_rate_temporal", "spatial_Fano", "temporal_Fano"};
    reference_case cases[CASES] = {0};
    load(cases);
    fsbi_error error = {0};
    fsbi_model *model = open_model("{name: if_poly, lns: 2, ls: 3}");
    void *workspace = fsbi_model_create(model, &error);
    assert_non_null(workspace);
    for (int i = 0; i < CASES; i++) {
        double sum[METRICS] = {0};
        assert_int_equal(cases[i].runs, SEEDS);
        for (uint64_t seed = 1; seed <= OUR_SEEDS; seed++) {
            double metrics[METRICS];
            assert_int_equal(simulate(model, workspace, cases[i].theta, seed, metrics).status,
                             FSBI_SIMULATION_OK);
            for (int k = 0; k < METRICS; k++)
                sum[k] += metrics[k] / OUR_SEEDS;
        }
        size_t checked = 0;
        for (size_t k = 0; k < METRICS; k++) {
            for (size_t c = 0; c < sizeof compared / sizeof *compared; c++) {
                if (strcmp(model->metrics[k].name, compared[c]) != 0)
                    continue;
                const double mean = gsl_stats_mean(cases[i].metrics[k], 1, SEEDS);
                const double spread = gsl_stats_sd(cases[i].metrics[k], 1, SEEDS);
                print_message("%s %s: %.5g, Auryn %.5g +- %.2g\n", cases[i].name, compared[c],
                              sum[k], mean, spread);
                assert_near(sum[k], mean, fmax(0.03 * mean, 4 * spread));
                checked++;
            }
        }
        assert_int_equal(checked, sizeof compared / sizeof *compared);
    }
    model->type->destroy(workspace);
    fsbi_model_close(model);
}

/* The reference rule that Auryn saw blow up after 0.61 s. */
static void blows_up(void **state) {
    (void)state;
    static const char ended[] = "\"blow_up\": 0.6073";
    FILE *stream = fopen(FSBI_TEST_DATA "/auryn_if_poly.jsonl", "r");
    char line[8192];
    double theta[PARAMETERS];
    double metrics[METRICS];
    assert_non_null(stream);
    while (fgets(line, sizeof line, stream) != NULL && strstr(line, ended) == NULL)
        ;
    fclose(stream);
    assert_non_null(strstr(line, ended));
    char *number = strchr(line, '[') + 1;
    for (int k = 0; k < PARAMETERS; k++)
        theta[k] = strtod(k == 0 ? number : number + 1, &number);
    fsbi_error error = {0};
    fsbi_model *model = open_model("{name: if_poly, lns: 2, ls: 1}");
    void *workspace = fsbi_model_create(model, &error);
    const fsbi_outcome outcome = simulate(model, workspace, theta, 1, metrics);
    assert_int_equal(outcome.status, FSBI_SIMULATION_BLOWN_UP);
    assert_near(outcome.t_end, 0.6073, 0.1);
    model->type->destroy(workspace);
    fsbi_model_close(model);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(near_auryn), cmocka_unit_test(blows_up)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
