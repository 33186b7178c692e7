/* SPDX-License-Identifier: GPL-3.0-or-later */
/* test_trace.c - bad trace files, and the exact words that each gets. */
#include "tests/test.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/base/err.h"
#include "sim/io/trace/trace.h"

static char folder[] = "/tmp/test_trace_XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1;
}

static void write_file(const char *name, const char *text, size_t n)
{
    FILE *f = fopen(name, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static void assert_message(const char *name, const char *format, const char *column, const char *want)
{
    struct arena a = {0};
    struct err e = {0};
    const struct series *s = NULL;
    char text[2048];
    const struct trace_kind *kind = trace_kind_find(format);
    int rc = trace_read(&a, name, format, column, kind && kind->points, &s, &e);
    assert_string_equal(err_text(&e, text, sizeof text), want);
    assert_int_equal(rc, -ERR_INPUT);
    assert_null(s);
    arena_clear(&a);
}

#define HEAD "TIMESTAMP,ContextTokens,GeneratedTokens\r\n"
#define NOON "2023-11-16 12:00:00,10,20\r\n"
#define SHAPE "time_UNIT (s, ms), then capacity_UNIT (bps, kbps, mbps, gbps) and/or latency_UNIT (s, ms)"

static void every_slip_is_told_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *format, *column, *text, *want;
    } row[] = {
        {"throughput", NULL, "", "x: found an empty file, wanted a header and rows"},
        {"throughput", NULL, "\n\n", "x: found an empty file, wanted a header and rows"},
        {"throughput", NULL, "# only this\n", "x: found an empty file, wanted a header and rows"},
        {"throughput", NULL, "time_s,capacity_mbps\n", "x: found 0 rows, wanted at least two"},
        {"throughput", NULL, "time_s,capacity_mbps\n0,1\n", "x: found 1 row, wanted at least two"},
        {"throughput", NULL, "time,capacity_mbps\n", "x:1:1: found the heading 'time', wanted " SHAPE},
        {"throughput", NULL, "time_s\n", "x:1:1: found the heading 'time_s' alone, wanted " SHAPE},
        {"throughput", NULL, "time_s,capacity_MBps\n", "x:1:8: found the heading 'capacity_MBps', wanted " SHAPE},
        {"throughput", NULL, "time_s,capacity_bps,capacity_kbps\n",
         "x:1:21: found the heading 'capacity_kbps', wanted " SHAPE},
        {"throughput", NULL, "time_s,time_ms\n", "x:1:8: found the heading 'time_ms', wanted " SHAPE},
        {"throughput", NULL, "# a\ntime_s,capacity_mbps\n0,-1\n",
         "x:3:3: found '-1', wanted capacity_mbps: a number from 0 to 1e15"},
        {"throughput", NULL, "time_s,capacity_mbps\n0,nan\n",
         "x:2:3: found 'nan', wanted capacity_mbps: a number from 0 to 1e15"},
        {"throughput", NULL, "time_s,capacity_mbps\n0,0x10\n",
         "x:2:3: found '0x10', wanted capacity_mbps: a number from 0 to 1e15"},
        {"throughput", NULL, "time_s,capacity_mbps\n0,1e999\n",
         "x:2:3: found '1e999', wanted capacity_mbps: a number from 0 to 1e15"},
        {"throughput", NULL, "time_s,capacity_mbps\n0,1.5.2\n",
         "x:2:3: found '1.5.2', wanted capacity_mbps: a number from 0 to 1e15"},
        {"throughput", NULL, "time_s,capacity_mbps\n0,\n",
         "x:2:3: found '', wanted capacity_mbps: a number from 0 to 1e15"},
        {"throughput", NULL, "time_s,capacity_mbps\n\"a,b\",1\n",
         "x:2:1: found 'a,b', wanted time_s: a number from 0 to 1e15"},
        {"throughput", NULL, "time_s,capacity_mbps\n\"0\",\"1,5\"\n",
         "x:2:5: found '1,5', wanted capacity_mbps: a number from 0 to 1e15"},
        {"throughput", NULL, "time_s,capacity_mbps\n0,1,2\n", "x:2:1: found 3 fields, wanted 2 as in the header"},
        {"throughput", NULL, "time_s,capacity_mbps\n1,5\n2,5\n2,5\n",
         "x:4:1: found the time '2', wanted one after that of the row before"},
        {"throughput", NULL, "time_s,capacity_mbps\n0,5\n1e12,5\n",
         "x: found a trace of 2e+12 s, wanted at most 3.35544e+09 s"},
        {"throughput", NULL, "time_s,capacity_mbps\n0,\"5\n1,5\n",
         "x:2:3: found a quote that is not closed on its line, wanted a closing quote"},
        {"throughput", NULL, "time_s,capacity_mbps\n0,5\"5\n",
         "x:2:4: found a stray quote, wanted quotes around a whole field"},
        {"throughput", NULL, "time_s,capacity_mbps\r0,5\r1,5\r",
         "x:1:21: found a carriage return within a line, wanted lines that end with LF or CRLF"},
        {"throughput", "capacity", "time_s,capacity_mbps\n0,5\n",
         "x: found column 'capacity', but the format throughput has nothing to choose"},
        {"thruput", NULL, "", "x: found the trace format thruput, wanted one that `tiersim import --help` lists"},

        {"azure_llm", NULL, "TIMESTAMP,Prompt,Output\n", "x:1:11: found the heading 'Prompt', wanted ContextTokens"},
        {"azure_llm", NULL, "TIMESTAMP,ContextTokens\n", "x:1:24: found the heading '', wanted GeneratedTokens"},
        {"azure_llm", NULL, HEAD NOON "2023-11-16 11:59:59.9999999,1,1",
         "x:3:1: found '2023-11-16 11:59:59.9999999', which is before the row above, wanted rows in order of time"},
        {"azure_llm", NULL, HEAD "2023-02-29 12:00:00,1,1",
         "x:2:1: found '2023-02-29 12:00:00', wanted a TIMESTAMP such as 2023-11-16 18:17:03.9799600"},
        {"azure_llm", NULL, HEAD "2023-11-16T12:00:00,1,1",
         "x:2:1: found '2023-11-16T12:00:00', wanted a TIMESTAMP such as 2023-11-16 18:17:03.9799600"},
        {"azure_llm", NULL, HEAD "2023-11-16 12:00:00+01:00,1,1",
         "x:2:1: found '2023-11-16 12:00:00+01:00', wanted a TIMESTAMP such as 2023-11-16 18:17:03.9799600"},
        {"azure_llm", NULL, HEAD "2023-11-16 12:00:00,1.5,1",
         "x:2:21: found '1.5', wanted ContextTokens (a whole number to 1e9)"},
        {"azure_llm", NULL, HEAD "2023-11-16 12:00:00,15,-1",
         "x:2:24: found '-1', wanted GeneratedTokens: a number from 0 to 1e15"},
        {"azure_llm", NULL, HEAD NOON NOON, "x: found all rows at one time, wanted some after the first"},
        {"azure_llm", NULL, HEAD NOON, "x: found 1 row, wanted at least two"},

        {"gophers", NULL, "rtt_ms,carrier\n1,A\n", "x:1:1: found no heading seq_num, wanted one"},
        {"gophers", NULL, "seq_num,rtt_ms\n0,1\n",
         "x:1:1: found no heading throughput_mbps or CARRIER_throughput_mbps, wanted one"},
        {"gophers", NULL, "seq_num,A_throughput_mbps,B_throughput_mbps\n0,1,2\n",
         "x:1:1: found no column, wanted a column out of: A, B"},
        {"gophers", "C", "seq_num,A_throughput_mbps,B_throughput_mbps\n0,1,2\n",
         "x:1:1: found column 'C', wanted a column out of: A, B"},
        {"gophers", "C", "seq_num,throughput_mbps\n0,1\n",
         "x:1:1: found column 'C', but the file has only throughput_mbps"},
        {"gophers", NULL, "seq_num,throughput_mbps\n5,1\n5,1\n",
         "x:3:1: found seq_num 5, wanted one after that of the row before"},
        {"gophers", NULL, "seq_num,throughput_mbps\n0.5,1\n", "x:2:1: found '0.5', wanted a whole seq_num"},
        {"gophers", NULL, "carrier,seq_num,throughput_mbps\nA,0,1\nB,1,1\n",
         "x:3:1: found rows of carrier A and of B, wanted one of them by a column such as VERIZON 8 US-East"},
        {"gophers", "C 8", "carrier,num_tcp_conn,seq_num,throughput_mbps\nA,8,0,1\nC,1,1,1\n",
         "x: found no row of column 'C 8', wanted words such as VERIZON 8 US-East"},

        {"sabre", NULL, "[{\"duration_ms\": 1,]", "x:1:20: found string or '}' expected near ']', wanted JSON"},
        {"sabre", NULL, "{}", "x:1:1: found no array, wanted [{\"duration_ms\": ..., \"bandwidth_kbps\": ..., "
                              "\"latency_ms\": ...}]"},
        {"sabre", NULL, "[\n {\"duration_ms\": 1, \"bandwidth_kbps\": 1, \"latency_ms\": 1},\n"
                        " {\"duration_ms\": 0, \"bandwidth_kbps\": 1, \"latency_ms\": 1}]",
         "x:3:2: found duration_ms 0, wanted a time above 0"},
        {"sabre", NULL, "[{\"duration_ms\": 1, \"bandwidth_kbps\": \"]}\", \"latency_ms\": 1}]",
         "x:1:2: found bandwidth_kbps \"]}\", wanted a number from 0 to 1e15"},
        {"sabre", NULL, "[{\"duration_ms\": 1, \"bandwidth_kbps\": 7}]",
         "x:1:2: found latency_ms missing, wanted a number from 0 to 1e15"},
        {"sabre", NULL, "[]", "x: found 0 rows, wanted at least two"},
    };
    for (size_t i = 0; i < LEN(row); i++) {
        write_file("x", row[i].text, strlen(row[i].text));
        assert_message("x", row[i].format, row[i].column, row[i].want);
        assert_int_equal(unlink("x"), 0);
    }
}

static void what_is_no_text_file_is_refused_before_it_can_hang(void **state)
{
    (void)state;
    assert_message("none", "throughput", NULL, "none: the file cannot be opened: No such file or directory");
    assert_message(".", "throughput", NULL, ".: found a folder, wanted a file");
    assert_message("/dev/zero", "sabre", NULL, "/dev/zero: found a device, wanted a file");
    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_message("pipe", "azure_llm", NULL, "pipe: found a pipe, wanted a file");
    assert_int_equal(unlink("pipe"), 0);

    write_file("x", "time_s,capacity_mbps\n0,\0005\n", 26);
    assert_message("x", "throughput", NULL, "x:2:3: found a byte 0, wanted text");
    assert_int_equal(truncate("x", ((off_t)2 << 30) + 1), 0);
    assert_message("x", "sabre", NULL, "x: found 2147483649 bytes, wanted at most 33554432");
    assert_int_equal(unlink("x"), 0);
}

static void long_lines_and_many_fields_are_refused(void **state)
{
    (void)state;
    enum { N = 70000 };
    char *line = malloc(N);
    assert_non_null(line);
    memset(line, '7', N);
    write_file("x", line, N);
    assert_message("x", "throughput", NULL, "x:1:1: found a line of more than 65535 bytes, wanted at most as many");
    memset(line, ',', 3000);
    write_file("x", line, 3000);
    assert_message("x", "throughput", NULL, "x:1:1: found more than 2048 fields, wanted at most as many");
    memset(line, ' ', 9000);
    for (int i = 0; i < 3000; i++) {
        line[2 * i] = '1';
    }
    write_file("x", line, 9000);
    assert_message("x", "swf", NULL, "x:1:1: found more than 2048 fields, wanted at most as many");
    free(line);
    assert_int_equal(unlink("x"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_slip_is_told_with_its_place),
        cmocka_unit_test(what_is_no_text_file_is_refused_before_it_can_hang),
        cmocka_unit_test(long_lines_and_many_fields_are_refused),
    };
    return cmocka_run_group_tests_name("bad traces", tests, make_folder, remove_folder);
}
