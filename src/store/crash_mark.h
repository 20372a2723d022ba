/**
 * A mark in a file that survives a crash of the program: while it is armed, SIGSEGV, SIGBUS,
 * SIGFPE, SIGILL and SIGABRT write a number to its place before they take their course. What a
 * signal may find can only stand in the process itself, so this is its one place. Private to
 * store/.
 */
#ifndef FSBI_STORE_CRASH_MARK_H
#define FSBI_STORE_CRASH_MARK_H

#include <stdint.h>

/** Arms it: `number` will go to `offset`, a byte position of an open file. */
void fsbi_crash_mark_arm(int descriptor, int64_t offset, int32_t number);

void fsbi_crash_mark_disarm(void);

#endif
