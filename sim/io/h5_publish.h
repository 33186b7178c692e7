/* SPDX-License-Identifier: GPL-3.0-or-later */
/* h5_publish.h - an HDF5 file of one thing, which appears under its name whole and on disk, or not at all. */
#ifndef SIM_IO_H5_PUBLISH_H
#define SIM_IO_H5_PUBLISH_H

#include "sim/io/h5.h"

/* What write puts into a new file becomes the file at path; its temporary name is PATH.tmp.  ERR_IO, ERR_MEMORY. */
int h5_publish(const char *path, void (*write)(struct h5 *h, const void *what), const void *what, struct err *e);

#endif
