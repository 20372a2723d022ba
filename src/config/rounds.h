/** Part `rounds` of a configuration. Private to config/, but for fsbi_config_free_rounds in
 * config.h. */
#ifndef FSBI_CONFIG_ROUNDS_H
#define FSBI_CONFIG_ROUNDS_H

#include "config/filter.h"

/** Reads the list of rounds (NULL: none) into `config`; a round may propose only from a posterior
 * trained before it. */
fsbi_status fsbi_config_read_rounds(const fsbi_config_node *section,
                                    const fsbi_filter_context *known, fsbi_config *config,
                                    fsbi_error *error);

/** Appends the rounds as YAML that reads back as the same. */
void fsbi_config_write_rounds(const fsbi_config *config, fsbi_text *yaml);

#endif
