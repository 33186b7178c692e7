/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stopwatch.h - how long a model takes in ONNX Runtime on the machine at hand: made ready, run twice to warm up, then run
 * until a time is over; the least time counts.
 *
 * One thread is measured in its own processor time, so that others who want the processor do not count (what they do to caches
 * does); several threads by the clock, and one that these are compared with.
 */
#ifndef SIM_CALIBRATE_STOPWATCH_H
#define SIM_CALIBRATE_STOPWATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct ort;
struct ort_session;

struct stopwatch_time {
    double run_s, load_s;  /* the least; the making ready */
    double resident_bytes; /* that the process grew by; NAN: it did not */
};

/* threads work on an operator; run for at least each_s, and 5 times.  by_clock: one thread, too. */
int stopwatch_model(struct ort *o, const void *model, size_t n, const char *name, uint32_t threads, bool by_clock, double each_s,
                    struct stopwatch_time *out, struct err *e);

/* Hold this thread to a processor, or (-1) let it go where it likes.  ERR_INPUT: there is none of that number to be had. */
int stopwatch_pin(int32_t processor, struct err *e);
double stopwatch_machine_load(void); /* over a minute; NAN: unknown */
/* "Intel(R) Xeon(R) Processor, 2 processors, Linux 6.1.0, x86_64" */
void stopwatch_machine(char *text, size_t n);

#endif
