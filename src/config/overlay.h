/** A part of a configuration with some of its keys changed. */
#ifndef FSBI_CONFIG_OVERLAY_H
#define FSBI_CONFIG_OVERLAY_H

#include "core/text.h"
#include "fsbi/config_node.h"

/** A copy of the mapping `base` in which the keys of the mapping `changes` have their values from
 * there; its place in messages is that of `changes`, whose tree must outlive it. Goes to `*out`,
 * owned by the caller (fsbi_config_node_free). */
fsbi_status fsbi_config_overlay(const fsbi_config_node *base, const fsbi_config_node *changes,
                                fsbi_config_node **out, fsbi_error *error);

/** Appends a copy of `child` to `parent`, under its key. */
fsbi_status fsbi_config_node_append_copy(fsbi_config_node *parent, const fsbi_config_node *child,
                                         fsbi_error *error);

/** Appends the node as YAML in one line that reads back as the same. */
void fsbi_config_node_write(const fsbi_config_node *node, fsbi_text *yaml);

#endif
