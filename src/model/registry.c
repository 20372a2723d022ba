#include "model/models.h"

const fsbi_model_type *const fsbi_model_registry[] = {
    &fsbi_model_if_poly, &fsbi_model_gaussian_linear, &fsbi_model_two_moons, &fsbi_model_null, NULL,
};
