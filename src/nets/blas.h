/** The linear algebra library, which all networks share. */
#ifndef FSBI_NETS_BLAS_H
#define FSBI_NETS_BLAS_H

#include "fsbi/error.h"

/**
 * Call before anything is multiplied; again costs nothing. One thread a process from then on,
 * whatever the environment says: the ranks are what runs in parallel. Takes the buffer that
 * OpenBLAS needs for products: FSBI_NO_MEMORY if there is no room for it, where the library would
 * ask for ever.
 */
fsbi_status fsbi_blas_prepare(fsbi_error *error);

#endif
