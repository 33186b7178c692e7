/* SPDX-License-Identifier: GPL-3.0-or-later */
/* calibration.h - a device's profile for people: its laws as a table, and measured times over those of the laws as a figure. */
#ifndef SIM_SHOW_CALIBRATION_H
#define SIM_SHOW_CALIBRATION_H

#include <stddef.h>
#include <stdio.h>

#include "sim/io/profile_file.h"

struct err;

void calibration_print(const struct profile_file *f, FILE *out);
/* The figure FOLDER/NAME_calibration.{svg,png} of the profile at path; see plot.h.  stem[n] is its name without the ending. */
int calibration_draw(const char *path, const char *folder, char *stem, size_t n, struct err *e);

#endif
