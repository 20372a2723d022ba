/**
 * Decaying state ends in denormal numbers, which cost a hundred cycles each and mean nothing.
 * Between these two calls they are flushed to zero where the processor can do that.
 */
#ifndef FSBI_SNN_DENORMALS_H
#define FSBI_SNN_DENORMALS_H

#ifdef __SSE__
#include <xmmintrin.h>
#endif

/** Starts flushing; returns the mode to go back to. */
static inline unsigned fsbi_denormals_flush(void) {
#ifdef __SSE__
    const unsigned flush_results_and_operands = 0x8040;
    unsigned mode = _mm_getcsr();
    _mm_setcsr(mode | flush_results_and_operands);
    return mode;
#else
    return 0;
#endif
}

/** Goes back to `mode`. */
static inline void fsbi_denormals_restore(unsigned mode) {
#ifdef __SSE__
    _mm_setcsr(mode);
#else
    (void)mode;
#endif
}

#endif
