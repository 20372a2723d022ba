/* A round's networks: trained once, the same when they are read again, and used by the next round.
 */
#include "steps/train.h"

#include "steps/fixture.h"

static const char yaml[] = "campaign: {name: test}\n"
                           "model: {name: gaussian_linear, dimensions: 2}\n"
                           "inference: {ensemble: 2, hidden_features: 10, batch_size: 50, "
                           "max_epochs: 60, false_negatives: 0.1, check_rows: 50}\n"
                           "rounds:\n"
                           "  - {simulations: 600, infer: [x_0, x_1], classify: {x_0: [0, .inf]}}\n"
                           "  - {simulations: 200, propose: {x_0: [0.5, 0.5], x_1: [-0.5, -0.5]}}\n"
                           "  - {simulations: 200, propose: restricted_prior}\n";

static void train_both(campaign_fixture *f) {
    fsbi_error error = {0};
    campaign_fill(f, 0);
    assert_ok(fsbi_campaign_train(&f->state, 0, FSBI_NETWORKS_CLASSIFIER, &error), error);
    assert_ok(fsbi_campaign_train(&f->state, 0, FSBI_NETWORKS_POSTERIOR, &error), error);
}

/* The second call finds all members in the file. */
static void networks_are_trained_once(void **state) {
    (void)state;
    campaign_fixture f;
    fsbi_error error = {0};
    campaign_begin(&f, yaml);
    train_both(&f);
    assert_true(f.state.has_posterior);
    assert_int_equal(f.state.posterior.members, 2);
    const size_t bytes =
        2 * f.state.posterior.parameter_count * sizeof *f.state.posterior.parameters;
    fsbi_real *parameters = malloc(bytes);
    memcpy(parameters, f.state.posterior.parameters, bytes);
    const double threshold = f.state.threshold;
    char before[1024];
    snprintf(before, sizeof before, "%s", strstr(campaign_report(&f), "networks trained"));
    const size_t said = strlen(campaign_report(&f));
    assert_ok(fsbi_campaign_train(&f.state, 0, FSBI_NETWORKS_CLASSIFIER, &error), error);
    assert_ok(fsbi_campaign_train(&f.state, 0, FSBI_NETWORKS_POSTERIOR, &error), error);
    assert_null(strstr(campaign_report(&f) + said, "networks trained"));
    assert_memory_equal(parameters, f.state.posterior.parameters, bytes);
    assert_near(f.state.threshold, threshold, 0);
    free(parameters);
    campaign_end(&f);
}

/* x = theta + noise of variance 0.1: rules drawn at x = (0.5, -0.5) have a mean near that. Drawn
 * back towards 0 by the box; five standard errors of 200 draws, and 0.1 for 600 training rows. */
static void a_posterior_proposes(void **state) {
    (void)state;
    campaign_fixture f;
    fsbi_error error = {0};
    double mean[2] = {0};
    campaign_begin(&f, yaml);
    train_both(&f);
    assert_ok(fsbi_campaign_propose(&f.state, 1, &error), error);
    for (size_t i = 0; i < 200; i++)
        for (size_t k = 0; k < 2; k++)
            mean[k] += fsbi_campaign_row(&f.state, 1, i)->values[k] / 200;
    const double error_of_mean = 5 * sqrt(0.1 / 200) + 0.1;
    assert_near(mean[0], 0.46, error_of_mean);
    assert_near(mean[1], -0.46, error_of_mean);
    campaign_end(&f);
}

/* Valid is x_0 >= 0: half of the prior's rules have theta_0 >= 0, of the restricted prior's most.
 */
static void a_classifier_restricts_the_prior(void **state) {
    (void)state;
    campaign_fixture f;
    fsbi_error error = {0};
    size_t positive = 0;
    campaign_begin(&f, yaml);
    train_both(&f);
    assert_ok(fsbi_campaign_propose(&f.state, 2, &error), error);
    for (size_t i = 0; i < 200; i++)
        positive += fsbi_campaign_row(&f.state, 2, i)->values[0] >= 0;
    assert_true((double)positive > 100 + 5 * sqrt(200 * 0.25));
    campaign_end(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(networks_are_trained_once),
        cmocka_unit_test(a_posterior_proposes),
        cmocka_unit_test(a_classifier_restricts_the_prior),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
