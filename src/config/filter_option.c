/* Conditions and metrics as command lines give them: turned into the nodes that a configuration
 * would have, for the readers of these. */
#include <stdlib.h>
#include <string.h>

#include "config/filter.h"
#include "config/node_parts.h"
#include "core/memory.h"

/* Adds a child to `parent`: a scalar of the first `length` characters of `text`, or, of NULL, a
 * collection of this kind. */
static fsbi_config_node *add_child(fsbi_config_node *parent, const char *key, fsbi_node_kind kind,
                                   const char *text, size_t length, fsbi_error *error) {
    fsbi_config_node *child = fsbi_config_node_new(kind, parent->source, error);
    if (child == NULL)
        return NULL;
    child->plain = true;
    if (text != NULL)
        child->text = strndup(text, length);
    if ((text != NULL && child->text == NULL) ||
        fsbi_config_node_append(parent, key, child, error) != FSBI_OK) {
        fsbi_config_node_free(child);
        fsbi_error_set(error, FSBI_NO_MEMORY, "out of memory while reading %s", parent->source);
        return NULL;
    }
    return child;
}

/* {METRIC: [LOW, HIGH]} or {METRIC: {top: SHARE}}, `equals` and `colon` being where these stand. */
static fsbi_status add_condition(fsbi_config_node *root, const char *text, const char *equals,
                                 const char *colon, fsbi_error *error) {
    char metric[FSBI_CONFIG_NAME] = "";
    char word[sizeof "bottom"] = "";
    const size_t name_length = (size_t)(equals - text);
    const size_t before = (size_t)(colon - equals) - 1;
    memcpy(metric, text, name_length < sizeof metric ? name_length : sizeof metric - 1);
    memcpy(word, equals + 1, before < sizeof word ? before : sizeof word - 1);
    const bool share = strcmp(word, "top") == 0 || strcmp(word, "bottom") == 0;
    fsbi_config_node *condition =
        add_child(root, metric, share ? FSBI_NODE_MAPPING : FSBI_NODE_SEQUENCE, NULL, 0, error);
    if (condition == NULL)
        return FSBI_NO_MEMORY;
    if (!share && add_child(condition, NULL, FSBI_NODE_SCALAR, equals + 1, before, error) == NULL)
        return FSBI_NO_MEMORY;
    return add_child(condition, share ? word : NULL, FSBI_NODE_SCALAR, colon + 1, strlen(colon + 1),
                     error) == NULL
               ? FSBI_NO_MEMORY
               : FSBI_OK;
}

/* The root of an option's nodes, called --OPTION TEXT in messages. */
static fsbi_config_node *begin(const char *option, const char *text, fsbi_node_kind kind,
                               fsbi_error *error) {
    fsbi_text source = {0};
    fsbi_text_append(&source, "%s %s", option, text);
    fsbi_config_node *root =
        source.failed ? NULL : fsbi_config_node_new(kind, source.characters, error);
    fsbi_text_clear(&source);
    return root;
}

fsbi_status fsbi_filter_read_option(const char *option, const char *text,
                                    const fsbi_filter_context *known, fsbi_filter *filter,
                                    fsbi_error *error) {
    const char *equals = strchr(text, '=');
    const char *colon = equals == NULL ? NULL : strchr(equals, ':');
    if (colon == NULL)
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "%s %s: expected METRIC=LOW:HIGH, as in %s rate=1:50, or a best "
                              "share, as in %s cv_isi=top:0.1",
                              option, text, option, option);
    fsbi_config_node *root = begin(option, text, FSBI_NODE_MAPPING, error);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(root == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    FSBI_TRY_DONE(add_condition(root, text, equals, colon, error));
    FSBI_TRY_DONE(fsbi_filter_read(root, known, filter, error));
done:
    fsbi_config_node_free(root);
    return status;
}

fsbi_status fsbi_filter_read_metrics_option(const char *option, const char *text,
                                            const fsbi_filter_context *known, fsbi_filter *filter,
                                            fsbi_error *error) {
    fsbi_config_node *root = begin(option, text, FSBI_NODE_SEQUENCE, error);
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(root == NULL ? FSBI_NO_MEMORY : FSBI_OK);
    for (const char *name = text; name != NULL;) {
        const char *comma = strchr(name, ',');
        const size_t length = comma != NULL ? (size_t)(comma - name) : strlen(name);
        if (add_child(root, NULL, FSBI_NODE_SCALAR, name, length, error) == NULL)
            FSBI_TRY_DONE(FSBI_NO_MEMORY);
        name = comma != NULL ? comma + 1 : NULL;
    }
    FSBI_TRY_DONE(fsbi_filter_read_metrics(root, known, filter, error));
done:
    fsbi_config_node_free(root);
    return status;
}
