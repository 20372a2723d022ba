/** An open file. What is inside is for store/ alone. */
#ifndef FSBI_STORE_FILE_H
#define FSBI_STORE_FILE_H

#include <stdint.h>

typedef struct {
    int64_t identifier; /**< HDF5's; 0: none is open */
} fsbi_store_file;

#endif
