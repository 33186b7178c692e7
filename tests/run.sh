#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# run.sh BUILD TEST... - runs each test, shows what failed or was skipped, and ends with the sums.
# A cmocka program counts each of its cases; a script counts once: exit 0 passed, 77 skipped (its last line says why), else failed.
set -u
build=$1; shift
export TS_BUILD="$build"
log=$(mktemp); trap 'rm -f "$log"' EXIT
passed=0 failed=0 skipped=0
for t; do
    case $t in
    *.sh)
        "$t" "$build" >"$log" 2>&1
        case $? in
        0) passed=$((passed + 1)) ;;
        77) skipped=$((skipped + 1)); echo "skipped $t: $(tail -n 1 "$log")" ;;
        *) failed=$((failed + 1)); echo "FAILED $t"; tail -n 40 "$log" ;;
        esac ;;
    *)
        "$t" >"$log" 2>&1
        rc=$?
        ok=$(grep -c '^\[       OK \]' "$log")
        bad=$(sed -n 's/^ \([0-9]*\) FAILED TEST(S).*/\1/p' "$log" | tail -n 1); bad=${bad:-0}
        no=$(sed -n 's/^ \([0-9]*\) SKIPPED TEST(S).*/\1/p' "$log" | tail -n 1); no=${no:-0}
        [ "$rc" != 0 ] && [ "$bad" = 0 ] && bad=1
        [ "$ok$bad$no" = 000 ] && { echo "FAILED $t: it ran no test"; bad=1; }
        passed=$((passed + ok)) failed=$((failed + bad)) skipped=$((skipped + no))
        [ "$bad" != 0 ] && { echo "FAILED $t"; grep -v -e '^\[ RUN' -e '^\[       OK' "$log" | tail -n 40; }
        [ "$no" != 0 ] && sed -n "s|^skip: |skipped $t: |p" "$log" ;;
    esac
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
