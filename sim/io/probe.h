/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * probe.h - a file that libhdf5 itself cannot bear ends a child process, not this one: whoever is about to read a file from
 * elsewhere lets it be read there first.
 */
#ifndef SIM_IO_PROBE_H
#define SIM_IO_PROBE_H

struct err;

/* 0, or -ERR_INPUT if the process in which read(path) was called came to an end of its own; what read finds is not looked at.
 * wanted: "a result file", for the message. */
int probe_read(const char *path, const char *wanted, void (*read)(const char *path), struct err *e);

#endif
