/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_table_file.c - what a table file says is what is read from it, and nothing in it can be of another type or shape, or
 * missing, without being refused as an input at fault.
 */
#include <hdf5.h>
#include <stdlib.h>
#include <unistd.h>

#include "sim/io/table_file.h"
#include "tests/damage.h"
#include "tests/test.h"

static const double q[] = {-1, 0x1.fffffffffffffp-1, 1e-300, 4}, episode[] = {0, 8}, reward[] = {-3, -4, -1, NAN};

static char *path(const char *name)
{
    static char folder[64], text[2][128];
    static int turn;
    if (!folder[0]) {
        snprintf(folder, sizeof folder, "/tmp/tiersim-table-XXXXXX");
        assert_non_null(mkdtemp(folder));
    }
    turn = !turn;
    snprintf(text[turn], sizeof text[turn], "%s/%s", folder, name);
    return text[turn];
}

static int write_sound(const char *file, struct err *e)
{
    struct table_file t = {.policy = "q_learning", .parameters = "beta: 2\n", .scenario = "workload a at b\n",
                           .training = "seed: 9\n",
                           .episodes = 8, .wanted = 16, .decisions = 123, .n_point = 2, .n_replication = 2, .episode = episode,
                           .curve = {reward, reward, reward, reward}};
    assert_int_equal(blobs_put(&t.state, "state.txt", "queue: 2 bins\n", 14), 0);
    assert_int_equal(blobs_put(&t.state, "q.f64", q, sizeof q), 0);
    assert_int_equal(blobs_put(&t.state, "raw", "\1\2\377", 3), 0);
    int rc = table_file_write(&t, file, NULL, e);
    blobs_clear(&t.state);
    return rc;
}

static void write_sample(const char *name)
{
    struct err e = {0};
    assert_int_equal(write_sound(path(name), &e), 0);
}

static int read_any(const char *file, struct err *e)
{
    struct arena a = {0};
    struct table_file t;
    int rc = table_file_read(&t, file, &a, e);
    arena_clear(&a);
    return rc;
}

static void no_bytes_end_the_process(void **state)
{
    (void)state;
    damage_each(write_sound, read_any);
}

static void what_is_written_is_read(void **state)
{
    struct arena a = {0};
    struct table_file t;
    struct err e = {0};
    (void)state;
    write_sample("whole.h5");
    assert_int_equal(table_file_read(&t, path("whole.h5"), &a, &e), 0);
    assert_string_equal(t.policy, "q_learning");
    assert_string_equal(t.parameters, "beta: 2\n");
    assert_string_equal(t.scenario, "workload a at b\n");
    assert_string_equal(t.training, "seed: 9\n");
    assert_int_equal(t.episodes, 8);
    assert_int_equal(t.wanted, 16);
    assert_true(t.decisions == 123);
    assert_int_equal(t.state.n, 3);
    const struct blob *numbers = blobs_find(&t.state, "q.f64"), *text = blobs_find(&t.state, "state.txt"),
                      *raw = blobs_find(&t.state, "raw");
    assert_true(numbers && text && raw && raw->n == 3 && text->n == 14 && numbers->n == sizeof q);
    assert_memory_equal(numbers->bytes, q, sizeof q);
    assert_memory_equal(text->bytes, "queue: 2 bins\n", 14);
    assert_memory_equal(raw->bytes, "\1\2\377", 3);
    assert_int_equal(t.n_point, 2);
    assert_int_equal(t.n_replication, 2);
    assert_memory_equal(t.episode, episode, sizeof episode);
    for (int c = 0; c < N_CURVE; c++) {
        assert_true(t.curve[c][2] == -1 && isnan(t.curve[c][3]));
    }
    arena_clear(&a);
    unlink(path("whole.h5"));
}

/* Put something else in the place of an object: nothing, a number, a matrix, a text, a group. */
enum spoil { GONE, NUMBER, MATRIX, TEXT, GROUP, N_SPOIL };

static void spoil(hid_t h, const char *name, enum spoil how)
{
    hsize_t shape[2] = {3, 5};
    assert_true(H5Ldelete(h, name, H5P_DEFAULT) >= 0);
    if (how == GROUP) {
        H5Gclose(H5Gcreate2(h, name, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    } else if (how != GONE) {
        hid_t space = how == MATRIX ? H5Screate_simple(2, shape, NULL) : H5Screate(H5S_SCALAR);
        hid_t type = how == TEXT ? H5Tcopy(H5T_C_S1) : H5Tcopy(H5T_NATIVE_DOUBLE);
        hid_t d = H5Dcreate2(h, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
        assert_true(d >= 0);
        H5Dclose(d), H5Tclose(type), H5Sclose(space);
    }
}

static void what_is_spoiled_is_refused(void **state)
{
    static const char *const object[] = {"parameters", "scenario", "training", "state", "state/q.f64", "state/q.f64/value",
                                         "state/state.txt/value", "state/raw/value", "curve/point", "curve/reward"};
    (void)state;
    for (size_t i = 0; i < LEN(object); i++) {
        for (int how = GONE; how < N_SPOIL; how++) {
            bool fits = how == TEXT && !strchr(object[i], '/'); /* a text in the place of a text */
            fits |= how == TEXT && strstr(object[i], "txt");
            struct arena a = {0};
            struct table_file t;
            struct err e = {0};
            if (fits) {
                continue;
            }
            write_sample("spoiled.h5");
            hid_t h = H5Fopen(path("spoiled.h5"), H5F_ACC_RDWR, H5P_DEFAULT);
            spoil(h, object[i], (enum spoil)how);
            H5Fclose(h);
            int rc = table_file_read(&t, path("spoiled.h5"), &a, &e);
            if (rc != -ERR_INPUT || !strstr(e.text, "spoiled.h5")) {
                fail_msg("%s spoiled in way %d: code %d, \"%s\"", object[i], how, rc, e.text);
            }
            arena_clear(&a);
            unlink(path("spoiled.h5"));
        }
    }
}

static void what_is_no_table_is_refused(void **state)
{
    struct arena a = {0};
    struct table_file t;
    struct err none = {0}, other = {0};
    (void)state;
    assert_true(table_file_read(&t, path("none.h5"), &a, &none) < 0);
    H5Fclose(H5Fcreate(path("other.h5"), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT));
    assert_int_equal(table_file_read(&t, path("other.h5"), &a, &other), -ERR_INPUT);
    assert_non_null(strstr(other.text, "not a table of a policy"));
    arena_clear(&a);
    unlink(path("other.h5"));
}

static int remove_folder(void **state)
{
    (void)state;
    return rmdir(path(""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_bytes_end_the_process),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(what_is_spoiled_is_refused),
        cmocka_unit_test(what_is_no_table_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, remove_folder);
}
