/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cli.h - the verbs of the program, one file each, and what they share.  A verb parses its arguments with argp, calls
 * the layers below and returns the exit status: 0 fine, 1 the world failed, 2 the input is wrong, 3 an audit,
 * verification or comparison failed.
 */
#ifndef SIM_CLI_CLI_H
#define SIM_CLI_CLI_H

#include <argp.h>
#include <stdint.h>

#include "sim/base/err.h"
#include "sim/io/errors.h"
#include "sim/policy/set.h"

/* What main hands to every verb. */
struct cli {
    const struct policy_set *policies;
    const char *line; /* the command line */
};

struct verb {
    const char *name, *about;
    /* argv[0] is "tiersim NAME". */
    int (*run)(const struct cli *c, int argc, char **argv);
};

int verb_run(const struct cli *c, int argc, char **argv);
int verb_plot(const struct cli *c, int argc, char **argv);
int verb_export(const struct cli *c, int argc, char **argv);
int verb_verify(const struct cli *c, int argc, char **argv);
int verb_info(const struct cli *c, int argc, char **argv);
int verb_import(const struct cli *c, int argc, char **argv);
int verb_profile(const struct cli *c, int argc, char **argv);
int verb_fit(const struct cli *c, int argc, char **argv);
int verb_policies(const struct cli *c, int argc, char **argv);
int verb_check(const struct cli *c, int argc, char **argv);
int verb_init(const struct cli *c, int argc, char **argv);
int verb_list(const struct cli *c, int argc, char **argv);
int verb_explain(const struct cli *c, int argc, char **argv);
int verb_new_policy(const struct cli *c, int argc, char **argv);
int verb_train(const struct cli *c, int argc, char **argv);
int verb_calibrate(const struct cli *c, int argc, char **argv);
int verb_schema(const struct cli *c, int argc, char **argv);

/* Print the error as "tiersim: ..." on stderr; returns its exit status. */
int cli_fail(const struct err *e);
/* Print what is wrong with an input on stderr, with its lines if that is a terminal; returns the exit status. */
int cli_fail_input(struct errors *errors);
/*
 * Read a result file that somebody else may have made: first in a process of its own, so that a file on which libhdf5
 * itself fails is refused like any other that is damaged.  Codes of result_read.
 */
struct result;
int cli_read(struct result *r, const char *path, struct err *e);
/* The first half of it, for what reads the file by itself. */
int cli_probe(const char *path, struct err *e);
/* Where what is made of a result file goes, into buf[n]: the folder that was asked for, or (NULL) that of the file. */
void cli_folder(const char *file, const char *wanted, char *buf, size_t n);
/* The command line as it could be typed again: words with anything unusual in quotes.  free() it; NULL: no memory. */
char *cli_command_line(int argc, char **argv);
/*
 * What is installed with the program, or lies in the tree that it was built in: `installed` is relative to PREFIX, `built` to
 * the top of the tree.  Into path[PATH_MAX]; ERR_IO if neither is there.
 */
int cli_find_beside(const char *installed, const char *built, char *path, struct err *e);
/* 0, or 1 after a message if what was printed could not be written (a full disk behind a redirection). */
int cli_flush(void);
/* The one FILE argument of a verb, for its argp parser: what it does with keys that are none of its options. */
error_t cli_parse_file(int key, char *arg, struct argp_state *state, const char **file, const char *wanted);
/* A time of an option, above 0 unless that is allowed, s; leaves through argp_error otherwise. */
double cli_time(struct argp_state *state, const char *name, const char *text, bool from_0);
/* A whole number of an option, at most max; leaves through argp_error otherwise. */
uint64_t cli_whole(struct argp_state *state, const char *option, const char *text, uint64_t min, uint64_t max);

#endif
