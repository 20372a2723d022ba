/** Writing settings as YAML that reads back as the same settings. */
#ifndef FSBI_CONFIG_KEYS_WRITE_H
#define FSBI_CONFIG_KEYS_WRITE_H

#include "core/text.h"
#include "fsbi/config_keys.h"

/** Appends one line "key: value  # help" for each key of the table, indented by so many spaces. */
void fsbi_config_keys_write(const fsbi_config_keys *table, const void *settings, int indentation,
                            fsbi_text *yaml);

/** Appends a string in YAML's double quotes. */
void fsbi_config_string_write(const char *value, fsbi_text *yaml);

#endif
