/* Typed readings of single values. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/node_parts.h"

const char *fsbi_config_node_describe(const fsbi_config_node *node, char *buffer, size_t capacity) {
    if (node->kind == FSBI_NODE_MAPPING)
        return "a mapping";
    if (node->kind == FSBI_NODE_SEQUENCE || node->text == NULL)
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
                                  fsbi_config_node_describe(node, found, sizeof found));
}

bool fsbi_config_text_to_real(const char *text, double *value) {
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
    if (node->kind == FSBI_NODE_SCALAR && node->plain &&
        fsbi_config_text_to_real(node->text, value))
        return FSBI_OK;
    return fsbi_config_node_error(node, error, "expected a number, found %s",
                                  fsbi_config_node_describe(node, found, sizeof found));
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
        if (fsbi_config_text_to_real(node->text, &real) && real == floor(real) &&
            fabs(real) <= ldexp(1, EXACT_BITS)) {
            *value = (long)real;
            return FSBI_OK;
        }
    }
    return fsbi_config_node_error(node, error, "expected a whole number, found %s",
                                  fsbi_config_node_describe(node, found, sizeof found));
}

fsbi_status fsbi_config_node_boolean(const fsbi_config_node *node, bool *value, fsbi_error *error) {
    char found[128];
    if (node->kind == FSBI_NODE_SCALAR && node->plain) {
        *value = strcmp(node->text, "true") == 0;
        if (*value || strcmp(node->text, "false") == 0)
            return FSBI_OK;
    }
    return fsbi_config_node_error(node, error, "expected true or false, found %s",
                                  fsbi_config_node_describe(node, found, sizeof found));
}

fsbi_status fsbi_config_node_string(const fsbi_config_node *node, char *value, size_t capacity,
                                    fsbi_error *error) {
    char found[128];
    const bool typed = node->kind == FSBI_NODE_SCALAR || node->text != NULL;
    if (!typed || node->text[0] == '\0')
        return fsbi_config_node_error(node, error, "expected a word or a string, found %s",
                                      fsbi_config_node_describe(node, found, sizeof found));
    if (strlen(node->text) >= capacity)
        return fsbi_config_node_error(node, error,
                                      "too long: %zu characters, at most %zu are allowed",
                                      strlen(node->text), capacity - 1);
    memcpy(value, node->text, strlen(node->text) + 1);
    return FSBI_OK;
}
