#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# bench.sh BUILD [NAME] - measures speed: a table on the screen, a line `bench: NAME VALUE UNIT` for each figure, and
# bench.json beside BUILD.
#
# What measures is every program BUILD/tests/bench/bench_* and every script tests/bench/run_*.sh (given BUILD); each
# prints lines `bench: NAME VALUE UNIT`.  With NAME, only those that hold it in their name.  All are run in turn, a
# limit just before what it limits, ROUNDS times (5).  A figure is the median, its least and greatest value beside it;
# its ratio to its limit is the median of the rounds' ratios.  asked.txt says what is asked.
set -u
build=$1 only=${2:-} rounds=${ROUNDS:-5}
here=$(dirname "$0")
json=$(dirname "$build")/bench.json
raw=$(mktemp) && trap 'rm -f "$raw"' EXIT

# Sorted by name without `limit_`, the limit first.
makers=$(for f in "$build"/tests/bench/bench_*"$only"* "$here"/run_*"$only"*.sh; do
    case $f in *.o | *.d) continue ;; esac
    [ -f "$f" ] && [ -x "$f" ] || continue
    name=$(basename "$f" .sh) name=${name#bench_} name=${name#run_} base=${name#limit_}
    if [ "$base" != "$name" ]; then rank=0; else rank=1; fi
    echo "$base $rank $f"
done | LC_ALL=C sort | cut -d' ' -f3-)
[ -n "$makers" ] || { echo "bench: nothing to run in $build/tests/bench"; exit 1; }

cpu=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)
machine="$cpu, $(nproc) cores, $(gcc -dumpfullversion 2>/dev/null | sed 's/^/gcc /')"
round=1
while [ "$round" -le "$rounds" ]; do
    for maker in $makers; do
        [ -t 2 ] && printf '\rround %d of %d: %-40s' "$round" "$rounds" "$(basename "$maker")" >&2
        "$maker" $(case $maker in *.sh) echo "$build" ;; esac) 2>/dev/null | grep '^bench: ' >>"$raw" ||
            echo "bench.sh: $maker printed no figure" >&2
    done
    round=$((round + 1))
done
[ -t 2 ] && printf '\r%60s\r' '' >&2

awk -v machine="$machine" -v rounds="$rounds" -v json="$json" '
# Sorts the numbers of the text into v[1..n] and returns their median.
function median(text,    i, j, n, t) {
    n = split(text, v, " ")
    for (i = 2; i <= n; i++) {
        t = v[i] + 0
        for (j = i; j > 1 && v[j - 1] + 0 > t; j--) v[j] = v[j - 1]
        v[j] = t
    }
    last = n
    return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
}
# A figure to its limit, round by round: the machine drifts, but little within one.
function ratio_of(f, of,    a, b, i, n, text) {
    n = split(values[f], a, " ")
    if (split(values[of], b, " ") != n) return ""
    for (i = 1; i <= n; i++) if (b[i] > 0) text = text " " a[i] / b[i]
    return text == "" ? "" : median(text)
}
FILENAME != "-" { if ($1 !~ /^#/ && NF == 5) { sense[$1] = $2; asked[$1] = $3; limit[$1] = $4; share[$1] = $5 }; next }
{ if (!($2 in values)) order[++n] = $2; values[$2] = values[$2] " " $3; unit[$2] = $4 }
END {
    for (i = 1; i <= n; i++) {
        f = order[i]; mid[f] = median(values[f]); least[f] = v[1]; most[f] = v[last]
    }
    printf "%s; medians of %d\n", machine, rounds
    printf "%-18s %12s %12s %12s  %-13s %10s %6s  %s\n",
           "figure", "value", "least", "most", "unit", "limit", "ratio", "asked"
    gsub(/["\\]/, "", machine)
    printf "{\n  \"machine\": \"%s\",\n  \"rounds\": %d,\n  \"figures\": {", machine, rounds > json
    for (i = 1; i <= n; i++) {
        f = order[i]; of = limit[f]; ratio = ""; note = ""
        if (of in mid) ratio = ratio_of(f, of)
        if (f in asked) {
            met = sense[f] == ">=" ? mid[f] + 0 >= asked[f] + 0 : mid[f] + 0 <= asked[f] + 0
            note = sense[f] " " asked[f]
            if (ratio != "") { note = note " or " share[f]; met = met || ratio >= share[f] + 0 }
            note = note (met ? "" : "  MISSED")
        }
        printf "%-18s %12.6g %12.6g %12.6g  %-13s %10s %6s  %s\n", f, mid[f], least[f], most[f], unit[f],
               ratio == "" ? "" : sprintf("%.6g", mid[of]), ratio == "" ? "" : sprintf("%.2f", ratio), note
        comma = i == 1 ? "" : ","
        printf "%s\n    \"%s\": {\"value\": %s, \"least\": %s, \"most\": %s, \"unit\": \"%s\"%s}", comma, f,
               mid[f], least[f], most[f], unit[f], ratio == "" ? "" : sprintf(", \"ratio\": %.4f", ratio) > json
    }
    printf "\n  }\n}\n" > json
    for (i = 1; i <= n; i++) printf "bench: %s %s %s\n", order[i], mid[order[i]], unit[order[i]]
}' "$here/asked.txt" - <"$raw"
