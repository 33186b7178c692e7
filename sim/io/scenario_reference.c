/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/scenario_reference.h"

#include <string.h>

#include "sim/io/read_sections.h"

enum { TABLES = 128 };

/* Tables in the order in which they are first met; a table that goes on with another brings that, too. */
struct tour {
    const struct table *seen[TABLES];
    size_t n;
};

static const char intro[] =
    "# The scenario language\n\n"
    "A scenario is a file of YAML 1.2. Each table below lists the keys of one mapping: what may stand there, what "
    "holds\n"
    "if the key is left out, and what it means. This page is made from the tables the program itself reads with.\n\n"
    "- A quantity is a number with its unit, such as `20 ms`; units are case-sensitive and listed at the end.\n"
    "- Names of groups, processors, links, workloads and states are yours: letters, digits, `_` and `-`, at most 63, "
    "no\n"
    "  digit first, and none that other readers of YAML take for a truth value (`on`, `off`, `yes`, `no`, `y`, `n`).\n"
    "- Truth values are `true` and `false`.\n"
    "- Anchors, aliases and merge keys (`<<`) may be used; tags, directives and several documents in a file may not.\n"
    "- `source: TEXT` may stand in each of these mappings and says where its figures come from.\n"
    "- `include: FILE` or `include: [FILE, ...]` at the top lays the keys of other files under those of this one: "
    "mappings\n"
    "  are merged to any depth, an own `~` takes away what is included, everything else is replaced. Paths, also those "
    "of\n"
    "  traces, are relative to the file they stand in.\n"
    "- `--set PATH=VALUE` on the command line changes a value before the file is checked, such as\n"
    "  `--set nodes.edge.count=16` or `--set 'experiment.policies[0]={mct: {margin: 2 ms}}'`.\n"
    "- `scenario.schema.json` beside this page says the same to editors; `# yaml-language-server: $schema=PATH` as the "
    "first\n"
    "  line of a scenario names it to them.\n"
    "- A file may have 6 MiB, 64 levels and two million values, aliases written out.\n"
    "- A run ends before 2^25 s (388 days).\n";

/* The table of what stands there, or of its items. */
static const struct table *table_beneath(const struct key *k)
{
    const struct key *member = k->each ? k->each : k->item;
    return k->table ? k->table : member ? table_beneath(member) : NULL;
}

static void visit(struct tour *tour, const struct table *t)
{
    for (size_t i = 0; i < tour->n; i++) {
        if (tour->seen[i] == t || strcmp(tour->seen[i]->title, t->title) == 0) {
            return;
        }
    }
    CHECK(tour->n < TABLES);
    tour->seen[tour->n++] = t;
    for (size_t i = 0; i < t->n; i++) {
        const struct table *beneath = table_beneath(&t->key[i]);
        if (beneath) {
            visit(tour, beneath);
        }
    }
    const struct table *own = t->each ? table_beneath(t->each) : NULL;
    if (own) {
        visit(tour, own);
    }
    if (t->more) {
        visit(tour, t->more);
    }
}

static void print_range(FILE *out, const struct key *k)
{
    const char *unit = k->dimension == DIM_PLACE ? "" : dimension_si(k->dimension), *space = *unit ? " " : "";
    bool is_bounded = k->max != 0 || k->min != 0;
    if (is_bounded && k->max != 0) {
        fprintf(out, ", %s %.15g%s %s%.15g%s%s", k->above ? "above" : "from", k->min, k->above ? ", up to" : " to",
                k->below ? "below " : "", k->max, space, unit);
    } else if (is_bounded) {
        fprintf(out, ", from %.15g%s%s", k->min, space, unit);
    } else {
        fputs(k->above ? ", above 0" : "", out);
    }
}

/* The first of "100 Mbit/s (or 12.5 MB/s)". */
static size_t example_length(enum dimension d)
{
    const char *example = dimension_example(d), *bracket = strstr(example, " (");
    return bracket ? (size_t)(bracket - example) : strlen(example);
}

static void print_value(FILE *out, const struct key *k)
{
    switch (k->type) {
    case VALUE_QUANTITY:
        if (k->dimension == DIM_PLACE) {
            fputs("a quantity of the place", out);
        } else {
            fprintf(out, "%s (`%.*s`)", dimension_name(k->dimension), (int)example_length(k->dimension),
                    dimension_example(k->dimension));
        }
        print_range(out, k);
        fputs(k->table ? ", or `{value, cv}`" : "", out);
        break;
    case VALUE_WHOLE:
    case VALUE_WHOLE64:
        fputs("a whole number", out);
        print_range(out, k);
        break;
    case VALUE_FLAG:
        fputs("`true` or `false`", out);
        break;
    case VALUE_WORD:
        for (const char *const *word = k->word; *word; word++) {
            fprintf(out, "%s`%s`", word == k->word ? "" : ", ", *word);
        }
        break;
    case VALUE_NAME:
        fputs("a name", out);
        break;
    case VALUE_ROW:
        fprintf(out, "the name of a %s", k->noun);
        break;
    case VALUE_MAP:
        fprintf(out, "a mapping: *%s*", k->table->title);
        break;
    case VALUE_ANY:
        fputs("anything", out);
        break;
    case VALUE_TEXT:
        fputs("text", out);
        break;
    default:
        fputs(k->wanted, out);
        if (table_beneath(k)) {
            fprintf(out, ": *%s*", table_beneath(k)->title);
        }
    }
    fputs(k->unlimited ? ", or `unlimited`" : k->automatic ? ", or `auto`" : "", out);
}

static void print_table(FILE *out, const struct table *t)
{
    fprintf(out, "\n## %s\n\n", t->title);
    if (t->choice) {
        fprintf(out, "Exactly one of the keys marked *choice* must be there.\n\n");
    }
    fputs("| key | value | if left out | meaning |\n|---|---|---|---|\n", out);
    for (size_t i = 0; i < t->n; i++) {
        const struct key *k = &t->key[i];
        fprintf(out, "| `%s` | ", k->name);
        print_value(out, k);
        if (k->otherwise) {
            fprintf(out, " | `%s`", k->otherwise);
        } else {
            fprintf(out, " | %s", k->required ? "*required*" : k->choice ? "*choice*" : k->derived ? k->derived : "–");
        }
        fprintf(out, " | %s |\n", k->about);
    }
    for (const struct table *more = t->more; more; more = more->more) {
        fprintf(out, "\nBeside them, the keys of *%s* may stand here.\n", more->title);
    }
    if (t->open && t->each && t->each->wanted) {
        fprintf(out, "\nBeside them, names of yours, each with %s.\n", t->each->wanted);
    } else if (t->open) {
        fputs("\nBeside them, keys of your own: states, or parameters of the policy.\n", out);
    }
}

static void print_units(FILE *out)
{
    fputs("\n## Units\n\n| of | units | inside |\n|---|---|---|\n", out);
    for (int d = 0; d < N_DIMENSION; d++) {
        const char *si = dimension_si((enum dimension)d), *separator = "";
        fprintf(out, "| %s | ", dimension_name((enum dimension)d));
        for (const struct unit *u = unit_table; u->name; u++) {
            if ((int)u->dimension == d) {
                fprintf(out, "%s`%s`", separator, u->name);
                separator = " ";
            }
        }
        fprintf(out, " | %s |\n", *si ? si : "–");
    }
    fputs("\n`bit` is a bit, `B` a byte of 8 bits; `k`, `M`, `G` are powers of 1000, `Ki`, `Mi`, `Gi` of 1024.\n", out);
}

int scenario_reference(FILE *out)
{
    struct tour tour = {.n = 0};
    visit(&tour, &scenario_table);
    fputs(intro, out);
    for (size_t i = 0; i < tour.n; i++) {
        print_table(out, tour.seen[i]);
    }
    print_units(out);
    return ferror(out) ? -ERR_IO : 0;
}
