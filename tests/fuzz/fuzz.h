/** What fuzz targets share. Each target is a function LLVMFuzzerTestOneInput, to be linked with
 * libFuzzer (tools/fuzz) or with driver.c, which needs no particular compiler. */
#ifndef FSBI_TESTS_FUZZ_FUZZ_H
#define FSBI_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FUZZ_PATH = 64 };

/** Makes a file that holds the input, to be removed by its path. */
void fuzz_file_make(const uint8_t *data, size_t size, char path[FUZZ_PATH]);

#endif
