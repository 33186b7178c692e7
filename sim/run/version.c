/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <tiersim/tiersim.h>
const char *ts_version(void)
{
    return TS_VERSION;
}
