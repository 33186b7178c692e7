/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/cli.h"
#include "sim/io/yaml.h"
#include "sim/show/devices.h"

enum { ABOUT_ROOM = 512 };

struct list_options {
    bool devices, markdown;
};

static const struct argp_option option[] = {
    {"markdown", 'm', NULL, 0, "devices: as a table of Markdown", 0},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct list_options *o = state->input;
    if (key == 'm') {
        o->markdown = true;
        return 0;
    }
    if (key == ARGP_KEY_ARG && (strcmp(arg, "devices") == 0 || strcmp(arg, "scenarios") == 0)) {
        o->devices = strcmp(arg, "devices") == 0;
        return 0;
    }
    if (key == ARGP_KEY_ARG) {
        argp_error(state, "found %s, wanted scenarios or devices", arg);
    }
    return ARGP_ERR_UNKNOWN;
}

static int is_yaml(const struct dirent *entry)
{
    size_t n = strlen(entry->d_name);
    return n > 5 && strcmp(entry->d_name + n - 5, ".yaml") == 0;
}

/* What the file says of itself, into about[ABOUT_ROOM]. */
static void read_about(const char *path, char *about)
{
    struct yaml y = {0};
    struct errors errors = {0};
    const struct yaml_node *line = NULL;
    if (yaml_read_file(&y, path, &errors) == 0) {
        line = yaml_get(y.root, "about");
    }
    snprintf(about, ABOUT_ROOM, "%s", line && line->kind == YAML_SCALAR ? line->text : "");
    errors_clear(&errors);
    yaml_clear(&y);
}

static void list_scenarios(const char *folder, struct dirent **entry, int n)
{
    char about[ABOUT_ROOM];
    int wide = 0;
    for (int i = 0; i < n; i++) {
        int length = (int)strlen(entry[i]->d_name);
        wide = length > wide ? length : wide;
    }
    printf("In %s:\n", folder);
    for (int i = 0; i < n; i++) {
        char path[PATH_MAX + 300];
        snprintf(path, sizeof path, "%s/%s", folder, entry[i]->d_name);
        read_about(path, about);
        printf("  %-*s  %s\n", wide, entry[i]->d_name, about);
    }
}

static int list_devices(const char *folder, struct dirent **entry, int n, bool markdown)
{
    struct errors errors = {0};
    struct table t = {0};
    int rc = 0;
    devices_head(&t);
    if (markdown) {
        devices_head_markdown(stdout);
    }
    for (int i = 0; i < n && rc == 0; i++) {
        struct yaml y = {0};
        char path[PATH_MAX + 300];
        snprintf(path, sizeof path, "%s/%s", folder, entry[i]->d_name);
        rc = yaml_read_file(&y, path, &errors);
        if (rc) {
            errors_print(&errors, stderr);
        } else if (markdown) {
            devices_print_markdown(y.root, stdout);
        } else {
            devices_add(&t, y.root);
        }
        yaml_clear(&y);
    }
    if (rc == 0 && !markdown) {
        table_print(&t, stdout, paper_of(stdout));
        printf("\n±: standard deviation of what it may truly be.  Files with the source of each value, to be named by `include`:\n"
               "%s/*.yaml\n", folder);
    }
    table_clear(&t);
    errors_clear(&errors);
    return rc ? 2 : 0;
}

int verb_list(const struct cli *c, int argc, char **argv)
{
    struct list_options o = {0};
    const struct argp argp = {.options = option, .parser = parse, .args_doc = "[scenarios|devices]",
                              .doc = "Lists the scenarios that come with the program, with a line each; or the devices that nodes "
                                     "of a scenario may be."};
    char folder[PATH_MAX];
    struct dirent **entry = NULL;
    struct err e = {0};
    (void)c;
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    if (cli_find_beside(o.devices ? "share/tiersim/scenarios/devices" : "share/tiersim/scenarios",
                        o.devices ? "scenarios/devices" : "scenarios", folder, &e) != 0) {
        return cli_fail(&e);
    }
    int n = scandir(folder, &entry, is_yaml, alphasort), rc = 0;
    if (o.devices) {
        rc = list_devices(folder, entry, n, o.markdown);
    } else {
        list_scenarios(folder, entry, n);
    }
    for (int i = 0; i < n; i++) {
        free(entry[i]);
    }
    free(entry);
    return rc;
}
