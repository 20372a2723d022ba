/**
 * Requests to end the program before its work is done: signals, or the end of the time it was
 * given. What a signal leaves can only stand in the process itself, so this is its one place.
 */
#ifndef FSBI_CORE_INTERRUPT_H
#define FSBI_CORE_INTERRUPT_H

#include <stdbool.h>

/**
 * From now on SIGTERM, SIGUSR1, SIGINT, SIGXCPU and SIGHUP (unless it is ignored) are requests. A
 * second SIGTERM or SIGINT, half a second later or more, ends the process at once. So does one that
 * a library raises in this process to end it, and a request without a sign of life for 10 s,
 * reading and writing included: some library does not come back. All three say so on standard
 * error; the exit status is 1.
 */
void fsbi_interrupt_listen(void);

/** A sign of life, for loops in which nobody asks for requests. */
void fsbi_interrupt_alive(void);

/** Makes a request when this many seconds from now have passed; infinity: never. After
 * fsbi_interrupt_listen. */
void fsbi_interrupt_after(double seconds);

/** Makes a request: another process has got one. */
void fsbi_interrupt_order(void);

/** Takes requests back, for tests. */
void fsbi_interrupt_forget(void);

/** Whether there is a request. */
bool fsbi_interrupt_requested(void);

/** Seconds since a request was first noticed by one of these two functions; below 0 without one. */
double fsbi_interrupt_age(void);

/** Where it came from: "SIGTERM", "the time limit of --stop-after", "another rank". */
const char *fsbi_interrupt_reason(void);

#endif
