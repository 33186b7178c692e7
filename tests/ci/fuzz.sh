#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# fuzz.sh BUILD [SECONDS [NAME]] - every tests/fuzz/fuzz_NAME.c, under libFuzzer and the sanitizers, from the seeds of
# tests/fuzz/corpus/NAME for SECONDS each (20).  What is found new stays in build/fuzz/corpus/NAME; what breaks, in
# build/fuzz/NAME-crash-*: make a fixture of it.
set -eu
cd "$(dirname "$0")/../.."
seconds=${2:-20} only=${3:-}
./deps.sh build lint >/dev/null
command -v clang >/dev/null || { echo "clang is not there"; exit 77; }
fuzz=build/fuzz
make -s -j"$(nproc)" CC=clang MODE=asan B=$fuzz CFLAGS=-fsanitize=fuzzer-no-link $fuzz/libtiersim.a >build/fuzz.log 2>&1 ||
    { tail -n 20 build/fuzz.log; exit 1; }
eval "$(./deps.sh --flags | sed -n 's/^\(LIB_[A-Z]*\) := \(.*\)/\1="\2"/p')"
export ASAN_OPTIONS=allocator_may_return_null=1 UBSAN_OPTIONS=print_stacktrace=1
export LSAN_OPTIONS=suppressions=tests/fuzz/lsan.supp:print_suppressions=0
status=0
for source in tests/fuzz/fuzz_*"$only"*.c; do
    name=$(basename "$source" .c); name=${name#fuzz_}
    clang -I. -Iinclude -D_GNU_SOURCE $LIB_CPPFLAGS -std=gnu11 -g -O1 -fsanitize=fuzzer,address,undefined \
        -fno-sanitize-recover=all -fopenmp -o $fuzz/fuzz_"$name" "$source" $fuzz/libtiersim.a $LIB_LDLIBS -lpthread
    mkdir -p $fuzz/corpus/"$name"
    limit=$(sed -n 's/.*fuzz: max_len \([0-9]*\).*/\1/p' "$source")
    if $fuzz/fuzz_"$name" -max_total_time="$seconds" -timeout=30 -rss_limit_mb=2000 -print_final_stats=1 \
        ${limit:+-max_len=$limit} -artifact_prefix=$fuzz/"$name"- \
        $fuzz/corpus/"$name" tests/fuzz/corpus/"$name" >build/fuzz-"$name".log 2>&1; then
        echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' build/fuzz-"$name".log) inputs in $seconds s"
    else
        echo "$name: broke; see build/fuzz-$name.log"
        grep -E 'ERROR|SUMMARY|runtime error|Test unit written' build/fuzz-"$name".log | head -n 10
        status=1
    fi
done
exit $status
