/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <tiersim/tiersim.h>
int main(void)
{
    printf("tiersim %s\n", ts_version());
    return 0;
}
