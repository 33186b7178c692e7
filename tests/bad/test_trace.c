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

#define HEAD           "TIMESTAMP,ContextTokens,GeneratedTokens\r\n"
#define NOON           "2023-11-16 12:00:00,10,20\r\n"
#define POD_HEAD       "name,cpu_milli,memory_mib,num_gpu,gpu_milli,creation_time,deletion_time,scheduled_time\n"
#define REQUEST(stamp) "{\"timestamp\": " stamp ", \"input_length\": 1, \"output_length\": 1, \"hash_ids\": [0]}"
#define TASKS(list)    "{\"workflow\": {\"tasks\": [" list "]}}"
#define SHAPE          "time_UNIT (s, ms), then capacity_UNIT (bps, kbps, mbps, gbps) and/or latency_UNIT (s, ms)"

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
        {"sabre", NULL, "{}",
         "x:1:1: found no array, wanted [{\"duration_ms\": ..., \"bandwidth_kbps\": ..., "
         "\"latency_ms\": ...}]"},
        {"sabre", NULL,
         "[\n {\"duration_ms\": 1, \"bandwidth_kbps\": 1, \"latency_ms\": 1},\n"
         " {\"duration_ms\": 0, \"bandwidth_kbps\": 1, \"latency_ms\": 1}]",
         "x:3:2: found duration_ms 0, wanted a time above 0"},
        {"sabre", NULL, "[{\"duration_ms\": 1, \"bandwidth_kbps\": \"]}\", \"latency_ms\": 1}]",
         "x:1:2: found bandwidth_kbps \"]}\", wanted a number from 0 to 1e15"},
        {"sabre", NULL, "[{\"duration_ms\": 1, \"bandwidth_kbps\": 7}]",
         "x:1:2: found latency_ms missing, wanted a number from 0 to 1e15"},
        {"sabre", NULL, "[]", "x: found 0 rows, wanted at least two"},

        {"arrivals", NULL, "t,a\n0,1\n", "x:1:1: found the heading 't', wanted time_s or time_ms"},
        {"arrivals", NULL, "time_s,a,a\n", "x:1:10: found a second heading 'a', wanted one"},
        {"arrivals", NULL, "time_s,,b\n",
         "x:1:8: found the heading '', wanted a name of at most 31 bytes, and perhaps a unit: duration [s]"},
        {"arrivals", NULL, "time_s,1,2,3,4,5,6,7,8,9\n", "x:1:1: found 9 columns beside the time, wanted at most 8"},
        {"arrivals", NULL, "time_s,a\n1,1\n0.5,1\n",
         "x:3:1: found '0.5', which is before the row above, wanted rows in order of time"},
        {"arrivals", NULL, "time_s,a\n1,1\n1,1\n", "x: found all rows at one time, wanted some after the first"},
        {"arrivals", NULL, "time_s,a\n1,1e16\n", "x:2:3: found '1e16', wanted a: a number from 0 to 1e15"},
        {"arrivals", NULL, "time_s,a\n1,+-3\n", "x:2:3: found '+-3', wanted a: a number from 0 to 1e15"},
        {"arrivals", NULL, "time_s,a\n1,.\n", "x:2:3: found '.', wanted a: a number from 0 to 1e15"},
        {"arrivals", NULL, "time_s,a\n-inf,1\n", "x:2:1: found '-inf', wanted time_s: a number from 0 to 1e15"},

        {"azure_functions_2021", NULL, "app,func,duration\n", "x:1:1: found no heading end_timestamp, wanted one"},
        {"azure_functions_2021", NULL, "app,func,end_timestamp,duration\na,f,1,-1\n",
         "x:2:7: found '-1', wanted duration: a number from 0 to 1e15"},
        {"azure_functions_2021", NULL, "app,func,end_timestamp,duration\na,f,1,2\n",
         "x: found 0 rows to keep, wanted at least two"},
        {"azure_functions_2019", NULL, "HashOwner,HashApp,HashFunction,Trigger\n",
         "x:1:1: found no heading of a minute, such as 1, wanted some"},
        {"azure_functions_2019", NULL, "HashOwner,HashApp,Trigger,1\n",
         "x:1:1: found no heading HashFunction, wanted one"},
        {"azure_functions_2019", NULL, "HashOwner,HashApp,HashFunction,1\no,a,f,1.5\n",
         "x:2:7: found '1.5', wanted a count of invocations (a whole number to 1e9)"},
        {"azure_functions_2019", NULL, "HashOwner,HashApp,HashFunction,1\no,a,f,900000000\n",
         "x:2:7: found '900000000', wanted at most 10000000 invocations in a minute"},
        {"azure_functions_2019", NULL, "HashOwner,HashApp,HashFunction,1\no,a,f,9000000\n",
         "x: found more than 1800000 rows, wanted a trace that `tiersim import` wrote, which may be longer"},

        {"mooncake", NULL, "{\"timestamp\": 0,\n",
         "x:1:16: found string or '}' expected near end of file, wanted JSON"},
        {"mooncake", NULL, "[]\n", "x:1:1: found no object, wanted {\"timestamp\": ..., \"input_length\": ..., ...}"},
        {"mooncake", NULL, REQUEST("5") "\n" REQUEST("4"), "x:2:1: found timestamp 4, wanted rows in order of time"},
        {"mooncake", NULL, REQUEST("-5"), "x:1:1: found timestamp -5, wanted a number from 0 to 1e15"},
        {"mooncake", NULL, REQUEST("\"5\""), "x:1:1: found timestamp \"5\", wanted a number from 0 to 1e15"},
        {"mooncake", NULL, REQUEST("1e999"), "x:1:19: found real number overflow near '1e999', wanted JSON"},
        {"mooncake", NULL, REQUEST("NaN"), "x:1:17: found invalid token near 'NaN', wanted JSON"},
        {"mooncake", NULL, "{\"timestamp\": 0, \"timestamp\": 1}",
         "x:1:28: found duplicate object key near '\"timestamp\"', wanted JSON"},
        {"mooncake", NULL, "{\"timestamp\": 0, \"input_length\": 1}",
         "x:1:1: found output_length missing, wanted a number from 0 to 1e15"},
        {"mooncake", NULL, "{\"timestamp\": 0, \"input_length\": 1, \"output_length\": 1, \"hash_ids\": [99999999]}",
         "x:1:1: found hash_ids 99999999, wanted whole numbers from 0 to 67108863"},
        {"mooncake", NULL, "{\"timestamp\": 0, \"input_length\": 1, \"output_length\": 1, \"hash_ids\": 1}",
         "x:1:1: found hash_ids 1, wanted an array of whole numbers"},

        {"servegen", NULL, "0,1,1\n", "x:1:1: found 3 fields, wanted 6: start, rate, CV, family, shape, scale"},
        {"servegen", NULL, "600,1,1,Gamma,1,1\n0,1,1,Gamma,1,1\n",
         "x:2:1: found '0', which is before the row above, wanted rows in order of time"},
        {"servegen", NULL, "0,1e10,1,Gamma,1,1\n600,1,1,Gamma,1,1\n",
         "x:2:1: found a window of 6e+12 arrivals before it, wanted at most 1e8"},
        {"servegen", NULL, "0,x,1,Gamma,1,1\n", "x:1:3: found 'x', wanted rate: a number from 0 to 1e15"},

        {"openb", NULL, POD_HEAD "a,1,1,0,0,9,10,\nb,1,1,0,0,8,10,\n",
         "x:3:11: found '8', which is before the row above, wanted rows in order of time"},
        {"openb", NULL, POD_HEAD "a,1,1,0,0,,10,\n", "x:2:11: found '', wanted creation_time: a number from 0 to 1e15"},
        {"gavel", NULL, "a\tb\tc\n",
         "x:1:1: found 3 fields, wanted 7 parted by tabs: job_type, command, argument, "
         "needs_data, total_steps, arrival, GPUs"},
        {"gavel", NULL, "a\tb\tc\t1\t7\t-1\t1\n", "x:1:11: found '-1', wanted the arrival: a number from 0 to 1e15"},
        {"swf", NULL, "; c\n1 2 3\n", "x:2:1: found 3 fields, wanted 18 parted by blanks"},
        {"swf", NULL, " 1  9 0 5 1 -1 -1 1 -1 -1 1 1 1 1 1 1 -1 -1\n 2  8 0 5 1 -1 -1 1 -1 -1 1 1 1 1 1 1 -1 -1\n",
         "x:2:5: found '8', which is before the row above, wanted rows in order of time"},
        {"swf", NULL, " 1  9 0 -5 1 -1 -1 1 -1 -1 1 1 1 1 1 1 -1 -1\n",
         "x:1:9: found '-5', wanted the run time: a number from 0 to 1e15"},
        {"swf", NULL, " 1  9 0 -1 1 -1 -1 1 -1 -1 1 1 1 1 1 1 -1 -1\n", "x: found 0 rows to keep, wanted at least two"},
        {"wfformat", NULL, "{\"workflow\": {}}", "x: found no workflow.tasks, wanted an array of at most 1000000"},
        {"wfformat", NULL, "[1, 2", "x:1:5: found ']' expected near end of file, wanted JSON"},
        {"wfformat", NULL, TASKS("{\"name\": \"a\", \"runtime\": 1, \"parents\": [\"a\"]}"),
         "x: found the task a among its own ancestors, wanted no cycle"},
        {"wfformat", NULL, TASKS("{\"name\": \"a\", \"runtime\": 1, \"parents\": [\"b\"]}"),
         "x: found an unknown parent of the task a, wanted the id or name of a task"},
        {"wfformat", NULL, TASKS("{\"name\": \"a\", \"runtime\": -1}"),
         "x: found a runtime or cores of the task a, wanted numbers from 0 to 1e9"},
        {"wfformat", NULL, TASKS("{\"name\": \"a\", \"runtime\": 1}, {\"name\": \"a\", \"runtime\": 1}"),
         "x: found the task a for the second time, wanted each once"},
        {"bitbrains", NULL, "Timestamp [ms];CPU cores\n", "x:1:1: found no heading CPU usage [MHZ], wanted one"},

        {"pensieve", NULL, "0 1\n1 2 3\n", "x:2:1: found 3 fields, wanted two parted by a blank: seconds and Mbit/s"},
        {"pensieve", NULL, "0 1\n\t0 2\n", "x:2:2: found '0', wanted a time after that of the row before"},
        {"pensieve", NULL, "0  x\n", "x:1:4: found 'x', wanted Mbit/s: a number from 0 to 1e15"},
        {"mahimahi", NULL, "5\n4\n", "x:2:1: found '4', which is before the row above, wanted rows in order of time"},
        {"mahimahi", NULL, "5 6\n", "x:1:1: found 2 fields, wanted one: a millisecond"},
        {"mahimahi", NULL, "0\n1e12\n",
         "x:2:1: found '1e12', wanted a millisecond at most an hour after the row above"},
        {"ucc5g", NULL, "Timestamp,UL_bitrate\n", "x:1:1: found no heading DL_bitrate, wanted one"},
        {"ucc5g", "left", "Timestamp,UL_bitrate\n", "x: found column 'left', wanted DL or UL"},
        {"ucc5g", NULL, "Timestamp,DL_bitrate\n2019.12.14_10.16.60,1\n",
         "x:2:1: found '2019.12.14_10.16.60', wanted a Timestamp such as 2019.12.14_10.16.30"},
        {"ucc5g", NULL, "Timestamp,DL_bitrate\n2019.12.14_10.16.30,1\n2019.12.14_10.16.29,1\n",
         "x:3:1: found '2019.12.14_10.16.29', which is before the row above, wanted rows in order of time"},
        {"lumos5g", NULL, "run_num,seq_num,Throughput,mobility_mode\n1,1,1,walking\n1,2,1,driving\n",
         "x:3:7: found rows of mobility_mode walking and of driving, wanted one of them by a column such as walking "
         "CW"},
        {"fcc", NULL, "unit_id,target,bytes_sec\n1,a,1\n",
         "x: found no column, wanted unit_id and target, as in 404 http://cnn.com"},
        {"fcc", "2 a", "unit_id,target,bytes_sec\n1,a,1\n",
         "x: found no row of column '2 a', wanted unit_id and target, as in 404 http://cnn.com"},
        {"carbon", NULL, "time,value\n",
         "x:1:1: found no headings timestamp and carbon_intensity, nor those of Electricity Maps, wanted either"},
        {"carbon", NULL, "timestamp,carbon_intensity\n5000,1\n4000,1\n",
         "x:3:1: found '4000', wanted a time after that of the row before"},
        {"tiersim", NULL, "time_s,a\n", "x: found another file, wanted a trace as `tiersim import` writes it"},
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

/* What is wrong with a second file is told of that file. */
static void assert_second_message(const char *kind, const char *first, const char *second, const char *want)
{
    struct err e = {0};
    struct flow f = {.path = "x", .with = "y"};
    char text[2048];
    write_file("x", first, strlen(first));
    write_file("y", second, strlen(second));
    assert_int_equal(trace_flow(&f, trace_kind_find(kind), &e), -ERR_INPUT);
    assert_string_equal(err_text(&e, text, sizeof text), want);
    flow_clear(&f);
    assert_int_equal(unlink("x"), 0);
    assert_int_equal(unlink("y"), 0);
}

#define PERCENTILES                                                                                                    \
    "percentile_Average_0,percentile_Average_1,percentile_Average_25,percentile_Average_50,percentile_Average_75,"     \
    "percentile_Average_99,percentile_Average_100\n"

static void a_second_file_is_read_as_strictly(void **state)
{
    (void)state;
    static const char windows[] = "0,1,1,Gamma,1,1\n", minutes[] = "HashOwner,HashApp,HashFunction,1\n";
    static const char functions[] = "HashOwner,HashApp,HashFunction," PERCENTILES;
    char text[1024];
    assert_second_message("servegen", windows, "{}",
                          "y:1:1: found no object with windows, wanted {\"0\": {\"input_tokens\": ...}, ...}");
    assert_second_message("servegen", windows, "{\"0\": {\"input_tokens\": \"{1: 1}\"}}",
                          "y: found no output_tokens in the window 0, wanted a distribution");
    assert_second_message("servegen", windows, "{\"0\": {\"input_tokens\": \"{1: 2}\"}}",
                          "y: found '1: 2}' in input_tokens, wanted {tokens: probability, ...}");
    assert_second_message("servegen", windows, "{\"0\": {\"input_tokens\": \"{}\"}}",
                          "y: found no tokens in input_tokens, wanted some");
    assert_second_message("servegen", windows, "{\"a\": {}}", "y: found the window 'a', wanted its start in seconds");
    assert_second_message("azure_functions_2019", minutes, "HashOwner,HashApp\n",
                          "y:1:1: found no heading HashFunction, wanted one");
    snprintf(text, sizeof text, "%so,a,f,0,1,2,3,4,5,4\n", functions);
    assert_second_message("azure_functions_2019", minutes, text,
                          "y:2:19: found '4', wanted a percentile that is not below the one before");
    snprintf(text, sizeof text, "%so,a,f,0,1,2,3,4,5,6\no,a,f,0,1,2,3,4,5,6\n", functions);
    assert_second_message("azure_functions_2019", minutes, text,
                          "y:3:1: found a function for the second time, wanted each once");
    assert_second_message("azure_llm", "", "", "x: found a second file y, but the format azure_llm has none");
}

static void what_is_nested_too_deep_is_refused(void **state)
{
    (void)state;
    enum { N = 60000 };
    char *text = malloc(N);
    assert_non_null(text);
    memset(text, '[', N);
    write_file("x", text, N);
    assert_message("x", "mooncake", NULL, "x:1:2049: found maximum parsing depth reached near '[', wanted JSON");
    assert_message("x", "sabre", NULL, "x:1:2049: found maximum parsing depth reached near '[', wanted JSON");
    free(text);
    assert_int_equal(unlink("x"), 0);
}

static void an_unreadable_file_says_so(void **state)
{
    (void)state;
    const bool root = geteuid() == 0; /* who may read any file, so somebody else asks */
    write_file("x", "0 1\n", 4);
    assert_int_equal(chmod("x", 0), 0);
    assert_int_equal(root ? seteuid(65534) : 0, 0);
    assert_message("x", "pensieve", NULL, "x: the file cannot be opened: Permission denied");
    assert_int_equal(root ? seteuid(0) : 0, 0);
    assert_int_equal(unlink("x"), 0);
}

/* Whatever its size, a file is read in constant memory; a trace of too many rows is not kept. */
static void a_huge_trace_is_refused_in_time(void **state)
{
    (void)state;
    FILE *f = fopen("x", "w");
    assert_non_null(f);
    for (int i = 0; i < 1900000; i++) {
        fprintf(f, "%d 1\n", i);
    }
    assert_int_equal(fclose(f), 0);
    assert_message("x", "pensieve", NULL,
                   "x: found more than 1800000 rows, wanted a trace that `tiersim import` wrote, which may be longer");
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
        cmocka_unit_test(a_second_file_is_read_as_strictly),
        cmocka_unit_test(what_is_nested_too_deep_is_refused),
        cmocka_unit_test(an_unreadable_file_says_so),
        cmocka_unit_test(a_huge_trace_is_refused_in_time),
        cmocka_unit_test(long_lines_and_many_fields_are_refused),
    };
    return cmocka_run_group_tests_name("bad traces", tests, make_folder, remove_folder);
}
