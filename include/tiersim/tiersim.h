/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * <tiersim/tiersim.h> - the library: scenarios, and runs that another program drives.
 *
 *     struct ts_scenario *s;
 *     if (ts_scenario_open(&s, "factory.yaml", NULL, 0, message, sizeof message)) ...
 *     struct ts_run *r;
 *     if (ts_run_open(&r, s, &(struct ts_run_options){.size = sizeof(struct ts_run_options), .policy = "mct"}, ...)) ...
 *     while ((what = ts_run_next(r, &view, &ask, &outcome)) > 0)
 *         if (what == TS_QUESTION)
 *             ts_run_answer(r, &plan);
 *     ts_run_metric(r, "latency_mean", &value);
 *     ts_run_close(r);
 *     ts_scenario_close(s);
 *
 * A run is a pure function of the scenario, the options and the answers.  Runs of one scenario may go on in several
 * threads, each run in one at a time.  Functions that can fail return 0, or a negative code and a sentence for the user.
 */
#ifndef TIERSIM_TIERSIM_H
#define TIERSIM_TIERSIM_H

#include <stddef.h>
#include <stdint.h>
#include <tiersim/policy.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TS_VERSION "0.1.0"
#define TS_API __attribute__((visibility("default")))

/* Version of the library, such as "0.1.0". */
TS_API const char *ts_version(void);

enum ts_error {
    TS_E_INPUT = -1,   /* scenario, option or parameter */
    TS_E_POLICY = -2,  /* an illegal answer */
    TS_E_MEMORY = -3,
    TS_E_IO = -4,
    TS_E_NUMERIC = -5, /* such as a million events without progress of time */
};

struct ts_scenario;

/*
 * Read a scenario file, with assignments "path=value" over it.  message (may be NULL) gets what is wrong, one line each, cut
 * at n bytes.
 */
TS_API int ts_scenario_open(struct ts_scenario **out, const char *path, const char *const *set, size_t n_set,
                            char *message, size_t n);
/* NULL is fine.  No run of it may be open. */
TS_API void ts_scenario_close(struct ts_scenario *s);
TS_API const char *ts_scenario_name(const struct ts_scenario *s);
/* Label of its i-th policy, or NULL behind the last. */
TS_API const char *ts_scenario_policy(const struct ts_scenario *s, uint32_t i);

/* A built-in policy by name, or NULL. */
TS_API const struct ts_policy *ts_policy_find(const char *name);

struct ts_run_options {
    uint32_t size;      /* sizeof(struct ts_run_options) */
    uint32_t replication;
    const char *policy; /* label of the scenario's list: its candidates; NULL: the first */
    /* Whose flags, needs, cols and triggers say what is told; its functions are not called.  NULL: the policy of that label. */
    const struct ts_policy *table;
    uint64_t seed;      /* < 2^32; has_seed 0: the scenario's */
    uint64_t tie_seed;  /* shuffles simultaneous events of equal class; 0: not */
    uint32_t has_seed, pad;
};

struct ts_run;
enum ts_next { TS_ENDED = 0, TS_QUESTION = 1, TS_OUTCOME = 2, TS_SETTING = 3 };

TS_API int ts_run_open(struct ts_run **out, const struct ts_scenario *s, const struct ts_run_options *o, char *message,
                       size_t n);
/*
 * Go on to the next question (which ts_run_answer must answer), outcome (only if table->ended is set), or the end; enum
 * ts_next, or < 0.  What is given is borrowed until the next call on this run.
 */
TS_API int ts_run_next(struct ts_run *r, const struct ts_view **v, const struct ts_ask **a, const struct ts_outcome **o);
TS_API int ts_run_answer(struct ts_run *r, const struct ts_plan *p);
/*
 * Two levels (`over` in the scenario): view->ctl tells who is asked or told, the controllers below from 0 to ts_run_fast - 1, then
 * the slow ones over them, of which ts_run_below gives the k-th that one is over, and the node where that is; < 0: there are no
 * more.  After TS_SETTING a parameter of the policy, by its row, has a value at controller ctl from now on: whoever answers
 * for that heeds it.  What else a slow one sets holds by itself.
 */
TS_API uint32_t ts_run_fast(const struct ts_run *r);
TS_API int ts_run_below(const struct ts_run *r, ts_id ctl, uint32_t k, ts_id *below, ts_id *node);
TS_API int ts_run_setting(const struct ts_run *r, ts_id *ctl, uint32_t *param, double *value);
/* The clock of those who are asked (table->triggers has TS_TICK) has this period from now on, s; 0: it stands still. */
TS_API void ts_run_clock(struct ts_run *r, double period_s);
/*
 * Let a policy of this process answer everything: to the end, or < 0.  Its parameters are the scenario's, and so are the
 * language models that it may ask: the program's rules unless language_models names others.
 */
TS_API int ts_run_drive(struct ts_run *r, const struct ts_policy *policy);
/* Why the last call failed; "" if it did not. */
TS_API const char *ts_run_message(const struct ts_run *r);
/* Draw j of the question under way, in (0,1): addressed, so a driver that uses it repeats. */
TS_API double ts_run_uniform(struct ts_run *r, uint32_t j);
/* After the end: a metric by its name in result files, over all workloads; the digest of what happened. */
TS_API int ts_run_metric(const struct ts_run *r, const char *name, double *value);
TS_API uint64_t ts_run_digest(const struct ts_run *r);
TS_API void ts_run_close(struct ts_run *r);

#ifdef __cplusplus
}
#endif
#endif
