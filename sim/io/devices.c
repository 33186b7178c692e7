/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/devices.h"

#include "sim/base/text.h"

static const char key_devices[] = "devices", key_nodes[] = "nodes", key_device[] = "device";

struct layer {
    struct yaml *y;
    struct errors *errs;
    const struct yaml_node *devices; /* NULL: none */
    int rc;
};

static const void *out_of_memory(struct layer *l)
{
    struct err e = {.code = ERR_MEMORY, .text = "out of memory"};
    errors_add_err(l->errs, 0, &e);
    l->rc = -ERR_MEMORY;
    return NULL;
}

static const struct yaml_node *fault(struct layer *l, const struct yaml_node *at, const char *group, const char *wanted,
                                     const char *word)
{
    char shown[TEXT_SHOWN];
    const char *found = at->kind != YAML_SCALAR || yaml_is_null(at) || at->n == 0 ? "no name" : text_show(at->text, at->n, shown);
    errors_add(l->errs, at->at.source, l->y->source[at->at.source].name, at->at.line, at->at.column,
               "nodes.%s.device: found %s, wanted the name of a device%s%s", group, found, wanted, word);
    l->rc = -ERR_INPUT;
    return NULL;
}

static const struct yaml_node *find(struct layer *l, const struct yaml_node *name, const char *group)
{
    struct text_nearest best = {0};
    if (!l->devices) {
        return fault(l, name, group, ": there are none, `devices` has them, or a file that is included", "");
    }
    const struct yaml_node *found = name->kind == YAML_SCALAR ? yaml_get(l->devices, name->text) : NULL;
    for (uint32_t i = 0; !found && name->kind == YAML_SCALAR && i < l->devices->n; i++) {
        text_nearest_offer(&best, name->text, l->devices->pair[i].key);
    }
    if (!found) {
        return fault(l, name, group, best.word ? ", the nearest is " : "", best.word ? best.word : "");
    }
    if (found->kind != YAML_MAP) {
        return fault(l, name, group, ": what it names is no mapping", "");
    }
    return found;
}

/* None is another one. */
static void refuse_nested(struct layer *l)
{
    for (uint32_t i = 0; l->devices && i < l->devices->n; i++) {
        const struct yaml_pair *d = &l->devices->pair[i];
        const struct yaml_node *nested = d->value->kind == YAML_MAP ? yaml_get(d->value, key_device) : NULL;
        if (nested) {
            errors_add(l->errs, nested->at.source, l->y->source[nested->at.source].name, nested->at.line, nested->at.column,
                       "devices.%s.device: found a device that is another one, wanted its own keys: groups of nodes name devices",
                       d->key);
            l->rc = -ERR_INPUT;
        }
    }
}

/* A group over its device, where it names one. */
static const struct yaml_node *lay(struct layer *l, const struct yaml_pair *group)
{
    const struct yaml_node *name = group->value->kind == YAML_MAP ? yaml_get(group->value, key_device) : NULL, *both = NULL;
    const struct yaml_node *device = name ? find(l, name, group->key) : NULL;
    if (!device) {
        return group->value;
    }
    int rc = yaml_merge(l->y, device, group->value, &both, l->errs);
    l->rc = l->rc ? l->rc : rc;
    return both ? both : group->value;
}

/* The groups, each over its device; what they all weigh is bounded. */
static const struct yaml_node *lay_all(struct layer *l, const struct yaml_node *nodes)
{
    struct yaml_node *all;
    struct yaml_pair *pair = yaml_copy_map(l->y, nodes, &all);
    uint64_t weight = nodes->weight;
    if (!pair) {
        return out_of_memory(l);
    }
    for (uint32_t i = 0; i < nodes->n && l->rc != -ERR_MEMORY && weight <= YAML_WEIGHT; i++) {
        pair[i].value = lay(l, &nodes->pair[i]);
        weight += pair[i].value->weight;
        all->depth = all->depth > pair[i].value->depth ? all->depth : (uint8_t)(pair[i].value->depth + 1);
    }
    if (weight > YAML_WEIGHT) {
        errors_add(l->errs, nodes->at.source, l->y->source[nodes->at.source].name, nodes->at.line, nodes->at.column,
                   "nodes: found more than %d values with those of their devices, wanted fewer", YAML_WEIGHT);
        l->rc = -ERR_INPUT;
        return nodes;
    }
    all->weight = (uint32_t)weight;
    return all;
}

static bool names_devices(const struct yaml_node *nodes)
{
    bool some = false;
    for (uint32_t i = 0; i < nodes->n && !some; i++) {
        some = nodes->pair[i].value->kind == YAML_MAP && yaml_get(nodes->pair[i].value, key_device);
    }
    return some;
}

int devices_lay(struct yaml *y, struct errors *errs)
{
    struct layer l = {.y = y, .errs = errs, .devices = yaml_get(y->root, key_devices)};
    const struct yaml_node *nodes = yaml_get(y->root, key_nodes);
    if (l.devices && l.devices->kind != YAML_MAP) {
        const struct yaml_place at = l.devices->at;
        errors_add(errs, at.source, y->source[at.source].name, at.line, at.column,
                   "devices: found no mapping, wanted one of names to devices");
        return -ERR_INPUT;
    }
    refuse_nested(&l);
    const struct yaml_node *root = l.devices ? yaml_without(y, y->root, key_devices) : y->root;
    if (!root) {
        out_of_memory(&l);
        return l.rc;
    }
    y->root = root;
    if (!nodes || nodes->kind != YAML_MAP || !names_devices(nodes)) {
        return l.rc;
    }
    struct yaml_node *whole;
    struct yaml_pair *pair = yaml_copy_map(y, root, &whole);
    const struct yaml_node *laid = pair ? lay_all(&l, nodes) : out_of_memory(&l);
    for (uint32_t i = 0; laid && i < root->n; i++) {
        pair[i].value = pair[i].value == nodes ? laid : pair[i].value;
    }
    y->root = laid ? whole : root;
    return l.rc;
}
