#include "config/filter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"

/* Says that `name` is not among `known`; `what` it should have been. */
static fsbi_status unknown_name(const fsbi_config_node *node, const char *name, const char *what,
                                const char *const *known, size_t count, fsbi_error *error) {
    const char *nearest = fsbi_text_nearest(name, known, count);
    if (nearest != NULL)
        return fsbi_config_node_error(node, error, "'%s' is not %s; did you mean '%s'?", name, what,
                                      nearest);
    fsbi_text list = {0};
    for (size_t i = 0; i < count; i++)
        fsbi_text_append(&list, "%s%s", i > 0 ? ", " : "", known[i]);
    fsbi_config_node_error(node, error, "'%s' is not %s; there are: %s", name, what,
                           list.length > 0 ? list.characters : "none");
    fsbi_text_clear(&list);
    return FSBI_BAD_INPUT;
}

static fsbi_status find_metric(const fsbi_config_node *node, const char *name,
                               const fsbi_filter_context *known, size_t *index, fsbi_error *error) {
    for (size_t i = 0; i < known->metric_count; i++) {
        if (strcmp(known->metrics[i], name) == 0) {
            *index = i;
            return FSBI_OK;
        }
    }
    return unknown_name(node, name, "a metric of this model", known->metrics, known->metric_count,
                        error);
}

static fsbi_status add(const fsbi_config_node *node, const fsbi_condition *condition,
                       fsbi_filter *filter, fsbi_error *error) {
    for (size_t i = 0; i < filter->count; i++) {
        fsbi_condition *present = &filter->conditions[i];
        if (present->metric_index == condition->metric_index) {
            present->low = fmax(present->low, condition->low);
            present->high = fmin(present->high, condition->high);
            present->top = fmin(present->top, condition->top);
            present->bottom = fmin(present->bottom, condition->bottom);
            return present->low <= present->high
                       ? FSBI_OK
                       : fsbi_config_node_error(node, error,
                                                "no value of %s can meet all its conditions",
                                                condition->metric);
        }
    }
    fsbi_condition *conditions =
        realloc(filter->conditions, (filter->count + 1) * sizeof *filter->conditions);
    if (conditions == NULL)
        return fsbi_error_set(error, FSBI_NO_MEMORY, "out of memory while reading conditions");
    conditions[filter->count++] = *condition;
    filter->conditions = conditions;
    return FSBI_OK;
}

fsbi_condition fsbi_condition_any(size_t metric_index) {
    return (fsbi_condition){
        .metric_index = metric_index, .low = -INFINITY, .high = INFINITY, .top = 1, .bottom = 1};
}

bool fsbi_condition_is_relative(const fsbi_condition *condition) {
    return condition->top < 1 || condition->bottom < 1;
}

static fsbi_status read_interval(const fsbi_config_node *node, fsbi_condition *condition,
                                 fsbi_error *error) {
    if (node->kind != FSBI_NODE_SEQUENCE || node->child_count != 2)
        return fsbi_config_node_error(
            node, error,
            "expected an interval [low, high], whose open end is -.inf or .inf, or a best share "
            "such as {top: 0.1}");
    FSBI_TRY(fsbi_config_node_real(node->children[0], &condition->low, error));
    FSBI_TRY(fsbi_config_node_real(node->children[1], &condition->high, error));
    if (condition->low > condition->high)
        return fsbi_config_node_error(node, error, "the lower end %s is above the upper end %s",
                                      node->children[0]->text, node->children[1]->text);
    return FSBI_OK;
}

/* {interval: [low, high], top: SHARE, bottom: SHARE}, or some of it. */
static fsbi_status read_parts(const fsbi_config_node *node, fsbi_condition *condition,
                              fsbi_error *error) {
    static const char *const keys[] = {"interval", "top", "bottom"};
    double *const shares[] = {NULL, &condition->top, &condition->bottom};
    FSBI_TRY(fsbi_config_node_check_keys(node, keys, sizeof keys / sizeof *keys, error));
    const fsbi_config_node *interval = fsbi_config_node_find(node, keys[0]);
    if (interval != NULL)
        FSBI_TRY(read_interval(interval, condition, error));
    for (size_t i = 1; i < sizeof keys / sizeof *keys; i++) {
        const fsbi_config_node *share = fsbi_config_node_find(node, keys[i]);
        if (share == NULL)
            continue;
        FSBI_TRY(fsbi_config_node_real(share, shares[i], error));
        if (!(*shares[i] > 0 && *shares[i] <= 1))
            return fsbi_config_node_error(
                share, error, "found %s, expected a share of the rows: above 0, at most 1",
                share->text);
    }
    return FSBI_OK;
}

static fsbi_status read_condition(const fsbi_config_node *node, const fsbi_filter_context *known,
                                  fsbi_filter *filter, fsbi_error *error) {
    size_t index = 0;
    FSBI_TRY(find_metric(node, node->key, known, &index, error));
    fsbi_condition condition = fsbi_condition_any(index);
    const char *metric = known->metrics[index];
    if (strlen(metric) >= sizeof condition.metric)
        return fsbi_config_node_error(node, error, "the metric's name is too long");
    memcpy(condition.metric, metric, strlen(metric) + 1);
    FSBI_TRY(node->kind == FSBI_NODE_MAPPING ? read_parts(node, &condition, error)
                                             : read_interval(node, &condition, error));
    return add(node, &condition, filter, error);
}

static fsbi_status read_group(const fsbi_config_node *node, const fsbi_filter_context *known,
                              fsbi_filter *filter, fsbi_error *error) {
    fsbi_status status = fsbi_config_node_expect(node, FSBI_NODE_SCALAR, error);
    for (size_t i = 0; i < known->group_count && status == FSBI_OK; i++) {
        const fsbi_filter *group = &known->groups[i];
        if (strcmp(group->name, node->text) != 0)
            continue;
        for (size_t k = 0; k < group->count && status == FSBI_OK; k++)
            status = add(node, &group->conditions[k], filter, error);
        return status;
    }
    if (status != FSBI_OK)
        return status;
    const char **names = fsbi_memory_allocate(known->group_count, sizeof *names, error);
    if (names == NULL)
        return FSBI_NO_MEMORY;
    for (size_t i = 0; i < known->group_count; i++)
        names[i] = known->groups[i].name;
    status = unknown_name(node, node->text, "a group of conditions defined above", names,
                          known->group_count, error);
    free(names);
    return status;
}

fsbi_status fsbi_filter_read(const fsbi_config_node *node, const fsbi_filter_context *known,
                             fsbi_filter *filter, fsbi_error *error) {
    if (node->kind == FSBI_NODE_SCALAR)
        return read_group(node, known, filter, error);
    for (size_t i = 0; i < node->child_count; i++) {
        if (node->kind == FSBI_NODE_MAPPING)
            FSBI_TRY(read_condition(node->children[i], known, filter, error));
        else
            FSBI_TRY(fsbi_filter_read(node->children[i], known, filter, error));
    }
    return FSBI_OK;
}

fsbi_status fsbi_filter_read_metrics(const fsbi_config_node *node, const fsbi_filter_context *known,
                                     fsbi_filter *filter, fsbi_error *error) {
    FSBI_TRY(fsbi_config_node_expect(node, FSBI_NODE_SEQUENCE, error));
    for (size_t i = 0; i < node->child_count; i++) {
        const fsbi_config_node *item = node->children[i];
        fsbi_condition condition = fsbi_condition_any(0);
        size_t count = filter->count;
        FSBI_TRY(fsbi_config_node_string(item, condition.metric, sizeof condition.metric, error));
        FSBI_TRY(find_metric(item, condition.metric, known, &condition.metric_index, error));
        FSBI_TRY(add(item, &condition, filter, error));
        if (filter->count == count)
            return fsbi_config_node_error(item, error, "the metric '%s' is given twice",
                                          item->text);
    }
    return FSBI_OK;
}

static void write_interval(const fsbi_condition *condition, fsbi_text *yaml) {
    fsbi_text_append(yaml, "[");
    fsbi_text_append_real(yaml, condition->low);
    fsbi_text_append(yaml, ", ");
    fsbi_text_append_real(yaml, condition->high);
    fsbi_text_append(yaml, "]");
}

/* The parts of a condition that say anything, as read_parts reads them. */
static void write_parts(const fsbi_condition *condition, fsbi_text *yaml) {
    const char *separator = "";
    fsbi_text_append(yaml, "{");
    if (isfinite(condition->low) || isfinite(condition->high)) {
        fsbi_text_append(yaml, "interval: ");
        write_interval(condition, yaml);
        separator = ", ";
    }
    if (condition->top < 1) {
        fsbi_text_append(yaml, "%stop: ", separator);
        fsbi_text_append_real(yaml, condition->top);
        separator = ", ";
    }
    if (condition->bottom < 1) {
        fsbi_text_append(yaml, "%sbottom: ", separator);
        fsbi_text_append_real(yaml, condition->bottom);
    }
    fsbi_text_append(yaml, "}");
}

void fsbi_filter_write(const fsbi_filter *filter, fsbi_text *yaml) {
    fsbi_text_append(yaml, "{");
    for (size_t i = 0; i < filter->count; i++) {
        const fsbi_condition *condition = &filter->conditions[i];
        fsbi_text_append(yaml, "%s%s: ", i > 0 ? ", " : "", condition->metric);
        if (fsbi_condition_is_relative(condition))
            write_parts(condition, yaml);
        else
            write_interval(condition, yaml);
    }
    fsbi_text_append(yaml, "}");
}
