/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/scenario_sample.h"

#include "sim/io/scenario_read.h"

int scenario_sample(struct scenario *out, const struct scenario *s, struct stream_key of, struct err *e)
{
    struct read_files files = s->files;
    struct scenario_source from = {.path = s->file, .text = s->text, .folder = s->folder, .without_tables = true,
                                   .sampled = &of, .files = &files};
    struct errors errs = {0};
    struct yaml tree = {0};
    int rc = scenario_open(out, &tree, &from, &errs);
    if (rc) {
        const char *text = errs.n_kept ? errs.entry[0].text : "out of memory";
        rc = ERR_SET(e, errs.n_kept ? errs.code : ERR_MEMORY, "what was drawn for replication %u: %s", of.replication,
                     text);
    } else {
        out->experiment = s->experiment;
        out->n_text_model = s->n_text_model;
        out->text_model = s->text_model;
    }
    yaml_clear(&tree);
    errors_clear(&errs);
    return rc;
}

int scenario_of_replication(const struct scenario **out, struct scenario *drawn, const struct scenario *s, uint64_t seed,
                            uint32_t replication, struct err *e)
{
    const bool sampled = s->experiment.sampled;
    *drawn = (struct scenario){0};
    *out = sampled ? drawn : s;
    return sampled ? scenario_sample(drawn, s, (struct stream_key){(uint32_t)seed, replication}, e) : 0;
}
