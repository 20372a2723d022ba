#include "fsbi/config_node.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/node_build.h"
#include "core/memory.h"
#include "core/text.h"

fsbi_config_node *fsbi_config_node_new(fsbi_node_kind kind, const char *source, fsbi_error *error) {
    fsbi_config_node *node = fsbi_memory_allocate(1, sizeof *node, error);
    if (node == NULL)
        return NULL;
    node->kind = kind;
    node->source = fsbi_memory_copy(source, strlen(source) + 1, error);
    if (node->source == NULL) {
        free(node);
        return NULL;
    }
    return node;
}

fsbi_status fsbi_config_node_append(fsbi_config_node *parent, const char *key,
                                    fsbi_config_node *child, fsbi_error *error) {
    if (key != NULL) {
        char *copy = fsbi_memory_copy(key, strlen(key) + 1, error);
        if (copy == NULL)
            return FSBI_NO_MEMORY;
        free(child->key);
        child->key = copy;
    }
    fsbi_config_node **children =
        realloc(parent->children, (parent->child_count + 1) * sizeof(fsbi_config_node *));
    if (children == NULL)
        return fsbi_error_set(error, FSBI_NO_MEMORY, "out of memory while reading %s",
                              parent->source);
    children[parent->child_count++] = child;
    parent->children = children;
    child->parent = parent;
    return FSBI_OK;
}

void fsbi_config_node_free(fsbi_config_node *root) {
    if (root == NULL)
        return;
    for (size_t i = 0; i < root->child_count; i++)
        fsbi_config_node_free(root->children[i]);
    free(root->children);
    free(root->key);
    free(root->text);
    free(root->source);
    free(root);
}

static fsbi_config_node *find(const fsbi_config_node *mapping, const char *key) {
    if (mapping == NULL || mapping->kind != FSBI_NODE_MAPPING)
        return NULL;
    for (size_t i = 0; i < mapping->child_count; i++)
        if (strcmp(mapping->children[i]->key, key) == 0)
            return mapping->children[i];
    return NULL;
}

const fsbi_config_node *fsbi_config_node_find(const fsbi_config_node *mapping, const char *key) {
    return find(mapping, key);
}

static void append_path(const fsbi_config_node *node, fsbi_text *path) {
    if (node->parent == NULL)
        return;
    append_path(node->parent, path);
    if (node->key != NULL) {
        fsbi_text_append(path, "%s%s", path->length > 0 ? "." : "", node->key);
        return;
    }
    size_t index = 0;
    while (index < node->parent->child_count && node->parent->children[index] != node)
        index++;
    fsbi_text_append(path, "%s%zu", path->length > 0 ? "." : "", index);
}

fsbi_status fsbi_config_node_error(const fsbi_config_node *node, fsbi_error *error,
                                   const char *format, ...) {
    char explanation[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(explanation, sizeof explanation, format, arguments);
    va_end(arguments);
    char place[32] = "";
    if (node->line > 0)
        snprintf(place, sizeof place, ":%d:%d", node->line, node->column);
    fsbi_text path = {0};
    append_path(node, &path);
    fsbi_error_set(error, FSBI_BAD_INPUT, "%s%s: %s%s%s", node->source, place,
                   path.length > 0 ? path.characters : "", path.length > 0 ? ": " : "",
                   explanation);
    fsbi_text_clear(&path);
    return FSBI_BAD_INPUT;
}

static const char *describe(const fsbi_config_node *node, char *buffer, size_t capacity) {
    if (node->kind == FSBI_NODE_MAPPING)
        return "a mapping";
    if (node->kind == FSBI_NODE_SEQUENCE)
        return "a list";
    if (node->plain && node->text[0] == '\0')
        return "nothing";
    snprintf(buffer, capacity, node->plain ? "'%.80s'" : "the string \"%.80s\"", node->text);
    return buffer;
}

fsbi_status fsbi_config_node_expect(const fsbi_config_node *node, fsbi_node_kind kind,
                                    fsbi_error *error) {
    static const char *const names[] = {"a single value", "a list such as [a, b]",
                                        "a mapping such as {key: value}"};
    char found[128];
    if (node->kind == kind)
        return FSBI_OK;
    return fsbi_config_node_error(node, error, "expected %s, found %s", names[kind],
                                  describe(node, found, sizeof found));
}

static bool text_to_real(const char *text, double *value) {
    if (strcmp(text, ".inf") == 0 || strcmp(text, "+.inf") == 0) {
        *value = INFINITY;
        return true;
    }
    if (strcmp(text, "-.inf") == 0) {
        *value = -INFINITY;
        return true;
    }
    if (text[0] == '\0' || strspn(text, "0123456789+-.eE") != strlen(text))
        return false;
    char *end = NULL;
    *value = strtod(text, &end);
    return *end == '\0' && isfinite(*value);
}

fsbi_status fsbi_config_node_real(const fsbi_config_node *node, double *value, fsbi_error *error) {
    char found[128];
    if (node->kind == FSBI_NODE_SCALAR && node->plain && text_to_real(node->text, value))
        return FSBI_OK;
    return fsbi_config_node_error(node, error, "expected a number, found %s",
                                  describe(node, found, sizeof found));
}

fsbi_status fsbi_config_node_integer(const fsbi_config_node *node, long *value, fsbi_error *error) {
    char found[128];
    double real = 0;
    enum { EXACT_BITS = 53 };
    if (node->kind == FSBI_NODE_SCALAR && node->plain) {
        char *end = NULL;
        errno = 0;
        *value = strtol(node->text, &end, 10);
        if (node->text[0] != '\0' && *end == '\0' && errno == 0)
            return FSBI_OK;
        if (text_to_real(node->text, &real) && real == floor(real) &&
            fabs(real) < ldexp(1, EXACT_BITS)) {
            *value = (long)real;
            return FSBI_OK;
        }
    }
    return fsbi_config_node_error(node, error, "expected a whole number, found %s",
                                  describe(node, found, sizeof found));
}

fsbi_status fsbi_config_node_boolean(const fsbi_config_node *node, bool *value, fsbi_error *error) {
    char found[128];
    if (node->kind == FSBI_NODE_SCALAR && node->plain) {
        *value = strcmp(node->text, "true") == 0;
        if (*value || strcmp(node->text, "false") == 0)
            return FSBI_OK;
    }
    return fsbi_config_node_error(node, error, "expected true or false, found %s",
                                  describe(node, found, sizeof found));
}

fsbi_status fsbi_config_node_string(const fsbi_config_node *node, char *value, size_t capacity,
                                    fsbi_error *error) {
    char found[128];
    if (node->kind != FSBI_NODE_SCALAR || node->text[0] == '\0')
        return fsbi_config_node_error(node, error, "expected a word or a string, found %s",
                                      describe(node, found, sizeof found));
    if (strlen(node->text) >= capacity)
        return fsbi_config_node_error(node, error,
                                      "too long: %zu characters, at most %zu are allowed",
                                      strlen(node->text), capacity - 1);
    memcpy(value, node->text, strlen(node->text) + 1);
    return FSBI_OK;
}

fsbi_status fsbi_config_node_check_keys(const fsbi_config_node *mapping, const char *const *names,
                                        size_t count, fsbi_error *error) {
    for (size_t i = 0; i < mapping->child_count; i++) {
        const fsbi_config_node *child = mapping->children[i];
        size_t known = 0;
        while (known < count && strcmp(names[known], child->key) != 0)
            known++;
        if (known < count)
            continue;
        const char *nearest = fsbi_text_nearest(child->key, names, count);
        if (nearest != NULL)
            return fsbi_config_node_error(child, error, "unknown key; did you mean '%s'?", nearest);
        fsbi_text list = {0};
        for (size_t k = 0; k < count; k++)
            fsbi_text_append(&list, "%s%s", k > 0 ? ", " : "", names[k]);
        fsbi_config_node_error(child, error, "unknown key; known here: %s",
                               list.length > 0 ? list.characters : "none");
        fsbi_text_clear(&list);
        return FSBI_BAD_INPUT;
    }
    return FSBI_OK;
}

/* The child that `step` of a --set path names; made if a mapping lacks it and `make` is set. */
static fsbi_status descend(fsbi_config_node *node, const char *step, const char *source,
                           fsbi_config_node **child, fsbi_error *error) {
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
    *child = find(node, step);
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

fsbi_status fsbi_config_node_set(fsbi_config_node *root, const char *assignment,
                                 fsbi_error *error) {
    const char *equals = strchr(assignment, '=');
    if (equals == NULL || equals == assignment)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "--set %s: expected path=value, as in --set model.ls=5", assignment);
    fsbi_text source = {0};
    fsbi_text_append(&source, "--set %s", assignment);
    char *path = fsbi_memory_copy(assignment, (size_t)(equals - assignment) + 1, error);
    fsbi_config_node *value = NULL;
    fsbi_status status = FSBI_NO_MEMORY;
    if (path == NULL || source.failed)
        goto done;
    path[equals - assignment] = '\0';
    status = fsbi_config_node_parse(equals + 1, source.characters, &value, error);
    if (status != FSBI_OK)
        goto done;
    forget_lines(value);
    fsbi_config_node *target = root;
    for (char *step = path; step != NULL && status == FSBI_OK;) {
        char *dot = strchr(step, '.');
        if (dot != NULL)
            *dot = '\0';
        status = descend(target, step, source.characters, &target, error);
        step = dot == NULL ? NULL : dot + 1;
    }
    if (status == FSBI_OK)
        replace_content(target, value);
done:
    fsbi_config_node_free(value);
    free(path);
    fsbi_text_clear(&source);
    return status;
}

static bool scalars_differ(const fsbi_config_node *a, const fsbi_config_node *b) {
    double number_a = 0;
    double number_b = 0;
    if (a->plain && b->plain && text_to_real(a->text, &number_a) &&
        text_to_real(b->text, &number_b))
        return number_a != number_b;
    return strcmp(a->text, b->text) != 0;
}

static bool is_ignored(const fsbi_config_node *node, const char *const *ignored) {
    fsbi_text path = {0};
    append_path(node, &path);
    bool found = false;
    for (size_t i = 0; path.length > 0 && ignored != NULL && ignored[i] != NULL; i++)
        found = found || strcmp(ignored[i], path.characters) == 0;
    fsbi_text_clear(&path);
    return found;
}

static bool report_difference(const fsbi_config_node *node, const char *here, const char *there,
                              char *difference, size_t capacity) {
    fsbi_text path = {0};
    append_path(node, &path);
    snprintf(difference, capacity, "%s: %s here, %s there",
             path.length > 0 ? path.characters : "the whole document", here, there);
    fsbi_text_clear(&path);
    return true;
}

bool fsbi_config_node_difference(const fsbi_config_node *a, const fsbi_config_node *b,
                                 const char *const *ignored, char *difference, size_t capacity) {
    char text_a[128];
    char text_b[128];
    if (is_ignored(a, ignored))
        return false;
    if (a->kind != b->kind || (a->kind == FSBI_NODE_SCALAR && scalars_differ(a, b)))
        return report_difference(a, describe(a, text_a, sizeof text_a),
                                 describe(b, text_b, sizeof text_b), difference, capacity);
    for (size_t i = 0; i < a->child_count; i++) {
        const fsbi_config_node *child = a->children[i];
        const fsbi_config_node *other = a->kind == FSBI_NODE_MAPPING ? find(b, child->key)
                                        : i < b->child_count         ? b->children[i]
                                                                     : NULL;
        if (other == NULL) {
            if (!is_ignored(child, ignored))
                return report_difference(child, describe(child, text_a, sizeof text_a), "nothing",
                                         difference, capacity);
        } else if (fsbi_config_node_difference(child, other, ignored, difference, capacity)) {
            return true;
        }
    }
    for (size_t i = 0; i < b->child_count; i++) {
        const fsbi_config_node *child = b->children[i];
        bool missing =
            a->kind == FSBI_NODE_MAPPING ? find(a, child->key) == NULL : i >= a->child_count;
        if (missing && !is_ignored(child, ignored))
            return report_difference(child, "nothing", describe(child, text_b, sizeof text_b),
                                     difference, capacity);
    }
    return false;
}
