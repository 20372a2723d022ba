/* The contract of fsbi/model.h, for every model of the registry, with the settings of
 * tests/model/NAME.yaml:
 *
 *     model: {...}     small settings, besides the name, with which a simulation takes a second at
 * most longer: {...}    OPTIONAL: changes that make time run longer, to find memory that grows with
 * it place: 0.45      OPTIONAL: where in the box, from 0 to 1, the rule stands that must end ok
 */
#include <dirent.h>
#include <fcntl.h>

#include "config/overlay.h"
#include "core/text.h"
#include "model/model_yaml.h"
#include "model/run_model.h"

enum { MOST = 128, MOST_CHECKS = 256 };

/* Calls of our own objects that the linker hands to us: files opened, memory taken. */
static long opened, taken;

FILE *__real_fopen(const char *path, const char *mode);
FILE *__wrap_fopen(const char *path, const char *mode);
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
DIR *__real_opendir(const char *path);
DIR *__wrap_opendir(const char *path);
void *__real_malloc(size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__real_realloc(void *memory, size_t bytes);
void *__wrap_realloc(void *memory, size_t bytes);
void *__real_aligned_alloc(size_t alignment, size_t bytes);
void *__wrap_aligned_alloc(size_t alignment, size_t bytes);

FILE *__wrap_fopen(const char *path, const char *mode) {
    opened++;
    return __real_fopen(path, mode);
}

int __wrap_open(const char *path, int flags, ...) {
    opened++;
    return __real_open(path, flags, 0666);
}

DIR *__wrap_opendir(const char *path) {
    opened++;
    return __real_opendir(path);
}

void *__wrap_malloc(size_t bytes) {
    taken++;
    return __real_malloc(bytes);
}

void *__wrap_calloc(size_t count, size_t bytes) {
    taken++;
    return __real_calloc(count, bytes);
}

void *__wrap_realloc(void *memory, size_t bytes) {
    taken++;
    return __real_realloc(memory, bytes);
}

void *__wrap_aligned_alloc(size_t alignment, size_t bytes) {
    taken++;
    return __real_aligned_alloc(alignment, bytes);
}

/* A model with the settings of its file, and a rule. */
typedef struct {
    const char *name;
    char yaml[4096];
    fsbi_config_node *root;
    fsbi_model *model;
    void *workspace;
    double theta[MOST];
} subject;

static fsbi_config_node *parse(const char *text) {
    fsbi_config_node *node = NULL;
    fsbi_error error = {0};
    assert_ok(fsbi_config_node_parse(text, "conformance", &node, &error), error);
    return node;
}

/* The model of part `model`, changed by `changes` (NULL: not), named. */
static fsbi_model *open_part(const subject *s, const fsbi_config_node *changes) {
    fsbi_config_node *section = NULL;
    fsbi_model *model = NULL;
    fsbi_error error = {0};
    char name[128];
    snprintf(name, sizeof name, "{name: %s}", s->name);
    fsbi_config_node *named = parse(name);
    fsbi_config_node *with_settings = NULL;
    assert_ok(
        fsbi_config_overlay(named, fsbi_config_node_find(s->root, "model"), &with_settings, &error),
        error);
    if (changes != NULL)
        assert_ok(fsbi_config_overlay(with_settings, changes, &section, &error), error);
    assert_ok(fsbi_model_open(section != NULL ? section : with_settings, &model, &error), error);
    fsbi_config_node_free(section);
    fsbi_config_node_free(with_settings);
    fsbi_config_node_free(named);
    return model;
}

static void read_yaml(subject *s) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s.yaml", FSBI_MODEL_YAML, s->name);
    FILE *stream = fopen(path, "r");
    if (stream == NULL)
        fail_msg("model %s has no %s, which the conformance test needs", s->name, path);
    s->yaml[fread(s->yaml, 1, sizeof s->yaml - 1, stream)] = '\0';
    fclose(stream);
}

static int set_up(void **state) {
    subject *s = *state;
    double place = 0.45;
    fsbi_error error = {0};
    read_yaml(s);
    s->root = parse(s->yaml);
    s->model = open_part(s, NULL);
    s->workspace = create_workspace(s->model);
    assert_true(s->model->parameter_count <= MOST && s->model->metric_count <= MOST);
    const fsbi_config_node *node = fsbi_config_node_find(s->root, "place");
    if (node != NULL)
        assert_ok(fsbi_config_node_real(node, &place, &error), error);
    for (size_t i = 0; i < s->model->parameter_count; i++)
        s->theta[i] =
            (1 - place) * s->model->parameters[i].low + place * s->model->parameters[i].high;
    return 0;
}

static int tear_down(void **state) {
    subject *s = *state;
    s->model->type->destroy(s->workspace);
    fsbi_model_close(s->model);
    fsbi_config_node_free(s->root);
    return 0;
}

static void is_complete(void **state) {
    const subject *s = *state;
    const fsbi_model_type *type = s->model->type;
    assert_non_null(type->name);
    assert_non_null(type->summary);
    assert_non_null(type->keys);
    assert_true(type->settings_size > 0);
    assert_true(type->configure != NULL && type->create != NULL && type->simulate != NULL &&
                type->destroy != NULL);
    assert_true((type->record == NULL) == (s->model->trace_count == 0));
    assert_true((type->record == NULL) == (type->score == NULL));
    type->destroy(NULL);
}

/* Every key, parameter, metric and array has a name of its own, and says what it is. */
static void is_documented(void **state) {
    const subject *s = *state;
    static const char *const of_rows[] = {"theta", "seed", "status",    "reason",  "crashes",
                                          "t_end", "rank", "wall_time", "checksum"};
    const fsbi_model *m = s->model;
    for (const fsbi_config_keys *table = m->type->keys; table != NULL; table = table->base)
        for (size_t i = 0; i < table->count; i++)
            if (table->keys[i].help == NULL || table->keys[i].help[0] == 0)
                fail_msg("key %s does not say what it means", table->keys[i].name);
    assert_true(m->parameter_count > 0 && m->metric_count > 0);
    for (size_t i = 0; i < m->parameter_count; i++) {
        assert_true(m->parameters[i].name[0] != '\0' && m->parameters[i].unit[0] != '\0');
        assert_true(isfinite(m->parameters[i].low) && isfinite(m->parameters[i].high));
        assert_true(m->parameters[i].low < m->parameters[i].high);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(m->parameters[i].name, m->parameters[k].name);
    }
    for (size_t i = 0; i < m->metric_count; i++) {
        assert_true(m->metrics[i].name[0] != '\0' && m->metrics[i].unit[0] != '\0');
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(m->metrics[i].name, m->metrics[k].name);
        for (size_t k = 0; k < sizeof of_rows / sizeof *of_rows; k++)
            assert_string_not_equal(m->metrics[i].name, of_rows[k]);
    }
    for (size_t i = 0; i < m->trace_count; i++)
        assert_true(m->traces[i].name[0] != '\0' && m->traces[i].unit[0] != '\0');
    assert_true(fsbi_model_inferred_count(m) > 0);
}

/* The effective settings open the same model again, and no file on the way. */
static void settings_read_back(void **state) {
    const subject *s = *state;
    fsbi_text first = {0}, again = {0}, wrapped = {0};
    fsbi_error error = {0};
    fsbi_model *model = NULL;
    fsbi_model_write_yaml(s->model, &first);
    fsbi_text_append(&wrapped, "model:\n%s", first.characters);
    fsbi_config_node *root = parse(wrapped.characters);
    opened = 0;
    assert_ok(fsbi_model_open(fsbi_config_node_find(root, "model"), &model, &error), error);
    assert_int_equal(opened, 0);
    fsbi_model_write_yaml(model, &again);
    assert_string_equal(first.characters, again.characters);
    fsbi_model_close(model);
    fsbi_config_node_free(root);
    fsbi_text_clear(&first);
    fsbi_text_clear(&again);
    fsbi_text_clear(&wrapped);
}

/* Same rule, same seed: same bytes, whatever the workspace did before. Another seed: others. */
static void is_pure(void **state) {
    subject *s = *state;
    double first[MOST], other[MOST], again[MOST], elsewhere[MOST];
    const size_t bytes = s->model->metric_count * sizeof *first;
    void *fresh = create_workspace(s->model);
    const fsbi_outcome one = simulate(s->model, s->workspace, s->theta, 5, first);
    const fsbi_outcome two = simulate(s->model, s->workspace, s->theta, 6, other);
    const fsbi_outcome three = simulate(s->model, s->workspace, s->theta, 5, again);
    const fsbi_outcome four = simulate(s->model, fresh, s->theta, 5, elsewhere);
    assert_int_equal(one.status, FSBI_SIMULATION_OK);
    assert_int_equal(two.status, FSBI_SIMULATION_OK);
    assert_memory_equal(first, again, bytes);
    assert_memory_equal(first, elsewhere, bytes);
    assert_memory_not_equal(first, other, bytes);
    assert_true(one.t_end == three.t_end && one.t_end == four.t_end);
    s->model->type->destroy(fresh);
}

/* Counts how often it is asked, and ends the simulation the `last`th time. */
typedef struct {
    long asked, last;
    fsbi_simulation_status verdict;
} counting_watch;

static fsbi_simulation_status look(void *context) {
    counting_watch *w = context;
    return ++w->asked == w->last ? w->verdict : FSBI_SIMULATION_OK;
}

static fsbi_outcome simulate_watched(subject *s, counting_watch *counter, double *metrics) {
    const fsbi_watch watch = {.look = look, .context = counter};
    fsbi_error error = {0};
    fsbi_outcome outcome;
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    const fsbi_simulation simulation = {
        .theta = s->theta, .stream = rng, .seed = 5, .watch = &watch};
    assert_ok(fsbi_model_simulate(s->model, s->workspace, &simulation, metrics, &outcome, &error),
              error);
    gsl_rng_free(rng);
    return outcome;
}

/* One that is ended has the watch's status and no metrics, and leaves nothing to the next one. */
static void obeys_watch(void **state) {
    static const fsbi_simulation_status verdicts[] = {FSBI_SIMULATION_TIMED_OUT,
                                                      FSBI_SIMULATION_PENDING};
    subject *s = *state;
    double whole[MOST], ended[MOST], again[MOST];
    counting_watch watch = {0};
    assert_int_equal(simulate_watched(s, &watch, whole).status, FSBI_SIMULATION_OK);
    const long asked = watch.asked;
    for (size_t v = 0; asked > 0 && v < sizeof verdicts / sizeof *verdicts; v++) {
        watch = (counting_watch){.last = v == 0 ? (asked + 1) / 2 : 1, .verdict = verdicts[v]};
        assert_int_equal(simulate_watched(s, &watch, ended).status, verdicts[v]);
        assert_int_equal(watch.asked, watch.last);
        for (size_t k = 0; k < s->model->metric_count; k++)
            assert_true(isnan(ended[k]) || s->model->metrics[k].checkpoint > 0);
        simulate(s->model, s->workspace, s->theta, 5, again);
        assert_memory_equal(whole, again, s->model->metric_count * sizeof *whole);
    }
}

/* All rules, at the corners of the box too: metrics are NaN unless it ends ok. */
static void metrics_only_if_ok(void **state) {
    subject *s = *state;
    double theta[MOST], metrics[MOST];
    for (int corner = 0; corner < 3; corner++) {
        for (size_t i = 0; i < s->model->parameter_count; i++) {
            const fsbi_parameter *p = &s->model->parameters[i];
            theta[i] = corner == 0 ? p->low : corner == 1 ? p->high : (i % 2 ? p->low : p->high);
        }
        const fsbi_outcome outcome = simulate(s->model, s->workspace, theta, 3, metrics);
        for (size_t k = 0; outcome.status != FSBI_SIMULATION_OK && k < s->model->metric_count; k++)
            assert_true(isnan(metrics[k]) || s->model->metrics[k].checkpoint > 0);
        assert_true((outcome.status == FSBI_SIMULATION_FAILED) ==
                    (outcome.reason != FSBI_REASON_NONE));
    }
}

static void score_of_record_is_metrics(void **state) {
    subject *s = *state;
    double metrics[MOST], scored[MOST];
    fsbi_trace_data traces[FSBI_MODEL_MOST_TRACES];
    fsbi_error error = {0};
    if (s->model->trace_count == 0)
        return;
    simulate(s->model, s->workspace, s->theta, 7, metrics);
    s->model->type->record(s->workspace, traces);
    assert_ok(s->model->type->score(s->model->settings, traces, scored, &error), error);
    assert_memory_equal(metrics, scored, s->model->metric_count * sizeof *metrics);
    traces[0].count++;
    assert_int_equal(s->model->type->score(s->model->settings, traces, scored, &error),
                     FSBI_BAD_INPUT);
    assert_true(error.message[0] != '\0');
}

static size_t count_pictures(const subject *s, const fsbi_portrait_subject *subject_of) {
    fsbi_portrait portrait = {0};
    fsbi_error error = {0};
    assert_ok(s->model->type->portray(s->workspace, subject_of, &portrait, &error), error);
    for (size_t i = 0; i < portrait.count; i++) {
        assert_true(portrait.pictures[i].name[0] != '\0' && portrait.pictures[i].title[0] != '\0');
        assert_true(portrait.pictures[i].x_label[0] != '\0');
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(portrait.pictures[i].name, portrait.pictures[k].name);
    }
    const size_t count = portrait.count;
    fsbi_portrait_clear(&portrait);
    return count;
}

/* Of the rule alone, and of a simulation with it. */
static void makes_portraits(void **state) {
    subject *s = *state;
    double metrics[MOST];
    fsbi_trace_data traces[FSBI_MODEL_MOST_TRACES];
    fsbi_portrait_subject of = {.theta = s->theta};
    if (s->model->type->portray == NULL)
        return;
    const size_t alone = count_pictures(s, &of);
    simulate(s->model, s->workspace, s->theta, 7, metrics);
    of.simulated = true;
    if (s->model->trace_count > 0) {
        s->model->type->record(s->workspace, traces);
        of.traces = traces;
    }
    const size_t simulated = count_pictures(s, &of);
    assert_true(simulated > alone);
    of.simulated = false;
    if (of.traces != NULL)
        assert_int_equal(count_pictures(s, &of), simulated);
}

static long count_taken(const subject *s, const fsbi_model *model) {
    double metrics[MOST];
    void *workspace = create_workspace(model);
    fsbi_outcome outcome;
    fsbi_error error = {0};
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    const fsbi_simulation simulation = {.theta = s->theta, .stream = rng, .seed = 5};
    taken = 0;
    assert_ok(fsbi_model_simulate(model, workspace, &simulation, metrics, &outcome, &error), error);
    const long count = taken;
    assert_int_equal(outcome.status, FSBI_SIMULATION_OK);
    gsl_rng_free(rng);
    model->type->destroy(workspace);
    return count;
}

/* Features have names of their own, are finite throughout the box, and follow from theta alone.
 * Metrics that are finite are so on their scales. */
static void features_are_finite(void **state) {
    const subject *s = *state;
    const fsbi_model *model = s->model;
    enum { RULES = 200 };
    double theta[MOST], metrics[MOST];
    assert_int_equal(model->feature_count > 0, model->type->features != NULL);
    for (size_t k = 0; k < model->feature_count; k++)
        for (size_t other = 0; other < k; other++)
            assert_string_not_equal(model->features[k].name, model->features[other].name);
    simulate(model, s->workspace, s->theta, 5, metrics);
    for (size_t k = 0; k < model->metric_count; k++)
        if (isfinite(metrics[k]))
            assert_true(isfinite(fsbi_metric_scaled(&model->metrics[k], metrics[k])));
    if (model->feature_count == 0)
        return;
    gsl_rng *rng = gsl_rng_alloc(fsbi_random_pcg32);
    double *features = calloc(2 * model->feature_count, sizeof *features);
    for (int rule = 0; rule < RULES; rule++) {
        for (size_t k = 0; k < model->parameter_count; k++)
            theta[k] =
                model->parameters[k].low +
                gsl_rng_uniform(rng) * (model->parameters[k].high - model->parameters[k].low);
        for (size_t again = 0; again < 2; again++)
            model->type->features(model->settings, theta, features + again * model->feature_count);
        assert_memory_equal(features, features + model->feature_count,
                            model->feature_count * sizeof *features);
        for (size_t k = 0; k < model->feature_count; k++)
            assert_true(isfinite(features[k]));
    }
    free(features);
    gsl_rng_free(rng);
}

/* As much memory is taken however long time runs; by models without time, none. */
static void takes_no_memory_while_time_runs(void **state) {
    const subject *s = *state;
    const fsbi_config_node *longer = fsbi_config_node_find(s->root, "longer");
    const long usual = count_taken(s, s->model);
    if (longer == NULL) {
        assert_int_equal(usual, 0);
        return;
    }
    fsbi_model *long_model = open_part(s, longer);
    assert_int_equal(count_taken(s, long_model), usual);
    fsbi_model_close(long_model);
}

int main(void) {
    static const struct {
        const char *name;
        CMUnitTestFunction function;
    } checks[] = {{"is complete", is_complete},
                  {"is documented", is_documented},
                  {"settings read back, and no file is opened", settings_read_back},
                  {"is pure", is_pure},
                  {"obeys its watch", obeys_watch},
                  {"has metrics only if it ends ok", metrics_only_if_ok},
                  {"score(record()) is the metrics", score_of_record_is_metrics},
                  {"makes portraits", makes_portraits},
                  {"knows finite features", features_are_finite},
                  {"takes no memory while time runs", takes_no_memory_while_time_runs}};
    static subject subjects[MOST];
    static char names[MOST_CHECKS][128];
    static struct CMUnitTest tests[MOST_CHECKS];
    size_t count = 0;
    for (size_t m = 0; fsbi_model_registry[m] != NULL; m++) {
        subjects[m].name = fsbi_model_registry[m]->name;
        for (size_t c = 0; c < sizeof checks / sizeof *checks && count < MOST_CHECKS; c++) {
            snprintf(names[count], sizeof *names, "%s %s", subjects[m].name, checks[c].name);
            tests[count] = (struct CMUnitTest){.name = names[count],
                                               .test_func = checks[c].function,
                                               .setup_func = set_up,
                                               .teardown_func = tear_down,
                                               .initial_state = &subjects[m]};
            count++;
        }
    }
    return _cmocka_run_group_tests("conformance", tests, count, NULL, NULL);
}
