/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The exact promise on draws (SEMANTICS 1): adding or changing a policy, metric, link, server or group changes no draw of
 * any other, bit for bit.  Two runs are compared job by job: release, member, input, work and output of each job, which is
 * named by (workload, source within it, number); the places that a random policy chose; the latency of each message; and
 * what a link's process shows at an instant.
 */
#include "sim/run/live.h"
#include "tests/workshop.h"

struct job_draws {
    const char *workload;
    uint32_t source, member, place;
    uint64_t number;
    double release_s, input_bits, work_flop, output_bits;
    bool placed;
};

struct latency {
    const char *workload, *link;
    uint32_t source, direction;
    bool back;
    uint64_t number;
    double latency_s;
};

struct outcome {
    struct scenario s;
    struct tape tape;
    struct job_draws *job;
    size_t n_job;
    struct latency *latency;
    size_t n_latency;
};

enum { ROWS = 65536, FEW = 20 }; /* FEW: jobs of a workload that a comparison must at least find */

static const struct workload *workload_of(const struct scenario *s, uint32_t source)
{
    for (uint32_t w = 0; w < s->n_workload; w++) {
        if (source - s->workload[w].first_source < s->workload[w].n_source) {
            return &s->workload[w];
        }
    }
    fail_msg("source %u is of no workload", source);
    return NULL;
}

static int by_job(const void *va, const void *vb)
{
    const struct job_draws *a = va, *b = vb;
    int name = strcmp(a->workload, b->workload);
    return name                     ? name
           : a->source != b->source ? (a->source > b->source ? 1 : -1)
                                    : (a->number > b->number) - (a->number < b->number);
}

static int by_message(const void *va, const void *vb)
{
    const struct latency *a = va, *b = vb;
    const struct job_draws ja = {.workload = a->workload, .source = a->source, .number = a->number};
    const struct job_draws jb = {.workload = b->workload, .source = b->source, .number = b->number};
    int job = by_job(&ja, &jb), link = strcmp(a->link, b->link);
    uint32_t way_a = 2 * a->back + a->direction, way_b = 2 * b->back + b->direction;
    return job ? job : link ? link : (way_a > way_b) - (way_a < way_b);
}

/* What the tape says of draws.  A latency is the time between leaving one resource for nowhere and joining a channel. */
static void collect(struct outcome *o)
{
    static uint32_t at[ROWS];
    static double left_s[ROWS];
    static bool back[ROWS];
    const struct scenario *s = &o->s;
    o->job = calloc(o->tape.n, sizeof *o->job);
    o->latency = calloc(o->tape.n, sizeof *o->latency);
    for (size_t i = 0; i < o->tape.n; i++) {
        const struct transition *t = &o->tape.t[i];
        if (t->kind == TR_WINDOW) {
            continue;
        }
        assert_true(t->row < ROWS);
        const struct workload *load = workload_of(s, t->source);
        if (t->kind == TR_RELEASE || t->kind == TR_PART) {
            at[t->row] = (uint32_t)o->n_job;
            back[t->row] = false;
            o->job[o->n_job++] = (struct job_draws){.workload = load->name,
                                                    .source = t->source - load->first_source,
                                                    .number = transition_whose(t),
                                                    .member = t->part ? 0 : t->to - s->group[load->group].first_node,
                                                    .release_s = t->part ? 0 : t->time_s,
                                                    .input_bits = t->b};
        }
        struct job_draws *job = &o->job[at[t->row]];
        if (t->kind == TR_PLACE) {
            job->work_flop = t->a;
            job->output_bits = t->b;
            job->place = t->to;
            job->placed = true;
        }
        uint32_t to = t->kind == TR_PLACE ? t->from : t->to;
        if (t->kind == TR_MOVE && t->from == ROW_NONE && to != ROW_NONE && to >= s->n_place) {
            uint32_t instance, direction, link = scenario_link_of_channel(s, to - s->n_place, &instance, &direction);
            o->latency[o->n_latency++] =
                (struct latency){job->workload, s->link[link].name,        job->source, direction, back[t->row],
                                 job->number,   t->time_s - left_s[t->row]};
        }
        back[t->row] |= t->kind == TR_MOVE && t->from < s->n_place && !t->part;
        left_s[t->row] = t->time_s;
    }
    qsort(o->job, o->n_job, sizeof *o->job, by_job);
    qsort(o->latency, o->n_latency, sizeof *o->latency, by_message);
}

struct how {
    uint32_t policy;
    uint64_t tie_seed;
    uint32_t replication;
    bool queued;
};

static struct outcome run_of(struct workshop w, struct how how)
{
    struct outcome o = {0};
    workshop_read(&o.s, w);
    struct run_spec spec = replication_of(&o.s, how.policy);
    spec.tie_seed = how.tie_seed;
    spec.replication = how.replication;
    spec.queued = how.queued;
    replicate(spec, &o.tape);
    collect(&o);
    return o;
}

static void forget(struct outcome *o)
{
    free(o->job);
    free(o->latency);
    free(o->tape.t);
    scenario_free(&o->s);
}

static size_t count(const struct outcome *o, const char *workload)
{
    size_t n = 0;
    for (size_t i = 0; i < o->n_job; i++) {
        n += strcmp(o->job[i].workload, workload) == 0;
    }
    return n;
}

static const struct job_draws *find(const struct outcome *o, const struct job_draws *job)
{
    return bsearch(job, o->job, o->n_job, sizeof *o->job, by_job);
}

/*
 * The jobs of a workload that both runs released, and their parts, have the same draws.  Which jobs those are is known but for a
 * closed loop, where it depends on how long jobs take, as the release times do: all up to the end of the shorter run.  Which
 * parts they have depends on where tasks run.
 */
static void assert_same(const struct outcome *a, const struct outcome *b, const char *workload)
{
    const bool closed = strcmp(workload, "chat") == 0 || strcmp(workload, "inspect") == 0;
    size_t n_both = 0, n_placed = 0, n_a = count(a, workload), n_b = count(b, workload);
    for (size_t i = 0; i < a->n_job; i++) {
        const struct job_draws *x = &a->job[i], *y = find(b, x);
        if (strcmp(x->workload, workload) != 0 || !y) {
            continue;
        }
        n_both++;
        if (x->member != y->member || x->input_bits != y->input_bits || (!closed && x->release_s != y->release_s)) {
            fail_msg("%s %u.%llu: at member %u, released at %.17g s, input %.17g, and %u, %.17g s, %.17g", workload,
                     x->source, (unsigned long long)x->number, x->member, x->release_s, x->input_bits, y->member,
                     y->release_s, y->input_bits);
        }
        if (x->placed && y->placed) {
            n_placed++;
            if (x->work_flop != y->work_flop || x->output_bits != y->output_bits) {
                fail_msg("%s %u.%llu: work %.17g, output %.17g, and %.17g, %.17g", workload, x->source,
                         (unsigned long long)x->number, x->work_flop, x->output_bits, y->work_flop, y->output_bits);
            }
        }
    }
    if (n_both < FEW || n_placed < FEW) {
        fail_msg("%s: only %zu jobs are in both, %zu of them placed", workload, n_both, n_placed);
    }
    assert_true(closed || n_both == (n_a < n_b ? n_a : n_b));
}

static const char *const all_workloads[] = {"frame", "alarm", "shift", "assistant", "chat", "probe", "sweep",
                                            "inspect"};

static void assert_all_same(const struct outcome *a, const struct outcome *b)
{
    for (size_t w = 0; w < LEN(all_workloads); w++) {
        assert_same(a, b, all_workloads[w]);
    }
}

/* The plant as it is against a changed one, under a policy that looks at queues, so that everything is affected. */
static void assert_promise(struct workshop changed, struct how how)
{
    struct outcome a = run_of((struct workshop){0}, (struct how){.policy = 1}), b = run_of(changed, how);
    assert_true(digest_of(&a.s, &a.tape) != digest_of(&b.s, &b.tape)); /* else nothing is shown */
    assert_all_same(&a, &b);
    forget(&a);
    forget(&b);
}

static void another_policy_changes_no_draw(void **state)
{
    (void)state;
    for (uint32_t p = 0; p < 7; p++) {
        if (p != 1) {
            assert_promise((struct workshop){0}, (struct how){.policy = p});
        }
    }
}

static void a_policy_more_changes_nothing_of_another(void **state)
{
    static const char *const set[] = {"experiment.policies=[mct, cloud, jsq]", NULL};
    struct outcome a = run_of((struct workshop){0}, (struct how){.policy = 1});
    struct outcome b = run_of((struct workshop){.set = set}, (struct how){.policy = 2});
    (void)state;
    assert_true(digest_of(&a.s, &a.tape) == digest_of(&b.s, &b.tape));
    forget(&a);
    forget(&b);
}

static void a_link_more_changes_no_draw(void **state)
{
    (void)state;
    assert_promise((struct workshop){.links =
                                         "  bypass: {from: edge, to: cloud, per: edge, sharing: fair,\n"
                                         "           capacity: 50 Mbit/s, latency: {exponential: {mean: 5 ms}}}\n"},
                   (struct how){.policy = 1});
}

static void servers_more_change_no_draw(void **state)
{
    static const char *const edge[] = {"nodes.edge.count=5", NULL}, *const cloud[] = {"nodes.cloud.count=2", NULL};
    (void)state;
    assert_promise((struct workshop){.set = edge}, (struct how){.policy = 1});
    assert_promise((struct workshop){.set = cloud}, (struct how){.policy = 1});
}

static void a_group_and_its_workload_more_change_no_draw(void **state)
{
    (void)state;
    assert_promise(
        (struct workshop){
            .nodes = "  drone: {tier: end, count: 5, attach: edge}\n",
            .links = "  radio: {from: drone, to: edge, per: edge, sharing: fair, capacity: {markov: {\n"
                     "          good: {value: 50 Mbit/s, stays: 2 s}, bad: {value: 2 Mbit/s, stays: 1 s}}}}\n",
            .workloads = "  film: {at: drone, arrivals: {poisson: {rate: 5 /s}}, input: {exponential: {mean: 10 kB}},\n"
                         "         work: {exponential: {mean: 1 GFLOP}}}\n"},
        (struct how){.policy = 1});
}

static void a_workload_more_at_the_same_devices_changes_no_draw(void **state)
{
    (void)state;
    assert_promise(
        (struct workshop){.workloads = "  look: {at: camera, arrivals: {poisson: {rate: 3 /s}}, runs_on: [npu, gpu],\n"
                                       "         work: {exponential: {mean: 1 GFLOP}}}\n"},
        (struct how){.policy = 1});
}

static void what_a_job_may_wait_and_how_it_is_served_changes_no_draw(void **state)
{
    static const char *const set[] = {"workloads.alarm.deadline.after=20 ms",
                                      "workloads.frame.deadline={after: 100 ms, late: drop}",
                                      "nodes.edge.processors.gpu.discipline=fifo",
                                      "nodes.robot.processors.cpu.speed=3 GFLOP/s",
                                      "links.cell.sharing=fifo",
                                      "nodes.edge.processors.gpu.queue=4",
                                      NULL};
    (void)state;
    assert_promise((struct workshop){.set = set}, (struct how){.policy = 1});
}

/* Frames released at one instant, so that there is something to shuffle. */
static void shuffled_ties_change_no_draw(void **state)
{
    static const char *const set[] = {"workloads.frame.arrivals={periodic: {period: 500 ms, phase: sync}}", NULL};
    const struct workshop w = {.set = set};
    struct outcome a = run_of(w, (struct how){.policy = 1});
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct outcome b = run_of(w, (struct how){.policy = 1, .tie_seed = seed});
        assert_true(digest_of(&a.s, &a.tape) != digest_of(&b.s, &b.tape));
        assert_all_same(&a, &b);
        forget(&b);
    }
    forget(&a);
}

/* And with more than 64 sources jobs are no longer drawn in blocks, which may not show either. */
static void separate_sources_are_nested(void **state)
{
    static const char *const set[] = {"nodes.robot.count=70", NULL};
    struct outcome a = run_of((struct workshop){0}, (struct how){.policy = 1});
    struct outcome b = run_of((struct workshop){.set = set}, (struct how){.policy = 1});
    (void)state;
    for (size_t i = 0; i < b.n_job; i++) { /* of the greater group, only the first six devices */
        if (b.job[i].source >= 6 && (!strcmp(b.job[i].workload, "probe") || !strcmp(b.job[i].workload, "alarm"))) {
            b.job[i].workload = "other";
        }
    }
    qsort(b.job, b.n_job, sizeof *b.job, by_job);
    assert_same(&a, &b, "probe");
    assert_same(&a, &b, "alarm");
    assert_same(&a, &b, "frame"); /* another group, superposed: untouched */
    forget(&a);
    forget(&b);
}

static void more_users_leave_the_others_draws(void **state)
{
    static const char *const set[] = {"nodes.camera.count=14", NULL};
    struct outcome a = run_of((struct workshop){0}, (struct how){.policy = 1});
    struct outcome b = run_of((struct workshop){.set = set}, (struct how){.policy = 1});
    (void)state;
    assert_same(&a, &b, "chat");
    forget(&a);
    forget(&b);
}

/* At twice the rate the n-th job comes at half the time: the same unit exponentials, exactly, as 2 is a power of two. */
static void a_rate_rescales_the_same_intervals(void **state)
{
    static const char *const set[] = {"workloads.probe.arrivals.poisson.rate=2 /s", NULL};
    struct outcome a = run_of((struct workshop){0}, (struct how){.policy = 1});
    struct outcome b = run_of((struct workshop){.set = set}, (struct how){.policy = 1});
    size_t n = 0;
    (void)state;
    for (size_t i = 0; i < a.n_job; i++) {
        const struct job_draws *x = &a.job[i], *y = find(&b, x);
        if (y && strcmp(x->workload, "probe") == 0) {
            n++;
            assert_true(x->release_s == 2 * y->release_s && x->input_bits == y->input_bits);
        }
    }
    assert_true(n >= FEW);
    forget(&a);
    forget(&b);
}

/* So that the comparisons above compare something. */
static void another_seed_or_replication_changes_every_draw(void **state)
{
    static const char *const set[] = {"experiment.seed=8", NULL};
    struct outcome a = run_of((struct workshop){0}, (struct how){.policy = 1});
    struct outcome b = run_of((struct workshop){.set = set}, (struct how){.policy = 1});
    struct outcome c = run_of((struct workshop){0}, (struct how){.policy = 1, .replication = 1});
    (void)state;
    for (size_t i = 0; i < a.n_job; i++) {
        const struct job_draws *x = &a.job[i], *y = find(&b, x), *z = find(&c, x);
        bool constant = strcmp(x->workload, "sweep") == 0; /* its input */
        if (strcmp(x->workload, "assistant") == 0 || x->number >> 48) {
            continue; /* its sizes are rows of a trace, of which some are equal; those of parts may be constant */
        }
        assert_true(!y || x->release_s != y->release_s);
        assert_true(!z || x->release_s != z->release_s);
        assert_true(!y || constant || strcmp(x->workload, "alarm") == 0 || x->input_bits != y->input_bits);
        assert_true(!y || !x->placed || !y->placed || x->work_flop != y->work_flop);
    }
    forget(&a);
    forget(&b);
    forget(&c);
}

/* The policy `random` draws by the job, so its choice is the same wherever the candidates are. */
static void what_a_policy_draws_about_a_job_stays(void **state)
{
    struct outcome a = run_of((struct workshop){0}, (struct how){.policy = 0});
    struct outcome b = run_of((struct workshop){.workloads = "  look: {at: camera, arrivals: {poisson: {rate: 3 /s}},\n"
                                                             "         runs_on: [npu, gpu], work: 1 GFLOP}\n"},
                              (struct how){.policy = 0});
    size_t n = 0;
    (void)state;
    for (size_t i = 0; i < a.n_job; i++) {
        const struct job_draws *x = &a.job[i], *y = find(&b, x);
        if (y && x->placed && y->placed) {
            n++;
            assert_int_equal(x->place, y->place);
        }
    }
    assert_true(n > 500);
    forget(&a);
    forget(&b);
}

/*
 * A message is as lucky on a link whatever lies before it: with a shorter way to the gateway, the WAN is the third hop
 * instead of the fourth.  Clocks are compared: 1e-12 s is 100 ulp at 60 s.
 */
static void latencies_of_messages_are_drawn_by_job_and_link(void **state)
{
    static const char way[] = "  lan: {from: edge, to: switch, per: switch, capacity: 1 Gbit/s,\n"
                              "        latency: {exponential: {mean: 1 ms}}}\n";
    static const char shorter[] = "  lan: {from: edge, to: switch, per: switch, capacity: 1 Gbit/s,\n"
                                  "        latency: {exponential: {mean: 1 ms}}}\n"
                                  "  direct: {from: edge, to: gateway, per: gateway, capacity: 2 Gbit/s,\n"
                                  "           latency: {exponential: {mean: 1 ms}}}\n";
    static const char *const set[] = {"links.backhaul.from=switch", NULL};
    struct outcome a = run_of((struct workshop){"  switch: {tier: edge}\n", way, NULL, set}, (struct how){.policy = 0});
    struct outcome b =
        run_of((struct workshop){"  switch: {tier: edge}\n", shorter, NULL, set}, (struct how){.policy = 0});
    size_t n_cell = 0, n_wan = 0;
    (void)state;
    for (size_t i = 0; i < a.n_latency; i++) {
        const struct latency *x = &a.latency[i];
        const struct latency *y = bsearch(x, b.latency, b.n_latency, sizeof *x, by_message);
        if (y && strcmp(x->link, "backhaul") != 0) {
            n_cell += strcmp(x->link, "cell") == 0;
            n_wan += strcmp(x->link, "wan") == 0;
            assert_near(x->latency_s, y->latency_s, 0, 1e-12);
        }
    }
    assert_true(n_cell > 500 && n_wan > FEW);
    forget(&a);
    forget(&b);
}

/* --- links --- */

struct look {
    double time_s, value;
    const char *link;
    uint32_t instance, direction;
};

/*
 * What the capacities of all links that vary are whenever a frame is released: those instants are the same in all runs.
 * Each job goes to its first candidate, or to its last.
 */
static size_t look_at_links(const struct scenario *s, bool last, struct look *look, size_t room)
{
    struct run_spec spec = replication_of(s, 0);
    struct tape tape = {0};
    struct err e = {0};
    struct run *r;
    struct ts_step step[1];
    struct ts_plan plan = {.size = sizeof plan, .cap = 1, .step = step, .think_s = NAN, .tokens = NAN};
    const struct ts_view *v;
    const struct ts_ask *a;
    const struct ts_outcome *o;
    size_t n = 0;
    spec.full = tape_take;
    spec.ctx = &tape;
    assert_int_equal(run_create(&r, &spec, &e), 0);
    while (run_next(r, &v, &a, &o, &e) == RUN_QUESTION) {
        const struct ts_task *task = ts_task_at(a, 0);
        for (uint32_t c = 0; strcmp(s->workload[task->cls].name, "frame") == 0 && c < s->n_channel; c++) {
            struct look x = {.time_s = v->now_s};
            x.link = s->link[scenario_link_of_channel(s, c, &x.instance, &x.direction)].name;
            if (channel_rate_now(r, c) > 0 && r->channel[c].look.until_s < INFINITY && n < room) {
                x.value = r->channel[c].look.value;
                look[n++] = x;
            }
        }
        memset(step, 0, sizeof step);
        ts_answer_place(&plan, ts_candidate(a, task, last ? task->n_cand - 1 : 0));
        assert_int_equal(run_answer(r, &plan, &e), 0);
    }
    run_free(r);
    free(tape.t);
    return n;
}

enum { LOOKS = 40000 };

static const struct look *same_instant(const struct look *look, size_t n, const struct look *x)
{
    for (size_t i = 0; i < n; i++) {
        if (look[i].time_s == x->time_s && strcmp(look[i].link, x->link) == 0 && look[i].instance == x->instance &&
            look[i].direction == x->direction) {
            return &look[i];
        }
    }
    return NULL;
}

static void assert_links_same(struct workshop w, bool last)
{
    static struct look a[LOOKS], b[LOOKS];
    struct scenario sa, sb;
    workshop_read(&sa, (struct workshop){0});
    workshop_read(&sb, w);
    size_t n_a = look_at_links(&sa, false, a, LOOKS), n_b = look_at_links(&sb, last, b, LOOKS), n = 0, from = 0;
    for (size_t i = 0; i < n_a; i++) {
        while (from < n_b && b[from].time_s < a[i].time_s) {
            from++;
        }
        size_t room = n_b - from < 64 ? n_b - from : 64; /* at one instant there are fewer links than that */
        const struct look *y = same_instant(b + from, room, &a[i]);
        if (y) {
            n++;
            if (y->value != a[i].value) {
                fail_msg("%s[%u] at %.17g s has %.17g bit/s, and %.17g", a[i].link, a[i].instance, a[i].time_s,
                         a[i].value, y->value);
            }
        }
    }
    assert_true(n > 2000);
    scenario_free(&sa);
    scenario_free(&sb);
}

static void what_a_link_can_carry_depends_on_nothing_else(void **state)
{
    static const char *const set[] = {"nodes.edge.count=5", NULL};
    (void)state;
    assert_links_same((struct workshop){0}, true);
    assert_links_same((struct workshop){.set = set}, false);
    assert_links_same((struct workshop){.links = "  bypass: {from: edge, to: cloud, per: edge, sharing: fair,\n"
                                                 "           capacity: {log_ar1: {mean: 50 Mbit/s, sd_log: 0.3,\n"
                                                 "           correlation: 0.5, step: 1 s}}}\n"},
                      false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_policy_changes_no_draw),
        cmocka_unit_test(a_policy_more_changes_nothing_of_another),
        cmocka_unit_test(a_link_more_changes_no_draw),
        cmocka_unit_test(servers_more_change_no_draw),
        cmocka_unit_test(a_group_and_its_workload_more_change_no_draw),
        cmocka_unit_test(a_workload_more_at_the_same_devices_changes_no_draw),
        cmocka_unit_test(what_a_job_may_wait_and_how_it_is_served_changes_no_draw),
        cmocka_unit_test(shuffled_ties_change_no_draw),
        cmocka_unit_test(separate_sources_are_nested),
        cmocka_unit_test(more_users_leave_the_others_draws),
        cmocka_unit_test(a_rate_rescales_the_same_intervals),
        cmocka_unit_test(another_seed_or_replication_changes_every_draw),
        cmocka_unit_test(what_a_policy_draws_about_a_job_stays),
        cmocka_unit_test(latencies_of_messages_are_drawn_by_job_and_link),
        cmocka_unit_test(what_a_link_can_carry_depends_on_nothing_else),
    };
    return cmocka_run_group_tests(tests, workshop_setup, NULL);
}
