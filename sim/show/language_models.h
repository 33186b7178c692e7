/* SPDX-License-Identifier: GPL-3.0-or-later */
/* language_models.h - which language models answered, how often, how late, and how often the fallback decided instead. */
#ifndef SIM_SHOW_LANGUAGE_MODELS_H
#define SIM_SHOW_LANGUAGE_MODELS_H

#include <jansson.h>
#include <stdio.h>

#include "sim/io/results.h"
#include "sim/show/table.h"

/* Nothing if no policy asked. */
void language_models_print(const struct result *r, FILE *out, struct paper paper);
/* The same of one policy, in SI units; NULL if it asked nobody. */
json_t *language_models_json(const struct result *r, uint32_t policy);

#endif
