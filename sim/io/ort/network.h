/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * network.h - the neural networks of a scenario's policies (`network: FILE.onnx`), ready to be run, and what one replication runs.
 *
 * A file is read once, and known by its SHA-256.  Each replication has a session of its own with fixed options: one thread, one
 * node after the other, nothing fused or folded.  So the same library on the same kind of processor gives the same numbers, bit
 * for bit, however many replications run side by side; another library or processor may round otherwise.
 */
#ifndef SIM_IO_ORT_NETWORK_H
#define SIM_IO_ORT_NETWORK_H

#include "sim/model/scenario.h"
#include "sim/policy/infer.h"

struct err;
struct networks;
struct ort_session;
struct provenance;

/*
 * Read the networks of a scenario, which must live as long, and open ONNX Runtime if there are any.  What is wrong with either is
 * kept and told to who wants to run one.  ERR_MEMORY.
 */
int networks_open(struct networks **n, const struct scenario *s, struct err *e);
void networks_close(struct networks *n);
/*
 * Before anything is run: can the policy's network be?  0 if it has none.  ERR_IO: there is no runtime, with what to do; ERR_INPUT:
 * the file cannot be read or the runtime refuses it.
 */
int networks_try(const struct networks *n, const struct policy_spec *policy, struct err *e);
/* The runtime and the hashes of the files; nothing if there are none. */
void networks_note(const struct networks *n, struct provenance *p);

struct network_session {
    struct infer_service service; /* for the driver of the run */
    const struct networks *of;
    const struct policy_spec *policy;
    struct ort_session *open; /* NULL until it is first run */
};

/* n NULL: nothing can be run. */
void network_begin(struct network_session *x, const struct networks *n, const struct policy_spec *policy);
void network_end(struct network_session *x);

#endif
