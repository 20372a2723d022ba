/* Whole configurations: what is read, what is refused and in which words, and that the effective
 * one reads back. */
#include "config/filter.h"
#include "setup/setup.h"
#include "unit.h"

#define HEAD "campaign: {name: c}\nmodel: {name: if_poly}\n"

static fsbi_setup load(const char *text) {
    fsbi_setup setup;
    fsbi_error error = {0};
    assert_ok(fsbi_setup_parse(text, "f.yaml", NULL, 0, &setup, &error), error);
    return setup;
}

static void refuse(const char *text, const char *message) {
    fsbi_setup setup;
    fsbi_error error = {0};
    assert_int_equal(fsbi_setup_parse(text, "f.yaml", NULL, 0, &setup, &error), FSBI_BAD_INPUT);
    if (strcmp(error.message, message) != 0)
        assert_contains(error.message, message);
}

static void defaults(void **state) {
    (void)state;
    fsbi_setup setup = load(HEAD);
    assert_string_equal(setup.config->campaign.output, "c.h5");
    assert_int_equal(setup.config->campaign.seed, 1);
    assert_int_equal(setup.config->inference.ensemble, 10);
    assert_true(setup.config->inference.learning_rate == 5e-4);
    assert_int_equal(setup.model->parameter_count, 25);
    assert_int_equal(setup.model->metric_count, 37);
    assert_string_equal(setup.model->parameters[24].name, "input_rate");
    assert_true(setup.model->parameters[24].nuisance);
    fsbi_setup_clear(&setup);
}

static void rounds(void **state) {
    (void)state;
    fsbi_setup setup =
        load(HEAD "conditions:\n"
                  "  quiet: {rate: [1, 50], rate_i: [1, 40]}\n"
                  "  both: [quiet, {rate_i: [2, 60], cv_isi: [0.7, .inf]}]\n"
                  "rounds:\n"
                  "  - {simulations: 100, propose: prior, keep: [both], infer: [rate, cv_isi]}\n"
                  "  - {simulations: 1e2, propose: {cv_isi: [0.7, 1], rate: [1, 2]}}\n"
                  "  - {simulations: 7, propose: {rules_of: 1, where: [quiet]}, model: {ls: 20}}\n"
                  "  - {simulations: 8, propose: {rules_of: all, redraw_nuisance: true}}\n"
                  "  - {simulations: 9, propose: {import: \"a b.h5:/x\"}}\n");
    const fsbi_config *config = setup.config;
    assert_int_equal(config->round_count, 5);
    assert_int_equal(config->rounds[2].rules_first, 1);
    assert_int_equal(config->rounds[2].rules_end, 2);
    assert_int_equal(config->rounds[2].where.count, 2);
    assert_int_equal(config->rounds[3].rules_first, 0);
    assert_int_equal(config->rounds[3].rules_end, 3);
    assert_string_equal(config->rounds[4].table, "a b.h5:/x");
    assert_ptr_equal(fsbi_setup_model_of(&setup, 1), setup.model);
    assert_ptr_not_equal(fsbi_setup_model_of(&setup, 2), setup.model);
    assert_int_equal(config->rounds[0].keep.count, 3);
    assert_string_equal(config->rounds[0].keep.conditions[1].metric, "rate_i");
    assert_true(config->rounds[0].keep.conditions[1].low == 2);
    assert_true(config->rounds[0].keep.conditions[1].high == 40);
    assert_true(isinf(config->rounds[0].keep.conditions[2].high));
    assert_string_equal(config->rounds[1].ranges.conditions[0].metric, "rate");
    assert_int_equal(config->rounds[1].simulations, 100);
    fsbi_setup again = load(setup.effective.characters);
    assert_string_equal(again.effective.characters, setup.effective.characters);
    fsbi_setup_clear(&again);
    fsbi_setup_clear(&setup);
}

/* Best shares, alone, with an interval, and on a metric that has one already. */
static void towards(void **state) {
    (void)state;
    fsbi_setup setup =
        load(HEAD "conditions: {quiet: {rate: [1, 50]}}\n"
                  "rounds:\n"
                  "  - {simulations: 100}\n"
                  "  - {simulations: 10, times: 3, propose: {towards: quiet}}\n"
                  "  - {simulations: 20, propose: {towards: [quiet, {cv_isi: [0.7, .inf]}], "
                  "sharpness: [1, 2.5], prior_share: 0.25}}\n"
                  "  - {simulations: 5, times: 1, propose: {towards: quiet, sharpness: 8}, "
                  "model: {ls: 20}}\n");
    const fsbi_config *config = setup.config;
    assert_int_equal(config->round_count, 6);
    for (size_t round = 1; round < 4; round++) {
        assert_int_equal(config->rounds[round].propose, FSBI_PROPOSE_TOWARDS);
        assert_int_equal(config->rounds[round].simulations, 10);
        assert_int_equal(config->rounds[round].sharpness_count, 0);
        assert_near(config->rounds[round].prior_share, 0.1, 1e-12);
    }
    assert_int_equal(config->rounds[4].towards.count, 2);
    assert_int_equal(config->rounds[4].sharpness_count, 2);
    assert_near(config->rounds[4].sharpness[1], 2.5, 0);
    assert_near(config->rounds[4].prior_share, 0.25, 0);
    assert_near(config->rounds[5].sharpness[0], 8, 0);
    assert_ptr_not_equal(fsbi_setup_model_of(&setup, 5), setup.model);
    fsbi_setup again = load(setup.effective.characters);
    assert_string_equal(again.effective.characters, setup.effective.characters);
    fsbi_setup_clear(&again);
    fsbi_setup_clear(&setup);
}

#define SEARCH(round) HEAD "rounds:\n  - {simulations: 9}\n  - {simulations: 9, " round "}\n"

static void wrong_searches(void **state) {
    (void)state;
    refuse(HEAD "rounds: [{simulations: 9, propose: {towards: {rate: [1, 2]}}}]\n",
           "f.yaml:3:27: rounds.0.propose: there are no earlier rows to learn from: let the first "
           "round be one of the prior");
    refuse(SEARCH("propose: {towards: quiet}"), "rounds.1.propose.towards");
    refuse(SEARCH("propose: {towards: {rate: {top: 0.1}}}"),
           "no share of rows can be given ('rate')");
    refuse(SEARCH("propose: {towards: {rate: [1, 2]}, sharpness: 0}"),
           "rounds.1.propose.sharpness: found 0, allowed: above 0, at most 1000");
    refuse(SEARCH("propose: {towards: {rate: [1, 2]}, sharpness: [2, 1]}"),
           "rounds.1.propose.sharpness.1: found 1, allowed: above 2, at most 1000");
    refuse(SEARCH("propose: {towards: {rate: [1, 2]}, sharpness: []}"),
           "expected a number, or a list of 1 to 6 ascending ones");
    refuse(SEARCH("propose: {towards: {rate: [1, 2]}, prior_share: 1}"),
           "rounds.1.propose.prior_share: found 1, allowed: 0 to below 1");
    refuse(SEARCH("propose: {towards: {rate: [1, 2]}, sharpnes: 1}"), "did you mean 'sharpness'?");
    refuse(SEARCH("times: 0"), "found 0, allowed: 1 to 10000");
    refuse(SEARCH("times: often"), "times");
}

static void best_shares(void **state) {
    (void)state;
    fsbi_setup setup =
        load(HEAD "conditions: {calm: {rate: [1, 50], cv_isi: {top: 0.3}}}\n"
                  "rounds:\n"
                  "  - simulations: 100\n"
                  "    keep: [calm, {cv_isi: {top: 0.1}, fft: {bottom: 0.25, interval: [0, 1]}}]\n"
                  "    keep_from: this_round\n"
                  "    infer: [cv_isi]\n");
    const fsbi_config_round *round = &setup.config->rounds[0];
    assert_true(round->keep_this_round);
    assert_int_equal(round->keep.count, 3);
    assert_true(round->keep.conditions[0].top == 1 && round->keep.conditions[0].bottom == 1);
    assert_true(round->keep.conditions[1].top == 0.1);
    assert_true(isinf(round->keep.conditions[1].low));
    assert_true(round->keep.conditions[2].bottom == 0.25 && round->keep.conditions[2].high == 1);
    assert_contains(setup.effective.characters,
                    "keep: {rate: [1, 50], cv_isi: {top: 0.1}, fft: {interval: [0, 1], bottom: "
                    "0.25}}\n    keep_from: this_round\n");
    fsbi_setup again = load(setup.effective.characters);
    assert_string_equal(again.effective.characters, setup.effective.characters);
    fsbi_setup_clear(&again);
    fsbi_setup_clear(&setup);
}

static void wrong_keys(void **state) {
    (void)state;
    refuse(HEAD "round: []\n", "f.yaml:3:1: round: unknown key; did you mean 'rounds'?");
    refuse("campaign: {name: c}\nmodel: {name: if_poly, sparsness: 0.1}\n",
           "f.yaml:2:35: model.sparsness: unknown key; did you mean 'sparseness'?");
    refuse("campaign: {name: c, colour: red}\nmodel: {name: null}\n",
           "f.yaml:1:29: campaign.colour: unknown key; known here: name, output, seed");
    refuse("model: {name: if_poly}\n", "the section 'campaign' is missing");
    refuse("campaign: {seed: 1}\nmodel: {name: if_poly}\n", "the key 'name' is missing");
    refuse("campaign: {name: c}\n", "the section 'model' is missing");
    refuse("campaign: {name: c}\nmodel: {lns: 3}\n",
           "the key 'name' is missing; there are the models if_poly");
    refuse("campaign: {name: c}\nmodel: {name: if_ploy}\n",
           "there is no model 'if_ploy'; did you mean 'if_poly'?");
    refuse(HEAD "inference: {estimator: nfs}\n",
           "found 'nfs', allowed: nsf, maf, nsf_ar; did you mean 'nsf'?");
    refuse("- 1\n", "expected a mapping");
}

static void wrong_values(void **state) {
    (void)state;
    refuse("campaign: {name: c}\nmodel: {name: if_poly, ls: ten}\n",
           "f.yaml:2:28: model.ls: expected a number, found 'ten'");
    refuse("campaign: {name: c}\nmodel: {name: if_poly, NE: 70000}\n",
           "model.NE: found 70000, allowed: 1 to 65535 (excitatory neurons)");
    refuse("campaign: {name: c}\nmodel: {name: if_poly, dt: 3e-4}\n", "does not divide 1 ms");
    refuse("campaign: {name: c}\nmodel: {name: if_poly, wmax: 0.5}\n",
           "an initial weight of 1 is not within wmin = 0 and wmax = 0.5");
    refuse("campaign: {name: c, seed: -1}\nmodel: {name: if_poly}\n",
           "campaign.seed: found -1, allowed: 0 to");
    refuse("campaign: {name: a/b}\nmodel: {name: if_poly}\n", "needs campaign.output");
}

static void wrong_conditions(void **state) {
    (void)state;
    refuse(HEAD "conditions: {g: {rat: [1, 2]}}\n",
           "conditions.g.rat: 'rat' is not a metric of this model; did you mean 'rate'?");
    refuse(HEAD "conditions: {g: {rate: [2, 1]}}\n", "the lower end 2 is above the upper end 1");
    refuse(HEAD "conditions: {g: {rate: 3}}\n", "expected an interval [low, high]");
    refuse(HEAD "conditions: {g: {rate: {top: 0}}}\n",
           "conditions.g.rate.top: found 0, expected a share of the rows: above 0, at most 1");
    refuse(HEAD "conditions: {g: {rate: {bottom: 10}}}\n",
           "found 10, expected a share of the rows: above 0, at most 1");
    refuse(HEAD "conditions: {g: {rate: {tip: 0.1}}}\n",
           "conditions.g.rate.tip: unknown key; did you mean 'top'?");
    refuse(HEAD "conditions: {g: {rate: [1, 2]}, h: [g, {rate: [3, 4]}]}\n",
           "no value of rate can meet all its conditions");
    refuse(HEAD "conditions: {g: [h], h: {rate: [1, 2]}}\n",
           "'h' is not a group of conditions defined above");
}

static void wrong_rounds(void **state) {
    (void)state;
    refuse(HEAD "rounds: [{propose: prior}]\n",
           "the key 'simulations', how many rules to try, is missing");
    refuse(HEAD "rounds: [{simulations: 0}]\n", "rounds.0.simulations: found 0, allowed: 1 to");
    refuse(HEAD "rounds: [{simulations: 5, propose: guess}]\n",
           "allowed: prior, restricted_prior, posterior, {METRIC: [low, high], ...}");
    refuse(HEAD "rounds: [{simulations: 5, propose: posterior}]\n",
           "rounds.0.propose: no earlier round trains a posterior");
    refuse(HEAD
           "rounds: [{simulations: 50, infer: [rate]}, {simulations: 5, propose: posterior}]\n",
           "the last posterior was trained on rate: a range is needed");
    refuse(HEAD "rounds: [{simulations: 5, propose: {rate: [1, 2]}}]\n",
           "rounds.0.propose: no earlier round trains a posterior");
    refuse(HEAD
           "rounds: [{simulations: 50, infer: [rate]}, {simulations: 5, propose: {fft: [0, 1]}}]\n",
           "the last posterior was trained on rate");
    refuse(HEAD "rounds: [{simulations: 50, infer: [rate]}, {simulations: 5, propose: {rate: [0, "
                ".inf]}}]\n",
           "both ends must be finite");
    refuse(HEAD "rounds: [{simulations: 5, keep: {rate: [0, 1]}}]\n", "this round has no 'infer'");
    refuse(HEAD "rounds: [{simulations: 5, keep_from: this_round}]\n",
           "'keep_from' is about training, but this round has no 'infer'");
    refuse(HEAD "rounds: [{simulations: 50, keep_from: here, infer: [rate]}]\n",
           "rounds.0.keep_from: allowed: all_rounds, this_round");
    refuse(HEAD "rounds: [{simulations: 50, infer: [rate]}, {simulations: 10, keep_from: "
                "this_round, infer: [rate]}]\n",
           "rounds.1.infer: there are only 10 simulations to train on");
    refuse(HEAD "rounds: [{simulations: 50, infer: [rate]}, {simulations: 5, propose: {rate: {top: "
                "0.1}}}]\n",
           "x is drawn uniformly from a range [low, high]: no share of rows can be given");
    refuse(HEAD "rounds: [{simulations: 50, infer: [rate, rate]}]\n",
           "the metric 'rate' is given twice");
    refuse(HEAD "rounds: [{simulations: 50, infer: [], weighted: true}]\n",
           "no round up to this one goes towards conditions");
    refuse(HEAD "rounds: [{simulations: 5, infer: [rate]}]\n",
           "rounds.0.infer: there are only 5 simulations to train on");
    refuse(HEAD "rounds: [{simulations: 5, propose: {table: x.csv, rate: [0, 1]}}]\n",
           "'table' stands alone");
}

/* A word of a few, as an enum; others are refused with the words that there are. */
static void choices(void **state) {
    (void)state;
    fsbi_setup setup = load(HEAD "inference: {bounds: stretch}\ntraces: {store: accepted}\n");
    assert_int_equal(setup.config->inference.bounds, FSBI_BOUNDS_STRETCH);
    assert_int_equal(setup.config->traces.store, FSBI_TRACES_ACCEPTED);
    assert_non_null(strstr(setup.effective.characters, "bounds: \"stretch\""));
    assert_non_null(strstr(setup.effective.characters, "store: \"accepted\""));
    fsbi_setup_clear(&setup);
    refuse(HEAD "inference: {bounds: strech}\n", "reject, stretch");
    refuse(HEAD "traces: {store: some}\n", "none, all, accepted, random");
}

/* --keep and --metrics, as `fit` and `log-prob` have them. */
static void filter_options(void **state) {
    (void)state;
    static const char *const metrics[] = {"rate", "cv_isi"};
    const fsbi_filter_context known = {.metrics = metrics, .metric_count = 2};
    static const struct {
        const char *text, *message;
    } wrong[] = {{"rate", "rate"},
                 {"rat=1:2", "did you mean 'rate'"},
                 {"rate=2:1", "above"},
                 {"rate=x:1", "x"},
                 {"cv_isi=top:2", "share"}};
    fsbi_filter filter = {0};
    fsbi_error error = {0};
    assert_ok(fsbi_filter_read_option("--keep", "rate=1:.inf", &known, &filter, &error), error);
    assert_ok(fsbi_filter_read_option("--keep", "rate=0:50", &known, &filter, &error), error);
    assert_ok(fsbi_filter_read_option("--keep", "cv_isi=bottom:0.1", &known, &filter, &error),
              error);
    assert_int_equal(filter.count, 2);
    assert_true(filter.conditions[0].low == 1 && filter.conditions[0].high == 50);
    assert_int_equal(filter.conditions[1].metric_index, 1);
    assert_true(filter.conditions[1].bottom == 0.1 && filter.conditions[1].top == 1);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(fsbi_filter_read_option("--keep", wrong[i].text, &known, &filter, &error),
                         FSBI_BAD_INPUT);
        assert_contains(error.message, "--keep");
        assert_contains(error.message, wrong[i].message);
    }
    free(filter.conditions);
    filter = (fsbi_filter){0};
    assert_ok(fsbi_filter_read_metrics_option("--metrics", "cv_isi,rate", &known, &filter, &error),
              error);
    assert_int_equal(filter.count, 2);
    assert_string_equal(filter.conditions[0].metric, "cv_isi");
    assert_int_equal(
        fsbi_filter_read_metrics_option("--metrics", "rate,rate", &known, &filter, &error),
        FSBI_BAD_INPUT);
    free(filter.conditions);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),      cmocka_unit_test(rounds),
        cmocka_unit_test(towards),       cmocka_unit_test(wrong_searches),
        cmocka_unit_test(best_shares),   cmocka_unit_test(wrong_keys),
        cmocka_unit_test(wrong_values),  cmocka_unit_test(wrong_conditions),
        cmocka_unit_test(wrong_rounds),  cmocka_unit_test(choices),
        cmocka_unit_test(filter_options)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
