/* Posterior files, campaign files included. */
#include <stdlib.h>
#include <unistd.h>

#include "fuzz/fuzz.h"
#include "store/posterior_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[FUZZ_PATH];
    fsbi_posterior_plan plan = {0};
    fsbi_posterior posterior = {0};
    fsbi_error error = {0};
    fuzz_file_make(data, size, path);
    if (fsbi_posterior_file_load(path, -1, &plan, &posterior, &error) != FSBI_OK &&
        error.message[0] == '\0')
        abort();
    fsbi_posterior_clear(&posterior);
    fsbi_posterior_plan_clear(&plan);
    unlink(path);
    return 0;
}
