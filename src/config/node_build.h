/** Building configuration trees; used by the YAML reader and by --set. */
#ifndef FSBI_CONFIG_NODE_BUILD_H
#define FSBI_CONFIG_NODE_BUILD_H

#include "fsbi/config_node.h"

/** A node of this kind without content; `source` is copied. NULL and `error` if memory runs out. */
fsbi_config_node *fsbi_config_node_new(fsbi_node_kind kind, const char *source, fsbi_error *error);

/** Makes `child` the last child of `parent`, which owns it from then on if this succeeds. `key`:
 * NULL in a sequence. */
fsbi_status fsbi_config_node_append(fsbi_config_node *parent, const char *key,
                                    fsbi_config_node *child, fsbi_error *error);

#endif
