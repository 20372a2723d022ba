#include "fsbi/model.h"

/* One line a model; each is defined, as fsbi_model_NAME, in a file or folder of its name. */
#define FOR_EACH_MODEL(DO)                                                                         \
    DO(if_poly)                                                                                    \
    DO(cvaif_mlp)                                                                                  \
    DO(orientation)                                                                                \
    DO(gaussian_linear)                                                                            \
    DO(slcp)                                                                                       \
    DO(two_moons)                                                                                  \
    DO(known_set)                                                                                  \
    DO(null)

#define DECLARE(NAME) extern const fsbi_model_type fsbi_model_##NAME;
#define LIST(NAME) &fsbi_model_##NAME,

FOR_EACH_MODEL(DECLARE)

const fsbi_model_type *const fsbi_model_registry[] = {FOR_EACH_MODEL(LIST) NULL};
