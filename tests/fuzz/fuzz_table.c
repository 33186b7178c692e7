/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_table.c - a table of a policy whose bytes are other ones (tests/damage.h).  Faults of our own with other types and shapes
 * are looked for in tests/unit/test_table_file.c.  fuzz: max_len 32
 */
#include "sim/io/table_file.h"
#include "tests/damage.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int write_sound(const char *path, struct err *e)
{
    static const double q[] = {1, 2, 3}, episode[] = {0, 8}, curve[] = {-3, -4, -1, -2};
    struct table_file t = {.policy = "q_learning", .parameters = "beta: 2\n", .scenario = "workload a at b\n",
                           .training = "seed: 9\n", .episodes = 8, .wanted = 16, .n_point = 2, .n_replication = 2,
                           .episode = episode, .curve = {curve, curve, curve, curve}};
    int rc = blobs_put(&t.state, "q.f64", q, sizeof q) || blobs_put(&t.state, "state.txt", "a\n", 3);
    rc = rc ? -ERR_MEMORY : table_file_write(&t, path, NULL, e);
    blobs_clear(&t.state);
    return rc;
}

static int read_it(const char *path, struct err *e)
{
    struct arena a = {0};
    struct table_file t;
    int rc = table_file_read(&t, path, &a, e);
    arena_clear(&a);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return damage_fuzz(data, size, write_sound, read_it);
}
