#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# run_import.sh BUILD - 10^7 rows of an Azure LLM trace to the binary form, with the report.
. "$(dirname "$0")/figure.sh"
awk 'BEGIN {
    printf "TIMESTAMP,ContextTokens,GeneratedTokens\r\n"
    for (i = 0; i < 1e7; i++) {
        s = int(i / 200)
        printf "2023-11-16 %02d:%02d:%02d.%03d0000,%d,%d\r\n", s / 3600, s / 60 % 60, s % 60, i % 200 * 5, i * 7919 % 8000, i * 104729 % 500
    }
}' >"$work/big.csv"
timed "$build/tiersim" import azure_llm "$work/big.csv" --output "$work/big.tst"
figure import_1e7 "$cpu_s" s
