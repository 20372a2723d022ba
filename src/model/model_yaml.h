/** A model's part of the effective configuration. */
#ifndef FSBI_MODEL_MODEL_YAML_H
#define FSBI_MODEL_MODEL_YAML_H

#include "core/text.h"
#include "fsbi/model.h"

/** Appends the lines of part `model`, indented by two spaces, that open the same model again. */
void fsbi_model_write_yaml(const fsbi_model *model, fsbi_text *yaml);

#endif
