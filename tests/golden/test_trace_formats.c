/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_trace_formats.c - what the formats of the shipped scenarios become: by hand on small files, and on the published ones, where
 * $TIERSIM_DATA is, their known statistics.
 */
#include "tests/trace_read.h"
#include "tests/trace_stats.h"

static void throughput_has_units_in_its_header(void **state)
{
    (void)state;
    struct arena a = {0};
    /* A byte order mark, comments, quotes, blanks, CRLF, an empty line, and no end of the last line. */
    const struct series *s = read_text(&a,
                                       "\xef\xbb\xbf# made up\r\ntime_ms,capacity_mbps,latency_ms\r\n\"500\", 2 ,20\r\n\r\n"
                                       "1500,\"0\",30\r\n# more\r\n2000,1e1,5",
                                       "throughput", NULL);
    assert_times(s, 3, (const double[]){0, 1, 1.5}, 2); /* the last row is as long as the one before */
    assert_column(s, "capacity", (const double[]){2e6, 0, 10e6});
    assert_column(s, "latency", (const double[]){0.02, 0.03, 0.005});
    assert_near(s->mean[0], (2e6 * 1 + 0 + 10e6 * 0.5) / 2, 1e-15, 0);
    assert_near(s->mean[1], (0.02 * 1 + 0.03 * 0.5 + 0.005 * 0.5) / 2, 1e-15, 0);
    s = read_text(&a, "time_s,capacity_gbps\n10,1\n11,2\n", "throughput", NULL);
    assert_column(s, "capacity", (const double[]){1e9, 2e9});
    arena_clear(&a);
}

static void azure_llm_counts_from_its_first_stamp(void **state)
{
    (void)state;
    struct arena a = {0};
    /* Over the end of a leap year's February; 100 ns stamps; two at one time. */
    const struct series *s = read_text(&a,
                                       "TIMESTAMP,ContextTokens,GeneratedTokens\r\n2024-02-28 23:59:59.9999999,4808,10\r\n"
                                       "2024-02-29 00:00:00.5000000,3180,8\r\n2024-03-01 00:00:00+00:00,110,27\r\n"
                                       "2024-03-01 00:00:00,7,0",
                                       "azure_llm", NULL);
    assert_times(s, 4, (const double[]){0, 0.5000001, 86400.0000001, 86400.0000001}, 86400.0000001 * 4 / 3);
    assert_column(s, "prompt_tokens", (const double[]){4808, 3180, 110, 7});
    assert_column(s, "output_tokens", (const double[]){10, 8, 27, 0});
    assert_near(s->mean[0], (4808 + 3180 + 110 + 7) / 4.0, 1e-15, 0);
    assert_true(trace_kind_find("azure_llm")->points && !trace_kind_find("sabre")->points);
    arena_clear(&a);
}

static void gophers_picks_one_measurement(void **state)
{
    (void)state;
    struct arena a = {0};
    /* A second that is missing belongs to the row before it. */
    const struct series *s = read_text(&a, "seq_num,throughput_mbps,nrStatus\n3,100,\n4,50,\n7,10,\n", "gophers", NULL);
    assert_times(s, 3, (const double[]){0, 1, 4}, 5);
    assert_column(s, "capacity", (const double[]){100e6, 50e6, 10e6});
    s = read_text(&a, "seq_num,A_throughput_mbps,B_throughput_mbps\n0,1,2\n1,3,4\n", "gophers", "b");
    assert_column(s, "capacity", (const double[]){2e6, 4e6});
    s = read_text(&a, "seq_num,A_throughput_mbps,B_throughput_mbps\n0,1,2\n1,3,4\n", "gophers", "A_throughput_mbps");
    assert_column(s, "capacity", (const double[]){1e6, 3e6});
    /* Runs follow each other. */
    s = read_text(&a,
                  "carrier,num_tcp_conn,run_num,seq_num,throughput_mbps\nX,1,1,0,9\nX,8,1,0,1\nX,8,1,1,2\nY,8,1,0,7\n"
                  "X,8,2,0,3\nX,8,2,1,4\n",
                  "gophers", "x 8");
    assert_times(s, 4, (const double[]){0, 1, 2, 3}, 4);
    assert_column(s, "capacity", (const double[]){1e6, 2e6, 3e6, 4e6});
    arena_clear(&a);
}

static void sabre_adds_durations(void **state)
{
    (void)state;
    struct arena a = {0};
    const struct series *s = read_text(&a,
                                       "[{\"duration_ms\": 840, \"bandwidth_kbps\": 16823, \"latency_ms\": 20},\n"
                                       " {\"duration_ms\": 1000, \"bandwidth_kbps\": 0.5, \"latency_ms\": 7.5}]",
                                       "sabre", NULL);
    assert_times(s, 2, (const double[]){0, 0.84}, 1.84);
    assert_column(s, "capacity", (const double[]){16823e3, 500});
    assert_column(s, "latency", (const double[]){0.02, 0.0075});
    assert_near(s->mean[0], (16823e3 * 0.84 + 500) / 1.84, 1e-15, 0);
    arena_clear(&a);
}

/* Statistics of the data sets as computed by other programs; the digits given are those of their tables. */
static void the_azure_code_trace_has_its_published_statistics(void **state)
{
    (void)state;
    if (!getenv("TIERSIM_DATA")) {
        skip_because("TIERSIM_DATA is not set");
    }
    struct arena a = {0};
    const struct series *s = read_published(&a, "llm/azure_llm_code_2023.csv", "azure_llm", NULL);
    double empty;
    assert_int_equal(s->n_row, 8819);
    assert_near(s->time_s[8818], 3435.948056, 0, 5e-7);
    assert_near((double)s->n_row / s->span_s, 2.57, 0, 0.005);
    assert_near(stats_gap_cv(s), 13.2, 0, 0.05);
    assert_near(stats_dispersion(s, 10, &empty), 71, 0, 0.5);
    assert_near(stats_dispersion(s, 60, &empty), 161, 0, 0.5);
    assert_near(stats_dispersion(s, 1, &empty), 13, 0, 0.5);
    assert_near(empty, 0.73, 0, 0.005);
    assert_near(stats_quantile(s, 0, 0.05), 75, 0, 1);
    assert_near(stats_quantile(s, 0, 0.5), 1469, 0, 1);
    assert_near(stats_quantile(s, 0, 0.95), 7303, 0, 1);
    assert_near(stats_quantile(s, 0, 1), 7437, 0, 0);
    assert_near(s->mean[0], 2048, 0, 0.5);
    assert_near(stats_quantile(s, 1, 0.5), 13, 0, 0);
    assert_near(stats_quantile(s, 1, 0.95), 90, 0, 1);
    assert_near(stats_quantile(s, 1, 1), 1899, 0, 0);
    assert_near(s->mean[1], 27.9, 0, 0.05);
    arena_clear(&a);
}

static void the_published_links_have_their_statistics(void **state)
{
    (void)state;
    if (!getenv("TIERSIM_DATA")) {
        skip_because("TIERSIM_DATA is not set");
    }
    struct arena a = {0};
    const struct series *s = read_published(&a, "links/5gophers/walking.csv", "gophers", NULL);
    assert_near(s->span_s, 603, 0, 0);
    assert_near(s->mean[0], 332.8859e6, 1e-6, 0);
    assert_near(stats_level_cv(s, 0), 0.82, 0, 0.005);
    s = read_published(&a, "links/5gophers/driving1.csv", "gophers", "Verizon");
    assert_int_equal(s->n_row, 120);
    assert_near(s->span_s, 126, 0, 0); /* six seconds are missing */
    assert_near(s->mean[0], 304.2441e6, 1e-6, 0);
    s = read_published(&a, "links/5gophers/throughput_all_carriers.csv", "gophers", "VERIZON 8 US-East");
    assert_near(s->span_s, 610, 0, 0);
    assert_near(s->mean[0], 1304.6118e6, 1e-6, 0);
    s = read_published(&a, "links/ghent4g_sabre/report_train_0002.json", "sabre", NULL);
    assert_int_equal(s->n_row, 496);
    assert_near(s->span_s, 503.047, 1e-15, 0);
    assert_near(s->mean[0], 23.669622e6, 1e-7, 0);
    assert_near(stats_level_cv(s, 0), 0.64, 0, 0.005);
    assert_near(s->mean[1], 0.02, 1e-12, 0);
    arena_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(throughput_has_units_in_its_header),
        cmocka_unit_test(azure_llm_counts_from_its_first_stamp),
        cmocka_unit_test(gophers_picks_one_measurement),
        cmocka_unit_test(sabre_adds_durations),
        cmocka_unit_test(the_azure_code_trace_has_its_published_statistics),
        cmocka_unit_test(the_published_links_have_their_statistics),
    };
    return cmocka_run_group_tests_name("trace formats", tests, NULL, NULL);
}
