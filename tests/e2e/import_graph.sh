#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# import_graph.sh BUILD - graphs of tasks in the formats of others become tasks of a workload that runs; faults say where.
set -u
t=$PWD/$1/tiersim
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
. tests/expect.sh
cd "$dir" || exit 1
cat >s.yaml <<'END'
tiersim: 1
name: s
include: graph.yaml
nodes:
  device: {tier: end, attach: edge}
  edge: {tier: edge, processors: {cpu: {cores: 4, speed: 10 GFLOP/s}}}
links: {cell: {from: device, to: edge, capacity: 1 Gbit/s}}
workloads: {job: {at: device, arrivals: {periodic: {period: 1 d}}}}
experiment: {policies: [heft], jobs: 1}
END
runs() { # FILE LATENCY: the tasks in graph.yaml take so many seconds
    "$t" run s.yaml --json --output s.h5 >json 2>/dev/null || { fail "$1: does not run"; return; }
    python3 -c 'import json, sys
x = json.load(open("json"))["policies"][0]["all"]["latency_mean"]["estimate"]
assert abs(x - float(sys.argv[1])) < 1e-9 * float(sys.argv[1]), x' "$2" || fail "$1: not $2 s"
}
spoilt() { # FORMAT FILE EDIT TEXT: the file, edited by sed, is refused with the text
    sed "$3" "$2" >"bad.${2##*.}"
    expect 2 "$4" "$t" import "$1" "bad.${2##*.}"
}

# 2 s, then 1 s and 3 s side by side on four cores, then 1 s
cat >g.dot <<'END'
digraph G {
  a [size="2e10"];
  b.1 [size="1e10"];
  b_1 [size=3e10];
  9d [size="1e10"];

  a -> b.1 [size="1e6"];
  a -> b_1 [size="1e6"];
  b.1 -> 9d [size="1e6"];
  b_1 -> 9d [size="1e6"];
}
END
expect 0 "wrote graph.yaml" "$t" import dot g.dot --under workloads.job --output graph.yaml
grep -q '^# 4 tasks and 4 edges of g.dot' graph.yaml || { cat graph.yaml; fail "dot: not said what it is"; }
grep -q 't9d: {work: 10000000000 FLOP, after: {b_1: 1000000 B, b_1_3: 1000000 B}}' graph.yaml || { cat graph.yaml; fail "dot: names"; }
runs dot 6

# Statements, not lines: 1 s and 2 s behind each other; names that are taken, or that YAML takes for nothing.
printf 'digraph { "b_1_3" [size=1e10]; b_1 [resize=3, size="2e10"];\nb.1 [size=0] z [size=0]; null [size=0]; b_1_3->b_1 -> null[size=1];z -> b.1 [size=1];}\n' >odd.dot
expect 0 "wrote graph.yaml" "$t" import dot odd.dot --under workloads.job --output graph.yaml
for line in 'b_1_3: {work: 10000000000 FLOP}' 'b_1: {work: 20000000000 FLOP, after: {b_1_3: 1 B}}' 'b_1_4: {work: 0 FLOP, after: {z: 1 B}}' \
    'z: {work: 0 FLOP}' 'tnull: {work: 0 FLOP, after: {b_1: 1 B}}'; do
    grep -qF "    $line" graph.yaml || { cat graph.yaml; fail "dot: wanted $line"; }
done
sed -i 's/work: 0 FLOP/work: 1 FLOP/' graph.yaml
runs "dot by statements" 3.0000000001
printf 'digraph {\n  a [size=1]; a [size=2];\n}\n' >bad.dot
expect 2 "bad.dot:2:15: found the task a a second time, wanted it once" "$t" import dot bad.dot
printf 'digraph {\n  a [resize=1];\n}\n' >bad.dot
expect 2 "bad.dot:2:3: found no size of the task, wanted NODE" "$t" import dot bad.dot
printf 'a [size=1]; a -> [size=1]\n' >bad.dot
expect 2 "bad.dot:1:13: found no task behind ->" "$t" import dot bad.dot

# the data loading is left out; 2 ms + 3 ms
printf 'node1 -- Input0 -- forward_compute_time=500.0, activation_size=9.0\nnode2 -- Conv(3, 4) -- forward_compute_time=2.000, backward_compute_time=9.000, activation_size=4096.0, parameter_size=8.000\nnode3 -- ReLU -- forward_compute_time=3.000, activation_size=[1; 2]\n\tnode1 -- node2\n\tnode2 -- node3' >graph.txt
expect 0 "node3: {work: {seconds: {cpu: 0.003 s}}, after: {node2: 4096 B}}" "$t" import pipedream graph.txt
"$t" import pipedream graph.txt --on edge --under workloads.job --quiet -o graph.yaml && runs pipedream 0.005
grep -q "^# times and data of a whole minibatch, by PipeDream's profiler (Narayanan et al., SOSP 2019)$" graph.yaml ||
    fail "pipedream: not said that it is of minibatches"
# of 4 samples: .5 ms + .75 ms, and a quarter of the data
expect 0 "node3: {work: {seconds: {cpu: 0.00075 s}}, after: {node2: 1024 B}}" "$t" import pipedream graph.txt --batch 4
grep -q "^# times and data by the sample: those of a minibatch of 4, by PipeDream's profiler (Narayanan et al., SOSP 2019), divided by it$" out ||
    fail "pipedream: not said what they are divided by"
"$t" import pipedream graph.txt --batch 4 --on edge --under workloads.job --quiet -o graph.yaml && runs "pipedream by the sample" 0.00125
for option in "--plot" "--from 3s" "--to 3s" "--with q" "--column q"; do
    expect 2 "found ${option%% *} for a graph, wanted it for traces" "$t" import dot g.dot $option
done
expect 2 "found --under for a trace, wanted it for graphs alone" "$t" import carbon g.dot --under workloads.job
expect 2 "--batch: found 0" "$t" import pipedream graph.txt --batch 0
expect 2 "found --batch for a file that is not of minibatches" "$t" import dot g.dot --batch 4

cat >w.json <<'END'
{"name": "w", "schemaVersion": "1.2", "workflow": {"tasks": [
  {"name": "split", "runtimeInSeconds": 1.5, "parents": [], "files": [{"link": "output", "name": "x", "sizeInBytes": 1000}]},
  {"name": "map", "runtime": 2, "parents": ["split"], "files": [{"link": "input", "name": "x", "size": 1000}]}]}}
END
expect 0 "map: {work: {seconds: {cpu: 2 s}}, after: {split: 1000 B}}" "$t" import workflow w.json
"$t" import workflow w.json --under workloads.job --quiet -o graph.yaml && runs workflow 3.5

# from 1.4 on: parents and files here, times there
cat >w5.json <<'END'
{"name": "w", "schemaVersion": "1.5", "workflow": {
  "specification": {
    "tasks": [
      {"name": "split", "id": "split_1", "parents": [], "children": ["map_1"], "inputFiles": [], "outputFiles": ["x", "y"]},
      {"name": "map", "id": "map_1", "parents": ["split_1"], "children": [], "inputFiles": ["x"], "outputFiles": []}],
    "files": [{"id": "x", "sizeInBytes": 1000}, {"id": "y", "sizeInBytes": 5}]},
  "execution": {"makespanInSeconds": 4, "tasks": [
    {"id": "map_1", "runtimeInSeconds": 2.25}, {"id": "split_1", "runtimeInSeconds": 1.5}]}}}
END
expect 0 "map_1: {work: {seconds: {cpu: 2.25 s}}, after: {split_1: 1000 B}}" "$t" import workflow w5.json
"$t" import workflow w5.json --under workloads.job --quiet -o graph.yaml && runs "workflow 1.5" 3.75
spoilt workflow w5.json 's/"inputFiles": \["x"\]/"inputFiles": ["z"]/' "bad.json: task map_1: found a file that is none of specification.files"
spoilt workflow w5.json 's/{"id": "map_1", "runtime[^}]*}, //' "bad.json: workflow task 2: found no runtimeInSeconds"
spoilt workflow w5.json 's/"id": "y"/"id": "x"/' "bad.json: file 2: found the id of another"
printf '{"workflow": {"specification": {"tasks": []}}}' >bad.json
expect 2 "found no list workflow.execution.tasks" "$t" import workflow bad.json

# 1 s, 2 s and 3 s side by side, 0.5 s
cat >w.dax <<'END'
<?xml version="1.0" encoding="UTF-8"?>
<adag xmlns="http://pegasus.isi.edu/schema/DAX" version="2.1" count="1" index="0" name="test" jobCount="4">
  <job id="ID0" namespace="M" name="mProject" version="1.0" runtime="1">
    <uses file="raw" link="input" register="false" size="99"/>
    <uses file="a&amp;b" link="output" size="2000"/>
    <uses file="c" link="output" size="30"/>
  </job>
  <job id="ID1" name="mDiff" runtime="2.0"><uses file="a&amp;b" link="input" size="2000"/><uses file="d" link="output" size="1"/></job>
  <job id="ID2" name="mDiff" runtime="3.0"><uses name="a&amp;b" link="input" size="2000"/><uses name="c" link="input" size="30"/></job>
  <job id="ID3" name="mAdd" runtime=".5"><uses file="d" link="input" size="1"/></job>
  <child ref="ID1"><parent ref="ID0"/></child>
  <child ref="ID2"><parent ref="ID0"/></child>
  <child ref="ID3"><parent ref="ID1"/><parent ref="ID2"/></child>
</adag>
END
expect 0 "# 4 tasks and 4 edges of w.dax" "$t" import dax w.dax
expect 0 "ID2: {work: {seconds: {cpu: 3 s}}, after: {ID0: 2030 B}}" "$t" import dax w.dax
expect 0 "ID3: {work: {seconds: {cpu: 0.5 s}}, after: {ID1: 1 B, ID2: 0 B}}" "$t" import dax w.dax
"$t" import dax w.dax --under workloads.job --quiet -o graph.yaml && runs dax 4.5
spoilt dax w.dax 's/ runtime="2.0"//' "bad.dax:8:3: found a job without a runtime, wanted <job"
spoilt dax w.dax 's/parent ref="ID2"/parent ref="ID9"/' "bad.dax:13:39: found a parent that is no job before it"
spoilt dax w.dax 's/id="ID1"/id="ID0"/' "bad.dax:8:3: found the id of another job"
spoilt dax w.dax '$d' "found XML that is not right (no element found)"
printf '<!DOCTYPE adag [<!ENTITY a "x"><!ENTITY b "&a;&a;">]>\n<adag>&b;</adag>\n' >bad.dax
expect 2 "found a DOCTYPE, wanted a file without" "$t" import dax bad.dax
printf '<adag/>' >bad.dax
expect 2 "found 0 tasks" "$t" import dax bad.dax

printf 'digraph G {\n  a [size="1"];\n  b;\n}\n' >bad.dot
expect 2 "bad.dot:3:3: found no size of the task, wanted NODE" "$t" import dot bad.dot
printf 'a [size="1"];\na -> c [size="1"];\n' >bad.dot
expect 2 "bad.dot: found data of c, which is no task of the file, wanted one" "$t" import dot bad.dot
printf 'node1 -- Conv\n' >bad.txt
expect 2 "bad.txt:1:1: found no forward_compute_time" "$t" import pipedream bad.txt
printf 'node1\n' >bad.txt
expect 2 "bad.txt:1:1: found a line without --" "$t" import pipedream bad.txt
: >empty.dot
expect 2 "found 0 tasks" "$t" import dot empty.dot
printf '{"workflow": {}}' >bad.json
expect 2 "found no list workflow.tasks" "$t" import workflow bad.json
printf '{"workflow": {"tasks": [{"name": "a", "runtime": 1, "parents": ["b"]}]}}' >bad.json
expect 2 "workflow task 1: found a parent that is no task of the file" "$t" import workflow bad.json
expect 2 "none.dot: the file cannot be opened" "$t" import dot none.dot

data=${TIERSIM_DATA:-}
if [ -d "$data/dag" ]; then
    expect 0 "# 102 tasks and 130 edges" "$t" import dot "$data/dag/daggen-100-0.25-0.9-0.3-2.dot"
    expect 0 "# 26 tasks and 44 edges" "$t" import workflow "$data/dag/wfformat_sample.json"
    "$t" import dot "$data/dag/daggen-100-0.5-0.9-0.10-2.dot" --under workloads.job --quiet -o graph.yaml
    "$t" run s.yaml --quiet --output s.h5 || fail "a graph of daggen does not run"
    expect 0 "# 45 tasks and 54 edges" "$t" import pipedream "$data/profiles/pipedream/gnmt_graph.txt"
    # 256 maps of 13 x 13 numbers of 4 B: the sample of a minibatch of 256
    expect 0 "node11: {work: {seconds: {cpu: 2.10546875e-06 s}}, after: {node10: $((256 * 13 * 13 * 4)) B}}" \
        "$t" import pipedream "$data/profiles/pipedream/alexnet_graph.txt" --batch 256
else
    echo "real graphs skipped: TIERSIM_DATA does not name the folder of the real traces"
fi
exit 0
