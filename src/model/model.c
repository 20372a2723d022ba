#include "fsbi/model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/keys_write.h"
#include "core/memory.h"
#include "core/text.h"
#include "fsbi/random.h"
#include "model/model_yaml.h"

const char *fsbi_simulation_status_name(fsbi_simulation_status status) {
    static const char *const names[FSBI_SIMULATION_STATUSES] = {"pending",   "ok",     "blown_up",
                                                                "timed_out", "failed", "stopped"};
    return (size_t)status < FSBI_SIMULATION_STATUSES ? names[status] : "unknown";
}

const char *fsbi_simulation_reason_name(fsbi_simulation_reason reason) {
    static const char *const names[FSBI_SIMULATION_REASONS] = {"none", "not_finite", "impossible",
                                                               "too_many_spikes", "crashed"};
    return (size_t)reason < FSBI_SIMULATION_REASONS ? names[reason] : "unknown";
}

fsbi_simulation_status fsbi_watch_look(const fsbi_watch *watch) {
    return watch == NULL ? FSBI_SIMULATION_OK : watch->look(watch->context);
}

bool fsbi_watch_go_on(const fsbi_watch *watch, size_t checkpoint, const double *metrics) {
    return watch == NULL || watch->go_on == NULL ||
           watch->go_on(watch->context, checkpoint, metrics);
}

static fsbi_status add_element(void **array, size_t *count, size_t size, const void *element,
                               fsbi_error *error) {
    void *grown = realloc(*array, (*count + 1) * size);
    if (grown == NULL)
        return fsbi_error_set(error, FSBI_NO_MEMORY, "out of memory while opening the model");
    memcpy((char *)grown + *count * size, element, size);
    *array = grown;
    (*count)++;
    return FSBI_OK;
}

fsbi_status fsbi_model_add_parameter(fsbi_model *model, const fsbi_parameter *parameter,
                                     fsbi_error *error) {
    if (!(parameter->low <= parameter->high))
        return fsbi_error_set(error, FSBI_INTERNAL, "the bounds of parameter '%s' are not in order",
                              parameter->name);
    void *parameters = model->parameters;
    fsbi_status status =
        add_element(&parameters, &model->parameter_count, sizeof *parameter, parameter, error);
    model->parameters = parameters;
    return status;
}

/* Fields that a row has besides its metrics. */
static bool is_taken(const fsbi_model *model, const char *name) {
    static const char *const fields[] = {"theta",     "seed",     "status",    "t_end",
                                         "wall_time", "rank",     "reason",    "crashes",
                                         "checksum",  "survival", "checkpoint"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (strcmp(fields[i], name) == 0)
            return true;
    for (size_t i = 0; i < model->metric_count; i++)
        if (strcmp(model->metrics[i].name, name) == 0)
            return true;
    return false;
}

fsbi_status fsbi_model_add_metric(fsbi_model *model, const char *name, const char *unit,
                                  fsbi_error *error) {
    if (is_taken(model, name) || strlen(name) >= FSBI_MODEL_NAME)
        return fsbi_error_set(error, FSBI_INTERNAL,
                              "a metric cannot be called '%s': the name is taken or too long",
                              name);
    fsbi_metric metric = {0};
    snprintf(metric.name, sizeof metric.name, "%s", name);
    snprintf(metric.unit, sizeof metric.unit, "%s", unit);
    void *metrics = model->metrics;
    fsbi_status status = add_element(&metrics, &model->metric_count, sizeof metric, &metric, error);
    model->metrics = metrics;
    return status;
}

void fsbi_model_scale_metric(fsbi_model *model, fsbi_metric_scale scale, double offset) {
    fsbi_metric *metric = &model->metrics[model->metric_count - 1];
    metric->scale = scale;
    metric->offset = offset;
}

fsbi_status fsbi_model_add_observable(fsbi_model *model, const char *name, const char *unit,
                                      fsbi_error *error) {
    FSBI_TRY(fsbi_model_add_metric(model, name, unit, error));
    model->metrics[model->metric_count - 1].observable = true;
    return FSBI_OK;
}

fsbi_status fsbi_model_add_interim(fsbi_model *model, const char *name, const char *unit,
                                   size_t checkpoint, fsbi_error *error) {
    FSBI_TRY(fsbi_model_add_observable(model, name, unit, error));
    model->metrics[model->metric_count - 1].checkpoint = checkpoint;
    model->checkpoint_count = checkpoint;
    model->interim_count += checkpoint == 1;
    return FSBI_OK;
}

void fsbi_model_set_parts(fsbi_model *model, size_t whole, size_t count) {
    model->metrics[whole].first_part = model->metric_count - count;
    model->metrics[whole].part_count = count;
}

double fsbi_metric_scaled(const fsbi_metric *metric, double value) {
    if (isnan(value)) /* fmax would make a number of it */
        return NAN;
    switch (metric->scale) {
    case FSBI_SCALE_LOGARITHM:
        return log(fmax(value, 0) + metric->offset);
    case FSBI_SCALE_SQUARE_ROOT:
        return sqrt(fmax(value, 0));
    case FSBI_SCALE_BELOW_ONE:
        return -log(fmax(1 - value, 0) + metric->offset);
    case FSBI_SCALE_AREA_SINE:
        return asinh(value / metric->offset);
    case FSBI_SCALE_LINEAR:
        break;
    }
    return value;
}

fsbi_status fsbi_model_add_feature(fsbi_model *model, const char *name, const char *unit,
                                   fsbi_error *error) {
    fsbi_feature feature = {0};
    if (strlen(name) >= sizeof feature.name)
        return fsbi_error_set(error, FSBI_INTERNAL, "a feature cannot be called '%s': too long",
                              name);
    snprintf(feature.name, sizeof feature.name, "%s", name);
    snprintf(feature.unit, sizeof feature.unit, "%s", unit);
    void *features = model->features;
    fsbi_status status =
        add_element(&features, &model->feature_count, sizeof feature, &feature, error);
    model->features = features;
    return status;
}

size_t fsbi_trace_element_size(fsbi_trace_type type) {
    return type == FSBI_TRACE_UINT64 ? sizeof(uint64_t) : sizeof(uint32_t);
}

fsbi_status fsbi_model_add_trace(fsbi_model *model, const fsbi_trace_array *trace,
                                 fsbi_error *error) {
    if (model->trace_count == FSBI_MODEL_MOST_TRACES)
        return fsbi_error_set(error, FSBI_INTERNAL, "a model has at most %d arrays of traces",
                              FSBI_MODEL_MOST_TRACES);
    void *traces = model->traces;
    fsbi_status status = add_element(&traces, &model->trace_count, sizeof *trace, trace, error);
    model->traces = traces;
    return status;
}

/* The type that a section names, or NULL and the error. */
static const fsbi_model_type *find_type(const fsbi_config_node *section, fsbi_error *error) {
    const char *names[64];
    size_t count = 0;
    fsbi_text list = {0};
    const fsbi_model_type *type = NULL;
    const fsbi_config_node *name = fsbi_config_node_find(section, "name");
    for (; fsbi_model_registry[count] != NULL && count < sizeof names / sizeof *names; count++) {
        names[count] = fsbi_model_registry[count]->name;
        fsbi_text_append(&list, "%s%s", count > 0 ? ", " : "", names[count]);
    }
    if (name == NULL) {
        fsbi_config_node_error(section, error, "the key 'name' is missing; there are the models %s",
                               list.characters);
    } else if (fsbi_config_node_expect(name, FSBI_NODE_SCALAR, error) == FSBI_OK) {
        for (size_t i = 0; i < count; i++)
            if (strcmp(names[i], name->text) == 0)
                type = fsbi_model_registry[i];
        const char *nearest = fsbi_text_nearest(name->text, names, count);
        if (type == NULL && nearest != NULL)
            fsbi_config_node_error(name, error, "there is no model '%s'; did you mean '%s'?",
                                   name->text, nearest);
        else if (type == NULL)
            fsbi_config_node_error(name, error, "there is no model '%s'; there are %s", name->text,
                                   list.characters);
    }
    fsbi_text_clear(&list);
    return type;
}

/* Reads the settings of a model that knows its type, and lets it declare what it has. */
static fsbi_status configure(fsbi_model *model, const fsbi_config_node *section,
                             fsbi_error *error) {
    static const char *const others[] = {"name", NULL};
    fsbi_error cause = {0};
    model->settings = fsbi_memory_allocate(1, model->type->settings_size, error);
    if (model->settings == NULL)
        return FSBI_NO_MEMORY;
    FSBI_TRY(
        fsbi_config_keys_read(model->type->keys, section, "model", others, model->settings, error));
    const fsbi_status status = model->type->configure(model, &cause);
    if (status != FSBI_OK)
        fsbi_config_node_error(section, error, "%.1000s", cause.message);
    return status;
}

fsbi_status fsbi_model_open(const fsbi_config_node *section, fsbi_model **out, fsbi_error *error) {
    FSBI_TRY(fsbi_config_node_expect(section, FSBI_NODE_MAPPING, error));
    fsbi_model *model = fsbi_memory_allocate(1, sizeof *model, error);
    if (model == NULL)
        return FSBI_NO_MEMORY;
    model->type = find_type(section, error);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(model->type == NULL ? FSBI_BAD_INPUT : FSBI_OK);
    FSBI_TRY_DONE(configure(model, section, error));
    *out = model;
    model = NULL;
done:
    fsbi_model_close(model);
    return status;
}

size_t fsbi_model_inferred_count(const fsbi_model *model) {
    size_t count = 0;
    for (size_t i = 0; i < model->parameter_count; i++)
        count += !model->parameters[i].nuisance;
    return count;
}

void fsbi_model_gather_inferred(const fsbi_model *model, const double *theta, double *inferred) {
    for (size_t i = 0; i < model->parameter_count; i++)
        if (!model->parameters[i].nuisance)
            *inferred++ = theta[i];
}

void fsbi_model_scatter_inferred(const fsbi_model *model, const double *inferred, double *theta) {
    for (size_t i = 0; i < model->parameter_count; i++)
        if (!model->parameters[i].nuisance)
            theta[i] = *inferred++;
}

bool fsbi_model_is_outside(const fsbi_model *model, const double *theta) {
    for (size_t i = 0; i < model->parameter_count; i++) {
        const fsbi_parameter *p = &model->parameters[i];
        if (!p->nuisance && (theta[i] < p->low || theta[i] > p->high))
            return true;
    }
    return false;
}

void fsbi_model_close(fsbi_model *model) {
    if (model == NULL)
        return;
    free(model->settings);
    free(model->parameters);
    free(model->metrics);
    free(model->features);
    free(model->traces);
    free(model);
}

void fsbi_model_write_yaml(const fsbi_model *model, fsbi_text *yaml) {
    fsbi_text_append(yaml, "  name: %s  # %s\n", model->type->name, model->type->summary);
    fsbi_config_keys_write(model->type->keys, model->settings, 2, yaml);
}

void *fsbi_model_create(const fsbi_model *model, fsbi_error *error) {
    return model->type->create(model->settings, error);
}

fsbi_status fsbi_model_simulate(const fsbi_model *model, void *workspace,
                                const fsbi_simulation *simulation, double *metrics,
                                fsbi_outcome *outcome, fsbi_error *error) {
    for (size_t i = 0; i < model->metric_count; i++)
        metrics[i] = NAN;
    *outcome = (fsbi_outcome){.status = FSBI_SIMULATION_OK};
    fsbi_random_seed(simulation->stream, simulation->seed);
    return model->type->simulate(workspace, simulation, metrics, outcome, error);
}
