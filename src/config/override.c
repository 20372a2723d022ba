/* Carrying out --set path=value. */
#include <stdlib.h>
#include <string.h>

#include "config/node_parts.h"
#include "core/memory.h"

/* The child that `step` of a --set path names; made if a mapping lacks it and `make` is set. */
static fsbi_status descend(fsbi_config_node *node, const char *step, const char *source,
                           fsbi_config_node **child, fsbi_error *error) {
    if (node->kind == FSBI_NODE_SEQUENCE && node->child_count == 0)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "%s: the list there is empty, so there is no '%s'", source, step);
    if (node->kind == FSBI_NODE_SEQUENCE) {
        char *end = NULL;
        unsigned long index = strtoul(step, &end, 10);
        if (step[0] < '0' || step[0] > '9' || *end != '\0' || index >= node->child_count)
            return fsbi_error_set(error, FSBI_BAD_INPUT,
                                  "%s: '%s' is not an index from 0 to %zu of the list there",
                                  source, step, node->child_count - 1);
        *child = node->children[index];
        return FSBI_OK;
    }
    if (node->kind != FSBI_NODE_MAPPING || step[0] == '\0')
        return fsbi_error_set(error, FSBI_BAD_INPUT, "%s: nothing can be named '%s' there", source,
                              step);
    *child = fsbi_config_node_child(node, step);
    if (*child != NULL)
        return FSBI_OK;
    fsbi_config_node *made = fsbi_config_node_new(FSBI_NODE_MAPPING, source, error);
    if (made == NULL)
        return FSBI_NO_MEMORY;
    if (fsbi_config_node_append(node, step, made, error) != FSBI_OK) {
        fsbi_config_node_free(made);
        return FSBI_NO_MEMORY;
    }
    *child = made;
    return FSBI_OK;
}

/* Makes `target` hold what `value` holds; `value` is left empty, to be freed. */
static void replace_content(fsbi_config_node *target, fsbi_config_node *value) {
    fsbi_config_node old = *target;
    target->kind = value->kind;
    target->text = value->text;
    target->plain = value->plain;
    target->source = value->source;
    target->line = value->line;
    target->column = value->column;
    target->children = value->children;
    target->child_count = value->child_count;
    for (size_t i = 0; i < target->child_count; i++)
        target->children[i]->parent = target;
    value->text = old.text;
    value->source = old.source;
    value->children = old.children;
    value->child_count = old.child_count;
}

static void forget_lines(fsbi_config_node *node) {
    node->line = 0;
    for (size_t i = 0; i < node->child_count; i++)
        forget_lines(node->children[i]);
}

/* What was typed as a scalar, with every character. A list or mapping in brackets is YAML, and
 * keeps what was typed for whoever expects a string there. */
static fsbi_status read_typed(const char *typed, const char *source, fsbi_config_node **value,
                              fsbi_error *error) {
    const char *foreign = fsbi_text_find_foreign(typed);
    if (foreign != NULL)
        return fsbi_error_set(error, FSBI_BAD_INPUT, "%s: the byte 0x%02x is no UTF-8 text", source,
                              (unsigned)(unsigned char)*foreign);
    const bool collection = (typed[0] == '[' || typed[0] == '{') &&
                            fsbi_config_node_parse(typed, source, value, NULL) == FSBI_OK;
    if (!collection)
        *value = fsbi_config_node_new(FSBI_NODE_SCALAR, source, error);
    if (*value == NULL)
        return FSBI_NO_MEMORY;
    (*value)->plain = true;
    (*value)->text = fsbi_memory_copy(typed, strlen(typed) + 1, error);
    forget_lines(*value);
    return (*value)->text == NULL ? FSBI_NO_MEMORY : FSBI_OK;
}

fsbi_status fsbi_config_node_set_as(fsbi_config_node *root, const char *assignment,
                                    const char *source, fsbi_error *error) {
    const char *equals = strchr(assignment, '=');
    if (equals == NULL || equals == assignment)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "%s: expected path=value, as in --set model.ls=5", source);
    char *path = fsbi_memory_copy(assignment, (size_t)(equals - assignment) + 1, error);
    fsbi_config_node *value = NULL;
    if (path == NULL)
        return FSBI_NO_MEMORY;
    path[equals - assignment] = '\0';
    fsbi_status status = read_typed(equals + 1, source, &value, error);
    if (status != FSBI_OK || value == NULL)
        goto done;
    fsbi_config_node *target = root;
    for (char *step = path; step != NULL && status == FSBI_OK;) {
        char *dot = strchr(step, '.');
        if (dot != NULL)
            *dot = '\0';
        status = descend(target, step, source, &target, error);
        step = dot == NULL ? NULL : dot + 1;
    }
    if (status == FSBI_OK)
        replace_content(target, value);
done:
    fsbi_config_node_free(value);
    free(path);
    return status;
}

fsbi_status fsbi_config_node_set(fsbi_config_node *root, const char *assignment,
                                 fsbi_error *error) {
    fsbi_text source = {0};
    fsbi_text_append(&source, "--set %s", assignment);
    fsbi_status status = source.failed
                             ? fsbi_error_set(error, FSBI_NO_MEMORY, "out of memory")
                             : fsbi_config_node_set_as(root, assignment, source.characters, error);
    fsbi_text_clear(&source);
    return status;
}
