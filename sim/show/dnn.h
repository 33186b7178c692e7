/* SPDX-License-Identifier: GPL-3.0-or-later */
/* dnn.h - a neural network for people (a table), for programs (JSON), and for scenarios (a fragment with its tasks). */
#ifndef SIM_SHOW_DNN_H
#define SIM_SHOW_DNN_H

#include <stdio.h>

#include "sim/base/err.h"
#include "sim/model/dnn.h"

/* Layers, what may be cut between them, and sums. */
void dnn_print(FILE *out, const struct dnn *d);
int dnn_json(FILE *out, const struct dnn *d, struct err *e);

#endif
