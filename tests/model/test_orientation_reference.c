/* The model `orientation` against runs of the original program at full length: for each of its
 * rules the mean of every metric over ten of our seeds is within four standard errors of its mean
 * (pooled spread), or 1 %, or 1e-6. The same as a table: tools/reference/compare_orientation.py. */
#include "model/run_model.h"

enum { PARAMETERS = 8, METRICS = 18, OUR_SEEDS = 10, THEIR_SEEDS = 3, RULES = 14, LINE = 4096 };

/* A rule's runs: theta, and each metric by seed. */
typedef struct {
    bool fixed_excitatory;
    double theta[PARAMETERS];
    double ours[METRICS][OUR_SEEDS], theirs[METRICS][THEIR_SEEDS];
} reference_rule;

/* The number or list that follows "name": in a line of JSON. */
static char *find_value(char *line, const char *name) {
    char quoted[64];
    snprintf(quoted, sizeof quoted, "\"%s\": ", name);
    char *found = strstr(line, quoted);
    assert_non_null(found);
    return found + strlen(quoted);
}

/* The preferred orientation is random; amplitude and width have no sign here. */
static bool is_compared(const char *metric) {
    return strcmp(metric, "tuning_mu") != 0;
}

static double without_sign(const char *metric, double value) {
    const bool unsigned_here =
        strcmp(metric, "tuning_A") == 0 || strcmp(metric, "tuning_sigma") == 0;
    return unsigned_here ? fabs(value) : value;
}

static fsbi_model *open_variant(bool fixed_excitatory) {
    /* A silent neuron counts as in the original. */
    return open_model(fixed_excitatory
                          ? "{name: orientation, silent_r2: 1, variant: fixed_excitatory}"
                          : "{name: orientation, silent_r2: 1}");
}

static void load_rule(FILE *stream, reference_rule *rule) {
    char line[LINE];
    for (int seed = 0; seed < THEIR_SEEDS; seed++) {
        assert_non_null(fgets(line, sizeof line, stream));
        rule->fixed_excitatory = strstr(line, "\"fixed_excitatory\"") != NULL;
        fsbi_model *model = open_variant(rule->fixed_excitatory);
        char *number = find_value(line, "theta");
        for (size_t k = 0; k < model->parameter_count; k++)
            rule->theta[k] = strtod(number + 1, &number);
        for (size_t k = 0; k < METRICS; k++) {
            const char *name = model->metrics[k].name;
            rule->theirs[k][seed] = without_sign(name, strtod(find_value(line, name), NULL));
        }
        fsbi_model_close(model);
    }
}

static void compare_rule(reference_rule *rule) {
    fsbi_model *model = open_variant(rule->fixed_excitatory);
    void *workspace = create_workspace(model);
    for (uint64_t seed = 1; seed <= OUR_SEEDS; seed++) {
        double metrics[METRICS];
        const fsbi_outcome outcome = simulate(model, workspace, rule->theta, seed, metrics);
        assert_int_equal(outcome.status, FSBI_SIMULATION_OK);
        for (size_t k = 0; k < METRICS; k++)
            rule->ours[k][seed - 1] = metrics[k];
    }
    for (size_t k = 0; k < METRICS; k++) {
        const double theirs = gsl_stats_mean(rule->theirs[k], 1, THEIR_SEEDS);
        const double error = standard_error(rule->ours[k], OUR_SEEDS, rule->theirs[k], THEIR_SEEDS);
        print_message("%s (%g ...): original %.6g\n", model->metrics[k].name, rule->theta[0],
                      theirs);
        if (is_compared(model->metrics[k].name))
            assert_near(gsl_stats_mean(rule->ours[k], 1, OUR_SEEDS), theirs,
                        fmax(fmax(4 * error, 0.01 * fabs(theirs)), 1e-6));
    }
    model->type->destroy(workspace);
    fsbi_model_close(model);
}

static void original(void **state) {
    (void)state;
    FILE *stream = fopen(FSBI_TEST_DATA "/orientation.jsonl", "r");
    assert_non_null(stream);
    for (int k = 0; k < RULES; k++) {
        reference_rule rule = {0};
        load_rule(stream, &rule);
        compare_rule(&rule);
    }
    assert_int_equal(fgetc(stream), EOF);
    fclose(stream);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(original)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
