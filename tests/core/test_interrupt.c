#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/interrupt.h"
#include "unit.h"

static void signals(void **state) {
    (void)state;
    static const int numbers[] = {SIGTERM, SIGUSR1, SIGINT};
    static const char *const names[] = {"SIGTERM", "SIGUSR1", "SIGINT"};
    fsbi_interrupt_listen();
    for (int k = 0; k < 3; k++) {
        assert_false(fsbi_interrupt_requested());
        assert_true(fsbi_interrupt_age() < 0);
        kill(getpid(), numbers[k]);
        assert_true(fsbi_interrupt_requested());
        assert_string_equal(fsbi_interrupt_reason(), names[k]);
        fsbi_interrupt_forget();
    }
}

static void deadline(void **state) {
    (void)state;
    fsbi_interrupt_after(INFINITY);
    assert_false(fsbi_interrupt_requested());
    fsbi_interrupt_after(1e6);
    assert_false(fsbi_interrupt_requested());
    fsbi_interrupt_after(1e-3);
    fsbi_clock_sleep(2e-3);
    assert_true(fsbi_interrupt_requested());
    assert_string_equal(fsbi_interrupt_reason(), "the time limit of --stop-after");
    fsbi_clock_sleep(0.01);
    assert_true(fsbi_interrupt_age() >= 0.009);
    fsbi_interrupt_forget();
    fsbi_interrupt_order();
    assert_true(fsbi_interrupt_requested());
    assert_string_equal(fsbi_interrupt_reason(), "another rank");
    fsbi_interrupt_forget();
}

/* What a process that behaves in some way leaves behind. */
typedef struct {
    pid_t process;
    int words; /* its standard error */
} child;

static child start(void (*behave)(void)) {
    int ends[2];
    child c = {0};
    assert_int_equal(pipe(ends), 0);
    c.words = ends[0];
    c.process = fork();
    if (c.process == 0) {
        dup2(ends[1], STDERR_FILENO);
        fsbi_interrupt_listen();
        behave();
        _exit(0);
    }
    close(ends[1]);
    return c;
}

/* Its exit status; `words` gets what it said. */
static int finish(const child *c, char words[512]) {
    int status = 0;
    size_t length = 0;
    ssize_t got = 0;
    while ((got = read(c->words, words + length, 511 - length)) > 0)
        length += (size_t)got;
    words[length] = '\0';
    close(c->words);
    waitpid(c->process, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void ask_twice(void) {
    kill(getpid(), SIGTERM);
    kill(getpid(), SIGTERM); /* an echo */
    fsbi_clock_sleep(0.6);
    kill(getpid(), SIGTERM);
}

static void fail_as_a_library(void) {
    raise(SIGINT);
}

static const double long_time = 15; /* s; a library is given up after 10 */

static void hang(void) {
    const double end = fsbi_clock_seconds() + long_time;
    fsbi_interrupt_after(0.1);
    while (fsbi_clock_seconds() < end)
        continue;
}

static void work_on(void) {
    const double end = fsbi_clock_seconds() + long_time;
    kill(getpid(), SIGTERM);
    while (fsbi_clock_seconds() < end)
        fsbi_interrupt_alive();
}

static void ends_at_once(void **state) {
    (void)state;
    static const struct {
        void (*behave)(void);
        int status;
        const char *words;
    } cases[] = {{ask_twice, 1, "as it was asked to a second time"},
                 {fail_as_a_library, 1, "a library has failed"},
                 {hang, 1, "in the middle of a library's call that does not come back"},
                 {work_on, 0, ""}};
    enum { CASES = sizeof cases / sizeof *cases };
    child children[CASES];
    char words[512];
    for (int k = 0; k < CASES; k++)
        children[k] = start(cases[k].behave);
    for (int k = 0; k < CASES; k++) {
        assert_int_equal(finish(&children[k], words), cases[k].status);
        assert_contains(words, cases[k].words);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(signals), cmocka_unit_test(deadline),
                                       cmocka_unit_test(ends_at_once)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
