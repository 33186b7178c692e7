/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_trace_store.c - the binary form of traces: it holds what the text did, to the bit; and whatever is cut off, altered or
 * makes no sense in it is told, and never read.
 */
#include "tests/trace_read.h"

#include <stddef.h>
#include <sys/stat.h>

#include "sim/base/digest.h"
#include "sim/io/trace/store.h"
#include "sim/io/trace/store_form.h"

enum { LONG = 100000 };

static char folder[] = "/tmp/test_store_XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink("x");
    unlink("x.tst");
    unlink("y.tst");
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static void write_file(const char *name, const void *data, size_t n)
{
    FILE *f = fopen(name, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static void *read_bytes(const char *name, size_t *n)
{
    struct stat st;
    assert_int_equal(stat(name, &st), 0);
    *n = (size_t)st.st_size;
    char *data = malloc(*n);
    FILE *f = fopen(name, "rb");
    assert_non_null(data);
    assert_non_null(f);
    assert_int_equal(fread(data, 1, *n, f), *n);
    fclose(f);
    return data;
}

static int import(const char *kind, const char *output, struct err *e)
{
    struct flow f = {.path = "x"};
    int rc = trace_import(&f, trace_kind_find(kind), output, "tiersim of a test", e);
    flow_clear(&f);
    return rc;
}

/* Levels of three rows: 0 s 1 Mbit/s, 1 s 2 Mbit/s, 3 s 0; they end at 5 s. */
static void import_links(void)
{
    static const char text[] = "0 1\n1 2\n3 0\n";
    struct err e = {0};
    write_file("x", text, sizeof text - 1);
    assert_int_equal(import("pensieve", "x.tst", &e), 0);
}

static void assert_message(const char *want)
{
    struct arena a = {0};
    struct err e = {0};
    const struct series *s = NULL;
    char text[2048];
    int rc = trace_read(&a, "x.tst", "tiersim", NULL, false, &s, &e);
    assert_string_equal(err_text(&e, text, sizeof text), want);
    assert_int_equal(rc, -ERR_INPUT);
    assert_null(s);
    arena_clear(&a);
}

static void assert_same(const struct series *s, const struct series *t)
{
    assert_int_equal(s->n_row, t->n_row);
    assert_int_equal(s->n_column, t->n_column);
    assert_int_equal(s->points, t->points);
    assert_memory_equal(&s->span_s, &t->span_s, sizeof s->span_s);
    assert_memory_equal(s->time_s, t->time_s, s->n_row * sizeof(double));
    for (size_t c = 0; c < s->n_column; c++) {
        assert_string_equal(s->name[c], t->name[c]);
        assert_string_equal(s->unit[c], t->unit[c]);
        assert_memory_equal(&s->mean[c], &t->mean[c], sizeof(double));
        assert_memory_equal(s->value[c], t->value[c], s->n_row * sizeof(double));
    }
}

/* Rows of three in a second, more than are checked at a time. */
static void write_long(const char *header)
{
    FILE *f = fopen("x", "w");
    assert_non_null(f);
    fputs(header, f);
    for (int i = 0; i < LONG; i++) {
        fprintf(f, "%d.%d,%d.25,%d\n", i / 3, i % 3, i * 7 % 1000, i % 11);
    }
    assert_int_equal(fclose(f), 0);
}

static void what_is_mapped_is_what_was_read(void **state)
{
    (void)state;
    for (int levels = 0; levels < 2; levels++) {
        const char *kind = levels ? "throughput" : "arrivals";
        struct arena a = {0};
        struct err e = {0};
        const struct series *s = NULL, *t = NULL;
        struct store_origin from;
        write_long(levels ? "time_s,capacity_mbps,latency_ms\n" : "time_s,a [byte],b\n");
        assert_int_equal(trace_read(&a, "x", kind, NULL, !levels, &s, &e), 0);
        assert_int_equal(import(kind, "x.tst", &e), 0);
        /* Known by its first bytes, whatever kind was said. */
        assert_int_equal(trace_read(&a, "x.tst", levels ? "sabre" : "tiersim", NULL, !levels, &t, &e), 0);
        assert_same(s, t);
        assert_int_equal(store_map(&a, "x.tst", &t, &from, &e), 0);
        assert_string_equal(from.kind, kind);
        assert_string_equal(from.source, "x");
        assert_int_equal(strlen(from.sha256), 64);
        assert_string_equal(from.program, "tiersim of a test");
        arena_clear(&a);
    }
}

static void twice_the_same_is_the_same_to_the_byte(void **state)
{
    (void)state;
    struct err e = {0};
    size_t n, m;
    import_links();
    assert_int_equal(import("pensieve", "y.tst", &e), 0);
    char *one = read_bytes("x.tst", &n), *two = read_bytes("y.tst", &m);
    assert_int_equal(n, m);
    assert_memory_equal(one, two, n);
    free(one);
    free(two);
}

static void an_error_leaves_no_file_and_no_rest(void **state)
{
    (void)state;
    struct err e = {0};
    char text[2048];
    unlink("x.tst");
    write_file("x", "0 1\n1 2\n1 3\n", 12);
    assert_int_equal(import("pensieve", "x.tst", &e), -ERR_INPUT);
    assert_string_equal(err_text(&e, text, sizeof text),
                        "x:3:1: found '1', wanted a time after that of the row before");
    assert_int_equal(access("x.tst", F_OK), -1);
    e = (struct err){0};
    assert_int_equal(import("pensieve", "none/x.tst", &e), -ERR_IO);
    assert_string_equal(err_text(&e, text, sizeof text), "none/x.tst: cannot be written: No such file or directory");
    e = (struct err){0};
    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_int_equal(import("pensieve", "pipe", &e), -ERR_INPUT);
    assert_string_equal(err_text(&e, text, sizeof text),
                        "pipe: found something of that name that is no file, wanted another name");
    assert_int_equal(unlink("pipe"), 0);
    e = (struct err){0};
    /* What was there before stays. */
    write_file("y.tst", "old", 3);
    assert_int_equal(import("pensieve", "y.tst", &e), -ERR_INPUT);
    size_t n;
    char *old = read_bytes("y.tst", &n);
    assert_int_equal(n, 3);
    free(old);
    unlink("y.tst");
    unlink("x");
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(rmdir(folder), 0); /* nothing was left in it */
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_int_equal(chdir(folder), 0);
}

static void every_length_but_the_right_one_is_refused(void **state)
{
    (void)state;
    size_t n;
    struct arena a = {0};
    const struct series *s = NULL;
    import_links();
    char *data = read_bytes("x.tst", &n), *more = calloc(1, n + 1);
    assert_int_equal(n, STORE_HEAD + 2 * STORE_PAGE);
    memcpy(more, data, n);
    write_file("x.tst", more, n + 1);
    assert_message("x.tst: found 16385 bytes, wanted 16384: the file is cut short or something follows it");
    for (size_t cut = 0; cut < n; cut += cut < 9000 ? 37 : 511) {
        struct err e = {0};
        write_file("x.tst", data, cut);
        assert_int_equal(store_map(&a, "x.tst", &s, NULL, &e), -ERR_INPUT);
        assert_null(s);
    }
    write_file("x.tst", data, 5);
    assert_message("x.tst: found another file, wanted a trace as `tiersim import` writes it");
    write_file("x.tst", data, 5000);
    assert_message("x.tst: found a file that is cut short, wanted a trace as `tiersim import` writes it");
    write_file("x.tst", data, STORE_HEAD + 8);
    assert_message("x.tst: found a head that makes no sense, wanted a trace as `tiersim import` writes it");
    write_file("x.tst", data, n - 1);
    assert_message("x.tst: found 16383 bytes, wanted 16384: the file is cut short or something follows it");
    free(more);
    free(data);
    arena_clear(&a);
}

static void every_altered_number_is_found(void **state)
{
    (void)state;
    size_t n;
    struct arena a = {0};
    const struct series *s = NULL;
    import_links();
    char *data = read_bytes("x.tst", &n);
    for (size_t at = 0; at < n; at++) {
        bool padding = (at >= sizeof(struct store_head) && at < STORE_HEAD) ||
                       (at >= STORE_HEAD && (at - STORE_HEAD) % STORE_PAGE >= 3 * sizeof(double));
        if (!padding) {
            struct err e = {0};
            data[at] = (char)(data[at] ^ 1 << at % 8);
            write_file("x.tst", data, n);
            if (store_map(&a, "x.tst", &s, NULL, &e) != -ERR_INPUT) {
                fail_msg("byte %zu may be altered", at);
            }
            data[at] = (char)(data[at] ^ 1 << at % 8);
        }
    }
    free(data);
    arena_clear(&a);
}

/* The file with its digests made right again. */
static void write_with_digests(char *data, size_t n)
{
    struct store_head *h = (struct store_head *)(void *)data;
    for (uint32_t c = 0; c < 1 + h->n_column && c < 1 + TRACE_COLUMNS; c++) {
        struct digest d = digest_start();
        if (h->column[c].offset <= n - 3 * sizeof(double)) {
            store_digest_add(&d, (const double *)(void *)(data + h->column[c].offset), 3);
        }
        h->column[c].digest = digest_value(d);
    }
    h->digest = store_head_digest(h);
    write_file("x.tst", data, n);
}

static void what_makes_no_sense_is_refused_even_with_right_digests(void **state)
{
    (void)state;
    static const char senseless[] =
        "x.tst: found a head that makes no sense, wanted a trace as `tiersim import` writes it";
    size_t n;
    import_links();
    char *data = read_bytes("x.tst", &n), *keep = malloc(n);
    memcpy(keep, data, n);
    struct store_head *h = (struct store_head *)(void *)data;
    double *time_s = (double *)(void *)(data + STORE_HEAD), *value = (double *)(void *)(data + STORE_HEAD + STORE_PAGE);
    static const struct {
        size_t at;
        uint64_t number;
        size_t bytes;
        const char *want;
    } row[] = {
        {offsetof(struct store_head, version), 2, 4,
         "x.tst: found version 2 of the form, wanted 1: import the trace again"},
        {offsetof(struct store_head, n_row), UINT64_C(1) << 61, 8, senseless},
        {offsetof(struct store_head, n_row), UINT64_MAX, 8, senseless},
        {offsetof(struct store_head, n_row), 0, 8, senseless},
        {offsetof(struct store_head, n_row), 1, 8, senseless},
        {offsetof(struct store_head, n_row), 1000, 8, senseless},
        {offsetof(struct store_head, n_column), 0, 4, senseless},
        {offsetof(struct store_head, n_column), UINT32_MAX, 4, senseless},
        {offsetof(struct store_head, n_column), 9, 4, senseless},
        {offsetof(struct store_head, points), 2, 4, senseless},
        {offsetof(struct store_head, span_s), 0x7ff8000000000000, 8, senseless}, /* nan */
        {offsetof(struct store_head, span_s), 0x7ff0000000000000, 8, senseless}, /* inf */
        {offsetof(struct store_head, span_s), 0, 8, senseless},
        {offsetof(struct store_head, column) + offsetof(struct store_column, offset), 0, 8, senseless},
        {offsetof(struct store_head, column[1]) + offsetof(struct store_column, offset), UINT64_MAX - 7, 8, senseless},
        {offsetof(struct store_head, column[1]), 0, 1, senseless}, /* no name */
    };
    for (size_t i = 0; i < LEN(row); i++) {
        memcpy(data + row[i].at, &row[i].number, row[i].bytes);
        write_with_digests(data, n);
        assert_message(row[i].want);
        memcpy(data, keep, n);
    }
    memset(h->origin, 'o', sizeof h->origin);
    write_with_digests(data, n);
    assert_message(senseless);
    memcpy(data, keep, n);

    static const struct {
        double time_s[3], value[3];
        const char *want;
    } rows[] = {
        {{0, 3, 1}, {1, 2, 3}, "x.tst: found row 3 at 1 s after one at 3 s, wanted rows in order of time from 0 on"},
        {{0, 1, 1}, {1, 2, 3}, "x.tst: found row 3 at 1 s after one at 1 s, wanted rows in order of time from 0 on"},
        {{1, 2, 3}, {1, 2, 3}, "x.tst: found row 1 at 1 s after one at 0 s, wanted rows in order of time from 0 on"},
        {{0, 1, 6}, {1, 2, 3}, "x.tst: found row 3 at 6 s after one at 1 s, wanted rows in order of time from 0 on"},
        {{0, 1, NAN},
         {1, 2, 3},
         "x.tst: found row 3 at nan s after one at 1 s, wanted rows in order of time from 0 on"},
        {{0, 1, 5},
         {1, 2, 3},
         "x.tst: found a last level that has no end, wanted a trace as `tiersim import` writes it"},
        {{0, 1, 2}, {1, -2, 3}, "x.tst: found -2 in row 2 of capacity, wanted a finite number from 0"},
        {{0, 1, 2}, {1, 2, INFINITY}, "x.tst: found inf in row 3 of capacity, wanted a finite number from 0"},
        {{0, 1, 2}, {NAN, 2, 3}, "x.tst: found nan in row 1 of capacity, wanted a finite number from 0"},
        {{0, 1, 2}, {1, 2, -0.0}, "x.tst: found -0 in row 3 of capacity, wanted a finite number from 0"},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        memcpy(time_s, rows[i].time_s, sizeof rows[i].time_s);
        memcpy(value, rows[i].value, sizeof rows[i].value);
        write_with_digests(data, n);
        assert_message(rows[i].want);
    }
    free(keep);
    free(data);
}

static void a_time_goes_back_where_one_piece_ends(void **state)
{
    (void)state;
    struct err e = {0};
    size_t n;
    write_long("time_s,capacity_mbps,latency_ms\n");
    assert_int_equal(import("throughput", "x.tst", &e), 0);
    char *data = read_bytes("x.tst", &n);
    struct store_head *h = (struct store_head *)(void *)data;
    double *time_s = (double *)(void *)(data + STORE_HEAD);
    time_s[STORE_ROWS] = 1;
    struct digest d = digest_start();
    store_digest_add(&d, time_s, LONG);
    h->column[0].digest = digest_value(d);
    h->digest = store_head_digest(h);
    write_file("x.tst", data, n);
    /* Row 32768, the last of the first piece, is 10922.1 s: 32767 = 3 * 10922 + 1. */
    assert_message("x.tst: found row 32769 at 1 s after one at 10922.1 s, wanted rows in order of time from 0 on");
    free(data);
}

static void levels_are_no_arrivals(void **state)
{
    (void)state;
    struct arena a = {0};
    struct err e = {0};
    const struct series *s = NULL;
    char text[2048];
    import_links();
    assert_int_equal(trace_read(&a, "x.tst", "tiersim", NULL, true, &s, &e), -ERR_INPUT);
    assert_string_equal(err_text(&e, text, sizeof text), "x.tst: found a trace of levels, wanted one of arrivals");
    arena_clear(&a);
    write_file("x.tst", "time_s,capacity_mbps\n0,1\n1,1\n", 29);
    assert_message("x.tst: found another file, wanted a trace as `tiersim import` writes it");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_mapped_is_what_was_read),
        cmocka_unit_test(twice_the_same_is_the_same_to_the_byte),
        cmocka_unit_test(an_error_leaves_no_file_and_no_rest),
        cmocka_unit_test(every_length_but_the_right_one_is_refused),
        cmocka_unit_test(every_altered_number_is_found),
        cmocka_unit_test(what_makes_no_sense_is_refused_even_with_right_digests),
        cmocka_unit_test(a_time_goes_back_where_one_piece_ends),
        cmocka_unit_test(levels_are_no_arrivals),
    };
    return cmocka_run_group_tests_name("traces in columns", tests, make_folder, remove_folder);
}
