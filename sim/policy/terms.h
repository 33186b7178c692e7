/* SPDX-License-Identifier: GPL-3.0-or-later */
/* terms.h - the words for the numbers of <tiersim/policy.h>, as messages, listings and exports write them. */
#ifndef SIM_POLICY_TERMS_H
#define SIM_POLICY_TERMS_H

/* "arrived", "place", "up", "in_s", ..; "?" for a number that has no word. */
const char *name_of_why(unsigned why);   /* enum ts_why */
const char *name_of_verb(unsigned verb); /* enum ts_verb */
const char *name_of_col(unsigned col);   /* enum ts_col */
const char *name_of_est(unsigned est);   /* enum ts_est */
const char *name_of_end(unsigned end);   /* enum ts_end */

#endif
