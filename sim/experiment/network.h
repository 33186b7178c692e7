/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * network.h - what a policy has learned, as a neural network in an ONNX file, where it says that it is one.
 *
 * A learner that saves text under `network.txt` is a chain of layers without offsets: a line "INPUTS OUTPUTS AT ACTIVATION" for
 * each, whose weights stand row by row, a row for each output, in `weights.f64` from number AT on; ACTIVATION is none or softsign,
 * x / (1 + |x|).  The model's input "features" is a matrix of any number of rows, its output "score" has as many.  Numbers are
 * rounded to 32 bits, so that scores agree to about 1e-6 of their size.
 */
#ifndef SIM_EXPERIMENT_NETWORK_H
#define SIM_EXPERIMENT_NETWORK_H

#include "sim/base/blobs.h"

struct err;

/* Is there one?  ERR_INPUT: the policy has none, or says it wrongly; ERR_MEMORY. */
int network_check(const struct blobs *learned, const char *policy, struct err *e);
/* Errors as of network_check; ERR_IO. */
int network_write(const struct blobs *learned, const char *policy, const char *path, struct err *e);

#endif
