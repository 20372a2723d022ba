#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>

#include "config/node_parts.h"
#include "core/memory.h"
#include "core/text.h"
#include "fsbi/config_node.h"

/* Deeper and longer than any sensible configuration; shallower than the stack. */
enum { DEEPEST = 64, MOST_VALUES = 100000 };

static void place_from_token(fsbi_config_node *node, struct fy_token *token) {
    const struct fy_mark *mark = token == NULL ? NULL : fy_token_start_mark(token);
    if (mark != NULL) {
        node->line = mark->line + 1;
        node->column = mark->column + 1;
    }
}

static fsbi_status convert(struct fy_node *yaml, const char *source, int depth,
                           fsbi_config_node **out, fsbi_error *error);

static fsbi_status convert_scalar(struct fy_node *yaml, fsbi_config_node *node, fsbi_error *error) {
    size_t length = 0;
    const char *text = fy_node_get_scalar(yaml, &length);
    node->text = fsbi_memory_copy("", 1, error);
    if (text != NULL) {
        free(node->text);
        node->text = fsbi_memory_allocate(length + 1, 1, error);
    }
    if (node->text == NULL)
        return FSBI_NO_MEMORY;
    if (text != NULL)
        memcpy(node->text, text, length);
    node->plain = text == NULL || fy_node_get_style(yaml) == FYNS_PLAIN;
    place_from_token(node, fy_node_get_scalar_token(yaml));
    if (text != NULL && strlen(node->text) < length && node->text[0] != '\0')
        return fsbi_config_node_error(node, error, "contains a NUL character");
    return FSBI_OK;
}

/* Owns `child` from here on, whatever happens. */
static fsbi_status adopt(fsbi_config_node *parent, const char *key, fsbi_config_node *child,
                         fsbi_error *error) {
    const fsbi_status status = fsbi_config_node_append(parent, key, child, error);
    if (status != FSBI_OK)
        fsbi_config_node_free(child);
    return status;
}

static fsbi_status convert_pair(struct fy_node_pair *pair, int depth, fsbi_config_node *mapping,
                                fsbi_error *error) {
    fsbi_config_node *key = NULL;
    fsbi_config_node *value = NULL;
    fsbi_status status = FSBI_OK;
    FSBI_TRY_DONE(convert(fy_node_pair_key(pair), mapping->source, depth, &key, error));
    if (mapping->line == 0) {
        mapping->line = key->line;
        mapping->column = key->column;
    }
    if (key->kind != FSBI_NODE_SCALAR || key->text[0] == '\0')
        FSBI_TRY_DONE(fsbi_config_node_error(key, error, "a key must be a word"));
    if (fsbi_config_node_find(mapping, key->text) != NULL)
        FSBI_TRY_DONE(fsbi_config_node_error(key, error, "the key '%s' is given twice", key->text));
    FSBI_TRY_DONE(convert(fy_node_pair_value(pair), mapping->source, depth, &value, error));
    if (value->line == 0 || value->kind != FSBI_NODE_SCALAR) {
        value->line = key->line;
        value->column = key->column;
    }
    FSBI_TRY_DONE(adopt(mapping, key->text, value, error));
done:
    fsbi_config_node_free(key);
    return status;
}

static fsbi_status convert_mapping(struct fy_node *yaml, int depth, fsbi_config_node *node,
                                   fsbi_error *error) {
    void *position = NULL;
    struct fy_node_pair *pair = NULL;
    while ((pair = fy_node_mapping_iterate(yaml, &position)) != NULL)
        FSBI_TRY(convert_pair(pair, depth, node, error));
    return FSBI_OK;
}

static fsbi_status convert_sequence(struct fy_node *yaml, int depth, fsbi_config_node *node,
                                    fsbi_error *error) {
    void *position = NULL;
    struct fy_node *item = NULL;
    while ((item = fy_node_sequence_iterate(yaml, &position)) != NULL) {
        fsbi_config_node *child = NULL;
        FSBI_TRY(convert(item, node->source, depth, &child, error));
        FSBI_TRY(adopt(node, NULL, child, error));
    }
    if (node->child_count > 0) {
        node->line = node->children[0]->line;
        node->column = node->children[0]->column;
    }
    return FSBI_OK;
}

static fsbi_status convert_into(struct fy_node *yaml, int depth, fsbi_config_node *node,
                                fsbi_error *error) {
    if (depth > DEEPEST)
        return fsbi_error_set(error, FSBI_BAD_INPUT, "%s: nested more than %d deep", node->source,
                              DEEPEST);
    switch (node->kind) {
    case FSBI_NODE_MAPPING:
        return convert_mapping(yaml, depth + 1, node, error);
    case FSBI_NODE_SEQUENCE:
        return convert_sequence(yaml, depth + 1, node, error);
    case FSBI_NODE_SCALAR:
        break;
    }
    return convert_scalar(yaml, node, error);
}

static fsbi_status convert(struct fy_node *yaml, const char *source, int depth,
                           fsbi_config_node **out, fsbi_error *error) {
    fsbi_node_kind kind = FSBI_NODE_SCALAR;
    if (yaml != NULL && fy_node_is_mapping(yaml))
        kind = FSBI_NODE_MAPPING;
    else if (yaml != NULL && fy_node_is_sequence(yaml))
        kind = FSBI_NODE_SEQUENCE;
    fsbi_config_node *node = fsbi_config_node_new(kind, source, error);
    const fsbi_status status =
        node == NULL ? FSBI_NO_MEMORY : convert_into(yaml, depth, node, error);
    if (status == FSBI_OK)
        *out = node;
    else
        fsbi_config_node_free(node);
    return status;
}

static fsbi_status syntax_error(struct fy_diag *diagnostics, const char *source,
                                fsbi_error *error) {
    void *position = NULL;
    const struct fy_diag_error *first = fy_diag_errors_iterate(diagnostics, &position);
    if (first == NULL)
        return fsbi_error_set(error, FSBI_BAD_INPUT, "%s: not valid YAML", source);
    return fsbi_error_set(error, FSBI_BAD_INPUT, "%s:%d:%d: not valid YAML: %s", source,
                          first->line, first->column, first->msg);
}

/* Whether a node holds no more values than `left`, with all that its aliases stand for: a few lines
 * of them can stand for billions. */
static bool is_of_sensible_size(struct fy_node *node, int depth, long *left) {
    if (node == NULL || depth > DEEPEST)
        return true;
    if (--*left < 0)
        return false;
    if (fy_node_is_alias(node))
        return is_of_sensible_size(fy_node_resolve_alias(node), depth + 1, left);
    void *position = NULL;
    struct fy_node_pair *pair = NULL;
    while (fy_node_is_mapping(node) && (pair = fy_node_mapping_iterate(node, &position)) != NULL)
        if (!is_of_sensible_size(fy_node_pair_value(pair), depth + 1, left))
            return false;
    struct fy_node *item = NULL;
    while (fy_node_is_sequence(node) && (item = fy_node_sequence_iterate(node, &position)) != NULL)
        if (!is_of_sensible_size(item, depth + 1, left))
            return false;
    return true;
}

/* The document with its aliases and merge keys replaced by what they stand for. */
static fsbi_status resolve(struct fy_document *document, struct fy_diag *diagnostics,
                           const char *source, fsbi_error *error) {
    long left = MOST_VALUES;
    if (!is_of_sensible_size(fy_document_root(document), 0, &left))
        return fsbi_error_set(error, FSBI_BAD_INPUT,
                              "%s: its aliases stand for more than %d values: write out what is "
                              "meant",
                              source, MOST_VALUES);
    return fy_document_resolve(document) == 0 ? FSBI_OK : syntax_error(diagnostics, source, error);
}

/* The first document of the text. */
static fsbi_status parse_first(struct fy_parser *parser, struct fy_diag *diagnostics,
                               const char *text, const char *source, fsbi_config_node **root,
                               fsbi_error *error) {
    struct fy_document *document = NULL;
    fsbi_status status = FSBI_OK;
    if (fy_parser_set_string(parser, text, FY_NT) == 0)
        document = fy_parse_load_document(parser);
    if (document == NULL || fy_document_root(document) == NULL)
        FSBI_TRY_DONE(text[strspn(text, " \t\r\n")] == '\0'
                          ? fsbi_error_set(error, FSBI_BAD_INPUT, "%s: empty", source)
                          : syntax_error(diagnostics, source, error));
    FSBI_TRY_DONE(resolve(document, diagnostics, source, error));
    FSBI_TRY_DONE(convert(fy_document_root(document), source, 0, root, error));
done:
    fy_parse_document_destroy(parser, document);
    return status;
}

/* The one document of the text. */
static fsbi_status parse_document(struct fy_parser *parser, struct fy_diag *diagnostics,
                                  const char *text, const char *source, fsbi_config_node **root,
                                  fsbi_error *error) {
    FSBI_TRY(parse_first(parser, diagnostics, text, source, root, error));
    struct fy_document *second = fy_parse_load_document(parser);
    const bool alone = second == NULL;
    void *position = NULL;
    fy_parse_document_destroy(parser, second);
    if (alone && fy_diag_errors_iterate(diagnostics, &position) == NULL)
        return FSBI_OK;
    fsbi_config_node_free(*root);
    *root = NULL;
    return alone ? syntax_error(diagnostics, source, error)
                 : fsbi_error_set(error, FSBI_BAD_INPUT,
                                  "%s: a second document begins after '---'; one is expected",
                                  source);
}

/* The parser does not come back from some bytes. */
static fsbi_status check_encoding(const char *text, const char *source, fsbi_error *error) {
    const char *foreign = fsbi_text_find_foreign(text);
    int line = 1;
    if (foreign == NULL)
        return FSBI_OK;
    for (const char *c = text; c < foreign; c++)
        line += *c == '\n';
    return fsbi_error_set(error, FSBI_BAD_INPUT,
                          "%s:%d: the byte 0x%02x is no UTF-8 text; save the file as UTF-8", source,
                          line, (unsigned)(unsigned char)*foreign);
}

fsbi_status fsbi_config_node_parse(const char *text, const char *source, fsbi_config_node **root,
                                   fsbi_error *error) {
    struct fy_diag_cfg diagnostics_settings;
    if (check_encoding(text, source, error) != FSBI_OK)
        return FSBI_BAD_INPUT;
    fy_diag_cfg_default(&diagnostics_settings);
    diagnostics_settings.fp = NULL;
    struct fy_diag *diagnostics = fy_diag_create(&diagnostics_settings);
    if (diagnostics == NULL)
        return fsbi_error_set(error, FSBI_NO_MEMORY, "out of memory while reading %s", source);
    fy_diag_set_collect_errors(diagnostics, true);
    struct fy_parse_cfg settings = {.flags = FYPCF_QUIET, .diag = diagnostics};
    struct fy_parser *parser = fy_parser_create(&settings);
    fsbi_status status =
        parser == NULL
            ? fsbi_error_set(error, FSBI_NO_MEMORY, "out of memory while reading %s", source)
            : parse_document(parser, diagnostics, text, source, root, error);
    fy_parser_destroy(parser);
    fy_diag_destroy(diagnostics);
    return status;
}
