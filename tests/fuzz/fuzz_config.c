/* Configurations: what is accepted must read back from its effective form as the same. */
#include <stdlib.h>
#include <string.h>

#include "core/memory.h"
#include "fuzz/fuzz.h"
#include "setup/setup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fsbi_setup setup = {0};
    fsbi_setup again = {0};
    char *text = calloc(size + 1, 1);
    memcpy(text, data, size);
    if (fsbi_setup_parse(text, "fuzz.yaml", NULL, 0, &setup, NULL) == FSBI_OK) {
        fsbi_error error = {0};
        if (fsbi_setup_parse(setup.effective.characters, "again.yaml", NULL, 0, &again, &error) !=
                FSBI_OK ||
            strcmp(again.effective.characters, setup.effective.characters) != 0)
            abort();
        fsbi_setup_clear(&again);
        fsbi_setup_clear(&setup);
    }
    free(text);
    return 0;
}
