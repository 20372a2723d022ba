#include "inference/estimator.h"

#include <string.h>

const fsbi_estimator *fsbi_estimator_find(const char *name) {
    static const fsbi_estimator *const all[] = {
        &fsbi_estimator_nsf,        &fsbi_estimator_maf,      &fsbi_estimator_nsf_ar,
        &fsbi_estimator_classifier, &fsbi_estimator_emulator, NULL};
    for (size_t i = 0; all[i] != NULL; i++)
        if (strcmp(all[i]->name, name) == 0)
            return all[i];
    return NULL;
}
