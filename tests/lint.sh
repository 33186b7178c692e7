#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# lint.sh MAKE - everything compiles under -Werror by gcc and by clang, each header compiles alone (the public ones also as
# C++), and the sources keep to the rules that programs can check.  Says every fault that it finds, then fails.
set -u
cd "$(dirname "$0")/.." || exit 1
make=$1 bad=0
fault() { echo "lint: $*"; bad=1; }
out=$(mktemp -d) && trap 'rm -rf "$out"' EXIT

for cc in gcc clang; do
    echo "  LINT everything, -Werror, $cc"
    "$make" -s CC=$cc MODE=debug OPT=-O2 B=build/lint/$cc WERROR=-Werror objects >"$out/log" 2>&1 ||
        { cat "$out/log"; fault "$cc warns"; }
done

echo "  LINT headers alone"
system=$(sed -n 's/^LIB_CPPFLAGS := //p' build/deps.mk)
for h in $(find include sim policies tests -name '*.h' | sort); do
    gcc -x c -std=gnu11 -Wall -Wextra -fsyntax-only -Werror -fopenmp -D_GNU_SOURCE -I. -Iinclude -Ibuild/lint/gcc $system "$h" >"$out/log" 2>&1 ||
        { head -n 5 "$out/log"; fault "$h does not compile alone"; }
done
for h in include/tiersim/*.h; do
    echo "#include \"$h\"" | clang++ -x c++ -std=c++17 -Wall -Wextra -fsyntax-only -Werror -I. -Iinclude - >"$out/log" 2>&1 ||
        { head -n 5 "$out/log"; fault "$h is no C++"; }
done

echo "  LINT no mutable data in sim/ and policies/"
# .data.rel.ro holds constants with addresses in them; all else in .data and .bss can be changed while a program runs.
find build/lint/gcc/sim build/lint/gcc/policies -name '*.o' ! -path '*/cli/main.o' | sort | while read -r o; do
    objdump -t "$o" | awk -v o="$o" '
        $0 ~ /\.(data|bss|tdata|tbss|common)/ && $0 !~ /\.data\.rel\.ro/ && $(NF - 1) !~ /^0+$/ { print o, $NF }'
done | sed 's|^build/lint/gcc/\(.*\)\.o |\1.c |' >"$out/mutable"
grep -v '^#' tests/mutable.txt | awk '{ print $1, $2 }' >"$out/allowed"
grep -vxFf "$out/allowed" "$out/mutable" >"$out/text" && { sed 's/^/mutable: /' "$out/text"; bad=1; }
grep -vxFf "$out/mutable" "$out/allowed" >"$out/text" && { sed 's/^/allowed by mutable.txt, but gone: /' "$out/text"; bad=1; }

echo "  LINT cppcheck"
# It does not see the headers of the system, of which what protoc-c made asks whether they are new enough.
cppcheck -q -j2 --std=c11 --enable=warning,portability --inline-suppr --suppressions-list=tests/cppcheck.txt \
    --error-exitcode=1 -D__GNUC__ -DPROTOBUF_C_VERSION_NUMBER=9999999 -I. -Iinclude -Ibuild/lint/gcc sim policies || bad=1

tests/layers.sh || bad=1
tests/text.sh || bad=1
[ $bad = 0 ] && echo "lint: clean"
exit $bad
