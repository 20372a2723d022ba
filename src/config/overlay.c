#include "config/overlay.h"

#include <string.h>

#include "config/keys_write.h"
#include "config/node_parts.h"
#include "core/memory.h"

/* NULL if memory runs out. */
static fsbi_config_node *copy_node(const fsbi_config_node *node, fsbi_error *error) {
    fsbi_config_node *copy = fsbi_config_node_new(node->kind, node->source, error);
    if (copy == NULL)
        return NULL;
    copy->plain = node->plain;
    copy->line = node->line;
    copy->column = node->column;
    fsbi_status status = FSBI_OK;
    if (node->text != NULL) {
        copy->text = fsbi_memory_copy(node->text, strlen(node->text) + 1, error);
        FSBI_TRY_DONE(copy->text == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    }
    for (size_t i = 0; i < node->child_count; i++)
        FSBI_TRY_DONE(fsbi_config_node_append_copy(copy, node->children[i], error));
    return copy;
done:
    fsbi_config_node_free(copy);
    return NULL;
}

fsbi_status fsbi_config_node_append_copy(fsbi_config_node *parent, const fsbi_config_node *child,
                                         fsbi_error *error) {
    fsbi_config_node *copy = copy_node(child, error);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(copy == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    FSBI_TRY_DONE(fsbi_config_node_append(parent, child->key, copy, error));
done:
    if (status != FSBI_OK)
        fsbi_config_node_free(copy);
    return status;
}

fsbi_status fsbi_config_overlay(const fsbi_config_node *base, const fsbi_config_node *changes,
                                fsbi_config_node **out, fsbi_error *error) {
    *out = fsbi_config_node_new(FSBI_NODE_MAPPING, changes->source, error);
    if (*out == NULL)
        return FSBI_NO_MEMORY;
    (*out)->line = changes->line;
    (*out)->column = changes->column;
    (*out)->parent = changes->parent;
    fsbi_status status = FSBI_OK;
    if (changes->key != NULL) {
        (*out)->key = fsbi_memory_copy(changes->key, strlen(changes->key) + 1, error);
        FSBI_TRY_DONE((*out)->key == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    }
    for (size_t i = 0; i < base->child_count; i++)
        if (fsbi_config_node_find(changes, base->children[i]->key) == NULL)
            FSBI_TRY_DONE(fsbi_config_node_append_copy(*out, base->children[i], error));
    for (size_t i = 0; i < changes->child_count; i++)
        FSBI_TRY_DONE(fsbi_config_node_append_copy(*out, changes->children[i], error));
done:
    if (status != FSBI_OK) {
        fsbi_config_node_free(*out);
        *out = NULL;
    }
    return status;
}

/* Whether YAML reads it as it stands: numbers, words. */
static bool is_simple(const char *text) {
    const size_t simple =
        strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                     "_.+-/");
    return text[simple] == '\0' && strcmp(text, "-") != 0;
}

void fsbi_config_node_write(const fsbi_config_node *node, fsbi_text *yaml) {
    if (node->kind == FSBI_NODE_SCALAR) {
        if (node->plain && is_simple(node->text))
            fsbi_text_append(yaml, "%s", node->text);
        else
            fsbi_config_string_write(node->text, yaml);
        return;
    }
    const bool mapping = node->kind == FSBI_NODE_MAPPING;
    fsbi_text_append(yaml, mapping ? "{" : "[");
    for (size_t i = 0; i < node->child_count; i++) {
        fsbi_text_append(yaml, i > 0 ? ", " : "");
        if (mapping) {
            fsbi_config_string_write(node->children[i]->key, yaml);
            fsbi_text_append(yaml, ": ");
        }
        fsbi_config_node_write(node->children[i], yaml);
    }
    fsbi_text_append(yaml, mapping ? "}" : "]");
}
