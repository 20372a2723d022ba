/**
 * Sections of a configuration described by tables: each row of a table says a key's name, type,
 * default, range and meaning, and where its value goes in a settings struct. Reading, checking, the
 * effective configuration and its documentation all come from the same table.
 */
#ifndef FSBI_CONFIG_KEYS_H
#define FSBI_CONFIG_KEYS_H

#include <stddef.h>

#include "fsbi/config_node.h"
#include "fsbi/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Room for a string value, and for numbers of a list, in a settings struct. */
enum { FSBI_CONFIG_STRING = 512, FSBI_CONFIG_NUMBERS = 1024 };

/** A list of numbers in a settings struct. */
typedef struct {
    size_t count;
    double number[FSBI_CONFIG_NUMBERS];
} fsbi_config_list;

typedef enum {
    FSBI_KEY_REAL,    /**< double */
    FSBI_KEY_INTEGER, /**< long */
    FSBI_KEY_BOOLEAN, /**< bool */
    FSBI_KEY_STRING,  /**< char[FSBI_CONFIG_STRING] */
    FSBI_KEY_CHOICE,  /**< an enum: the index, among the key's choices, of the word that is given */
    FSBI_KEY_LIST     /**< fsbi_config_list; the range holds for each number */
} fsbi_key_type;

typedef struct {
    const char *name;
    fsbi_key_type type;
    size_t offset; /**< of the value in the settings struct */
    const char
        *fallback;    /**< the default as it would stand in the file; NULL: the key must be given */
    double low, high; /**< allowed numbers, ends included; not used for strings and booleans */
    const char *help; /**< what it means, with its unit */
    const char *const *choices; /**< allowed words, NULL-terminated; NULL: any */
} fsbi_config_key;

/** A section's table. */
typedef struct fsbi_config_keys {
    const fsbi_config_key *keys;
    size_t count;
    const struct fsbi_config_keys *base; /**< further keys, of the struct that this table's begins
                                            with; NULL: none */
} fsbi_config_keys;

/**
 * Reads `mapping` (NULL: everything by default) into the struct at `settings`. A key that is
 * neither in the table nor among `others` (NULL-terminated list, or NULL) is an error. `section`
 * names a section that is absent.
 */
fsbi_status fsbi_config_keys_read(const fsbi_config_keys *table, const fsbi_config_node *mapping,
                                  const char *section, const char *const *others, void *settings,
                                  fsbi_error *error);

#ifdef __cplusplus
}
#endif

#endif
