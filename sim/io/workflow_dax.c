/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * workflow_dax.c - DAX, the XML of Pegasus and of its gallery of workflows (versions 2 and 3): job of id, name, runtime (s) with
 * uses of file (or name), link, size; then child of ref with parents of ref.  Parsed by expat; a file with a DOCTYPE is refused,
 * so that no entity is expanded.
 */
#include <expat.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/io/file.h"
#include "sim/io/workflow.h"

enum { DAX_BYTES = 32 << 20 };

struct dax {
    struct workflow *w;
    XML_Parser parser;
    struct err *e;
    uint32_t job, child; /* that we are in, or NAME_NONE */
    int rc;
};

static const char *attribute(const char **list, const char *name)
{
    for (; list[0]; list += 2) {
        if (strcmp(list[0], name) == 0) {
            return list[1];
        }
    }
    return NULL;
}

static void fault(struct dax *d, const char *found, const char *wanted)
{
    if (d->rc == 0) {
        d->rc = ERR_AT(d->e, d->w->path, (int)XML_GetCurrentLineNumber(d->parser),
                       (int)XML_GetCurrentColumnNumber(d->parser) + 1, "found %s, wanted %s", found, wanted);
        XML_StopParser(d->parser, XML_FALSE);
    }
}

static void out_of_memory(struct dax *d)
{
    d->rc = d->rc ? d->rc : ERR_SET(d->e, ERR_MEMORY, "out of memory for a graph");
    XML_StopParser(d->parser, XML_FALSE);
}

/* A number of 0 or more; NAN: none. */
static double number(const char *text)
{
    char *end;
    double x = text ? strtod(text, &end) : NAN;
    return text && end > text && *end == '\0' && x >= 0 && isfinite(x) ? x : NAN;
}

static void begin_job(struct dax *d, const char **list)
{
    const char *id = attribute(list, "id");
    const double runtime_s = number(attribute(list, "runtime"));
    if (!id || !*id || d->job != NAME_NONE) {
        fault(d, d->job != NAME_NONE ? "a job within a job" : "a job without an id", "<job id=\"..\" runtime=\"SECONDS\">");
        return;
    }
    if (isnan(runtime_s)) {
        fault(d, "a job without a runtime", "<job id=\"..\" runtime=\"SECONDS\">");
        return;
    }
    d->job = workflow_task(d->w, id, strlen(id));
    if (d->job == NAME_NONE) {
        out_of_memory(d);
    } else if (!isnan(d->w->task[d->job].work)) {
        fault(d, "the id of another job", "one of its own");
    } else {
        d->w->task[d->job].work = runtime_s;
    }
}

static void read_uses(struct dax *d, const char **list)
{
    const char *file = attribute(list, "file"), *link = attribute(list, "link");
    const double bytes = number(attribute(list, "size"));
    file = file ? file : attribute(list, "name");
    if (!file || !link) {
        fault(d, "uses without a file or a link", "<uses file=\"..\" link=\"input\" size=\"BYTES\"/>");
    } else if (strcmp(link, "input") == 0 || strcmp(link, "output") == 0) {
        int rc = workflow_use(d->w, d->job, file, link[0] == 'o', isnan(bytes) ? 0 : bytes, d->e);
        if (rc) {
            d->rc = rc;
            XML_StopParser(d->parser, XML_FALSE);
        }
    }
}

static void read_parent(struct dax *d, const char **list)
{
    const char *ref = attribute(list, "ref");
    const uint32_t from = ref ? names_find(&d->w->names, ref) : NAME_NONE;
    if (from == NAME_NONE) {
        fault(d, "a parent that is no job before it", "the id of one");
        return;
    }
    const struct workflow_edge edge = {from, d->child, workflow_shared(d->w, from, d->child)};
    int rc = workflow_add_edge(d->w, edge, d->e);
    if (rc) {
        d->rc = rc;
        XML_StopParser(d->parser, XML_FALSE);
    }
}

static void XMLCALL begin_element(void *ctx, const char *name, const char **list)
{
    struct dax *d = ctx;
    if (strcmp(name, "job") == 0) {
        begin_job(d, list);
    } else if (strcmp(name, "uses") == 0 && d->job != NAME_NONE) {
        read_uses(d, list);
    } else if (strcmp(name, "child") == 0) {
        const char *ref = attribute(list, "ref");
        d->child = ref ? names_find(&d->w->names, ref) : NAME_NONE;
        if (d->child == NAME_NONE) {
            fault(d, "a child that is no job before it", "the id of one");
        }
    } else if (strcmp(name, "parent") == 0 && d->child != NAME_NONE) {
        read_parent(d, list);
    }
}

static void XMLCALL end_element(void *ctx, const char *name)
{
    struct dax *d = ctx;
    d->job = strcmp(name, "job") == 0 ? NAME_NONE : d->job;
    d->child = strcmp(name, "child") == 0 ? NAME_NONE : d->child;
}

static void XMLCALL refuse_doctype(void *ctx, const char *name, const char *system_id, const char *public_id, int internal)
{
    (void)name, (void)system_id, (void)public_id, (void)internal;
    fault(ctx, "a DOCTYPE", "a file without");
}

int workflow_read_dax(struct workflow *w, struct err *e)
{
    char *text = NULL;
    size_t size;
    struct dax d = {.w = w, .e = e, .job = NAME_NONE, .child = NAME_NONE, .rc = file_read(w->path, DAX_BYTES, &text, &size, e)};
    if (d.rc) {
        return d.rc;
    }
    w->in_seconds = true;
    d.parser = XML_ParserCreate(NULL);
    if (!d.parser) {
        free(text);
        return ERR_SET(e, ERR_MEMORY, "out of memory for XML");
    }
    XML_SetUserData(d.parser, &d);
    XML_SetElementHandler(d.parser, begin_element, end_element);
    XML_SetStartDoctypeDeclHandler(d.parser, refuse_doctype);
    if (XML_Parse(d.parser, text, (int)size, 1) != XML_STATUS_OK && d.rc == 0) {
        const enum XML_Error code = XML_GetErrorCode(d.parser);
        d.rc = code == XML_ERROR_NO_MEMORY
                   ? ERR_SET(e, ERR_MEMORY, "out of memory for XML")
                   : ERR_AT(e, w->path, (int)XML_GetCurrentLineNumber(d.parser), (int)XML_GetCurrentColumnNumber(d.parser) + 1,
                            "found XML that is not right (%s), wanted a DAX of Pegasus", XML_ErrorString(code));
    }
    XML_ParserFree(d.parser);
    free(text);
    return d.rc;
}
