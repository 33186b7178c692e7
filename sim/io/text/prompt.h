/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * prompt.h - prompts from templates.  A template is text in which {{name}}, of small letters, digits and _, stands for a
 * blank that the policy fills; nothing else in it has a meaning.
 */
#ifndef SIM_IO_TEXT_PROMPT_H
#define SIM_IO_TEXT_PROMPT_H

#include <tiersim/policy.h>

struct err;

/* Is every {{ that of a blank?  ERR_INPUT with the place in the file otherwise. */
int prompt_check(const char *file, const char *template, struct err *e);
/*
 * The prompt, to be freed.  ERR_INPUT where the template names what is not among the blanks; file is NULL for a policy's
 * own template.
 */
int prompt_fill(const char *file, const char *template, const struct ts_blank *blank, uint32_t n_blank, char **prompt,
                struct err *e);

#endif
