/** Files that must not outlive a process that is ended by a signal. */
#ifndef FSBI_CORE_LEFTOVERS_H
#define FSBI_CORE_LEFTOVERS_H

#include <stddef.h>

enum { FSBI_LEFTOVERS = 4, FSBI_LEFTOVER_PATH = 4200 };

/** From now on signals that would end the process, such as SIGINT and SIGTERM, remove these files
 * first (at most FSBI_LEFTOVERS; others are forgotten); none: nothing is removed any more. */
void fsbi_leftovers_remove(const char (*paths)[FSBI_LEFTOVER_PATH], size_t count);

#endif
