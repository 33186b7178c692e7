/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is finished of a run outlives it: parts, the index over them, and going on from there. */
#include "tests/test.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/io/result_rows.h"
#include "sim/io/results.h"
#include "tests/folder.h"
#include "tests/sample.h"

enum { N_POLICY = 2, N_REPLICATION = 3, N_ROW = 100 };

__attribute__((format(printf, 1, 2))) static int shell(const char *fmt, ...)
{
    char command[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(command, sizeof command, fmt, ap);
    va_end(ap);
    return system(command);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return shell("rm -rf %s", folder);
}

static struct results *begin(const char *name, const struct scenario *s, bool resume)
{
    const struct results_options o = {.rows = true, .resume = resume};
    struct results *r;
    struct err e = {0};
    if (results_begin(&r, in_folder(name), s, &o, &e) < 0) {
        fail_msg("%s", e.text);
    }
    return r;
}

/* Hand in one replication, with rows. */
static void add(struct results *r, const struct scenario *s, uint32_t cell)
{
    struct err e = {0};
    struct record rec = sample_record(s, cell / N_REPLICATION, cell % N_REPLICATION);
    struct row_block *b = calloc(1, sizeof *b);
    assert_non_null(b);
    b->n = N_ROW;
    for (uint32_t j = 0; j < N_ROW; j++) {
        b->number[j] = j;
        b->latency[j] = (float)cell;
    }
    assert_int_equal(results_rows(r, rec.policy, rec.replication, b, &e), 0);
    assert_int_equal(results_record(r, &rec, &e), 0);
    assert_int_equal(results_sync(r, &e), 0);
    record_clear(&rec);
    free(b);
}

static void commit(struct results *r)
{
    struct err e = {0};
    struct provenance p = {0};
    if (results_commit(r, &p, &e) < 0) {
        fail_msg("%s", e.text);
    }
}

static void write_whole(const char *name, const struct scenario *s)
{
    struct results *r = begin(name, s, false);
    for (uint32_t c = 0; c < N_POLICY * N_REPLICATION; c++) {
        add(r, s, c);
    }
    commit(r);
}

/* Replications 4 and 1 are there, the others are not. */
static void write_some(const char *name, const struct scenario *s)
{
    struct err e = {0};
    struct results *r = begin(name, s, false);
    add(r, s, 4);
    add(r, s, 1);
    assert_int_equal(results_leave(r, &e), 0);
}

static bool is_kept(const struct results *r, uint32_t cell)
{
    const char *text;
    return results_kept(r, cell / N_REPLICATION, cell % N_REPLICATION, &text) != RECORD_EMPTY;
}

/* Run what is missing, and compare with a run that nobody disturbed, byte by byte. */
static void assert_completed(const char *name, const struct scenario *s, uint32_t n_kept)
{
    struct results *r = begin(name, s, true);
    uint32_t n = 0;
    for (uint32_t c = 0; c < N_POLICY * N_REPLICATION; c++) {
        n += is_kept(r, c);
        if (!is_kept(r, c)) {
            add(r, s, c);
        }
    }
    assert_int_equal(n, n_kept);
    commit(r);
    write_whole("undisturbed.h5", s);
    assert_int_equal(shell("cmp %s %s", in_folder(name), in_folder("undisturbed.h5")), 0);
    assert_int_equal(shell("test ! -e %s.parts", in_folder(name)), 0);
}

static void an_index_shows_what_is_finished(void **state)
{
    (void)state;
    struct scenario s = sample_scenario(N_POLICY, N_REPLICATION);
    struct err e = {0};
    struct result r;
    struct row_block *b = calloc(1, sizeof *b);
    write_some("index.h5", &s);
    assert_non_null(b);
    assert_int_equal(result_read(&r, in_folder("index.h5"), &e), 0);
    assert_int_equal(r.n_unfinished, 4);
    struct record want = sample_record(&s, 1, 1);
    for (uint32_t c = 0; c < N_POLICY * N_REPLICATION; c++) {
        assert_int_equal(r.record[c].status != RECORD_EMPTY, c == 4 || c == 1);
    }
    assert_memory_equal(r.record[4].metric, want.metric, sizeof want.metric);
    assert_int_equal(result_read_rows(&r, 1, 1, 0, b, &e), 0);
    assert_int_equal(b->n, N_ROW);
    assert_near(b->latency[N_ROW - 1], 4, 0, 0);
    assert_int_equal(result_read_rows(&r, 0, 0, 0, b, &e), 0);
    assert_int_equal(b->n, 0);
    record_clear(&want);
    result_free(&r);
    free(b);
}

static void a_resumed_run_has_the_bytes_of_an_undisturbed_one(void **state)
{
    (void)state;
    struct scenario s = sample_scenario(N_POLICY, N_REPLICATION);
    write_some("resume.h5", &s);
    assert_completed("resume.h5", &s, 2);
}

/* A finished run is resumed by doing nothing, and nothing that can be resumed is a run from the start. */
static void resuming_twice_or_too_early_does_no_harm(void **state)
{
    (void)state;
    struct scenario s = sample_scenario(N_POLICY, N_REPLICATION);
    assert_completed("early.h5", &s, 0);
    assert_completed("early.h5", &s, N_POLICY * N_REPLICATION);
}

static void a_damaged_part_is_run_again(void **state)
{
    (void)state;
    struct scenario s = sample_scenario(N_POLICY, N_REPLICATION);
    write_some("damaged.h5", &s);
    assert_int_equal(shell("printf X | dd of=%s.parts/0.part bs=1 seek=2000 conv=notrunc 2>/dev/null", in_folder("damaged.h5")),
                     0);
    assert_completed("damaged.h5", &s, 1);
    write_some("cut.h5", &s);
    assert_int_equal(shell("truncate -s 3000 %s.parts/1.part", in_folder("cut.h5")), 0);
    assert_completed("cut.h5", &s, 1);
    write_some("rows.h5", &s);
    assert_int_equal(shell("rm %s.parts/1-1.rows.h5", in_folder("rows.h5")), 0);
    assert_completed("rows.h5", &s, 1);
}

static void assert_refused(const char *name, const struct scenario *s, const struct results_options *o,
                           enum err_code code, const char *message)
{
    struct results *r = NULL;
    struct err e = {0};
    assert_int_equal(results_begin(&r, in_folder(name), s, o, &e), -(int)code);
    assert_null(r);
    if (!strstr(e.text, message)) {
        fail_msg("found \"%s\", wanted \"%s\" in it", e.text, message);
    }
}

static void another_run_is_not_resumed(void **state)
{
    (void)state;
    struct scenario s = sample_scenario(N_POLICY, N_REPLICATION);
    const struct results_options resume = {.rows = true, .resume = true}, no_rows = {.resume = true};
    const char *text = s.text;
    write_some("other.h5", &s);
    s.experiment.seed = 7;
    assert_refused("other.h5", &s, &resume, ERR_INPUT, "it was begun with 'seed: 1', found 'seed: 7'");
    s.experiment.seed = 1;
    s.text = "tiersim: 1\nname: factory2\n";
    assert_refused("other.h5", &s, &resume, ERR_INPUT, "found 'name: factory2'");
    s.text = text;
    assert_refused("other.h5", &s, &no_rows, ERR_INPUT, "it was begun with 'rows: yes', found 'rows: no'");
    const struct policy_param margin = {.key = "margin", .text = "5 ms"};
    s.experiment.policy[1].param = &margin;
    s.experiment.policy[1].n_param = 1;
    assert_refused("other.h5", &s, &resume, ERR_INPUT, "margin=5 ms");
    s.experiment.policy[1].n_param = 0;
    assert_completed("other.h5", &s, 2); /* no refusal did any harm */
    s.experiment.seed = 7;
    assert_refused("other.h5", &s, &resume, ERR_INPUT, "it is of another scenario");
}

static void a_second_writer_is_refused(void **state)
{
    (void)state;
    struct scenario s = sample_scenario(N_POLICY, N_REPLICATION);
    struct err e = {0};
    struct results *r = begin("two.h5", &s, false);
    assert_refused("two.h5", &s, NULL, ERR_IO, "another process is writing this file");
    add(r, &s, 0);
    assert_refused("two.h5", &s, NULL, ERR_IO, "another process is writing this file");
    assert_int_equal(results_leave(r, &e), 0);
    assert_completed("two.h5", &s, 1);
}

static void a_vanished_folder_is_told(void **state)
{
    (void)state;
    struct scenario s = sample_scenario(N_POLICY, N_REPLICATION);
    struct err e = {0};
    assert_int_equal(mkdir(in_folder("gone"), 0777), 0);
    struct results *r = begin("gone/x.h5", &s, false);
    add(r, &s, 0);
    assert_int_equal(shell("rm -r %s", in_folder("gone")), 0);
    struct record rec = sample_record(&s, 0, 1);
    assert_int_equal(results_record(r, &rec, &e), 0);
    assert_int_equal(results_sync(r, &e), -ERR_IO);
    assert_non_null(strstr(e.text, "No such file or directory"));
    record_clear(&rec);
    results_leave(r, &e);
    assert_int_equal(shell("test ! -e %s", in_folder("gone")), 0);
}

/* Nothing of what others keep in the folder is touched. */
static void only_our_files_are_removed(void **state)
{
    (void)state;
    struct scenario s = sample_scenario(N_POLICY, N_REPLICATION);
    write_some("mine.h5", &s);
    assert_int_equal(shell("touch %s.parts/notes.txt", in_folder("mine.h5")), 0);
    struct results *r = begin("mine.h5", &s, false);
    for (uint32_t c = 0; c < N_POLICY * N_REPLICATION; c++) {
        assert_false(is_kept(r, c));
        add(r, &s, c);
    }
    commit(r);
    assert_int_equal(shell("test \"$(ls -A %s.parts)\" = notes.txt", in_folder("mine.h5")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_index_shows_what_is_finished),
        cmocka_unit_test(a_resumed_run_has_the_bytes_of_an_undisturbed_one),
        cmocka_unit_test(resuming_twice_or_too_early_does_no_harm),
        cmocka_unit_test(a_damaged_part_is_run_again),
        cmocka_unit_test(another_run_is_not_resumed),
        cmocka_unit_test(a_second_writer_is_refused),
        cmocka_unit_test(a_vanished_folder_is_told),
        cmocka_unit_test(only_our_files_are_removed),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
