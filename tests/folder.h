/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * folder.h - a folder of its own for a test's files.  The test makes it (mkdtemp on `folder`) and removes it.
 */
#ifndef TESTS_FOLDER_H
#define TESTS_FOLDER_H

#include <stdio.h>

static char folder[] = "/tmp/tiersim-test-XXXXXX";

/* The path of a file in it; four are valid at a time. */
static const char *in_folder(const char *name)
{
    static char path[4][256];
    static int turn;
    turn = (turn + 1) % 4;
    snprintf(path[turn], sizeof path[turn], "%s/%s", folder, name);
    return path[turn];
}

#endif
