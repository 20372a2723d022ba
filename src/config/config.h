/**
 * A whole configuration: read, checked, written. The model's own keys are read by the model
 * (fsbi/model.h); everything else is read here.
 */
#ifndef FSBI_CONFIG_CONFIG_H
#define FSBI_CONFIG_CONFIG_H

#include "config/settings.h"
#include "core/text.h"

/**
 * Reads all parts but `model` from a parsed file. `metrics` are the model's metric names, which
 * conditions must use. The result is owned by the caller (fsbi_config_free). FSBI_BAD_INPUT with
 * place and remedy.
 */
fsbi_status fsbi_config_read(const fsbi_config_node *root, const char *const *metrics,
                             size_t metric_count, fsbi_config **out, fsbi_error *error);

/** The keys of part `inference`, for command lines that offer each as an option. */
extern const fsbi_config_keys fsbi_config_inference_keys;

/** Reads part `inference` alone, from a file that may have other parts, or none of it. */
fsbi_status fsbi_config_read_inference(const fsbi_config_node *root,
                                       fsbi_config_inference *inference, fsbi_error *error);

/** Appends part `inference` as YAML that reads back as the same. */
void fsbi_config_write_inference(const fsbi_config_inference *inference, fsbi_text *yaml);

/** Frees; NULL is allowed. */
void fsbi_config_free(fsbi_config *config);

/**
 * Appends the effective configuration, all defaults filled in, as YAML that reads back as the same.
 * `model_yaml` is the text of part `model`, which the model writes.
 */
void fsbi_config_write(const fsbi_config *config, const char *model_yaml, fsbi_text *yaml);

#endif
