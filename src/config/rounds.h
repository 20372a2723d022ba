/** Part `rounds` of a configuration. */
#ifndef FSBI_CONFIG_ROUNDS_H
#define FSBI_CONFIG_ROUNDS_H

#include "config/filter.h"

/** Reads the list of rounds (NULL: none) into `config`; a round may propose only from a posterior
 * trained before it. Release with fsbi_config_free_rounds, also after failure. FSBI_BAD_INPUT. */
fsbi_status fsbi_config_read_rounds(const fsbi_config_node *section,
                                    const fsbi_filter_context *known, fsbi_config *config,
                                    fsbi_error *error);

/** Replaces, in a whole configuration, each round that has `times: N` by N rounds without it.
 * FSBI_BAD_INPUT. */
fsbi_status fsbi_config_repeat_rounds(fsbi_config_node *root, fsbi_error *error);

/** Takes all rounds out. */
void fsbi_config_free_rounds(fsbi_config *config);

/** Appends the rounds as YAML that reads back as the same. */
void fsbi_config_write_rounds(const fsbi_config *config, fsbi_text *yaml);

/** "prior", "posterior", "table", "restricted_prior", "rules", "import" or "towards". */
const char *fsbi_propose_kind_name(fsbi_propose_kind kind);

#endif
