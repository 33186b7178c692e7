/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_trace_kinds.c - what each kind that can be imported becomes: by hand on a few rows, and on the published files, where
 * $TIERSIM_DATA is, their known statistics (computed by other programs; the digits are those of their tables).
 */
#include <glob.h>

#include "sim/base/series_stats.h"
#include "tests/trace_read.h"
#include "tests/trace_stats.h"

static void arrivals_keep_their_columns_and_units(void **state)
{
    (void)state;
    struct arena a = {0};
    const struct series *s =
        read_text(&a, "# own\ntime_ms,duration [s],size\n500,1,10\n500,2,20\n2500,3.5,0\n", "arrivals", NULL);
    /* Three rows over 2 s: one more gap of the mean, 1 s. */
    assert_times(s, 3, (const double[]){0, 0, 2}, 3);
    assert_column(s, "duration", (const double[]){1, 2, 3.5});
    assert_column(s, "size", (const double[]){10, 20, 0});
    assert_string_equal(s->unit[0], "s");
    assert_string_equal(s->unit[1], "");
    assert_true(s->points);
    s = read_text(&a, "time_s\n1\n2\n", "arrivals", NULL);
    assert_int_equal(s->n_column, 0);
    assert_times(s, 2, (const double[]){0, 1}, 2);
    arena_clear(&a);
}

static void a_window_keeps_what_lies_in_it(void **state)
{
    (void)state;
    struct arena a = {0};
    struct flow f = {.from_s = 2, .to_s = 5};
    const struct series *s = read_text_flow(&a, &f, "time_s,x\n10,1\n12,2\n13,3\n14.5,4\n15,5\n16,6\n", "arrivals");
    assert_times(s, 3, (const double[]){0, 1, 2.5}, 2.5 * 3 / 2);
    assert_column(s, "x", (const double[]){2, 3, 4});
    assert_int_equal(f.n_read, 6);
    assert_int_equal(f.n_kept, 3);
    assert_int_equal(f.n_drop, 1);
    assert_int_equal(f.drop[0].n, 3);
    assert_string_equal(f.drop[0].why, "outside --from and --to");
    /* Of levels the last is cut where the window ends. */
    struct flow levels = {.from_s = 1, .to_s = 2.5};
    s = read_text_flow(&a, &levels, "0 1\n1 2\n2 3\n3 4\n", "pensieve");
    assert_times(s, 2, (const double[]){0, 1}, 1.5);
    arena_clear(&a);
}

static void functions_of_2021_arrive_before_they_end(void **state)
{
    (void)state;
    struct arena a = {0};
    struct flow f = {.path = NULL};
    const struct series *s = read_text_flow(
        &a, &f, "app,func,end_timestamp,duration\na,f,10,4\nb,f,9,8\na,f,3,5\na,g,8.5,0.5\n", "azure_functions_2021");
    assert_times(s, 3, (const double[]){0, 5, 7}, 7 * 3.0 / 2); /* arrivals at 1, 6, 8 */
    assert_column(s, "duration", (const double[]){8, 4, 0.5});
    assert_column(s, "function", (const double[]){1, 0, 2});
    assert_int_equal(f.n_drop, 1);
    assert_int_equal(f.drop[0].line, 4);
    assert_string_equal(f.drop[0].why, "began before the trace did");
    arena_clear(&a);
}

static void functions_of_2019_fall_into_their_minutes(void **state)
{
    (void)state;
    struct arena a = {0};
    char durations[] = "/tmp/test_durations_XXXXXX";
    make_file(durations, "HashOwner,HashApp,HashFunction,Average,Count,Minimum,Maximum,percentile_Average_0,"
                         "percentile_Average_1,percentile_Average_25,percentile_Average_50,percentile_Average_75,"
                         "percentile_Average_99,percentile_Average_100\no,a,f,0,0,0,0,10,10,10,10,10,10,10\n"
                         "o,a,g,0,0,0,0,0,1000,25000,50000,75000,99000,100000\n");
    struct flow f = {.with = durations};
    const struct series *s =
        read_text_flow(&a, &f,
                       "HashOwner,HashApp,HashFunction,Trigger,1,2,3\no,a,f,http,1,0,2\no,a,g,http,0,1000,0\n"
                       "o,a,h,http,0,3,0\n",
                       "azure_functions_2019");
    assert_int_equal(s->n_row, 1003);
    assert_int_equal(f.drop[0].n, 3);
    assert_string_equal(f.drop[0].why, "no durations of the function");
    size_t n[2] = {0};
    double sum = 0;
    for (size_t i = 0; i < s->n_row; i++) {
        double at_s = s->time_s[i] + f.first_s;
        size_t function = (size_t)s->value[0][i];
        n[function]++;
        if (function == 1) {
            assert_true(at_s >= 60 && at_s < 120);
            assert_true(s->value[1][i] >= 0 && s->value[1][i] <= 100);
            sum += s->value[1][i];
        } else {
            assert_true(at_s < 60 || (at_s >= 120 && at_s < 180));
            assert_near(s->value[1][i], 0.01, 1e-12, 0);
        }
    }
    assert_int_equal(n[0], 3);
    /* g's percentiles are those of the uniform law on [0, 100) s: mean 50, sd 28.9; 4 sd of the mean of 1000 are 3.7. */
    assert_near(sum / 1000, 50, 0, 3.7);
    assert_int_equal(unlink(durations), 0);
    arena_clear(&a);
}

static void mooncake_spreads_what_has_one_stamp(void **state)
{
    (void)state;
    struct arena a = {0};
    const struct series *s =
        read_text(&a,
                  "{\"timestamp\": 0, \"input_length\": 1000, \"output_length\": 5, \"hash_ids\": [0, 1]}\n"
                  "{\"timestamp\": 0, \"input_length\": 1200, \"output_length\": 6, \"hash_ids\": [0, 2, 1]}\n"
                  "{\"timestamp\": 3000, \"input_length\": 700, \"output_length\": 7, \"hash_ids\": [0, 2]}\n"
                  "{\"timestamp\": 9000, \"input_length\": 10, \"output_length\": 8, \"hash_ids\": [9]}\n",
                  "mooncake", NULL);
    assert_int_equal(s->n_row, 4);
    /* Two at 0 lie somewhere in the step of 3 s, in their order; the first of them is where time starts. */
    assert_true(s->time_s[1] >= 0 && s->time_s[1] < 3);
    assert_near(s->time_s[3] - s->time_s[2], 6, 1e-12, 0);
    assert_column(s, "prompt_tokens", (const double[]){1000, 1200, 700, 10});
    assert_column(s, "output_tokens", (const double[]){5, 6, 7, 8});
    /* Of the second request block 0 came before, then 2 is new (that 1 came before is no prefix); of the third all did. */
    assert_column(s, "cached_tokens", (const double[]){0, 512, 700, 0});
    arena_clear(&a);
}

static void servegen_has_the_rate_of_each_window(void **state)
{
    (void)state;
    struct arena a = {0};
    char tokens[] = "/tmp/test_tokens_XXXXXX";
    make_file(tokens, "{\"600\": {\"input_tokens\": \"{7: 1.0}\", \"output_tokens\": \"{1: 0.25, 3: 0.75}\"},"
                      " \"0\": {\"input_tokens\": \"{5: 1.0}\", \"output_tokens\": \"{2: 1}\"}}");
    struct flow f = {.with = tokens};
    const struct series *s =
        read_text_flow(&a, &f, "0,2,1,Gamma,1,0.5\r\n600,0,0,,0,0\r\n1200,10,0.5,Weibull,3,1", "servegen");
    size_t n[3] = {0};
    double three = 0;
    for (size_t i = 0; i < s->n_row; i++) {
        double at_s = s->time_s[i] + f.first_s;
        size_t w = (size_t)(at_s / 600);
        assert_true(w < 3);
        n[w]++;
        assert_near(s->value[0][i], w == 0 ? 5 : 7, 0, 0);
        three += w == 2 && s->value[1][i] == 3;
    }
    assert_int_equal(s->n_column, 2);
    /* Poisson of 1200: 4 sd are 139.  Gamma of CV 0.5 and 6000: 4 sd are 4 * 0.5 * sqrt(6000) = 155. */
    assert_near((double)n[0], 1200, 0, 139);
    assert_int_equal(n[1], 0);
    assert_near((double)n[2], 6000, 0, 155);
    /* 4 sd of a share of 6000: 4 sqrt(.75 * .25 / 6000) = 0.022 */
    assert_near(three / (double)n[2], 0.75, 0, 0.022);
    assert_int_equal(unlink(tokens), 0);
    arena_clear(&a);
}

static void an_interval_goes_on_over_the_border_of_a_window(void **state)
{
    (void)state;
    struct arena a = {0};
    struct flow f = {.path = NULL};
    /* CV 0: one arrival per unit.  600 s at 0.001 /s are 0.6 of it; the other 0.4 take 40 s at 0.01 /s, the next 100 s each. */
    const struct series *s =
        read_text_flow(&a, &f, "0,0.001,0,Gamma,1,1\n600,0.01,0,Gamma,1,1\n1200,0,0,,0,0\n", "servegen");
    assert_near(f.first_s, 640, 1e-12, 0);
    assert_int_equal(s->n_row, 6);
    for (size_t i = 0; i < 6; i++) {
        assert_near(s->time_s[i], 100 * (double)i, 1e-9, 1e-9);
    }
    arena_clear(&a);
}

static void openb_counts_from_when_a_pod_was_scheduled(void **state)
{
    (void)state;
    struct arena a = {0};
    struct flow f = {.path = NULL};
    const struct series *s = read_text_flow(&a, &f,
                                            "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,"
                                            "creation_time,deletion_time,scheduled_time\n"
                                            "p0,12000,16384,1,460,,LS,Running,100,900,150\n"
                                            "p1,500,1,8,1000,G2,BE,Pending,200,260,\n"
                                            "p2,500,1,0,0,,BE,Pending,200,,\n",
                                            "openb");
    assert_times(s, 2, (const double[]){0, 100}, 200);
    assert_column(s, "duration", (const double[]){750, 60});
    assert_column(s, "cpu", (const double[]){12, 0.5});
    assert_column(s, "memory", (const double[]){16384.0 * 1048576, 1048576});
    assert_column(s, "gpu", (const double[]){0.46, 8});
    assert_string_equal(f.drop[0].why, "no deletion_time");
    assert_int_equal(f.drop[0].line, 4);
    arena_clear(&a);
}

static void gavel_is_parted_by_tabs(void **state)
{
    (void)state;
    struct arena a = {0};
    const struct series *s = read_text(&a,
                                       "A (batch size 8)\tcd %s && x -a 1\t-step\t1\t95121\t10.000000\t1\n"
                                       "B\tcd\t\t1\t7\t16.5\t8\n",
                                       "gavel", NULL);
    assert_times(s, 2, (const double[]){0, 6.5}, 13);
    assert_column(s, "steps", (const double[]){95121, 7});
    assert_column(s, "gpus", (const double[]){1, 8});
    arena_clear(&a);
}

static void swf_drops_what_never_ran(void **state)
{
    (void)state;
    struct arena a = {0};
    struct flow f = {.path = NULL};
    const struct series *s = read_text_flow(&a, &f,
                                            "; Version: 2\n;\n"
                                            "  1   10  5  100  4  -1 -1  8 200 -1 1 1 1 -1 1 -1 -1 -1\n"
                                            "  2   12 -1   -1 -1  -1 -1  8 200 -1 5 1 1 -1 1 -1 -1 -1\n"
                                            "  3   20  0  0.5 -1  -1 -1 16 200 -1 1 1 1 -1 1 -1 -1 -1\n"
                                            "  4   21  0   50  0  -1 -1 -1 200 -1 1 1 1 -1 1 -1 -1 -1\n",
                                            "swf");
    assert_times(s, 2, (const double[]){0, 10}, 20);
    assert_column(s, "duration", (const double[]){100, 0.5});
    assert_column(s, "processors", (const double[]){4, 16});
    assert_int_equal(f.n_read, 4);
    assert_int_equal(f.n_drop, 2);
    assert_string_equal(f.drop[0].why, "no run time");
    assert_int_equal(f.drop[0].line, 4);
    assert_string_equal(f.drop[1].why, "no processors");
    arena_clear(&a);
}

static void tasks_of_a_workflow_wait_for_their_parents(void **state)
{
    (void)state;
    struct arena a = {0};
    struct flow f = {.path = NULL};
    /* A diamond, the last task first in the file: d is ready when the slower of b and c is done. */
    const struct series *s = read_text_flow(&a, &f,
                                            "{\"workflow\": {\"tasks\": ["
                                            "{\"name\": \"d\", \"runtime\": 1, \"parents\": [\"b\", \"c\"]},"
                                            "{\"name\": \"a\", \"runtime\": 10, \"parents\": [], \"cores\": 4},"
                                            "{\"name\": \"b\", \"runtimeInSeconds\": 5, \"parents\": [\"a\"]},"
                                            "{\"name\": \"c\", \"runtime\": 7.5, \"parents\": [\"a\"]}]}}",
                                            "wfformat");
    assert_times(s, 4, (const double[]){0, 10, 10, 17.5}, 17.5 * 4 / 3);
    assert_column(s, "duration", (const double[]){10, 5, 7.5, 1});
    assert_column(s, "cores", (const double[]){4, 1, 1, 1});
    /* From 1.4 on the times stand elsewhere. */
    struct flow g = {.path = NULL};
    s = read_text_flow(
        &a, &g,
        "{\"workflow\": {\"specification\": {\"tasks\": [{\"id\": \"1\", \"name\": \"a\", \"parents\": []},"
        "{\"id\": \"2\", \"name\": \"b\", \"parents\": [\"1\"]}, {\"id\": \"3\", \"parents\": [\"2\"]}]},"
        "\"execution\": {\"tasks\": [{\"id\": \"2\", \"runtimeInSeconds\": 3, \"coreCount\": 2},"
        "{\"id\": \"1\", \"runtimeInSeconds\": 4}]}}}",
        "wfformat");
    assert_times(s, 2, (const double[]){0, 4}, 8);
    assert_column(s, "duration", (const double[]){4, 3});
    assert_string_equal(g.drop[0].why, "no runtime");
    arena_clear(&a);
}

#define BITBRAINS_HEAD                                                                                                 \
    "Timestamp [ms];\tCPU cores;\tCPU capacity provisioned [MHZ];\tCPU usage [MHZ];\tCPU usage [%];\t"                 \
    "Memory capacity provisioned [KB];\tMemory usage [KB];\tDisk read throughput [KB/s];\t"                            \
    "Disk write throughput [KB/s];\tNetwork received throughput [KB/s];\tNetwork transmitted throughput [KB/s]\n"

static void bitbrains_turns_use_into_work(void **state)
{
    (void)state;
    struct arena a = {0};
    struct flow f = {.path = NULL};
    const struct series *s = read_text_flow(&a, &f,
                                            BITBRAINS_HEAD "1000;\t1;\t2600;\t20;\t0.7;\t2048;\t100;\t1;\t2;\t3;\t0.5\n"
                                                           "1300;\t1;\t2600;\t10;\t0.7;\t2048;\t50;\t0;\t0;\t0;\t0\n"
                                                           "1300;\t1;\t2600;\t10;\t0.7;\t2048;\t50;\t0;\t0;\t0;\t0\n",
                                            "bitbrains");
    assert_times(s, 2, (const double[]){0, 300}, 600);
    assert_column(s, "duration", (const double[]){300, 300});
    assert_column(s, "cycles", (const double[]){20e6 * 300, 10e6 * 300});
    assert_column(s, "memory", (const double[]){102400, 51200});
    assert_column(s, "disk_read", (const double[]){1024 * 300, 0});
    assert_column(s, "sent", (const double[]){512 * 300, 0});
    assert_string_equal(f.drop[0].why, "the stamp of the row before");
    arena_clear(&a);
}

static void pensieve_is_two_numbers_a_line(void **state)
{
    (void)state;
    struct arena a = {0};
    const struct series *s = read_text(&a, "0.5\t0.890992\r\n1.5 2\n4.5   0", "pensieve", NULL);
    assert_times(s, 3, (const double[]){0, 1, 4}, 7);
    assert_column(s, "capacity", (const double[]){890992, 2e6, 0});
    assert_false(s->points);
    arena_clear(&a);
}

static void mahimahi_counts_packets(void **state)
{
    (void)state;
    struct arena a = {0};
    /* Milliseconds 200-299: 3 packets; 300-399: none; 400-499: 1.  A packet in 0.1 s is 120 kbit/s. */
    const struct series *s = read_text(&a, "250\n250\n299\n400\n", "mahimahi", NULL);
    assert_near(s->span_s, 0.3, 1e-12, 0);
    assert_int_equal(s->n_row, 3);
    assert_column(s, "capacity", (const double[]){360e3, 0, 120e3});
    arena_clear(&a);
}

static void ucc_counts_seconds_by_its_stamps(void **state)
{
    (void)state;
    struct arena a = {0};
    static const char text[] = "Timestamp,Longitude,CellID,DL_bitrate,UL_bitrate,State\n"
                               "2019.12.14_23.59.58,-8.5,11,100,7,D\n2019.12.14_23.59.58,-8.5,11,101,8,D\n"
                               "2019.12.14_23.59.59,-8.5,11,-,-,D\n2019.12.15_00.00.01,-8.5,11,300,9,D\n";
    struct flow f = {.path = NULL};
    const struct series *s = read_text_flow(&a, &f, text, "ucc5g");
    assert_times(s, 2, (const double[]){0, 3}, 4);
    assert_column(s, "capacity", (const double[]){100e3, 300e3});
    assert_int_equal(f.n_read, 4);
    assert_string_equal(f.drop[0].why, "the second of the row before");
    assert_string_equal(f.drop[1].why, "no bitrate");
    s = read_text(&a, text, "ucc5g", "UL");
    assert_column(s, "capacity", (const double[]){7e3, 9e3});
    arena_clear(&a);
}

static void lumos5g_picks_a_way_of_moving(void **state)
{
    (void)state;
    struct arena a = {0};
    static const char text[] = "run_num,seq_num,abstractSignalStr,Throughput,mobility_mode,trajectory_direction\n"
                               "1,1,2,10,walking,CW\n1,2,2,20,walking,CW\n1,1,2,70,driving,CW\n2,5,2,30,walking,CW\n";
    const struct series *s = read_text(&a, text, "lumos5g", "walking CW");
    assert_times(s, 3, (const double[]){0, 1, 2}, 3);
    assert_column(s, "capacity", (const double[]){10e6, 20e6, 30e6});
    arena_clear(&a);
}

static void fcc_lays_measurements_end_to_end(void **state)
{
    (void)state;
    struct arena a = {0};
    static const char text[] = "unit_id,dtime,target,address,fetch_time,bytes_total,bytes_sec\n"
                               "404,2016-01-01 00:00:00,http://a.com,1.2.3.4,1,1,1000\n"
                               "404,2016-01-01 01:00:00,http://b.com,1.2.3.4,1,1,5\n"
                               "40,2016-01-01 01:00:00,http://a.com,1.2.3.4,1,1,6\n"
                               "404,2016-01-01 02:00:00,http://a.com,1.2.3.4,1,1,2500\n";
    const struct series *s = read_text(&a, text, "fcc", "404 http://a.com");
    assert_times(s, 2, (const double[]){0, 5}, 10);
    assert_column(s, "capacity", (const double[]){8000, 20000});
    arena_clear(&a);
}

static void carbon_is_read_in_both_forms(void **state)
{
    (void)state;
    struct arena a = {0};
    /* 1 g/kWh = 1e-3 kg / 3.6e6 J */
    const double want[] = {360 / 3.6e9, 180 / 3.6e9};
    const struct series *s =
        read_text(&a, "timestamp,carbon_intensity\n1640995200000,360\n1640996100000,180\n", "carbon", NULL);
    assert_times(s, 2, (const double[]){0, 900}, 1800);
    assert_column(s, "carbon_intensity", want);
    s = read_text(&a,
                  "Datetime (UTC),Country,Zone name,Zone id,Carbon intensity gCO₂eq/kWh (direct),"
                  "Carbon intensity gCO₂eq/kWh (Life cycle)\n2022-01-01 00:00:00,N,N,NL,1,360\n"
                  "2022-01-01 01:00:00,N,N,NL,1,\n2022-01-01 02:00:00,N,N,NL,1,180\n",
                  "carbon", NULL);
    assert_times(s, 2, (const double[]){0, 7200}, 14400);
    assert_column(s, "carbon_intensity", want);
    arena_clear(&a);
}

#define SKIP_WITHOUT_DATA()                                                                                            \
    do {                                                                                                               \
        if (!getenv("TIERSIM_DATA")) {                                                                                 \
            skip_because("TIERSIM_DATA is not set");                                                                   \
        }                                                                                                              \
    } while (0)

static void the_mooncake_conversations_have_their_statistics(void **state)
{
    (void)state;
    SKIP_WITHOUT_DATA();
    struct arena a = {0};
    const struct series *s = read_published(&a, "llm/mooncake_conversation_trace.jsonl", "mooncake", NULL);
    assert_int_equal(s->n_row, 12031);
    assert_near(s->time_s[12030], 3537, 0, 3); /* stamps are rounded to 3 s */
    assert_near((double)s->n_row / s->span_s, 3.40, 0, 0.005);
    assert_near(stats_quantile(s, 0, 0.5), 6909, 0, 1);
    assert_near(s->mean[0], 12.0e3, 0.005, 0);
    assert_near(stats_quantile(s, 0, 0.99), 85e3, 0.01, 0);
    assert_near(stats_quantile(s, 1, 0.5), 350, 0, 1);
    assert_near(s->mean[1], 343, 0, 0.5);
    assert_near(stats_quantile(s, 1, 1), 2000, 0, 0);
    /* Blocks that came before: 0.366 of all, counted in whole blocks. */
    double cached = 0, blocks = 0;
    for (size_t i = 0; i < s->n_row; i++) {
        cached += ceil(s->value[2][i] / 512);
        blocks += ceil(s->value[0][i] / 512);
    }
    assert_near(cached / blocks, 0.366, 0, 0.002);
    arena_clear(&a);
}

static void the_clusters_have_their_statistics(void **state)
{
    (void)state;
    SKIP_WITHOUT_DATA();
    struct arena a = {0};
    const struct series *s = read_published(&a, "cluster/openb_pod_list_default_first60pct.csv", "openb", NULL);
    assert_int_equal(s->n_row, 4891);
    assert_near(stats_quantile(s, 0, 1), 1.25e7, 0.005, 0);
    /* From 11.2e6 s on, where the trace is no longer sparse. */
    char path[4096];
    double empty;
    snprintf(path, sizeof path, "%s/cluster/openb_pod_list_default_first60pct.csv", getenv("TIERSIM_DATA"));
    struct flow f = {.path = path, .from_s = 11.2e6};
    s = read_flow(&a, &f, "openb");
    assert_near(s->span_s / (double)s->n_row, 385, 0, 0.5);
    assert_near(stats_gap_cv(s), 1.7, 0, 0.05);
    assert_near(stats_dispersion(s, 60, &empty), 1.4, 0, 0.05);
    double none = 0, eight = 0;
    for (size_t i = 0; i < s->n_row; i++) {
        none += s->value[3][i] == 0;
        eight += s->value[3][i] == 8;
    }
    assert_near(none / (double)s->n_row, 0.13, 0, 0.005);
    assert_near(eight / (double)s->n_row, 0.005, 0, 0.0005);
    s = read_published(&a, "cluster/gavel_msr_seed0_0e4a51.trace", "gavel", NULL);
    assert_int_equal(s->n_row, 1181);
    assert_near(stats_gap_cv(s), 6.8, 0, 0.05);
    s = read_published(&a, "cluster/gavel_msr_seed0_2869ce.trace", "gavel", NULL);
    assert_int_equal(s->n_row, 533);
    assert_near(stats_gap_cv(s), 2.8, 0, 0.05);
    s = read_published(&a, "cluster/bitbrains_vm.csv", "bitbrains", NULL);
    assert_int_equal(s->n_row, 8619);
    /* CPU p50 0.2 % of the provisioned 2.6 GHz. */
    assert_near(stats_quantile(s, series_column(s, "cycles"), 0.5) / 300 / 2.6e9, 0.002, 0, 0.0001);
    s = read_published(&a, "dag/wfformat_sample.json", "wfformat", NULL);
    assert_int_equal(s->n_row, 26);
    arena_clear(&a);
}

static void the_functions_have_their_statistics(void **state)
{
    (void)state;
    SKIP_WITHOUT_DATA();
    struct arena a = {0};
    char path[4096], durations[4096];
    snprintf(path, sizeof path, "%s/serverless/azure2019_100f_invocations.csv", getenv("TIERSIM_DATA"));
    snprintf(durations, sizeof durations, "%s/serverless/azure2019_100f_durations.csv", getenv("TIERSIM_DATA"));
    struct flow f = {.path = path, .with = durations};
    const struct series *s = read_flow(&a, &f, "azure_functions_2019");
    assert_int_equal(s->n_row, 339657);
    assert_near(s->span_s, 8 * 3600, 0.001, 0);
    size_t count[100] = {0}, most = 0;
    for (size_t i = 0; i < s->n_row; i++) {
        size_t n = ++count[(size_t)s->value[0][i]];
        most = n > most ? n : most;
    }
    assert_near((double)most / 339657, 0.80, 0, 0.005);
    s = read_published(&a, "serverless/azure2021_first1000.csv", "azure_functions_2021", NULL);
    assert_int_equal(s->n_row, 998);
    double functions = stats_quantile(s, 1, 1) + 1;
    assert_near(functions, 49, 0, 0);
    arena_clear(&a);
}

static void a_servegen_client_has_its_tokens(void **state)
{
    (void)state;
    SKIP_WITHOUT_DATA();
    struct arena a = {0};
    char path[4096], packed[8192], tokens[] = "/tmp/test_tokens_XXXXXX";
    make_file(tokens, "");
    snprintf(path, sizeof path, "%s/llm/servegen/reason_deepseek-r1_chunk-35-trace.csv", getenv("TIERSIM_DATA"));
    snprintf(packed, sizeof packed, "gzip -dc '%s/llm/servegen/reason_deepseek-r1_chunk-35-dataset.json.gz' >%s",
             getenv("TIERSIM_DATA"), tokens);
    assert_int_equal(system(packed), 0);
    struct flow f = {.path = path, .with = tokens};
    const struct series *s = read_flow(&a, &f, "servegen");
    /* The sum of rate * 600 s over the 144 windows of the file is 395 572. */
    assert_near((double)s->n_row, 395572, 0.01, 0);
    assert_near(s->span_s, 86400, 0.05, 0);
    assert_int_equal(unlink(tokens), 0);
    arena_clear(&a);
}

static void the_fcc_links_have_their_statistics(void **state)
{
    (void)state;
    SKIP_WITHOUT_DATA();
    struct arena a = {0};
    const struct series *s = read_published(&a, "links/fcc_broadband/unit10322_edition.cnn.com.txt", "pensieve", NULL);
    assert_int_equal(s->n_row, 301);
    assert_near(s->span_s, 1505, 0, 0);
    assert_near(s->value[0][0], 890992, 1e-12, 0);
    arena_clear(&a);
}

/* Means over the files of a folder: of the logarithm of the mean in Mbit/s, and of two statistics within each. */
static void link_statistics(const char *folder, const char *kind, double *log_mean, double *log_sd, double *lag1)
{
    char pattern[4096];
    glob_t files;
    snprintf(pattern, sizeof pattern, "%s/%s/*", getenv("TIERSIM_DATA"), folder);
    assert_int_equal(glob(pattern, 0, NULL, &files), 0);
    *log_mean = *log_sd = *lag1 = 0;
    for (size_t i = 0; i < files.gl_pathc; i++) {
        struct arena a = {0};
        const struct level_stats l = series_level_stats(read_file(&a, files.gl_pathv[i], kind, NULL), 0, 1);
        *log_mean += log(l.mean / 1e6) / (double)files.gl_pathc;
        *log_sd += l.log_sd / (double)files.gl_pathc;
        *lag1 += l.lag1 / (double)files.gl_pathc;
        arena_clear(&a);
    }
    globfree(&files);
}

/*
 * The published table is of all 40 logs of Ghent (mean 3.41, sd 0.29 from log to log) and of 200 of the FCC (0.12, 0.59);
 * what is at hand are 20 and 101 of them: two standard errors are 0.13 and 0.12.
 */
static void many_links_are_as_published(void **state)
{
    (void)state;
    SKIP_WITHOUT_DATA();
    double log_mean, log_sd, lag1;
    link_statistics("links/ghent4g_sabre", "sabre", &log_mean, &log_sd, &lag1);
    assert_near(log_mean, 3.41, 0, 0.13);
    assert_near(log_sd, 0.55, 0, 0.05);
    assert_near(lag1, 0.74, 0, 0.05);
    link_statistics("links/fcc_broadband", "pensieve", &log_mean, &log_sd, &lag1);
    assert_near(log_mean, 0.12, 0, 0.12);
    assert_near(log_sd, 0.26, 0, 0.06);
    assert_near(lag1, 0.91, 0, 0.06);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrivals_keep_their_columns_and_units),
        cmocka_unit_test(a_window_keeps_what_lies_in_it),
        cmocka_unit_test(functions_of_2021_arrive_before_they_end),
        cmocka_unit_test(functions_of_2019_fall_into_their_minutes),
        cmocka_unit_test(mooncake_spreads_what_has_one_stamp),
        cmocka_unit_test(servegen_has_the_rate_of_each_window),
        cmocka_unit_test(an_interval_goes_on_over_the_border_of_a_window),
        cmocka_unit_test(openb_counts_from_when_a_pod_was_scheduled),
        cmocka_unit_test(gavel_is_parted_by_tabs),
        cmocka_unit_test(swf_drops_what_never_ran),
        cmocka_unit_test(tasks_of_a_workflow_wait_for_their_parents),
        cmocka_unit_test(bitbrains_turns_use_into_work),
        cmocka_unit_test(pensieve_is_two_numbers_a_line),
        cmocka_unit_test(mahimahi_counts_packets),
        cmocka_unit_test(ucc_counts_seconds_by_its_stamps),
        cmocka_unit_test(lumos5g_picks_a_way_of_moving),
        cmocka_unit_test(fcc_lays_measurements_end_to_end),
        cmocka_unit_test(carbon_is_read_in_both_forms),
        cmocka_unit_test(the_mooncake_conversations_have_their_statistics),
        cmocka_unit_test(the_clusters_have_their_statistics),
        cmocka_unit_test(the_functions_have_their_statistics),
        cmocka_unit_test(a_servegen_client_has_its_tokens),
        cmocka_unit_test(the_fcc_links_have_their_statistics),
        cmocka_unit_test(many_links_are_as_published),
    };
    return cmocka_run_group_tests_name("kinds of traces", tests, NULL, NULL);
}
