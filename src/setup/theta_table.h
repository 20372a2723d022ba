/** Given rules: a table of thetas from a CSV file or an HDF5 dataset. */
#ifndef FSBI_SETUP_THETA_TABLE_H
#define FSBI_SETUP_THETA_TABLE_H

#include "fsbi/model.h"

/**
 * Reads thetas into memory of the caller's (free), one rule after the other. `source` is a CSV
 * file, one rule a line, as numpy, pandas, R, Excel and others write it: between commas,
 * semicolons, tabs or blanks, with decimal points or commas, where that is unambiguous. A first
 * line of words, also as a comment, is a header that names the parameters, in any order, perhaps
 * with an index before them. An HDF5 file, or FILE:DATASET, is a dataset (by default `theta`), a
 * table of numbers or of rows with a field `theta`. Nuisance may be missing, or NaN: whoever
 * simulates the rules draws these entries. FSBI_BAD_INPUT with the line and what is wrong.
 */
fsbi_status fsbi_theta_table_read(const char *source, const fsbi_model *model, double **thetas,
                                  size_t *count, fsbi_error *error);

#endif
