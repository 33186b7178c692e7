#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# bounds.sh BUILD - an objective and bounds as a user has them: tables, JSON, the figure, and the same again by verify.
set -u
t=$PWD/$1/tiersim
. "$(dirname "$0")/../expect.sh"
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
cat >s.yaml <<'END'
tiersim: 1
name: s
nodes:
  device: {tier: end, count: 3, attach: edge, processors: {cpu: {speed: 1 GFLOP/s}}, power: {idle: 1 W, busy: 5 W}}
  edge: {tier: edge, processors: {cpu: {cores: 2, speed: 3 GFLOP/s}}, power: {idle: 9 W, busy: 60 W}}
links: {cell: {from: device, to: edge, capacity: 20 Mbit/s}}
workloads:
  job: {at: device, arrivals: {poisson: {rate: 1 /s}}, input: 40 kB, work: {exponential: {mean: 0.3 GFLOP}}, deadline: 400 ms}
objective: {latency: {per: 100 ms}, energy: {weight: 0.2, per: 1 J}, miss: 1}
experiment: {policies: [local, mct, oracle_mct], replications: 4, warm_up: 5 s, duration: 60 s}
END
expect 0 "Objective: latency/100 ms + 0.2 energy/1 J + miss; mean per job, lower is better" "$t" run s.yaml --output a.h5
grep -q '^local .*worse than mct' out || { cat out; fail "local is not shown to be worse"; }
grep -q '^oracle_mct .*–.*reference, ' out || { cat out; fail "the reference is not told"; }
grep -q 'Regret' out && fail "regret without bounds"
expect 0 "Regret: how far each is above what no policy can beat" "$t" run s.yaml --bounds --output b.h5
expect 0 "" "$t" verify b.h5
digest() { h5dump -d /digest "$1" | grep '^ *([0-9]*,'; } # not its attributes: some releases print where in memory these are
[ "$(digest a.h5)" = "$(digest b.h5)" ] || fail "bounds change what is run"
"$t" run s.yaml --bounds --json --output c.h5 >json 2>/dev/null || fail "--json"
python3 - <<'END' || fail "the JSON says something else"
import json
d = json.load(open("json"))
assert d["objective"] == "latency/100 ms + 0.2 energy/1 J + miss"
assert [x["rank"] for x in d["leaderboard"] if x["policy"] in ("mct", "local")] == [1, 2], d["leaderboard"]
for p in d["policies"]:
    m = p["all"]
    for value, bound in (("objective", "bound_objective"), ("latency_charged", "bound_latency"), ("miss_ratio", "bound_miss"),
                         ("energy_per_job", "bound_energy")):
        assert m[value]["estimate"] >= m[bound]["estimate"] >= 0, (p["policy"], value)
    assert m["bound_latency"]["estimate"] > 0
    assert p["reference"] == (p["policy"] == "oracle_mct")
END
# What a policy is measured by does not depend on who else is in the list: one that races has luck of its own, others have not.
drawn='links.cell.latency={exponential: {mean: 20 ms}}'
for list in mct 'mct hedge'; do
    "$t" run s.yaml --bounds --json --output e.h5 --set "$drawn" $(printf -- '--policy %s ' $list) >"$(echo "$list" | tr -d ' ').json" 2>err ||
        { cat err; fail "bounds of $list"; }
done
python3 - <<'END' || fail "a bound depends on the rivals"
import json
alone, both = ({p["policy"]: p["all"]["bound_latency"]["estimate"] for p in json.load(open(f))["policies"]}
               for f in ("mct.json", "mcthedge.json"))
assert alone["mct"] == both["mct"] > 1.2 * both["hedge"], (alone, both)
END
expect 0 "Regret: how far" "$t" run s.yaml --bounds --output d.h5 --set 'workloads.job.arrivals={closed: {users: 1, think: 1 s}}'
sed 's/warm_up: 5 s, duration: 60 s/jobs: 10/' s.yaml >few.yaml
expect 2 "found a closed loop with bounds" "$t" run few.yaml --bounds --output d.h5 --set 'workloads.job.arrivals={closed: {users: 1, think: 1 s}}'
exit 0
