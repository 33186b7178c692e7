/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/policy/set.h"

#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "sim/base/err.h"
#include "sim/base/text.h"
#include "sim/model/scenario.h"

/* The structs of ABI 1 end here; what is appended later is read only where `size` reaches it. */
#define POLICY_SIZE_1 (offsetof(struct ts_policy, clear) + sizeof(void (*)(void *)))
#define POLICY_SIZE_TICK (offsetof(struct ts_policy, tick) + sizeof(const char *))
#define PARAM_SIZE_1  (offsetof(struct ts_param, flags) + sizeof(uint64_t))
#define PARAM_SIZE_WORD (offsetof(struct ts_param, word) + sizeof(const char *const *))

#define NAME_LETTERS "abcdefghijklmnopqrstuvwxyz0123456789_"

static const uint64_t all_flags = TS_CLAIRVOYANT | TS_IMPURE | TS_WANTS_LIVE | TS_WHOLE_GRAPHS | TS_TAKES_BACK;
static const uint64_t all_needs = (UINT64_C(1) << TS_N_EST) - 1;
static const uint64_t all_cols = (UINT64_C(1) << TS_N_COL) - 1;
static const uint64_t all_whys = (UINT64_C(1) << (TS_CHANGED + 1)) - 2;

const struct ts_param *policy_param_at(const struct ts_policy *p, size_t i)
{
    if (!p->param) {
        return NULL;
    }
    const char *row = (const char *)p->param + i * p->param_size;
    const struct ts_param *param = (const struct ts_param *)(const void *)row;
    return param->key ? param : NULL;
}

const struct ts_param *policy_param_of(const struct ts_policy *p, const char *key)
{
    for (size_t i = 0; policy_param_at(p, i); i++) {
        if (strcmp(policy_param_at(p, i)->key, key) == 0) {
            return policy_param_at(p, i);
        }
    }
    return NULL;
}

const struct ts_param *policy_clock(const struct ts_policy *p)
{
    return p->size >= POLICY_SIZE_TICK && p->tick ? policy_param_of(p, p->tick) : NULL;
}

bool policy_param_can_be_set(const struct ts_policy *p, const struct ts_param *q)
{
    return !(q->flags & TS_FIXED) && q != policy_clock(p);
}

const char *const *policy_param_words(const struct ts_policy *p, const struct ts_param *q)
{
    return p->param_size >= PARAM_SIZE_WORD ? q->word : NULL;
}

static bool made_of(const char *s, const char *letters)
{
    return s && s[0] && s[strspn(s, letters)] == '\0';
}

static int check_param(const struct ts_policy *p, size_t i, struct err *e)
{
    const struct ts_param *q = policy_param_at(p, i);
    if (!made_of(q->key, NAME_LETTERS ".")) {
        return ERR_SET(e, ERR_POLICY, "policy %s: parameter %zu is called \"%s\", wanted [a-z0-9_.]+", p->name, i,
                       q->key);
    }
    if (!(q->min <= q->dflt && q->dflt <= q->max)) {
        return ERR_SET(e, ERR_POLICY, "policy %s: parameter %s has default %g, wanted %g to %g", p->name, q->key,
                       q->dflt, q->min, q->max);
    }
    if (p->state_size < sizeof(double) || q->offset > p->state_size - sizeof(double) || q->offset % sizeof(double)) {
        return ERR_SET(e, ERR_POLICY,
                       "policy %s: parameter %s lies at offset %llu, wanted a double within the %llu bytes "
                       "of the state",
                       p->name, q->key, (unsigned long long)q->offset, (unsigned long long)p->state_size);
    }
    double n_word = 0;
    for (const char *const *word = policy_param_words(p, q); word && *word; word++) {
        n_word++;
    }
    if (policy_param_words(p, q) && (q->min != 0 || q->max != n_word - 1 || !(q->flags & TS_WHOLE))) {
        return ERR_SET(e, ERR_POLICY, "policy %s: parameter %s has %g words, wanted whole numbers from 0 to %g for them",
                       p->name, q->key, n_word, n_word - 1);
    }
    for (size_t j = 0; j < i; j++) {
        const struct ts_param *other = policy_param_at(p, j);
        if (strcmp(other->key, q->key) == 0 || other->offset == q->offset) {
            return ERR_SET(e, ERR_POLICY, "policy %s: parameters %s and %s are one", p->name, other->key, q->key);
        }
    }
    return 0;
}

static int check_clock(const struct ts_policy *p, struct err *e)
{
    if (p->size < POLICY_SIZE_TICK || !p->tick) {
        return 0;
    }
    const struct ts_param *q = policy_clock(p);
    if (!q) {
        return ERR_SET(e, ERR_POLICY, "policy %s: tick names %s, wanted the key of one of its parameters", p->name, p->tick);
    }
    if (!q->unit || strcmp(q->unit, "s") != 0 || q->min < 0) {
        return ERR_SET(e, ERR_POLICY, "policy %s: the period of its clock, %s, is in \"%s\" from %g, wanted s from 0",
                       p->name, q->key, q->unit ? q->unit : "", q->min);
    }
    if (!(p->triggers >> TS_TICK & 1)) {
        return ERR_SET(e, ERR_POLICY, "policy %s: has a clock, %s, and no trigger TS_TICK", p->name, q->key);
    }
    return 0;
}

static int check_bits(const struct ts_policy *p, const char *what, uint64_t bits, uint64_t known, struct err *e)
{
    if (bits & ~known) {
        return ERR_SET(e, ERR_POLICY, "policy %s: %s has bits 0x%llx that this program does not know", p->name, what,
                       (unsigned long long)(bits & ~known));
    }
    return 0;
}

int policy_check_table(const struct ts_policy *p, struct err *e)
{
    if (p->abi != TS_ABI) {
        return ERR_SET(e, ERR_POLICY,
                       "a policy of ABI %u, wanted ABI %u: compile it against this program's tiersim/policy.h", p->abi,
                       TS_ABI);
    }
    if (p->size < POLICY_SIZE_1) {
        return ERR_SET(e, ERR_POLICY,
                       "a policy table of %u bytes, wanted .size = sizeof(struct ts_policy), which is %zu", p->size,
                       sizeof *p);
    }
    if (!made_of(p->name, NAME_LETTERS)) {
        return ERR_SET(e, ERR_POLICY, "a policy called \"%s\", wanted [a-z0-9_]+", p->name ? p->name : "");
    }
    if (!p->about || !p->about[0]) {
        return ERR_SET(e, ERR_POLICY, "policy %s: about is empty, wanted one line with the source of the rule",
                       p->name);
    }
    if (!p->decide) {
        return ERR_SET(e, ERR_POLICY, "policy %s: has no decide", p->name);
    }
    if (check_bits(p, "flags", p->flags, all_flags, e) < 0 || check_bits(p, "needs", p->needs, all_needs, e) < 0 ||
        check_bits(p, "cols", p->cols, all_cols, e) < 0 || check_bits(p, "triggers", p->triggers, all_whys, e) < 0) {
        return -ERR_POLICY;
    }
    if (p->param && p->param_size < PARAM_SIZE_1) {
        return ERR_SET(e, ERR_POLICY, "policy %s: param_size is %llu, wanted sizeof(struct ts_param), which is %zu",
                       p->name, (unsigned long long)p->param_size, sizeof *p->param);
    }
    for (size_t i = 0; policy_param_at(p, i); i++) {
        if (check_param(p, i, e) < 0) {
            return -ERR_POLICY;
        }
    }
    return check_clock(p, e);
}

int policy_set_check(const struct policy_set *set, struct err *e)
{
    for (size_t i = 0; i < set->n; i++) {
        int rc = policy_check_table(set->policy[i], e);
        if (rc < 0) {
            return rc;
        }
        for (size_t j = 0; j < i; j++) {
            if (strcmp(set->policy[i]->name, set->policy[j]->name) == 0) {
                return ERR_SET(e, ERR_POLICY, "two policies are called %s", set->policy[i]->name);
            }
        }
    }
    return 0;
}

/* An input error at its place, or without one where there is no file (the command line). */
static int input_error(struct err *e, const char *file, int line, int column, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
static int input_error(struct err *e, const char *file, int line, int column, const char *fmt, ...)
{
    char text[sizeof e->text];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    if (file && line > 0) {
        return ERR_AT(e, file, line, column, "%s", text);
    }
    return ERR_SET(e, ERR_INPUT, "%s", text);
}

/* Append ", word" (or "word" at the start) to list[n]; a list that is full stays as it is. */
static void list_add(char *list, size_t n, const char *word)
{
    size_t used = strlen(list);
    snprintf(list + used, n - used, "%s%s", used ? ", " : "", word);
}

const struct ts_policy *policy_set_find(const struct policy_set *set, const char *name, const char *file, int line,
                                        int column, struct err *e)
{
    char list[900] = "";
    struct text_nearest guess = {0};
    for (size_t i = 0; i < set->n; i++) {
        if (strcmp(set->policy[i]->name, name) == 0) {
            return set->policy[i];
        }
        text_nearest_offer(&guess, name, set->policy[i]->name);
        list_add(list, sizeof list, set->policy[i]->name);
    }
    if (guess.word) {
        input_error(e, file, line, column, "policies: found %s, did you mean %s? (%s)", name, guess.word, list);
    } else {
        input_error(e, file, line, column, "policies: found %s, wanted one of %s", name, list);
    }
    return NULL;
}

int policy_set_find_over(const struct policy_set *set, const struct policy_spec *spec, const char *file,
                         const struct ts_policy **over, struct err *e)
{
    const struct policy_spec *slow = spec->control.over;
    *over = slow ? policy_set_find(set, slow->policy, file, slow->line, slow->column, e) : NULL;
    return *over || !slow ? 0 : -(int)e->code;
}

static int unknown_param(const struct ts_policy *p, const char *file, const struct policy_param *found, struct err *e)
{
    char list[512] = "";
    struct text_nearest guess = {0};
    for (size_t i = 0; policy_param_at(p, i); i++) {
        text_nearest_offer(&guess, found->key, policy_param_at(p, i)->key);
        list_add(list, sizeof list, policy_param_at(p, i)->key);
    }
    if (!list[0]) {
        return input_error(e, file, found->line, found->column, "%s.%s: unknown, %s has no parameters", p->name,
                           found->key, p->name);
    }
    if (guess.word) {
        return input_error(e, file, found->line, found->column, "%s.%s: unknown, did you mean %s? (%s)", p->name,
                           found->key, guess.word, list);
    }
    return input_error(e, file, found->line, found->column, "%s.%s: unknown, wanted one of %s", p->name, found->key,
                       list);
}

static int bad_value(const struct ts_policy *p, const struct ts_param *q, const char *file,
                     const struct policy_param *found, struct err *e)
{
    char value[32], range[96];
    const char *unit = q->unit ? q->unit : "", *gap = unit[0] ? " " : "";
    snprintf(value, sizeof value, "%g%s%s", found->value, gap, unit);
    if (isinf(q->max)) {
        snprintf(range, sizeof range, "of at least %g", q->min);
    } else {
        snprintf(range, sizeof range, "from %g to %g", q->min, q->max);
    }
    return input_error(e, file, found->line, found->column, "%s.%s: found %s, wanted a %snumber %s%s%s", p->name,
                       q->key, found->text ? found->text : value, q->flags & TS_WHOLE ? "whole " : "", range, gap,
                       unit);
}

/* The number of the word that was written into *x. */
static int find_word(const struct ts_policy *p, const struct ts_param *q, const char *file,
                     const struct policy_param *found, double *x, struct err *e)
{
    const char *const *word = policy_param_words(p, q), *text = found->text ? found->text : "a number";
    char list[512] = "";
    for (size_t i = 0; word[i]; i++) {
        if (strcmp(word[i], text) == 0) {
            *x = (double)i;
            return 0;
        }
        list_add(list, sizeof list, word[i]);
    }
    return input_error(e, file, found->line, found->column, "%s.%s: found %s, wanted one of %s", p->name, q->key, text,
                       list);
}

static int set_param(const struct ts_policy *p, const char *file, const struct policy_param *found, char *state,
                     struct err *e)
{
    for (size_t i = 0; policy_param_at(p, i); i++) {
        const struct ts_param *q = policy_param_at(p, i);
        if (strcmp(q->key, found->key) != 0) {
            continue;
        }
        double x = found->value;
        if (policy_param_words(p, q) && find_word(p, q, file, found, &x, e) < 0) {
            return -ERR_INPUT;
        }
        if (!(q->min <= x && x <= q->max) || (q->flags & TS_WHOLE && floor(x) != x)) {
            return bad_value(p, q, file, found, e);
        }
        memcpy(state + q->offset, &x, sizeof x);
        return 0;
    }
    return unknown_param(p, file, found, e);
}

int policy_set_params(const struct ts_policy *p, const char *file, const struct policy_spec *spec, void *state,
                      struct err *e)
{
    if (p->state_size) {
        memset(state, 0, p->state_size);
    }
    for (size_t i = 0; policy_param_at(p, i); i++) {
        const struct ts_param *q = policy_param_at(p, i);
        memcpy((char *)state + q->offset, &q->dflt, sizeof q->dflt);
    }
    if (spec && spec->network && !(p->flags & TS_IMPURE)) {
        return input_error(e, file, spec->line, spec->column, "%s: found the network %s, which it does not run, wanted it of a "
                           "policy that does, such as onnx, or of a plug-in with TS_IMPURE among its flags",
                           p->name, spec->network);
    }
    for (uint32_t i = 0; spec && i < spec->n_param; i++) {
        int rc = set_param(p, file, &spec->param[i], state, e);
        if (rc < 0) {
            return rc;
        }
        for (uint32_t j = 0; j < i; j++) {
            if (strcmp(spec->param[i].key, spec->param[j].key) == 0) {
                return input_error(e, file, spec->param[i].line, spec->param[i].column, "%s.%s: given twice", p->name,
                                   spec->param[i].key);
            }
        }
    }
    return 0;
}

double policy_param_written(const struct ts_policy *p, const struct policy_spec *spec, const struct ts_param *q)
{
    struct err nothing = {0};
    double x = q->dflt;
    for (uint32_t i = 0; i < spec->n_param; i++) {
        const struct policy_param *found = &spec->param[i];
        if (strcmp(found->key, q->key) == 0) {
            x = found->value;
            if (policy_param_words(p, q)) {
                find_word(p, q, NULL, found, &x, &nothing);
            }
        }
    }
    return x;
}
