/** The tables that rounds propose from or import. Private to campaign/. */
#ifndef FSBI_SETUP_TABLES_H
#define FSBI_SETUP_TABLES_H

#include "setup/setup.h"

/**
 * Reads them all, so that a missing or wrong one is noticed before anything starts; collective. One
 * to import may be missing if there is a campaign file, which may have it already, unless the
 * campaign begins `anew`.
 */
fsbi_status fsbi_tables_check(MPI_Comm comm, const fsbi_setup *setup, bool anew, fsbi_error *error);

#endif
