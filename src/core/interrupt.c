#include "core/interrupt.h"

#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "core/clock.h"

static const struct {
    int number;
    const char *name;
} signals[] = {{SIGTERM, "SIGTERM"},
               {SIGUSR1, "SIGUSR1"},
               {SIGINT, "SIGINT"},
               {SIGXCPU, "SIGXCPU"},
               {SIGHUP, "SIGHUP"}};

enum { SIGNALS = sizeof signals / sizeof *signals, EXIT_HUNG = 1 };

static volatile sig_atomic_t caught;

/* Launchers and schedulers may both pass one signal on: s within which it counts once. */
static const double echo = 0.5;

/* s without a sign of life after a request. */
static const double longest_silence = 10;

static struct {
    double deadline;
    bool has_deadline, ordered, noticed;
    double noticed_at;
} requests;

/* What the handlers know. */
static struct {
    atomic_uint signs;        /* of life, so far */
    unsigned seen;            /* of them */
    double silent_since;      /* when they last grew; 0: it does not matter yet */
    unsigned long moved;      /* bytes read and written then, where the system tells */
    double first_demanded_at; /* the first SIGTERM or SIGINT came; 0: none */
} watch;

static void end_now(const char *words) {
    const ssize_t written = write(STDERR_FILENO, words, strlen(words));
    (void)written;
    _exit(EXIT_HUNG);
}

/* Libraries that fail may raise a signal in their own thread, as OpenBLAS does. */
static bool is_own(const siginfo_t *info) {
    return info->si_code == SI_TKILL && info->si_pid == getpid();
}

static void catch_signal(int number, siginfo_t *info, void *context) {
    (void)context;
    const double now = fsbi_clock_seconds();
    if (is_own(info))
        end_now("fsbi_mpi: a library has failed, and raised a signal to end the program: see its "
                "words above, and the limits on memory and processes (ulimit -a)\n");
    caught = number;
    alarm(1);
    if (number != SIGTERM && number != SIGINT)
        return;
    if (watch.first_demanded_at > 0 && now - watch.first_demanded_at > echo)
        end_now("fsbi_mpi: ended at once, as it was asked to a second time; what was written to "
                "its files is kept\n");
    if (watch.first_demanded_at <= 0)
        watch.first_demanded_at = now;
}

/* The bytes that this process has read and written, which grow while a library works on a large
 * file; the kernel's words are "rchar: 1234\nwchar: 5678\n" and so on. */
static unsigned long bytes_moved(void) {
    enum { COUNTERS = 2 };
    char words[256];
    const int file = open("/proc/self/io", O_RDONLY | O_CLOEXEC);
    const ssize_t length = file < 0 ? 0 : read(file, words, sizeof words);
    unsigned long sum = 0;
    unsigned long number = 0;
    int lines = 0;
    if (file >= 0)
        close(file);
    for (ssize_t i = 0; i < length && lines < COUNTERS; i++) {
        if (words[i] >= '0' && words[i] <= '9')
            number = 10 * number + (unsigned long)(words[i] - '0');
        if (words[i] != '\n')
            continue;
        sum += number;
        number = 0;
        lines++;
    }
    return sum;
}

/* Once a second, from the request on. */
static void look_for_life(int number) {
    enum { OWN_READING = 4096 }; /* bytes that this function may have moved itself */
    (void)number;
    const double now = fsbi_clock_seconds();
    const unsigned signs = atomic_load_explicit(&watch.signs, memory_order_relaxed);
    const unsigned long moved = bytes_moved();
    alarm(1);
    if (watch.silent_since <= 0 || signs != watch.seen || moved > watch.moved + OWN_READING)
        watch.silent_since = now;
    watch.seen = signs;
    watch.moved = moved;
    if (now - watch.silent_since > longest_silence)
        end_now("fsbi_mpi: ended, as it was asked to, in the middle of a library's call that does "
                "not come back; what was written to its files is kept; look at the limits on "
                "memory and processes (ulimit -a) and at the disk before the next run\n");
}

void fsbi_interrupt_listen(void) {
    struct sigaction each_second = {.sa_handler = look_for_life, .sa_flags = SA_RESTART};
    sigemptyset(&each_second.sa_mask);
    sigaction(SIGALRM, &each_second, NULL);
    for (size_t i = 0; i < SIGNALS; i++) {
        struct sigaction present;
        struct sigaction action = {.sa_sigaction = catch_signal,
                                   .sa_flags = SA_RESTART | SA_SIGINFO};
        sigemptyset(&action.sa_mask);
        sigaction(signals[i].number, NULL, &present);
        const bool ignored = present.sa_handler == SIG_IGN; /* by nohup */
        if (signals[i].number != SIGHUP || !ignored)
            sigaction(signals[i].number, &action, NULL);
    }
}

void fsbi_interrupt_after(double seconds) {
    static const double longest_alarm = 1e9;
    requests.has_deadline = isfinite(seconds);
    requests.deadline = fsbi_clock_seconds() + seconds;
    if (requests.has_deadline && seconds < longest_alarm)
        alarm((unsigned)ceil(seconds));
}

void fsbi_interrupt_order(void) {
    requests.ordered = true;
}

void fsbi_interrupt_forget(void) {
    alarm(0);
    caught = 0;
    watch.silent_since = watch.first_demanded_at = 0;
    requests.has_deadline = requests.ordered = requests.noticed = false;
}

void fsbi_interrupt_alive(void) {
    atomic_fetch_add_explicit(&watch.signs, 1, memory_order_relaxed);
}

static bool is_late(void) {
    return requests.has_deadline && fsbi_clock_seconds() >= requests.deadline;
}

bool fsbi_interrupt_requested(void) {
    return fsbi_interrupt_age() >= 0;
}

double fsbi_interrupt_age(void) {
    fsbi_interrupt_alive();
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
