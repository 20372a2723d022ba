#include "core/leftovers.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGXCPU};

enum { SIGNALS = sizeof signals / sizeof *signals };

static char leftovers[FSBI_LEFTOVERS][FSBI_LEFTOVER_PATH];
static volatile sig_atomic_t leftover_count;

static void clean_up(int number) {
    for (int i = 0; i < leftover_count; i++)
        unlink(leftovers[i]);
    signal(number, SIG_DFL);
    raise(number);
}

static void listen_for_the_end(void) {
    for (size_t i = 0; i < SIGNALS; i++) {
        struct sigaction present;
        struct sigaction action = {.sa_handler = clean_up};
        sigemptyset(&action.sa_mask);
        if (sigaction(signals[i], NULL, &present) == 0 && present.sa_handler == SIG_DFL)
            sigaction(signals[i], &action, NULL);
    }
}

void fsbi_leftovers_remove(const char (*paths)[FSBI_LEFTOVER_PATH], size_t count) {
    leftover_count = 0;
    atomic_signal_fence(memory_order_release);
    if (count == 0)
        return;
    count = count < FSBI_LEFTOVERS ? count : FSBI_LEFTOVERS;
    memcpy(leftovers, paths, count * sizeof *paths);
    listen_for_the_end();
    atomic_signal_fence(memory_order_release);
    leftover_count = (sig_atomic_t)count;
}
