/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * delegate.h - a built-in policy that lets another one decide, with its defaults.  The other must read and need no more than
 * the first declares, and must live without a clock and news of its own; its `clear` is called by the first.
 */
#ifndef POLICIES_DELEGATE_H
#define POLICIES_DELEGATE_H

#include <stddef.h>
#include <string.h>
#include <tiersim/policy.h>

/* Zero the other's state at st, which has room for `room` bytes, and set its defaults; 0, or what host->fail returns. */
static inline int delegate_init(const struct ts_policy *other, void *st, size_t room, const struct ts_host *h,
                                const struct ts_view *v)
{
    if (other->state_size > room) {
        return h->fail(h->ctx, "%s needs %llu bytes of state, wanted at most %zu", other->name,
                       (unsigned long long)other->state_size, room);
    }
    memset(st, 0, room);
    for (const struct ts_param *p = other->param; p && p->key; p++) {
        memcpy((char *)st + p->offset, &p->dflt, sizeof p->dflt);
    }
    return other->init ? other->init(st, h, v) : 0;
}

#endif
