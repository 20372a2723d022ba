/* A user's program: opens a model by name and simulates once. */
#include <fsbi/error.h>
#include <fsbi/model.h>
#include <fsbi/random.h>
#include <fsbi/spike_metrics.h>
#include <fsbi/version.h>
#include <fsbi/weight_metrics.h>
#include <math.h>
#include <stdio.h>

int main(void) {
    fsbi_error error = {0};
    fsbi_config_node *section = NULL;
    fsbi_model *model = NULL;
    if (fsbi_config_node_parse("{name: two_moons}", "user_program", &section, &error) != FSBI_OK ||
        fsbi_model_open(section, &model, &error) != FSBI_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    void *workspace = fsbi_model_create(model, &error);
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    const double theta[2] = {0.1, 0.2};
    double x[2];
    fsbi_outcome outcome;
    const fsbi_simulation simulation = {.theta = theta, .stream = rng, .seed = 1};
    fsbi_status status = fsbi_model_simulate(model, workspace, &simulation, x, &outcome, &error);
    if (status == FSBI_OK && isfinite(x[0]) && isfinite(x[1]))
        printf("%zu metrics of %s, both finite\n", model->metric_count, model->type->name);
    gsl_rng_free(rng);
    model->type->destroy(workspace);
    fsbi_model_close(model);
    fsbi_config_node_free(section);
    return status != FSBI_OK;
}
