#include "fsbi/config_node.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/node_parts.h"
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

fsbi_config_node *fsbi_config_node_child(const fsbi_config_node *mapping, const char *key) {
    if (mapping == NULL || mapping->kind != FSBI_NODE_MAPPING)
        return NULL;
    for (size_t i = 0; i < mapping->child_count; i++)
        if (strcmp(mapping->children[i]->key, key) == 0)
            return mapping->children[i];
    return NULL;
}

const fsbi_config_node *fsbi_config_node_find(const fsbi_config_node *mapping, const char *key) {
    return fsbi_config_node_child(mapping, key);
}

void fsbi_config_node_path(const fsbi_config_node *node, fsbi_text *path) {
    if (node->parent == NULL)
        return;
    fsbi_config_node_path(node->parent, path);
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
    fsbi_config_node_path(node, &path);
    fsbi_error_set(error, FSBI_BAD_INPUT, "%s%s: %s%s%s", node->source, place,
                   path.length > 0 ? path.characters : "", path.length > 0 ? ": " : "",
                   explanation);
    fsbi_text_clear(&path);
    return FSBI_BAD_INPUT;
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
