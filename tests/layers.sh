#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# layers.sh - a file includes only its own layer and lower ones; nothing in sim/ includes policies/, and a
# policy sees the public headers alone.
cd "$(dirname "$0")/.." || exit 1
awk '
BEGIN {
    n = split("include/tiersim sim/base sim/engine sim/model sim/policy sim/run sim/measure sim/io sim/calibrate sim/experiment sim/show sim/cli", layer)
    for (i = 1; i <= n; i++) rank[layer[i]] = i
}
FNR == 1 { split(FILENAME, f, "/"); mine = f[1] "/" f[2]; own = (f[1] == "policies") ? 1 : rank[mine]
           if (!own) { print FILENAME ": is in no layer"; bad = 1 } }
/^#include [<"](sim|tiersim|policies|tests)\// {
    split($2, q, /[<">]/); split(q[2], t, "/")
    to = (t[1] == "tiersim") ? "include/tiersim" : t[1] "/" t[2]
    if (t[1] == "policies" && f[1] == "policies") next
    if (t[1] == "policies" && FILENAME ~ /^sim\/cli\/(main|library)\.c$/) next
    if (!rank[to] || rank[to] > own) { print FILENAME ":" FNR ": " mine " includes " q[2] ", which is above it"; bad = 1 } }
END { exit bad }' $(find include sim policies -name '*.[ch]' | sort)
