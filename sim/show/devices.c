/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/show/devices.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_ROOM = 96 };

/* One processor of a device as texts, as they are written. */
struct row {
    const char *device, *tier, *about, *processor, *cores;
    char speed[TEXT_ROOM], bandwidth[TEXT_ROOM], memory[TEXT_ROOM], idle[TEXT_ROOM], busy[TEXT_ROOM], price[TEXT_ROOM];
};

static const char *scalar(const struct yaml_node *map, const char *key, const char *otherwise)
{
    const struct yaml_node *n = map && map->kind == YAML_MAP ? yaml_get(map, key) : NULL;
    return n && n->kind == YAML_SCALAR ? n->text : otherwise;
}

/* "3 GFLOP/s ±10 %", or "–" where nothing is said. */
static void quantity(const struct yaml_node *map, const char *key, char buf[TEXT_ROOM])
{
    const struct yaml_node *n = map && map->kind == YAML_MAP ? yaml_get(map, key) : NULL;
    const double cv = n && n->kind == YAML_MAP ? atof(scalar(n, "cv", "0")) : 0;
    snprintf(buf, TEXT_ROOM, "%s", !n ? "–" : n->kind == YAML_MAP ? scalar(n, "value", "–") : scalar(map, key, "–"));
    if (cv > 0) {
        const size_t used = strlen(buf);
        snprintf(buf + used, TEXT_ROOM - used, " ±%.0f %%", 100 * cv);
    }
}

static void each_row(const struct yaml_node *root, void (*take)(void *ctx, const struct row *r), void *ctx)
{
    const struct yaml_node *devices = yaml_get(root, "devices");
    for (uint32_t i = 0; devices && devices->kind == YAML_MAP && i < devices->n; i++) {
        const struct yaml_node *d = devices->pair[i].value;
        const struct yaml_node *processors = d->kind == YAML_MAP ? yaml_get(d, "processors") : NULL;
        const struct yaml_node *power = processors ? yaml_get(d, "power") : NULL;
        struct row r = {.device = devices->pair[i].key, .tier = scalar(d, "tier", "–"), .about = scalar(d, "about", "")};
        quantity(d, "memory", r.memory);
        quantity(d, "price", r.price);
        quantity(power, "idle", r.idle);
        quantity(power, "busy", r.busy);
        for (uint32_t p = 0; processors && processors->kind == YAML_MAP && p < processors->n; p++) {
            r.processor = processors->pair[p].key;
            r.cores = scalar(processors->pair[p].value, "cores", "1");
            quantity(processors->pair[p].value, "speed", r.speed);
            quantity(processors->pair[p].value, "bandwidth", r.bandwidth);
            take(ctx, &r);
        }
    }
}

static void add_row(void *ctx, const struct row *r)
{
    struct table *t = ctx;
    table_add(t, "%s", r->device);
    table_add(t, "%s", r->tier);
    table_add(t, "%s × %s", r->cores, r->processor);
    table_add(t, "%s", r->speed);
    table_add(t, "%s", r->bandwidth);
    table_add(t, "%s", r->memory);
    table_add(t, "%s", r->idle);
    table_add(t, "%s", r->busy);
    table_add(t, "%s", r->price);
}

void devices_head(struct table *t)
{
    static const struct table_column column[] = {
        {"", "device", true, false},         {"", "tier", true, false},
        {"", "processor", true, false},      {"of a core", "speed", true, false},
        {NULL, "bandwidth", true, false},    {"", "memory", true, false},
        {"power", "idle", true, false},      {NULL, "busy", true, false},
        {"", "price", true, false},
    };
    for (size_t i = 0; i < sizeof column / sizeof column[0]; i++) {
        table_add_column(t, column[i]);
    }
}

void devices_add(struct table *t, const struct yaml_node *root)
{
    each_row(root, add_row, t);
}

static void print_row(void *ctx, const struct row *r)
{
    fprintf(ctx, "| `%s` | %s | %s | %s × %s | %s | %s | %s | %s | %s | %s |\n", r->device, r->about, r->tier, r->cores,
            r->processor, r->speed, r->bandwidth, r->memory, r->idle, r->busy, r->price);
}

void devices_head_markdown(FILE *out)
{
    fputs("| device | what it is | tier | processor | speed of a core | bandwidth of a core | memory | idle | busy | price |\n"
          "|---|---|---|---|---|---|---|---|---|---|\n", out);
}

void devices_print_markdown(const struct yaml_node *root, FILE *out)
{
    each_row(root, print_row, out);
}
