/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sim/experiment/systems.h"

#include <pthread.h>
#include <stdlib.h>

#include "sim/base/err.h"
#include "sim/io/scenario_sample.h"

int systems_find(struct systems *x, const struct scenario *s, int n_thread, struct err *e)
{
    const uint32_t n = s->experiment.replications;
    int rc = 0;
    *x = (struct systems){.s = s};
    (void)n_thread;
    if (!s->experiment.sampled) {
        return 0;
    }
    if (!(x->drawn = calloc(n + 1u, sizeof *x->drawn))) {
        return ERR_SET(e, ERR_MEMORY, "out of memory for the scenarios of %u replications", n);
    }
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
#pragma omp parallel for schedule(dynamic, 1) num_threads(n_thread)
    for (uint32_t i = 0; i < n; i++) {
        const struct scenario *met;
        struct err own = {0};
        if (scenario_of_replication(&met, &x->drawn[i], s, s->experiment.seed, i, &own)) {
            pthread_mutex_lock(&lock);
            rc = -(int)own.code;
            *e = own;
            pthread_mutex_unlock(&lock);
        }
    }
    return rc;
}

const struct scenario *systems_of(const struct systems *x, uint32_t replication)
{
    return x->drawn ? &x->drawn[replication] : x->s;
}

void systems_clear(struct systems *x)
{
    for (uint32_t i = 0; x->drawn && i < x->s->experiment.replications; i++) {
        scenario_free(&x->drawn[i]);
    }
    free(x->drawn);
    *x = (struct systems){0};
}
