/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/trace/trace.h"

#include <stdio.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/base/text.h"
#include "sim/io/trace/kinds.h"
#include "sim/io/trace/rows.h"
#include "sim/io/trace/store.h"

const char trace_kind_stored[] = "tiersim";

static const struct trace_kind kinds[] = {
    {.name = "arrivals",
     .points = true,
     .read = trace_read_arrivals,
     .about = "our own CSV: time_s, then columns of any name",
     .source = "docs/traces.md"},
    {.name = "azure_llm",
     .points = true,
     .read = trace_read_azure_llm,
     .about = "Azure LLM inference 2023 and 2024, CSV",
     .source = "github.com/Azure/AzurePublicDataset"},
    {.name = "azure_functions_2019",
     .points = true,
     .unordered = true,
     .read = trace_read_azure_functions_2019,
     .about = "Azure Functions 2019, invocations per minute",
     .with = "the file of durations, by percentiles",
     .source = "github.com/Azure/AzurePublicDataset, AzureFunctionsDataset2019"},
    {.name = "azure_functions_2021",
     .points = true,
     .unordered = true,
     .read = trace_read_azure_functions_2021,
     .about = "Azure Functions 2021, a row per invocation",
     .source = "github.com/Azure/AzurePublicDataset, AzureFunctionsInvocationTrace2021"},
    {.name = "mooncake",
     .points = true,
     .read = trace_read_mooncake,
     .about = "requests to Mooncake, JSON lines",
     .source = "github.com/kvcache-ai/Mooncake, FAST25-release/traces"},
    {.name = "servegen",
     .points = true,
     .read = trace_read_servegen,
     .about = "client of ServeGen, drawn from chunk-N-trace.csv",
     .with = "chunk-N-dataset.json, for its tokens",
     .source = "github.com/alibaba/ServeGen"},
    {.name = "openb",
     .points = true,
     .read = trace_read_openb,
     .about = "GPU pods of Alibaba 2023, openb_pod_list_*.csv",
     .source = "github.com/hkust-adsl/kubernetes-scheduler-simulator, data/csv"},
    {.name = "gavel",
     .points = true,
     .read = trace_read_gavel,
     .about = "training jobs of Gavel, parted by tabs",
     .source = "github.com/stanford-futuredata/gavel, scheduler/traces"},
    {.name = "swf",
     .points = true,
     .read = trace_read_swf,
     .about = "Standard Workload Format of batch jobs",
     .source = "www.cs.huji.ac.il/labs/parallel/workload/swf.html"},
    {.name = "wfformat",
     .points = true,
     .unordered = true,
     .read = trace_read_wfformat,
     .about = "tasks of a WfCommons workflow as they get ready",
     .source = "github.com/wfcommons/WfFormat"},
    {.name = "bitbrains",
     .points = true,
     .read = trace_read_bitbrains,
     .about = "Bitbrains VM, its work in each interval",
     .source = "gwa.ewi.tudelft.nl/datasets/gwa-t-12-bitbrains"},
    {.name = "throughput",
     .read = trace_read_throughput,
     .about = "our own CSV: time_s, capacity_mbps, latency_ms",
     .source = "docs/traces.md"},
    {.name = "pensieve",
     .read = trace_read_pensieve,
     .about = "cooked for Pensieve (FCC, Lumos5G): s and Mbit/s",
     .source = "github.com/hongzimao/pensieve"},
    {.name = "sabre",
     .read = trace_read_sabre,
     .about = "JSON of Sabre (Ghent 4G, Norway 3G)",
     .source = "github.com/UMass-LIDS/sabre"},
    {.name = "mahimahi",
     .read = trace_read_mahimahi,
     .about = "packets of Mahimahi, as levels of 0.1 s",
     .source = "github.com/ravinet/mahimahi"},
    {.name = "gophers",
     .read = trace_read_gophers,
     .about = "5Gophers CSV, one row per second",
     .choice = "carrier, or words: VERIZON 8 US-East",
     .source = "fivegophers.umn.edu/www20"},
    {.name = "ucc5g",
     .read = trace_read_ucc5g,
     .about = "UCC 5G CSV of G-NetTrack, one row per second",
     .choice = "DL (default) or UL",
     .source = "github.com/uccmisl/5Gdataset"},
    {.name = "lumos5g",
     .read = trace_read_lumos5g,
     .about = "Lumos5G v1.0 CSV, one row per second",
     .choice = "words such as: walking CW",
     .source = "lumos5g.umn.edu"},
    {.name = "fcc",
     .read = trace_read_fcc,
     .about = "FCC curr_webget.csv, 5 s for each row",
     .choice = "unit_id and target: 404 http://cnn.com",
     .source = "www.fcc.gov/oet/mba/raw-data-releases"},
    {.name = "carbon",
     .read = trace_read_carbon,
     .about = "carbon intensity, OpenDC or Electricity Maps",
     .source = "github.com/atlarge-research/opendc, electricitymaps.com"},
    {0},
};

/* Of either sort; its files are mapped by trace_read. */
static const struct trace_kind stored = {.name = trace_kind_stored, .about = "what `tiersim import` writes"};

const struct trace_kind *trace_kinds(void)
{
    return kinds;
}

const struct trace_kind *trace_kind_find(const char *name)
{
    if (strcmp(name, trace_kind_stored) == 0) {
        return &stored;
    }
    for (const struct trace_kind *k = kinds; k->name; k++) {
        if (strcmp(k->name, name) == 0) {
            return k;
        }
    }
    return NULL;
}

int trace_flow(struct flow *f, const struct trace_kind *kind, struct err *e)
{
    if (f->column && !kind->choice) {
        return ERR_AT(e, f->path, 0, 0, "found column '%.40s', but the format %s has nothing to choose", f->column,
                      kind->name);
    }
    if (f->with && !kind->with) {
        return ERR_AT(e, f->path, 0, 0, "found a second file %.200s, but the format %s has none", f->with, kind->name);
    }
    CHECK(kind->read); /* the binary form has no rows to pass */
    f->points = kind->points;
    f->unordered = kind->unordered;
    f->sha = sha256_start();
    int rc = kind->read(f, e);
    return rc < 0 ? rc : flow_end(f, e);
}

/* A file of the binary form is taken for what it is, whatever its name and the kind that was said. */
static int map_stored(struct arena *a, const char *path, const char *kind, bool points, const struct series **out,
                      struct err *e)
{
    const struct series *s = NULL;
    int rc = strcmp(kind, trace_kind_stored) == 0 || store_is(path) ? store_map(a, path, &s, NULL, e) : 1;
    if (rc == 0 && s->points != points) {
        rc = ERR_AT(e, path, 0, 0, "found a trace of %s, wanted one of %s", s->points ? "arrivals" : "levels",
                    points ? "arrivals" : "levels over time");
    }
    *out = rc == 0 ? s : NULL;
    return rc;
}

int trace_read(struct arena *a, const char *path, const char *kind, const char *column, bool points,
               const struct series **out, struct err *e)
{
    const struct trace_kind *k = trace_kind_find(kind);
    if (!k) {
        char shown[TEXT_SHOWN];
        return ERR_AT(e, path, 0, 0, "found the trace format %s, wanted one that `tiersim import --help` lists",
                      text_show(kind, strlen(kind), shown));
    }
    int rc = map_stored(a, path, kind, points, out, e);
    if (rc <= 0) {
        return rc;
    }
    struct trace_rows rows = {0};
    struct flow f = {
        .path = path, .column = column, .max_rows = TRACE_ROWS_IN_MEMORY, .keep = trace_rows_keep, .ctx = &rows};
    rc = trace_flow(&f, k, e);
    if (rc == 0) {
        rc = trace_rows_to_series(&rows, &f, a, out, e);
    }
    flow_clear(&f);
    trace_rows_clear(&rows);
    return rc;
}

int trace_import(struct flow *f, const struct trace_kind *kind, const char *output, const char *program, struct err *e)
{
    struct store_writer *w;
    char sha[SHA256_TEXT];
    int rc = store_create(&w, output, e);
    f->keep = store_keep;
    f->ctx = w;
    rc = rc ? rc : trace_flow(f, kind, e);
    if (rc == 0) {
        const char *slash = strrchr(f->path, '/');
        const struct store_origin from = {.kind = kind->name,
                                          .source = slash ? slash + 1 : f->path,
                                          .sha256 = sha256_text(&f->sha, sha),
                                          .program = program};
        rc = store_finish(w, f, &from, e);
    }
    store_free(w);
    return rc;
}
