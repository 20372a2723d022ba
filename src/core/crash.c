#include "core/crash.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const int signals[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};

enum { SIGNALS = sizeof signals / sizeof *signals, STACK = 1 << 16, WORDS = 4096 };

static struct {
    volatile sig_atomic_t marks, speaks;
    bool listening, explains;
    int descriptor;
    int64_t offset;
    int32_t number;
    int exit_status;
    unsigned delay;
    char words[WORDS];
    struct sigaction before[SIGNALS];
    char stack[STACK]; /* a stack that has overflowed is no place for a handler */
} crash;

static void leave(int number) {
    if (crash.marks) {
        crash.marks = 0;
        const ssize_t written =
            pwrite(crash.descriptor, &crash.number, sizeof crash.number, crash.offset);
        (void)written;
    }
    if (crash.speaks) {
        sleep(crash.delay);
        const ssize_t written = write(STDERR_FILENO, crash.words, strlen(crash.words));
        (void)written;
        _exit(crash.exit_status);
    }
    for (size_t i = 0; i < SIGNALS; i++)
        if (signals[i] == number)
            sigaction(number, &crash.before[i], NULL);
    raise(number);
}

static void listen_for_crashes(void) {
    if (crash.listening)
        return;
    const stack_t stack = {.ss_sp = crash.stack, .ss_size = STACK};
    struct sigaction action = {.sa_handler = leave, .sa_flags = SA_ONSTACK};
    sigaltstack(&stack, NULL);
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < SIGNALS; i++)
        sigaction(signals[i], &action, &crash.before[i]);
    crash.listening = true;
}

void fsbi_crash_mark(int descriptor, int64_t offset, int32_t number) {
    crash.descriptor = descriptor;
    crash.offset = offset;
    crash.number = number;
    listen_for_crashes();
    atomic_signal_fence(memory_order_release);
    crash.marks = 1;
}

void fsbi_crash_unmark(void) {
    crash.marks = 0;
}

void fsbi_crash_words(const char *text) {
    crash.speaks = 0;
    if (text == NULL || !crash.explains)
        return;
    snprintf(crash.words, sizeof crash.words, "%s", text);
    listen_for_crashes();
    atomic_signal_fence(memory_order_release);
    crash.speaks = 1;
}

void fsbi_crash_explain(int exit_status, unsigned delay) {
    crash.exit_status = exit_status;
    crash.delay = delay;
    crash.explains = true;
}
