#include "fsbi/config_keys.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/keys_write.h"
#include "core/memory.h"
#include "core/text.h"

static fsbi_status find_choice(const fsbi_config_key *key, const fsbi_config_node *node,
                               const char *value, int *chosen, fsbi_error *error) {
    fsbi_text list = {0};
    size_t count = 0;
    while (key->choices[count] != NULL) {
        if (strcmp(key->choices[count], value) == 0) {
            fsbi_text_clear(&list);
            *chosen = (int)count;
            return FSBI_OK;
        }
        fsbi_text_append(&list, "%s%s", count > 0 ? ", " : "", key->choices[count]);
        count++;
    }
    const char *nearest = fsbi_text_nearest(value, key->choices, count);
    fsbi_config_node_error(node, error, "found '%s', allowed: %s%s%s%s", value, list.characters,
                           nearest != NULL ? "; did you mean '" : "",
                           nearest != NULL ? nearest : "", nearest != NULL ? "'?" : "");
    fsbi_text_clear(&list);
    return FSBI_BAD_INPUT;
}

static fsbi_status check_range(const fsbi_config_key *key, const fsbi_config_node *node,
                               double value, fsbi_error *error) {
    if (value >= key->low && value <= key->high)
        return FSBI_OK;
    fsbi_text range = {0};
    fsbi_text_append_real(&range, key->low);
    fsbi_text_append(&range, " to ");
    fsbi_text_append_real(&range, key->high);
    fsbi_config_node_error(node, error, "found %s, allowed: %s (%s)", node->text, range.characters,
                           key->help);
    fsbi_text_clear(&range);
    return FSBI_BAD_INPUT;
}

static fsbi_status read_list(const fsbi_config_key *key, const fsbi_config_node *node,
                             fsbi_config_list *list, fsbi_error *error) {
    FSBI_TRY(fsbi_config_node_expect(node, FSBI_NODE_SEQUENCE, error));
    if (node->child_count > FSBI_CONFIG_NUMBERS)
        return fsbi_config_node_error(node, error, "found %zu numbers, at most %d are allowed",
                                      node->child_count, FSBI_CONFIG_NUMBERS);
    list->count = 0;
    for (size_t i = 0; i < node->child_count; i++) {
        double *number = &list->number[list->count++];
        FSBI_TRY(fsbi_config_node_real(node->children[i], number, error));
        FSBI_TRY(check_range(key, node->children[i], *number, error));
    }
    return FSBI_OK;
}

/* A string that is empty by default may be given as empty too. */
static fsbi_status read_string(const fsbi_config_key *key, const fsbi_config_node *node,
                               char *target, fsbi_error *error) {
    const bool may_be_empty = key->fallback != NULL && key->fallback[0] == '\0';
    if (may_be_empty && node->kind == FSBI_NODE_SCALAR && node->text[0] == '\0') {
        target[0] = '\0';
        return FSBI_OK;
    }
    FSBI_TRY(fsbi_config_node_string(node, target, FSBI_CONFIG_STRING, error));
    int chosen = 0;
    return key->choices == NULL ? FSBI_OK : find_choice(key, node, target, &chosen, error);
}

/* Enums have the size of an int. */
static fsbi_status read_choice(const fsbi_config_key *key, const fsbi_config_node *node,
                               void *target, fsbi_error *error) {
    char word[FSBI_CONFIG_STRING];
    int chosen = 0;
    FSBI_TRY(fsbi_config_node_string(node, word, sizeof word, error));
    FSBI_TRY(find_choice(key, node, word, &chosen, error));
    memcpy(target, &chosen, sizeof chosen);
    return FSBI_OK;
}

static const char *name_choice(const fsbi_config_key *key, const void *value) {
    int chosen = 0;
    memcpy(&chosen, value, sizeof chosen);
    return key->choices[chosen];
}

/* A whole number just above a bound of 2^53 must not become the bound. */
static double not_rounded_down(long value) {
    static const double largest = 0x1p62;
    const double real = (double)value;
    return fabs(real) < largest && (long)real < value ? nextafter(real, INFINITY) : real;
}

static fsbi_status read_value(const fsbi_config_key *key, const fsbi_config_node *node,
                              void *settings, fsbi_error *error) {
    void *target = (char *)settings + key->offset;
    switch (key->type) {
    case FSBI_KEY_REAL:
        FSBI_TRY(fsbi_config_node_real(node, target, error));
        return check_range(key, node, *(double *)target, error);
    case FSBI_KEY_INTEGER:
        FSBI_TRY(fsbi_config_node_integer(node, target, error));
        return check_range(key, node, not_rounded_down(*(long *)target), error);
    case FSBI_KEY_BOOLEAN:
        return fsbi_config_node_boolean(node, target, error);
    case FSBI_KEY_LIST:
        return read_list(key, node, target, error);
    case FSBI_KEY_CHOICE:
        return read_choice(key, node, target, error);
    case FSBI_KEY_STRING:
        break;
    }
    return read_string(key, node, target, error);
}

static fsbi_status read_default(const fsbi_config_key *key, void *settings, fsbi_error *error) {
    if (key->type == FSBI_KEY_STRING) {
        snprintf((char *)settings + key->offset, FSBI_CONFIG_STRING, "%s", key->fallback);
        return FSBI_OK;
    }
    fsbi_config_node *node = NULL;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(fsbi_config_node_parse(key->fallback, key->name, &node, error));
    FSBI_TRY_DONE(read_value(key, node, settings, error));
done:
    fsbi_config_node_free(node);
    return status;
}

static size_t count_keys(const fsbi_config_keys *table) {
    size_t count = 0;
    for (; table != NULL; table = table->base)
        count += table->count;
    return count;
}

static fsbi_status check_known(const fsbi_config_keys *table, const fsbi_config_node *mapping,
                               const char *const *others, fsbi_error *error) {
    size_t count = 0;
    while (others != NULL && others[count] != NULL)
        count++;
    const char **names = fsbi_memory_allocate(count_keys(table) + count, sizeof *names, error);
    if (names == NULL)
        return FSBI_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        names[i] = others[i];
    for (; table != NULL; table = table->base)
        for (size_t i = 0; i < table->count; i++)
            names[count++] = table->keys[i].name;
    fsbi_status status = fsbi_config_node_check_keys(mapping, names, count, error);
    free(names);
    return status;
}

static fsbi_status read_key(const fsbi_config_key *key, const fsbi_config_node *mapping,
                            const char *section, void *settings, fsbi_error *error) {
    const fsbi_config_node *node = fsbi_config_node_find(mapping, key->name);
    if (node != NULL)
        return read_value(key, node, settings, error);
    if (key->fallback != NULL)
        return read_default(key, settings, error);
    if (mapping != NULL)
        return fsbi_config_node_error(mapping, error, "the key '%s' is missing (%s)", key->name,
                                      key->help);
    return fsbi_error_set(error, FSBI_BAD_INPUT, "the key %s.%s is missing (%s)", section,
                          key->name, key->help);
}

fsbi_status fsbi_config_keys_read(const fsbi_config_keys *table, const fsbi_config_node *mapping,
                                  const char *section, const char *const *others, void *settings,
                                  fsbi_error *error) {
    if (mapping != NULL) {
        FSBI_TRY(fsbi_config_node_expect(mapping, FSBI_NODE_MAPPING, error));
        FSBI_TRY(check_known(table, mapping, others, error));
    }
    for (; table != NULL; table = table->base)
        for (size_t i = 0; i < table->count; i++)
            FSBI_TRY(read_key(&table->keys[i], mapping, section, settings, error));
    return FSBI_OK;
}

static void write_list(const fsbi_config_list *list, fsbi_text *yaml) {
    fsbi_text_append(yaml, "[");
    for (size_t i = 0; i < list->count; i++) {
        fsbi_text_append(yaml, i > 0 ? ", " : "");
        fsbi_text_append_real(yaml, list->number[i]);
    }
    fsbi_text_append(yaml, "]");
}

void fsbi_config_keys_write(const fsbi_config_keys *table, const void *settings, int indentation,
                            fsbi_text *yaml) {
    if (table->base != NULL)
        fsbi_config_keys_write(table->base, settings, indentation, yaml);
    for (size_t i = 0; i < table->count; i++) {
        const fsbi_config_key *key = &table->keys[i];
        const void *value = (const char *)settings + key->offset;
        fsbi_text_append(yaml, "%*s%s: ", indentation, "", key->name);
        switch (key->type) {
        case FSBI_KEY_REAL:
            fsbi_text_append_real(yaml, *(const double *)value);
            break;
        case FSBI_KEY_INTEGER:
            fsbi_text_append(yaml, "%ld", *(const long *)value);
            break;
        case FSBI_KEY_BOOLEAN:
            fsbi_text_append(yaml, *(const bool *)value ? "true" : "false");
            break;
        case FSBI_KEY_STRING:
            fsbi_config_string_write(value, yaml);
            break;
        case FSBI_KEY_CHOICE:
            fsbi_config_string_write(name_choice(key, value), yaml);
            break;
        case FSBI_KEY_LIST:
            write_list(value, yaml);
            break;
        }
        fsbi_text_append(yaml, "  # %s\n", key->help);
    }
}

void fsbi_config_string_write(const char *value, fsbi_text *yaml) {
    fsbi_text_append(yaml, "\"");
    for (const char *c = value; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            fsbi_text_append(yaml, "\\%c", *c);
        else if ((unsigned char)*c < ' ')
            fsbi_text_append(yaml, "\\x%02x", (unsigned)*c);
        else
            fsbi_text_append(yaml, "%c", *c);
    }
    fsbi_text_append(yaml, "\"");
}
