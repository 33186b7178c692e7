/* SPDX-License-Identifier: GPL-3.0-or-later */
/* story.h - the story of one job as text. */
#ifndef SIM_SHOW_STORY_H
#define SIM_SHOW_STORY_H

#include <stdio.h>

#include "sim/experiment/story.h"

void story_print(FILE *out, const struct scenario *s, const struct story *st);

#endif
