/* Tables of rules, CSV or HDF5. */
#include <stdlib.h>
#include <unistd.h>

#include "fuzz/fuzz.h"
#include "setup/theta_table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[FUZZ_PATH];
    fsbi_config_node *section = NULL;
    fsbi_model *model = NULL;
    double *thetas = NULL;
    size_t count = 0;
    fsbi_error error = {0};
    fuzz_file_make(data, size, path);
    if (fsbi_config_node_parse("{name: two_moons}", "fuzz", &section, &error) != FSBI_OK ||
        fsbi_model_open(section, &model, &error) != FSBI_OK)
        abort();
    if (fsbi_theta_table_read(path, model, &thetas, &count, &error) != FSBI_OK &&
        error.message[0] == '\0')
        abort();
    free(thetas);
    fsbi_model_close(model);
    fsbi_config_node_free(section);
    unlink(path);
    return 0;
}
