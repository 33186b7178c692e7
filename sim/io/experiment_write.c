/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/experiment_write.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/io/yaml.h"

static void write_tiers(FILE *out, const struct scenario *s, uint64_t mask)
{
    const char *comma = "";
    fputs(", run_in: [", out);
    for (uint32_t t = 0; t < s->n_tier; t++) {
        if (mask >> t & 1) {
            fputs(comma, out);
            yaml_write_text(out, s->tier_name[t]);
            comma = ", ";
        }
    }
    putc(']', out);
}

/* Parameters; those with dotted keys were written as mappings, whose keys stood together. */
static void write_params(FILE *out, const struct policy_spec *p)
{
    for (uint32_t i = 0; i < p->n_param;) {
        const char *key = p->param[i].key, *dot = strchr(key, '.');
        if (!dot) {
            fputs(", ", out);
            yaml_write_text(out, key);
            fputs(": ", out);
            yaml_write_text(out, p->param[i++].text);
            continue;
        }
        size_t n = (size_t)(dot + 1 - key);
        fprintf(out, ", \"%.*s\": {", (int)n - 1, key);
        for (uint32_t first = i; i < p->n_param && strncmp(p->param[i].key, key, n) == 0; i++) {
            fputs(i == first ? "" : ", ", out);
            yaml_write_text(out, p->param[i].key + n);
            fputs(": ", out);
            yaml_write_text(out, p->param[i].text);
        }
        putc('}', out);
    }
}

static void write_control(FILE *out, const struct control *c)
{
    if (c->text && *c->text) {
        fprintf(out, ", %s", c->text);
    }
    if (c->measured_think && c->measure_think) {
        fputs(", think: measured", out);
    } else if (c->measured_think) {
        fprintf(out, ", think: {measured: %.17g s}", c->think.u.constant.value);
    }
}

static void write_policy(FILE *out, const struct scenario *s, const struct policy_spec *p)
{
    fputs("    - ", out);
    yaml_write_text(out, p->policy);
    fputs(": {label: ", out);
    yaml_write_text(out, p->label);
    if (p->edges == EDGES_ATTACHED) {
        fputs(", edges: attached", out);
    }
    if (p->run_in != UINT64_MAX) {
        write_tiers(out, s, p->run_in);
    }
    if (p->table) {
        fputs(", table: ", out);
        yaml_write_text(out, p->table);
    }
    if (p->network) {
        fputs(", network: ", out);
        yaml_write_text(out, p->network);
    }
    if (p->frozen) {
        fputs(", learning: frozen", out);
    }
    if (p->state != STATE_RUN) {
        fprintf(out, ", state: %s", p->state == STATE_SITE ? "site" : "device");
    }
    if (p->text_model > 0) {
        fputs(", language_model: ", out);
        yaml_write_text(out, s->text_model[p->text_model].name);
    }
    write_control(out, &p->control);
    write_params(out, p);
    fputs("}\n", out);
}

static void write_experiment(FILE *out, const struct scenario *s)
{
    const struct experiment *x = &s->experiment;
    fputs("experiment:\n  policies:\n", out);
    for (uint32_t i = 0; i < x->n_policy; i++) {
        write_policy(out, s, &x->policy[i]);
    }
    fprintf(out, "  replications: %" PRIu32 "\n  seed: %" PRIu64 "\n", x->replications, x->seed);
    if (x->warm_up_auto) {
        fputs("  warm_up: auto\n", out);
    } else if (x->warm_up_s > 0) {
        fprintf(out, "  warm_up: %.17g s\n", x->warm_up_s);
    }
    if (x->jobs > 0) {
        fprintf(out, "  jobs: %" PRIu64 "\n", x->jobs);
    } else {
        fprintf(out, "  duration: %.17g s\n", x->duration_s);
    }
    if (isfinite(x->drain_s)) {
        fprintf(out, "  drain: %.17g s\n", x->drain_s);
    }
    fprintf(out, "  max_in_flight: %" PRIu64 "\n", x->max_in_flight);
    if (x->end_when_done) {
        fputs("  end: when done\n", out);
    }
    if (x->sampled) {
        fputs("  uncertainty: sampled\n", out);
    }
    if (x->bounds) {
        fputs("  bounds: true\n", out);
    }
    if (x->compare_to != ROW_NONE) {
        fputs("  compare_to: ", out);
        yaml_write_text(out, x->policy[x->compare_to].label);
        putc('\n', out);
    }
}

/* Start of the section in block style, and what follows it; the end of the text where there is none. */
static const char *find_section(const char *text, const char **after)
{
    static const char key[] = "experiment:";
    const char *line = text;
    while (line && strncmp(line, key, sizeof key - 1) != 0) {
        line = strchr(line, '\n');
        line += line != NULL;
    }
    line = line ? line : text + strlen(text);
    const char *end = strchr(line, '\n');
    while (end && (end[1] == ' ' || end[1] == '-')) {
        end = strchr(end + 1, '\n');
    }
    *after = end ? end + 1 : text + strlen(text);
    return line;
}

int experiment_write(struct scenario *s, struct err *e)
{
    const char *was = s->text ? s->text : "", *after, *section = find_section(was, &after);
    char *text = NULL;
    size_t n = 0;
    FILE *out = open_memstream(&text, &n);
    bool failed = !out;
    if (out) {
        fwrite(was, 1, (size_t)(section - was), out);
        write_experiment(out, s);
        fputs(after, out);
        failed = ferror(out) != 0;
        failed = fclose(out) != 0 || failed;
    }
    s->text = failed ? NULL : arena_copy_n(&s->arena, text, n);
    free(text);
    return s->text ? 0 : ERR_SET(e, ERR_MEMORY, "no memory for the text of the scenario");
}
