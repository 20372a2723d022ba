/** What unit tests share: cmocka, comparison of numbers, and calls that must succeed. */
#ifndef FSBI_TESTS_UNIT_H
#define FSBI_TESTS_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "fsbi/error.h"

/** Fails unless |actual - expected| <= tolerance; NaN equals NaN only. */
static inline void check_near(double actual, double expected, double tolerance, const char *what,
                              const char *file, int line) {
    if ((isnan(actual) && isnan(expected)) || fabs(actual - expected) <= tolerance)
        return;
    print_error("%s: %.17g instead of %.17g, off by %.3g where %.3g is allowed\n", what, actual,
                expected, actual - expected, tolerance);
    _fail(file, line);
}

#define assert_near(actual, expected, tolerance)                                                   \
    check_near(actual, expected, tolerance, #actual, __FILE__, __LINE__)

/** Fails with the error's message unless `status` is FSBI_OK. */
static inline void check_ok(fsbi_status status, const fsbi_error *error, const char *what,
                            const char *file, int line) {
    if (status == FSBI_OK)
        return;
    print_error("%s failed: %s\n", what, error->message);
    _fail(file, line);
}

#define assert_ok(call, error) check_ok(call, &(error), #call, __FILE__, __LINE__)

/** Fails unless `text` contains `part`. */
static inline void check_contains(const char *text, const char *part, const char *file, int line) {

    if (strstr(text, part) != NULL)
        return;
    print_error("'%s' does not contain '%s'\n", text, part);
    _fail(file, line);
}

#define assert_contains(text, part) check_contains(text, part, __FILE__, __LINE__)

#endif
