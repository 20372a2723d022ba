/** The tables that rounds propose from or import, read and checked. */
#ifndef FSBI_SETUP_TABLES_H
#define FSBI_SETUP_TABLES_H

#include "setup/setup.h"
#include "store/imported_table.h"

/**
 * Reads them all, so that a missing or wrong one is noticed before anything starts; collective. One
 * to import may be missing if there is a campaign file, which may have it already, unless the
 * campaign begins `anew`. FSBI_BAD_INPUT.
 */
fsbi_status fsbi_tables_check(MPI_Comm comm, const fsbi_setup *setup, bool anew, fsbi_error *error);

/** Reads the rules of a round (simulations x parameter_count, to be freed; NaN where nuisance is
 * still to be drawn). FSBI_BAD_INPUT unless there are as many as the round has simulations. */
fsbi_status fsbi_tables_read_rules(const fsbi_setup *setup, size_t round, double **thetas,
                                   fsbi_error *error);

/** Reads the simulations that a round imports; release with fsbi_imported_table_clear, also after
 * failure. `*outside` of their rules lie outside the prior's bounds: FSBI_BAD_INPUT where these are
 * stretched to infinity, or if the table has another size than the round. */
fsbi_status fsbi_tables_read_import(const fsbi_setup *setup, size_t round,
                                    fsbi_imported_table *table, size_t *outside, fsbi_error *error);

#endif
