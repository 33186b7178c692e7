/* SPDX-License-Identifier: GPL-3.0-or-later */
/* each.h - tests of which some are of one rule and others of each of several rules, which they get as their state. */
#ifndef TESTS_CONTRACT_EACH_H
#define TESTS_CONTRACT_EACH_H

#include <stdint.h>
#include <stdio.h>
#include <tiersim/policy.h>

#include "tests/test.h"

struct each_test {
    const char *name;
    CMUnitTestFunction test;
};

enum { EACH_MOST = 128 };

/* Run them all: single[n_single], and each[n_each] for rule[n_rule]. */
static inline int each_run(const char *group, const struct CMUnitTest *single, size_t n_single, const struct each_test *each,
                           size_t n_each, const struct ts_policy *const *rule, size_t n_rule)
{
    static char name[EACH_MOST][80];
    struct CMUnitTest tests[EACH_MOST] = {{0}}; /* without a name there is none */
    size_t n = n_single;
    if (n_single + n_each * n_rule > EACH_MOST) {
        return 1;
    }
    memcpy(tests, single, n_single * sizeof *single);
    for (size_t i = 0; i < n_rule; i++) {
        for (size_t j = 0; j < n_each; j++, n++) {
            snprintf(name[n], sizeof name[n], "%s: %s", rule[i]->name, each[j].name);
            tests[n] = (struct CMUnitTest){name[n], each[j].test, NULL, NULL, (void *)(uintptr_t)rule[i]};
        }
    }
    return cmocka_run_group_tests_name(group, tests, NULL, NULL);
}

#endif
