/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_damage.h - a file of a fuzzer's own whose bytes are other ones (tests/damage.h): the fuzzer says how a sound one is
 * written, and how it is read.
 */
#ifndef TESTS_FUZZ_FUZZ_DAMAGE_H
#define TESTS_FUZZ_FUZZ_DAMAGE_H

#include "tests/damage.h"

static int write_sound(const char *path, struct err *e);
static int read_it(const char *path, struct err *e);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct damage damage;
    if (!damage.sound) {
        damage_begin(&damage, write_sound);
    }
    damage_try(&damage, data, size, read_it);
    return 0;
}

#endif
