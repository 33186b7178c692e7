/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/experiment/train.h"

#include <inttypes.h>
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "sim/base/digest.h"
#include "sim/base/err.h"
#include "sim/experiment/network.h"
#include "sim/io/durable.h"
#include "sim/io/file.h"
#include "sim/io/scenario_sample.h"
#include "sim/io/table_file.h"
#include "sim/measure/measure.h"
#include "sim/run/drive.h"

static const double checkpoint_s = 5; /* between two, at least */

struct train {
    struct scenario *s; /* [n] */
    uint32_t n;
    struct policy_spec *spec; /* [n] the learner, in each scenario */
    const struct ts_policy *policy;
    const struct ts_policy **over; /* [n] of its slow controllers, NULL: none */
    const struct train_options *o;
    struct runner_progress *progress;
    struct train_outcome *out;
    struct arena arena; /* of what was read to go on with */
    struct blobs state; /* learned so far; empty before the first round */
    uint64_t done, every;
    double decisions; /* of all processes */
    uint32_t batch;
    int n_thread;
    struct blobs *learned; /* [batch] */
    uint64_t *questions;   /* [batch] */
    struct err *item_err;  /* [batch or replications] */
    double *episode, *curve[N_CURVE]; /* [n_point], [n_point][replications] */
    uint32_t n_point;
    double written_s;
    const char *training, *parameters, *scenario;
};

static double wall_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* How the scenario names the learner, by label, else by name, else with default parameters. */
static struct policy_spec find_spec(const struct scenario *s, const char *name)
{
    struct policy_spec found = {.policy = name, .label = name, .edges = EDGES_ALL, .run_in = UINT64_MAX};
    for (int by_label = 0; by_label < 2; by_label++) {
        for (uint32_t i = 0; i < s->experiment.n_policy; i++) {
            const struct policy_spec *p = &s->experiment.policy[i];
            if (strcmp(by_label ? p->label : p->policy, name) == 0) {
                found = *p;
                break;
            }
        }
    }
    found.learned = NULL;
    found.table = NULL;
    found.frozen = false;
    return found;
}

static int find_learner(struct train *t, const struct policy_set *set, struct err *e)
{
    for (uint32_t k = 0; k < t->n; k++) {
        t->spec[k] = find_spec(&t->s[k], t->o->policy);
        if (t->s[k].experiment.seed == t->o->seed || t->s[k].experiment.seed == (t->o->seed ^ UINT32_MAX)) {
            return ERR_SET(e, ERR_INPUT, "--seed: found %" PRIu64 ", by which %s is judged, wanted another: what is learned "
                           "must not have been seen", t->s[k].experiment.seed, t->s[k].file);
        }
        if (strcmp(t->spec[k].policy, t->spec[0].policy) != 0) {
            return ERR_SET(e, ERR_INPUT, "%s is %s in %s and %s in %s, wanted one policy", t->o->policy, t->spec[0].policy,
                           t->s[0].file, t->spec[k].policy, t->s[k].file);
        }
        if (t->s[k].experiment.warm_up_auto) {
            return ERR_SET(e, ERR_INPUT, "%s: experiment.warm_up: found auto, wanted a time: an episode is a single run",
                           t->s[k].file);
        }
    }
    t->policy = policy_set_find(set, t->spec[0].policy, NULL, 0, 0, e);
    for (uint32_t k = 0; k < t->n; k++) {
        int rc = policy_set_find_over(set, &t->spec[k], t->s[k].file, &t->over[k], e);
        if (rc < 0) {
            return rc;
        }
    }
    if (t->policy && (!t->policy->save || !t->policy->load || !t->policy->ended)) {
        return ERR_SET(e, ERR_INPUT, "policy %s does not learn: it keeps nothing between runs", t->policy->name);
    }
    t->batch = t->policy && drive_can_merge(t->policy) ? t->o->batch : 1;
    return t->policy ? 0 : -(int)e->code;
}

/* What is trained and how: the same text, the same table; and what the table keeps of the scenario and parameters. */
static int describe(struct train *t, struct err *e)
{
    char *text = NULL, *parameters = NULL;
    size_t n = 0, m = 0;
    FILE *out = open_memstream(&text, &n), *params = open_memstream(&parameters, &m);
    int rc = out && params ? 0 : ERR_SET(e, ERR_MEMORY, "no memory to train");
    for (uint32_t i = 0; rc == 0 && i < t->spec[0].n_param; i++) {
        fprintf(params, "%s: %s\n", t->spec[0].param[i].key, t->spec[0].param[i].text);
    }
    if (rc == 0) {
        fprintf(out, "policy: %s\nseed: %" PRIu64 "\nepisodes of a round: %u\n", t->policy->name, t->o->seed, t->batch);
        fprintf(out, "judged: every %" PRIu64 " episodes, %u replications\n", t->every, t->o->replications);
    }
    for (uint32_t k = 0; rc == 0 && k < t->n; k++) {
        const struct scenario *s = &t->s[k];
        fprintf(out, "scenario %s: %016" PRIx64 "\n", s->name, digest_bytes(s->text, strlen(s->text)));
        for (uint32_t i = 0; i < s->n_trace && rc == 0; i++) {
            uint64_t digest = 0;
            bool table = false; /* what the scenario's policies have learned is not read */
            for (uint32_t p = 0; p < s->experiment.n_policy; p++) {
                const char *path = s->experiment.policy[p].table_path;
                table |= path && strcmp(path, s->trace[i].path) == 0;
            }
            rc = table ? 0 : file_digest(s->trace[i].path, &digest, e);
            fprintf(out, "trace %s: %016" PRIx64 "\n", s->trace[i].written, digest);
        }
    }
    bool failed = out && fclose(out) != 0;
    failed |= params && fclose(params) != 0;
    if (rc == 0) {
        t->training = failed ? NULL : arena_copy(&t->arena, text);
        t->parameters = failed ? NULL : arena_copy(&t->arena, parameters);
        t->scenario = table_scenario_text(&t->s[0], &t->arena);
        rc = t->training && t->parameters && t->scenario ? 0 : ERR_SET(e, ERR_MEMORY, "no memory to train");
    }
    free(text);
    free(parameters);
    return rc;
}

static int check_alike(struct train *t, struct err *e)
{
    for (uint32_t k = 1; k < t->n; k++) {
        const char *other = table_scenario_text(&t->s[k], &t->arena);
        if (!other || strcmp(other, t->scenario) != 0) {
            return ERR_SET(e, ERR_INPUT, "%s and %s differ in their nodes, links or workloads, wanted those of equal names",
                           t->s[0].file, t->s[k].file);
        }
    }
    return 0;
}

static void nobody(void *ctx, const struct transition *t, size_t n)
{
    (void)ctx, (void)t, (void)n;
}

/* The first error of the list, in its order. */
static int first_error(const struct err *item, uint32_t n, struct err *e)
{
    for (uint32_t i = 0; i < n; i++) {
        if (item[i].code != ERR_NONE) {
            *e = item[i];
            return -(int)e->code;
        }
    }
    return 0;
}

static struct run_spec episode_of(const struct train *t, uint64_t episode)
{
    uint32_t k = (uint32_t)(episode % t->n);
    return (struct run_spec){.scenario = &t->s[k], .spec = &t->spec[k], .policy = t->policy, .over = t->over[k], .seed = t->o->seed,
                             .replication = (uint32_t)episode, .full = nobody, .progress = &t->progress->n_job,
                             .state_in = t->state.n ? &t->state : NULL};
}

static void run_episode(struct train *t, uint32_t i)
{
    struct run_spec run = episode_of(t, t->done + i);
    struct run_counts counts = {0};
    struct err *e = &t->item_err[i];
    struct scenario drawn;
    run.state_out = &t->learned[i];
    int rc = scenario_of_replication(&run.scenario, &drawn, run.scenario, run.seed, run.replication, e);
    const struct policy_spec spec = find_spec(run.scenario, t->o->policy);
    run.spec = &spec;
    rc = rc ? rc : drive(&run, run.scenario->file, NULL, &counts, e);
    t->questions[i] = rc ? 0 : counts.n_question;
    scenario_free(&drawn);
}

/* The next n episodes, and what they learned taken together. */
static int run_round(struct train *t, uint32_t n, struct err *e)
{
    double from_s = wall_s();
    memset(t->item_err, 0, t->batch * sizeof *t->item_err);
#pragma omp parallel for schedule(dynamic, 1) num_threads(t->n_thread)
    for (uint32_t i = 0; i < n; i++) {
        run_episode(t, i);
    }
    struct blobs all = {0};
    int rc = first_error(t->item_err, n, e);
    if (rc == 0 && n == 1) {
        all = t->learned[0];
        t->learned[0] = (struct blobs){0};
    } else if (rc == 0) {
        struct run_spec run = episode_of(t, t->done);
        run.state_out = &all;
        rc = drive_merge(&run, run.scenario->file, t->learned, n, e);
    }
    for (uint32_t i = 0; i < n; i++) {
        t->out->decisions += t->questions[i];
        t->decisions += (double)t->questions[i];
        blobs_clear(&t->learned[i]);
    }
    t->out->learn_s += wall_s() - from_s;
    if (rc < 0) {
        blobs_clear(&all);
        return rc;
    }
    blobs_clear(&t->state);
    t->state = all;
    t->done += n;
    return 0;
}

static void take_transitions(void *ctx, const struct transition *t, size_t n)
{
    measure_fold(ctx, t, n);
}

/* One replication of a judgement, its figures into row `at` of the curve. */
static int judge_one(struct train *t, uint32_t replication, size_t at, struct err *e)
{
    const uint32_t k = replication % t->n;
    struct scenario drawn;
    struct measure m = {NULL};
    struct run_counts counts;
    struct record record = {.replication = replication};
    struct run_spec run = {.policy = t->policy, .over = t->over[k], .replication = replication,
                           .seed = t->o->seed ^ UINT32_MAX, .full = take_transitions, .ctx = &m,
                           .state_in = t->state.n ? &t->state : NULL};
    int rc = scenario_of_replication(&run.scenario, &drawn, &t->s[k], run.seed, replication, e);
    struct policy_spec frozen = find_spec(run.scenario, t->o->policy);
    frozen.frozen = true;
    run.spec = &frozen;
    rc = rc ? rc : measure_init(&m, run.scenario, NULL, e);
    rc = rc ? rc : drive(&run, t->s[k].file, NULL, &counts, e);
    rc = rc ? rc : measure_finish(&m, &record, e);
    if (rc == 0) {
        bool given = t->s[k].objective.given;
        t->curve[CURVE_REWARD][at] = -record.metric[given ? M_OBJECTIVE : M_LATENCY_MEAN];
        t->curve[CURVE_LATENCY][at] = record.metric[M_LATENCY_MEAN];
        t->curve[CURVE_MISS][at] = record.metric[M_MISS_RATIO];
        t->curve[CURVE_ENERGY][at] = record.metric[M_ENERGY_PER_JOB];
    }
    record_clear(&record);
    measure_clear(&m);
    scenario_free(&drawn);
    return rc;
}

static bool room_for_point(struct train *t)
{
    const size_t n = (size_t)t->n_point + 1;
    double *episode = realloc(t->episode, n * sizeof *episode);
    t->episode = episode ? episode : t->episode;
    bool fine = episode != NULL;
    for (int c = 0; c < N_CURVE; c++) {
        double *grown = realloc(t->curve[c], n * t->o->replications * sizeof *grown);
        t->curve[c] = grown ? grown : t->curve[c];
        fine &= grown != NULL;
    }
    return fine;
}

/* A point of the curve: the policy as it is now. */
static int judge(struct train *t, struct err *e)
{
    const uint32_t n = t->o->replications;
    const size_t at = (size_t)t->n_point * n;
    if (n == 0) {
        return 0;
    }
    struct err *item = calloc(n, sizeof *item);
    if (!item || !room_for_point(t)) {
        free(item);
        return ERR_SET(e, ERR_MEMORY, "no memory for the learning curve");
    }
#pragma omp parallel for schedule(dynamic, 1) num_threads(t->n_thread)
    for (uint32_t r = 0; r < n; r++) {
        judge_one(t, r, at + r, &item[r]);
    }
    int rc = first_error(item, n, e);
    free(item);
    t->episode[t->n_point] = (double)t->done;
    t->n_point += rc == 0;
    return rc;
}

static int write_table(struct train *t, struct err *e)
{
    struct provenance p = {0};
    struct table_file f = {.policy = t->policy->name, .parameters = t->parameters, .scenario = t->scenario,
                           .training = t->training, .state = t->state, .episodes = t->done, .wanted = t->o->episodes,
                           .decisions = t->decisions, .n_point = t->n_point, .n_replication = t->o->replications,
                           .episode = t->episode};
    for (int c = 0; c < N_CURVE; c++) {
        f.curve[c] = t->curve[c];
    }
    provenance_now(&p, t->o->command_line);
    provenance_add(&p, "threads", "%d", t->n_thread);
    int rc = table_file_write(&f, t->o->output, &p, e);
    provenance_clear(&p);
    t->written_s = wall_s();
    return rc;
}

/* Go on with what the file has. */
static int resume(struct train *t, struct err *e)
{
    struct table_file f;
    int rc = table_file_read(&f, t->o->output, &t->arena, e);
    if (rc < 0) {
        return rc;
    }
    if (strcmp(f.training, t->training) != 0 || strcmp(f.parameters, t->parameters) != 0) {
        return ERR_SET(e, ERR_INPUT, "%s: cannot be resumed: it is of another training; without --resume it is begun anew",
                       t->o->output);
    }
    for (size_t i = 0; i < f.state.n; i++) {
        if (blobs_put(&t->state, f.state.blob[i].key, f.state.blob[i].bytes, f.state.blob[i].n) < 0) {
            return ERR_SET(e, ERR_MEMORY, "no memory for what was learned");
        }
    }
    if (f.n_point > 0 && f.n_replication != t->o->replications) {
        return ERR_SET(e, ERR_INPUT, "%s: its curve has %u replications, wanted %u", t->o->output, f.n_replication,
                       t->o->replications);
    }
    for (; t->n_point < f.n_point; t->n_point++) {
        const size_t n = f.n_replication, at = t->n_point * n;
        if (!room_for_point(t)) {
            return ERR_SET(e, ERR_MEMORY, "no memory for the learning curve");
        }
        t->episode[t->n_point] = f.episode[t->n_point];
        for (int c = 0; c < N_CURVE; c++) {
            memcpy(t->curve[c] + at, f.curve[c] + at, n * sizeof(double));
        }
    }
    t->done = f.episodes;
    t->decisions = f.decisions;
    return 0;
}

/* If it is to become a network: once something is learned it is known whether it can, and not after all episodes. */
static int check_network(const struct train *t, struct err *e)
{
    return t->o->onnx && t->done > 0 ? network_check(&t->state, t->policy->name, e) : 0;
}

static int learn(struct train *t, struct err *e)
{
    int rc = check_network(t, e);
    rc = rc || t->n_point > 0 ? rc : judge(t, e);
    atomic_store(&t->progress->n_item, (uint32_t)(t->o->episodes < UINT32_MAX ? t->o->episodes : UINT32_MAX));
    while (rc == 0 && t->done < t->o->episodes && !atomic_load(&t->progress->stop)) {
        uint64_t left = t->o->episodes - t->done, before = t->done;
        rc = run_round(t, left < t->batch ? (uint32_t)left : t->batch, e);
        rc = rc || before > 0 ? rc : check_network(t, e);
        atomic_store(&t->progress->n_done, (uint32_t)t->done);
        if (rc == 0 && (t->done / t->every != before / t->every || t->done == t->o->episodes)) {
            rc = judge(t, e);
        }
        if (rc == 0 && (wall_s() - t->written_s > checkpoint_s)) {
            rc = write_table(t, e);
        }
    }
    return rc ? rc : write_table(t, e);
}

static struct stats_interval reward_at(const struct train *t, uint32_t point)
{
    return stats_t_interval(t->curve[CURVE_REWARD] + (size_t)point * t->o->replications, t->o->replications, 0.95);
}

static void clear(struct train *t)
{
    for (uint32_t i = 0; t->learned && i < t->batch; i++) {
        blobs_clear(&t->learned[i]);
    }
    for (int c = 0; c < N_CURVE; c++) {
        free(t->curve[c]);
    }
    blobs_clear(&t->state);
    arena_clear(&t->arena);
    free(t->spec);
    free(t->over);
    free(t->learned);
    free(t->questions);
    free(t->item_err);
    free(t->episode);
}

static int check_network_target(const struct train_options *o, struct err *e)
{
    if (durable_is_same(o->onnx, o->output)) {
        return ERR_SET(e, ERR_INPUT, "found %s for the table and for the network, wanted two files", o->onnx);
    }
    return durable_target(o->onnx, "a network", e);
}

int train(struct scenario *s, uint32_t n, const struct policy_set *set, const struct train_options *o,
          struct runner_progress *progress, struct train_outcome *out, struct err *e)
{
    struct runner_progress unseen = {0};
    struct train t = {.s = s, .n = n, .o = o, .progress = progress ? progress : &unseen, .out = out,
                      .n_thread = o->threads ? (int)o->threads : omp_get_num_procs(),
                      .every = o->every ? o->every : o->episodes < 20 ? 1 : o->episodes / 20};
    double from_s = wall_s();
    *out = (struct train_outcome){0};
    t.spec = calloc(n + 1u, sizeof *t.spec);
    t.over = calloc(n + 1u, sizeof *t.over);
    int rc = t.spec && t.over ? find_learner(&t, set, e) : ERR_SET(e, ERR_MEMORY, "no memory to train");
    if (rc == 0) {
        t.learned = calloc(t.batch, sizeof *t.learned);
        t.questions = calloc(t.batch, sizeof *t.questions);
        t.item_err = calloc(t.batch, sizeof *t.item_err);
        rc = t.learned && t.questions && t.item_err ? describe(&t, e) : ERR_SET(e, ERR_MEMORY, "no memory to train");
    }
    rc = rc ? rc : check_alike(&t, e);
    rc = rc ? rc : durable_target(o->output, "a table", e);
    rc = rc || !o->onnx ? rc : check_network_target(o, e);
    rc = rc == 0 && o->resume && access(o->output, F_OK) == 0 ? resume(&t, e) : rc;
    t.written_s = from_s;
    rc = rc ? rc : learn(&t, e);
    rc = rc || !o->onnx ? rc : network_write(&t.state, t.policy->name, o->onnx, e);
    out->episodes = t.done;
    out->stopped = t.done < o->episodes;
    if (rc == 0 && t.n_point > 0) {
        out->first = reward_at(&t, 0);
        out->last = reward_at(&t, t.n_point - 1);
    }
    out->wall_s = wall_s() - from_s;
    clear(&t);
    return rc;
}
