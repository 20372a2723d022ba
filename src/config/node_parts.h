/** Inner parts of configuration trees that the files of config/ share. Private to config/. */
#ifndef FSBI_CONFIG_NODE_PARTS_H
#define FSBI_CONFIG_NODE_PARTS_H

#include "core/text.h"
#include "fsbi/config_node.h"

/** A node of this kind without content; `source` is copied. NULL and `error` if memory runs out. */
fsbi_config_node *fsbi_config_node_new(fsbi_node_kind kind, const char *source, fsbi_error *error);

/** Makes `child` the last child of `parent`, which owns it from then on if this succeeds. `key`:
 * NULL in a sequence. */
fsbi_status fsbi_config_node_append(fsbi_config_node *parent, const char *key,
                                    fsbi_config_node *child, fsbi_error *error);

/** The child of this key, or NULL, to be changed. */
fsbi_config_node *fsbi_config_node_child(const fsbi_config_node *mapping, const char *key);

/** Appends the node's path, keys and indices joined by dots. */
void fsbi_config_node_path(const fsbi_config_node *node, fsbi_text *path);

/** What stands there, for messages: in `buffer`, or a constant. */
const char *fsbi_config_node_describe(const fsbi_config_node *node, char *buffer, size_t capacity);

/** A number as YAML writes it, .inf included; false if the text is none. */
bool fsbi_config_text_to_real(const char *text, double *value);

#endif
