#include "store/crash_mark.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

enum { SIGNALS = sizeof signals / sizeof *signals, STACK = 1 << 16 };

static struct {
    volatile sig_atomic_t armed;
    bool listening;
    int descriptor;
    int64_t offset;
    int32_t number;
    struct sigaction before[SIGNALS];
    char stack[STACK]; /* a stack that has overflowed is no place for a handler */
} mark;

static void crash(int number) {
    if (mark.armed) {
        mark.armed = 0;
        const ssize_t written =
            pwrite(mark.descriptor, &mark.number, sizeof mark.number, mark.offset);
        (void)written;
    }
    for (size_t i = 0; i < SIGNALS; i++)
        if (signals[i] == number)
            sigaction(number, &mark.before[i], NULL);
    raise(number);
}

static void listen_for_crashes(void) {
    const stack_t stack = {.ss_sp = mark.stack, .ss_size = STACK};
    struct sigaction action = {.sa_handler = crash, .sa_flags = SA_ONSTACK};
    sigaltstack(&stack, NULL);
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < SIGNALS; i++)
        sigaction(signals[i], &action, &mark.before[i]);
    mark.listening = true;
}

void fsbi_crash_mark_arm(int descriptor, int64_t offset, int32_t number) {
    mark.descriptor = descriptor;
    mark.offset = offset;
    mark.number = number;
    if (!mark.listening)
        listen_for_crashes();
    mark.armed = 1;
}

void fsbi_crash_mark_disarm(void) {
    mark.armed = 0;
}
