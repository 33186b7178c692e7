#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# tsan.sh - threads that share a run list, a writer and a progress do not race, and leave the results of one thread.
set -eu
cd "$(dirname "$0")/../.."
make -j"$(nproc)" MODE=tsan all
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
# LLVM's OpenMP runtime is not instrumented; archer, beside it, tells the sanitizer of its forks and joins.
OMP_TOOL_LIBRARIES=$(clang -print-file-name=libarcher.so)
[ -f "$OMP_TOOL_LIBRARIES" ] || OMP_TOOL_LIBRARIES=$(ls /usr/lib/llvm-*/lib/libarcher.so | tail -n 1)
export OMP_TOOL_LIBRARIES TSAN_OPTIONS="halt_on_error=1 ignore_noninstrumented_modules=1 exitcode=66"
run() {
    build/tsan/tiersim run scenarios/factory.yaml --set nodes.camera.count=200 --policy mct --policy random \
        --replications 4 --duration 3s --set experiment.warm_up='1 s' --tasks --quiet "$@"
}
run --threads 4 --output "$dir/four.h5"
run --threads 1 --output "$dir/one.h5"
h5diff --exclude-path /provenance "$dir/one.h5" "$dir/four.h5"
