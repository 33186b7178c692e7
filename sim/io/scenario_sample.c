/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/io/scenario_sample.h"

#include "sim/io/scenario_read.h"

/* A time to think that was written as work is that of the machines that were drawn; one that was measured stays. */
static int redraw_thinking(struct control *c, const struct control *drawn, struct arena *a)
{
    if (!c->measured_think) {
        c->think = drawn->think;
    }
    if (c->over && drawn->over) {
        struct policy_spec *over = ARENA_NEW(a, 1, struct policy_spec);
        if (!over) {
            return -1;
        }
        *over = *c->over;
        over->control.think = drawn->over->control.think;
        c->over = over;
    }
    return 0;
}

/* The experiment of s, whose policies are those of the text, in the same order. */
static int take_experiment(struct scenario *out, const struct scenario *s, struct err *e)
{
    const struct experiment drawn = out->experiment;
    out->experiment = s->experiment;
    CHECK(drawn.n_policy == s->experiment.n_policy);
    struct policy_spec *policy = ARENA_NEW(&out->arena, drawn.n_policy, struct policy_spec);
    int rc = policy ? redraw_thinking(&out->experiment.control, &drawn.control, &out->arena) : -1;
    for (uint32_t i = 0; rc == 0 && i < drawn.n_policy; i++) {
        policy[i] = s->experiment.policy[i];
        rc = redraw_thinking(&policy[i].control, &drawn.policy[i].control, &out->arena);
    }
    out->experiment.policy = policy;
    return rc ? ERR_SET(e, ERR_MEMORY, "out of memory for what is drawn") : 0;
}

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
        rc = take_experiment(out, s, e);
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
