#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# builds.sh BUILD - the bits of a result depend neither on the compiler, nor on its optimiser, nor on what the processor can:
# the digests of all shipped scenarios and of the workshop, from builds of several kinds and with instructions masked.
set -eu
build=$1
./deps.sh lint test >/dev/null
out=$(mktemp -d); trap 'rm -rf "$out"' EXIT
status=0

# results PROGRAM NAME: a short run of everything, into $out/NAME.
results() {
    mkdir -p "$out/$2"
    for s in tests/workshop.yaml scenarios/*.yaml; do
        case $s in
        tests/*) data=$PWD/traces ;;
        *_real.yaml) data=${TIERSIM_DATA:-}; [ -d "$data" ] || continue ;;
        *) data= ;;
        esac
        window="--duration 3s --set experiment.warm_up=2s"
        grep -q '^ *end: when done' "$s" && window=
        # shellcheck disable=SC2086 # several words
        TIERSIM_DATA=$data "$1" run "$s" --quiet --replications 2 $window \
            --output "$out/$2/$(basename "$s" .yaml).h5"
    done
}
# compare NAME WHAT: with the release build.
compare() {
    for f in "$out"/release/*.h5; do
        if ! h5diff -q "$f" "$out/$1/$(basename "$f")" /digest /digest; then
            echo "$2: the digests of $(basename "$f" .h5) are not those of the release build"
            status=1
        fi
    done
}
# masked NAMES: the release build without these instructions, as far as the C library chooses by them.
masked() {
    export GLIBC_TUNABLES="glibc.cpu.hwcaps=$1"
    results "$build/tiersim" masked
    unset GLIBC_TUNABLES
    compare masked "without $1"
}

results "$build/tiersim" release
[ "$(ls "$out/release" | wc -l)" -ge 4 ]

# Names since glibc 2.33, then those before; unknown ones are passed over.
masked -FMA,-FMA4,-FMA_Usable,-FMA4_Usable
masked -AVX2,-FMA,-FMA4,-AVX512F,-AVX512VL,-AVX512DQ,-AVX512BW,-AVX2_Usable,-FMA_Usable,-FMA4_Usable,-AVX512F_Usable

# What masking is good for: it changes the C library's own exp where there is FMA.
cat >"$out/libm.c" <<'C'
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
int main(void)
{
    uint64_t sum = 0, bits;
    for (int i = 1; i <= 1000000; i++) {
        double y = exp(i * 1e-5);
        memcpy(&bits, &y, sizeof bits);
        sum = sum * 31 + bits;
    }
    printf("%llu\n", (unsigned long long)sum);
}
C
gcc -O1 -fno-builtin -o "$out/libm" "$out/libm.c" -lm
if grep -qw fma /proc/cpuinfo && [ "$("$out/libm")" = "$(GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-FMA4,-AVX2 "$out/libm")" ]; then
    echo "masking does nothing here: the names of GLIBC_TUNABLES have changed"
    status=1
fi

other_build() {
    what=$1; shift
    make -s -j"$(nproc)" MODE=release B="$out/build" "$@" "$out/build/tiersim" >"$out/log" 2>&1 || { tail -n 20 "$out/log"; exit 1; }
    results "$out/build/tiersim" other
    compare other "$what"
    rm -rf "$out/build"
}
other_build "gcc -O0" OPT=-O0 CC.release=gcc
other_build "gcc -O3 -march=native" OPT="-O3 -march=native" CC.release=gcc
other_build "clang -O2" OPT=-O2 CC.release=clang
exit $status
