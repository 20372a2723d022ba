/** Time, for measuring and for waiting without burning a core. */
#ifndef FSBI_CORE_CLOCK_H
#define FSBI_CORE_CLOCK_H

/** Seconds since some fixed moment; only differences mean anything. */
double fsbi_clock_seconds(void);

/** Sleeps for about this many seconds. */
void fsbi_clock_sleep(double seconds);

#endif
