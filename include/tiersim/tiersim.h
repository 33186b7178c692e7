/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TIERSIM_TIERSIM_H
#define TIERSIM_TIERSIM_H
#define TS_VERSION "0.1.0"
__attribute__((visibility("default"))) const char *ts_version(void);
#endif
