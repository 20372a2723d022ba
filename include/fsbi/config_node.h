/**
 * A parsed YAML document as a tree that remembers where everything stood, so that every message
 * about a value can name file, line, column and the key's path.
 */
#ifndef FSBI_CONFIG_NODE_H
#define FSBI_CONFIG_NODE_H

#include <stdbool.h>
#include <stddef.h>

#include "fsbi/error.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum { FSBI_NODE_SCALAR, FSBI_NODE_SEQUENCE, FSBI_NODE_MAPPING } fsbi_node_kind;

/** One value. A tree is owned by its root; its fields are to be read only. */
typedef struct fsbi_config_node {
    fsbi_node_kind kind;
    char *key;  /**< name in the parent mapping; NULL in a sequence and at the root */
    char *text; /**< of a scalar, never NULL for one; of a collection what was typed on the command
                   line, or NULL */
    bool plain; /**< scalar written without quotes: only then can it be a number, a boolean or null
                 */
    char *source; /**< file name, or the `--set` argument it came from */
    int line;     /**< from 1; 0 where the source has no lines */
    int column;   /**< from 1 */
    struct fsbi_config_node *parent;
    struct fsbi_config_node **children;
    size_t child_count;
} fsbi_config_node;

/**
 * Parses YAML text (anchors and merge keys are resolved). `source` is the name used in messages.
 * The tree goes to `*root`, owned by the caller. FSBI_BAD_INPUT with place and cause if it is not
 * one valid document.
 */
fsbi_status fsbi_config_node_parse(const char *text, const char *source, fsbi_config_node **root,
                                   fsbi_error *error);

/** Frees a tree; NULL is allowed. */
void fsbi_config_node_free(fsbi_config_node *root);

/**
 * Carries out one `--set path=value`: `path` is keys and sequence indices from 0 joined by dots
 * (`model.ls`, `rounds.1.simulations`). `value` is taken as it stands, but for a list or mapping in
 * brackets, which is YAML. Replaces or adds; mappings on the way are made.
 */
fsbi_status fsbi_config_node_set(fsbi_config_node *root, const char *assignment, fsbi_error *error);

/** The same; messages call it `source` instead of --set path=value. */
fsbi_status fsbi_config_node_set_as(fsbi_config_node *root, const char *assignment,
                                    const char *source, fsbi_error *error);

/** The child of a mapping with this key, or NULL (also where `mapping` is NULL or no mapping). */
const fsbi_config_node *fsbi_config_node_find(const fsbi_config_node *mapping, const char *key);

/** Fills `error` with place, path and a printf-formatted explanation; returns FSBI_BAD_INPUT. */
fsbi_status fsbi_config_node_error(const fsbi_config_node *node, fsbi_error *error,
                                   const char *format, ...) __attribute__((format(printf, 3, 4)));

/** Typed readings; each says what was found where it is not what was asked for. */
fsbi_status fsbi_config_node_real(const fsbi_config_node *node, double *value, fsbi_error *error);
fsbi_status fsbi_config_node_integer(const fsbi_config_node *node, long *value, fsbi_error *error);
fsbi_status fsbi_config_node_boolean(const fsbi_config_node *node, bool *value, fsbi_error *error);
/** Copies the text, which must fit with its NUL into `capacity` bytes and not be empty. */
fsbi_status fsbi_config_node_string(const fsbi_config_node *node, char *value, size_t capacity,
                                    fsbi_error *error);
/** FSBI_OK if the node is of this kind. */
fsbi_status fsbi_config_node_expect(const fsbi_config_node *node, fsbi_node_kind kind,
                                    fsbi_error *error);

/** Complains about a child whose key is not among `names`, with the nearest of them if it looks
 * like a typo. */
fsbi_status fsbi_config_node_check_keys(const fsbi_config_node *mapping, const char *const *names,
                                        size_t count, fsbi_error *error);

/**
 * Where two trees first differ in value: writes "path: A here, B there" into `difference` and
 * returns true; false if they are equal. Numbers are compared as numbers. Keys named in `ignored`
 * (full paths, NULL-terminated) do not count.
 */
bool fsbi_config_node_difference(const fsbi_config_node *a, const fsbi_config_node *b,
                                 const char *const *ignored, char *difference, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
