/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test.h - cmocka and the checks that it lacks. */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

/* |got - want| <= rel * |want| + abs, compared as double (cmocka 1.1 compares as float); equal infinities are near. */
#define assert_near(got, want, rel, abs)                                             \
    do {                                                                             \
        double g_ = (got), w_ = (want), tol_ = (rel) * fabs(w_) + (abs);             \
        if (!(g_ == w_ || fabs(g_ - w_) <= tol_)) {                                  \
            fail_msg("%s = %.17g, wanted %.17g within %g", #got, g_, w_, tol_);      \
        }                                                                            \
    } while (0)

/* Skip the running case; the runner shows the reason. */
#define skip_because(reason)                \
    do {                                    \
        printf("skip: %s\n", (reason));     \
        skip();                             \
    } while (0)

#endif
