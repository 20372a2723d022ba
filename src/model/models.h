/** The models there are; each is defined in the file of its name. */
#ifndef FSBI_MODEL_MODELS_H
#define FSBI_MODEL_MODELS_H

#include "fsbi/model.h"

extern const fsbi_model_type fsbi_model_if_poly;
extern const fsbi_model_type fsbi_model_gaussian_linear;
extern const fsbi_model_type fsbi_model_two_moons;
extern const fsbi_model_type fsbi_model_null;

#endif
