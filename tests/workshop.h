/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * workshop.h - tests/workshop.yaml, a small plant with all that the model has, as it is or with more in it.
 *
 * Tests run in the root of the repository.  Traces are the shipped ones, found by $TIERSIM_DATA, which workshop_setup sets.
 */
#ifndef TESTS_WORKSHOP_H
#define TESTS_WORKSHOP_H

#include "tests/replicate.h"

struct workshop {
    const char *nodes, *links, *workloads; /* lines for the front of these sections, or NULL */
    const char *const *set;                /* assignments, ending with NULL; or NULL */
};

static inline int workshop_setup(void **state)
{
    char *folder = realpath("traces", NULL);
    (void)state;
    assert_non_null(folder);
    assert_int_equal(setenv("TIERSIM_DATA", folder, 1), 0);
    free(folder);
    return 0;
}

/* Line by line, so that what is added comes first in its section and moves the rows of all others. */
static inline void workshop_text(struct workshop w, char *text, size_t room)
{
    const char *const section[] = {"nodes:\n", "links:\n", "workloads:\n"}, *const more[] = {w.nodes, w.links,
                                                                                             w.workloads};
    char line[1024];
    size_t n = 0;
    FILE *f = fopen("tests/workshop.yaml", "r");
    assert_non_null(f);
    while (fgets(line, sizeof line, f)) {
        n += (size_t)snprintf(text + n, room - n, "%s", line);
        for (size_t i = 0; i < LEN(section); i++) {
            if (more[i] && strcmp(line, section[i]) == 0) {
                n += (size_t)snprintf(text + n, room - n, "%s", more[i]);
            }
        }
        assert_true(n < room);
    }
    fclose(f);
}

static inline void workshop_read(struct scenario *s, struct workshop w)
{
    char text[16384];
    workshop_text(w, text, sizeof text);
    scenario_of_text(s, text, w.set);
}

#endif
