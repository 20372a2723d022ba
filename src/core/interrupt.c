#include "core/interrupt.h"

#include <math.h>
#include <signal.h>
#include <stddef.h>

#include "core/clock.h"

static const struct {
    int number;
    int flags;
    const char *name;
} signals[] = {
    {SIGTERM, 0, "SIGTERM"}, {SIGUSR1, 0, "SIGUSR1"}, {SIGINT, (int)SA_RESETHAND, "SIGINT"}};

enum { SIGNALS = sizeof signals / sizeof *signals };

static volatile sig_atomic_t caught;

static struct {
    double deadline;
    bool has_deadline, ordered, noticed;
    double noticed_at;
} requests;

static void catch_signal(int number) {
    caught = number;
}

void fsbi_interrupt_listen(void) {
    for (size_t i = 0; i < SIGNALS; i++) {
        struct sigaction action = {.sa_handler = catch_signal,
                                   .sa_flags = SA_RESTART | signals[i].flags};
        sigemptyset(&action.sa_mask);
        sigaction(signals[i].number, &action, NULL);
    }
}

void fsbi_interrupt_after(double seconds) {
    requests.has_deadline = isfinite(seconds);
    requests.deadline = fsbi_clock_seconds() + seconds;
}

void fsbi_interrupt_order(void) {
    requests.ordered = true;
}

void fsbi_interrupt_forget(void) {
    caught = 0;
    requests.has_deadline = requests.ordered = requests.noticed = false;
}

static bool is_late(void) {
    return requests.has_deadline && fsbi_clock_seconds() >= requests.deadline;
}

bool fsbi_interrupt_requested(void) {
    return fsbi_interrupt_age() >= 0;
}

double fsbi_interrupt_age(void) {
    if (!requests.noticed && (caught != 0 || requests.ordered || is_late())) {
        requests.noticed = true;
        requests.noticed_at = fsbi_clock_seconds();
    }
    return requests.noticed ? fsbi_clock_seconds() - requests.noticed_at : -1;
}

const char *fsbi_interrupt_reason(void) {
    for (size_t i = 0; i < SIGNALS; i++)
        if (signals[i].number == caught)
            return signals[i].name;
    return is_late() ? "the time limit of --stop-after" : "another rank";
}
