#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# language.sh BUILD - the verbs about scenarios, as a user meets them: init, list, check, explain, schema; errors on a
# terminal show the line.
set -u
root=$PWD t=$PWD/$1/tiersim
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
. tests/expect.sh
cd "$dir" || exit 1
for verb in init list check explain schema; do
    expect 0 "Usage: tiersim $verb" "$t" $verb --help
done

# init: runs at once, passes check, is never written over
expect 0 "wrote mine.yaml" "$t" init mine
grep -q '^name: mine$' mine.yaml || fail "init: the scenario has another name"
cp mine.yaml before
expect 2 "stays as it is" "$t" init mine.yaml
cmp -s mine.yaml before || fail "init: wrote over a file"
expect 2 "wanted a name" "$t" init sub/mine
expect 2 "wanted a name" "$t" init yes
expect 0 "mine.yaml: fine" "$t" check --strict mine.yaml
expect 0 "wrote results/mine.h5" "$t" run mine.yaml --quick

# list: each scenario that is shipped, with a line
"$t" list >out || fail "list: failed"
for file in "$root"/scenarios/*.yaml; do
    grep -q "^  $(basename "$file") .*[a-z]" out || { cat out; fail "list: wanted $file"; }
done
for file in edge first mm1 pipeline; do
    expect 0 "$file.yaml: fine" "$t" check --strict "$root/scenarios/$file.yaml"
done
# Its trace of questions has 300 in the window, and no p99 rests on three of them.
expect 0 "factory.yaml: can be run, with 1 warning" "$t" check "$root/scenarios/factory.yaml"

# The times of its cameras are scaled, and its largest convolutions are beyond what was measured.
expect 0 "pcb_inspection.yaml: can be run, with 5 warnings" "$t" check "$root/scenarios/pcb_inspection.yaml"

# check: all files, the gravest status; warnings with their places
sed 's/cores: 16/cores: 0/; s/policies: \[local/policies: [locla/' mine.yaml >bad.yaml
expect 2 "bad.yaml" "$t" check mine.yaml bad.yaml
grep -q 'cloud.processors.gpu.cores: found 0' out && grep -q 'found locla, wanted the name of a policy, the nearest is local' out &&
    grep -q 'mine.yaml: fine' out || { cat out; fail "check: wanted both errors and the good file"; }
expect 0 "can be run, with 1 warning" "$t" check mine.yaml --set workloads.picture.deadline='20 ms'
grep -q '^--set .*: warning: workloads.picture.deadline: 20 ms is less than' out || { cat out; fail "check: wanted a warning"; }
expect 3 "can be run, with 1 warning" "$t" check --strict mine.yaml --set workloads.picture.deadline='20 ms'

# explain: values with their places and defaults; --yaml is the resolved scenario, which stands for itself
printf 'include: mine.yaml\nname: other\nnodes: {camera: {count: 7, source: counted}}\n' >other.yaml
"$t" explain other.yaml >out || fail "explain: failed"
grep -Eq '^  count +7 +other.yaml:3$' out && grep -Eq '^  source +counted +other.yaml:3$' out &&
    grep -Eq '^  attach +edge +mine.yaml:[0-9]+$' out && grep -Eq '^  processors.cpu.discipline +fifo +default$' out &&
    grep -q '^Load of links' out || { cat out; fail "explain: wanted values and where they come from"; }
"$t" explain --yaml other.yaml >whole.yaml || fail "explain --yaml: failed"
grep -q include whole.yaml && fail "explain --yaml: found an include"
"$t" explain --yaml whole.yaml | cmp -s - whole.yaml || fail "explain --yaml: is not the same of what it printed"
"$t" run other.yaml --quick --quiet --output a.h5 && "$t" run whole.yaml --quick --quiet --output b.h5 || fail "run: failed"
h5diff --exclude-path /provenance a.h5 b.h5 >out 2>&1 && [ ! -s out ] || { cat out; fail "a resolved scenario gives another result"; }


# explain --plot: the graphs that jobs are, where there are some
expect 2 "found no workload with" "$t" explain mine.yaml --plot
expect 0 "drew pipeline_graph.svg and pipeline_graph.png" "$t" explain --plot "$root/scenarios/pipeline.yaml"
[ -s pipeline_graph.png ] || fail "explain --plot: no picture"
expect 0 "inspection  5      6      4" "$t" explain "$root/scenarios/pipeline.yaml"

# schema: that of the documentation
"$t" schema | cmp -s - "$root/docs/scenario.schema.json" || fail "schema: is not docs/scenario.schema.json"

# on a terminal: the line and a caret; in a pipe: neither
if command -v script >/dev/null; then
    script -qec "$t check bad.yaml" /dev/null </dev/null >out 2>&1
    grep -qE '^ +[0-9]+ \|       gpu: \{cores: 0,' out && grep -qE '^ +\| +\^' out || { cat out; fail "wanted the line and a caret"; }
fi
"$t" check bad.yaml 2>&1 | grep -q '\^' && fail "found a caret in a pipe"
exit 0
