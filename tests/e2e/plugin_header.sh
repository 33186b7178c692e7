#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# plugin_header.sh - the public header and every toy policy compile without a warning as C and as C++, by gcc and by
# clang, and see nothing of ours but include/.
cd "$(dirname "$0")/../.." || exit 1
warn='-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-missing-field-initializers -Werror'
tried=0
for compiler in 'gcc -x c -std=c11' 'clang -x c -std=c11' 'g++ -x c++ -std=c++20' 'clang++ -x c++ -std=c++20'; do
    command -v "${compiler%% *}" >/dev/null || continue
    tried=$((tried + 1))
    for f in include/tiersim/policy.h include/tiersim/math.h tests/contract/toys/*.c; do
        case $f in *.h) set -- -include "$f" /dev/null ;; *) set -- "$f" ;; esac
        $compiler $warn -D_POSIX_C_SOURCE=200809L -Iinclude -fsyntax-only "$@" || exit 1
    done
done
[ "$tried" -gt 0 ] || { echo "no compiler is installed"; exit 77; }
