/**
 * What the program still does when it crashes: SIGSEGV, SIGBUS, SIGFPE, SIGILL and SIGABRT leave a
 * mark in a file, or some words, where it is known what a crash would come from. What a signal may
 * find can only stand in the process itself, so this is its one place.
 */
#ifndef FSBI_CORE_CRASH_H
#define FSBI_CORE_CRASH_H

#include <stdint.h>

/** From now on a crash writes `number` to `offset`, a byte position of an open file. */
void fsbi_crash_mark(int descriptor, int64_t offset, int32_t number);

void fsbi_crash_unmark(void);

/**
 * From now on a crash is told in these words, of at most 4095 bytes, to stderr and ends the process
 * with the status of fsbi_crash_explain, without which this does nothing. NULL: no longer.
 */
void fsbi_crash_words(const char *text);

/**
 * Lets fsbi_crash_words have its effect. For programs: a library does not end the process it is
 * used in. Processes that crash together with the first one wait for `delay` s with their words,
 * and are gone by then.
 */
void fsbi_crash_explain(int exit_status, unsigned delay);

#endif
