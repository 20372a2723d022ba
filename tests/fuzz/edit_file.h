/** Turns an HDF5 file into another valid one that is wrong in some way. Bytes that change at random
 * would hardly get past HDF5's checksums. */
#ifndef FSBI_TESTS_FUZZ_EDIT_FILE_H
#define FSBI_TESTS_FUZZ_EDIT_FILE_H

#include <stddef.h>
#include <stdint.h>

/** Every eight bytes are one edit: of a dataset or attribute, found by the first two, its values
 * change, it becomes another type or size, or vanishes. Aborts if the file cannot be opened. */
void fuzz_edit_file(const char *path, const uint8_t *edits, size_t size);

#endif
