/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/provenance.h"

#include <gsl/gsl_version.h>
#include <hdf5.h>
#include <jansson.h>
#include <libfyaml.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <tiersim/tiersim.h>
#include <time.h>

#ifdef __clang__
#define COMPILER "clang " __clang_version__
#else
#define COMPILER "gcc " __VERSION__
#endif

enum { VALUE_MAX = 32768 };

void provenance_add(struct provenance *p, const char *key, const char *fmt, ...)
{
    char value[VALUE_MAX];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(value, sizeof value, fmt, ap);
    va_end(ap);
    char *kept = arena_copy(&p->arena, value);
    if (kept && p->n < PROVENANCE_MAX) {
        p->line[p->n++] = (struct provenance_line){.key = key, .value = kept};
    }
}

void provenance_now(struct provenance *p, const char *command_line)
{
    unsigned major = 0, minor = 0, release = 0;
    H5get_libversion(&major, &minor, &release);
    provenance_add(p, "program", "%s", provenance_program());
    provenance_add(p, "compiler", "%s", COMPILER);
    provenance_add(p, "libraries", "HDF5 %u.%u.%u, GSL %s, libfyaml %s, jansson %s", major, minor, release, gsl_version,
                   fy_library_version(), JANSSON_VERSION);
    if (command_line) {
        provenance_add(p, "command_line", "%s", command_line);
    }
    char stamp[64] = "";
    time_t now = time(NULL);
    struct tm utc;
    if (gmtime_r(&now, &utc)) {
        strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", &utc);
    }
    provenance_add(p, "date", "%s", stamp);
    struct utsname system;
    if (uname(&system) == 0) {
        provenance_add(p, "host", "%s", system.nodename);
        provenance_add(p, "system", "%s %s %s", system.sysname, system.release, system.machine);
    }
}

const char *provenance_find(const struct provenance *p, const char *key)
{
    for (uint32_t i = 0; i < p->n; i++) {
        if (strcmp(p->line[i].key, key) == 0) {
            return p->line[i].value;
        }
    }
    return NULL;
}

void provenance_write(struct h5 *h, hid_t group, const struct provenance *p)
{
    if (p && p->arena.failed) {
        h5_no_memory(h, "out of memory to say where it comes from");
    }
    for (uint32_t i = 0; p && i < p->n; i++) {
        h5_write_text(h, group, p->line[i].key, p->line[i].value);
    }
}

void provenance_clear(struct provenance *p)
{
    arena_clear(&p->arena);
    p->n = 0;
}

const char *provenance_program(void)
{
    return "tiersim " TS_VERSION " (" TS_COMMIT ", " TS_MODE ")";
}
