/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_table.c - a table of a policy whose bytes are other ones.  The input is a list of changes to a sound file, four bytes each:
 * where (three) and what.  Whatever libhdf5 makes of it, reading gives a table or an error (sim/io/probe.h): faults of our own
 * with other types and shapes are looked for in tests/unit/test_table_file.c.  fuzz: max_len 32
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sim/io/table_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 1 << 20, CHANGE = 4 };

static char folder[] = "/tmp/tiersim-fuzz-XXXXXX", file[64];
static uint8_t *sound;
static size_t n_sound;

static void make_sound(void)
{
    static const double q[] = {1, 2, 3}, episode[] = {0, 8}, curve[] = {-3, -4, -1, -2};
    struct table_file t = {.policy = "q_learning", .parameters = "beta: 2\n", .scenario = "workload a at b\n",
                           .training = "seed: 9\n", .episodes = 8, .wanted = 16, .n_point = 2, .n_replication = 2,
                           .episode = episode, .curve = {curve, curve, curve, curve}};
    struct err e = {0};
    if (!mkdtemp(folder) || !(sound = malloc(MOST))) {
        abort();
    }
    snprintf(file, sizeof file, "%s/t.h5", folder);
    if (blobs_put(&t.state, "q.f64", q, sizeof q) < 0 || blobs_put(&t.state, "state.txt", "a\n", 3) < 0 ||
        table_file_write(&t, file, NULL, &e) < 0) {
        abort();
    }
    blobs_clear(&t.state);
    FILE *f = fopen(file, "rb");
    n_sound = f ? fread(sound, 1, MOST, f) : 0;
    if (n_sound == 0) {
        abort();
    }
    fclose(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t was[8];
    size_t at[8], n = size / CHANGE < 8 ? size / CHANGE : 8;
    struct arena a = {0};
    struct table_file t;
    struct err e = {0};
    if (!sound) {
        make_sound();
    }
    for (size_t i = 0; i < n; i++) {
        const uint8_t *c = data + CHANGE * i;
        at[i] = ((size_t)c[0] << 16 | (size_t)c[1] << 8 | c[2]) % n_sound;
        was[i] = sound[at[i]];
        sound[at[i]] = c[3];
    }
    FILE *f = fopen(file, "wb");
    if (!f || fwrite(sound, 1, n_sound, f) != n_sound || fclose(f) != 0) {
        abort();
    }
    if (table_file_read(&t, file, &a, &e) < 0 && !e.text[0]) {
        abort();
    }
    while (n-- > 0) {
        sound[at[n]] = was[n];
    }
    arena_clear(&a);
    unlink(file);
    return 0;
}
