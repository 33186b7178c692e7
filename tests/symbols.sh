#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# symbols.sh BUILD - the shared library exports ts_ symbols and nothing else.
so=$1/libtiersim.so
[ -f "$so" ] || { echo "$so: not there"; exit 1; }
other=$(nm -D --defined-only "$so" | awk '$2 ~ /[TDBRVW]/ && $3 !~ /^ts_/ && $3 !~ /^(_init|_fini|__gcov|__asan|__ubsan|__odr_asan|__llvm|__tsan|mangle_path)/ { print $3 }')
[ -z "$other" ] || { echo "exported without ts_:"; echo "$other"; exit 1; }
nm -D --defined-only "$so" | grep -q ' T ts_' || { echo "no ts_ symbol is exported"; exit 1; }
