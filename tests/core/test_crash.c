#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/crash.h"
#include "unit.h"

/* What a child leaves that `prepare` has prepared for its crash: how it ended, and what it wrote to
 * stderr. */
static int crash(void (*prepare)(int descriptor), int descriptor, char words[256]) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    fflush(stdout);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        signal(SIGSEGV, SIG_DFL); /* cmocka has one of its own */
        dup2(ends[1], STDERR_FILENO);
        prepare(descriptor);
        raise(SIGSEGV);
        _exit(0);
    }
    close(ends[1]);
    ssize_t length = read(ends[0], words, 255);
    words[length < 0 ? 0 : length] = '\0';
    while (length > 0) { /* the sanitizers say more */
        char rest[256];
        length = read(ends[0], rest, sizeof rest);
    }
    close(ends[0]);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void mark(int descriptor) {
    fsbi_crash_mark(descriptor, 4, 7);
}

static void mark_and_unmark(int descriptor) {
    fsbi_crash_mark(descriptor, 4, 9);
    fsbi_crash_unmark();
}

static void explain(int descriptor) {
    (void)descriptor;
    fsbi_crash_explain(2, 0);
    fsbi_crash_words("it was the file\n");
}

static void explain_no_longer(int descriptor) {
    explain(descriptor);
    fsbi_crash_words(NULL);
}

static void do_not_explain(int descriptor) {
    (void)descriptor;
    fsbi_crash_words("it was the file\n");
}

static bool ended_well(int status) {
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static void marks(void **state) {
    (void)state;
    char words[256];
    char path[] = "/tmp/crash.XXXXXX";
    const int descriptor = mkstemp(path);
    assert_true(descriptor >= 0);
    unlink(path);
    const int32_t before[3] = {1, 2, 3};
    assert_int_equal(pwrite(descriptor, before, sizeof before, 0), sizeof before);
    assert_false(ended_well(crash(mark, descriptor, words)));
    int32_t after[3];
    assert_int_equal(pread(descriptor, after, sizeof after, 0), sizeof after);
    assert_int_equal(after[0], 1);
    assert_int_equal(after[1], 7);
    assert_int_equal(after[2], 3);
    assert_false(ended_well(crash(mark_and_unmark, descriptor, words)));
    assert_int_equal(pread(descriptor, after, sizeof after, 0), sizeof after);
    assert_int_equal(after[1], 7);
    close(descriptor);
}

static void words(void **state) {
    (void)state;
    char said[256];
    const int status = crash(explain, -1, said);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 2);
    assert_string_equal(said, "it was the file\n");
    assert_false(ended_well(crash(explain_no_longer, -1, said)));
    assert_null(strstr(said, "it was"));
    assert_false(ended_well(crash(do_not_explain, -1, said)));
    assert_null(strstr(said, "it was"));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(marks), cmocka_unit_test(words)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
