/* Data tables in HDF5, campaign files included. */
#include <stdlib.h>
#include <unistd.h>

#include "commands/data_table.h"
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char path[FUZZ_PATH];
    fsbi_data_table table = {0};
    fsbi_error error = {0};
    fuzz_file_make(data, size, path);
    const fsbi_data_source source = {.path = path};
    if (fsbi_data_table_read(&source, &table, &error) != FSBI_OK && error.message[0] == '\0')
        abort();
    fsbi_data_table_clear(&table);
    unlink(path);
    return 0;
}
