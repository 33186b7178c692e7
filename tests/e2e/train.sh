#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# train.sh BUILD - `tiersim train`: one table at any number of threads and however often it was killed and resumed; a run takes
# it, verify finds the run again, and what does not fit is refused.
set -u
root=$PWD t=$PWD/$1/tiersim
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
. tests/expect.sh
cd "$dir" || exit 1
same() { h5diff --exclude-path /provenance "$1" "$2" >out 2>&1 && [ ! -s out ] || { cat out; fail "$1 and $2 differ"; }; }
cat >two.yaml <<'END'
tiersim: 1
name: two
about: a fast and a slow server
nodes:
  door: {tier: end, processors: {none: {speed: 1 FLOP/s}}, attach: fast}
  fast: {tier: edge, processors: {cpu: {speed: 1 FLOP/s}}}
  slow: {tier: cloud, processors: {cpu: {speed: 0.5 FLOP/s}}}
links:
  near: {from: door, to: fast, per: fast, capacity: 1000 Gbit/s, latency: 0 s}
  far: {from: fast, to: slow, capacity: 1000 Gbit/s, latency: 0 s}
workloads:
  job: {at: door, arrivals: {poisson: {rate: 1 /s}}, work: {exponential: {mean: 1 FLOP}}, runs_on: [cpu]}
experiment:
  policies: [mct, q_learning: {places: 2, queue: {bins: 10}, rate: {half: 30}}]
  jobs: 2000
  replications: 2
END
train="$t train two.yaml --policy q_learning --every 16 --replications 3 --quiet"

expect 0 "Usage: tiersim train" "$t" train --help
expect 2 "wanted a scenario file and --policy" "$t" train two.yaml
expect 2 "does not learn" "$t" train two.yaml --policy mct
expect 2 "by which two.yaml is judged" "$t" train two.yaml --policy q_learning --seed 1
expect 1 "wanted the name of a table" "$t" train two.yaml --policy q_learning -o /dev/null
expect 1 "there is no folder" "$t" train two.yaml --policy q_learning -o no/where.h5
expect 0 "80 episodes" "$t" train two.yaml --policy q_learning --every 16 --replications 3 --episodes 80 --threads 1 -o one.h5

# Any number of threads; stopped and gone on with; killed wherever it was, and gone on with.
$train --episodes 80 --threads 3 -o three.h5 || fail "--threads 3 failed"
same one.h5 three.h5
$train --episodes 32 -o parts.h5 && $train --episodes 80 --resume -o parts.h5 || fail "--resume failed"
same one.h5 parts.h5
tries=0
until [ "$tries" = 3 ]; do
    tries=$((tries + 1))
    $train --episodes $((tries * 16)) --resume -o killed.h5 & pid=$!
    sleep "0.0$tries"
    kill -9 $pid 2>/dev/null
    wait $pid 2>/dev/null
done
$train --episodes 80 --resume -o killed.h5 || fail "--resume after kills failed"
same one.h5 killed.h5
expect 2 "cannot be resumed" "$t" train two.yaml --policy q_learning --every 16 --replications 3 --seed 77 --resume -o one.h5

# Two scenarios in turn, with the same names; tile coding; each learner.
sed 's/rate: 1 /rate: 1.2 /' two.yaml >busy.yaml
expect 0 "16 episodes" "$t" train two.yaml busy.yaml --policy q_learning --episodes 16 --replications 2 -o both.h5
expect 2 "differ in their nodes" "$t" train two.yaml "$root/scenarios/mm1.yaml" --policy q_learning --episodes 16 -o both.h5
sed 's/places: 2, /places: 2, tilings: 4, work: {bins: 4}, link: {bins: 2}, slow: {bins: 3}, slack: {bins: 2}, /' two.yaml >tiles.yaml
expect 0 "16 episodes" "$t" train tiles.yaml --policy q_learning --episodes 16 --replications 2 --threads 1 -o tiles.h5
expect 0 "16 episodes" "$t" train tiles.yaml --policy q_learning --episodes 16 --replications 2 --threads 2 -o again.h5
same tiles.h5 again.h5
expect 0 "wrote run.h5" "$t" run tiles.yaml --policy q_learning=tiles.h5 -o run.h5
for learner in sarsa expected_sarsa double_q linucb thompson thompson_beta actor_critic; do
    expect 0 "24 episodes" "$t" train two.yaml --policy $learner --episodes 24 --replications 2 --threads 1 -o $learner.h5
    "$t" train two.yaml --policy $learner --episodes 24 --replications 2 --threads 2 --quiet -o again.h5 || fail "$learner failed"
    same $learner.h5 again.h5
    expect 0 "wrote run.h5" "$t" run two.yaml --policy $learner=$learner.h5 -o run.h5
done

# What is not known exactly: learned and judged on systems of their own in each episode and replication, if it is to be sampled.
sed 's|cpu: {speed: 1 FLOP/s}|cpu: {speed: {value: 1 FLOP/s, cv: 0.5}}|' two.yaml >unsure.yaml
sed 's/  jobs: 2000/&\n  uncertainty: sampled/' unsure.yaml >sampled.yaml
for s in two unsure sampled; do
    "$t" train $s.yaml --policy q_learning --episodes 16 --replications 2 --threads 1 --quiet -o $s.h5 || fail "$s failed"
done
for what in /state /curve/latency_mean; do
    h5diff two.h5 unsure.h5 $what >out || { cat out; fail "$what depends on an uncertainty that is ignored"; }
    h5diff unsure.h5 sampled.h5 $what >out && fail "$what does not depend on what is sampled"
done
"$t" train sampled.yaml --policy q_learning --episodes 16 --replications 2 --threads 3 --quiet -o again.h5 || fail "sampled failed"
same sampled.h5 again.h5

# A run takes it; the file knows it; another table in its place is seen.
expect 0 "wrote run.h5" "$t" run two.yaml --policy mct --policy q_learning=one.h5 -o run.h5
expect 0 "verified: 4 of 4" "$t" verify run.h5
sed 's/q_learning: {[^}]*{[^}]*}[^}]*{[^}]*}}/q_learning: {table: one.h5, learning: frozen}/' two.yaml >taken.yaml
grep -q 'table: one.h5' taken.yaml || fail "the sed is wrong"
expect 0 "wrote taken.h5" "$t" run taken.yaml -o taken.h5
"$t" export run.h5 >/dev/null && "$t" export taken.h5 >/dev/null || fail "export failed"
sed 's/^q_learning=one.h5/q_learning/' run_summary.csv | cmp -s - taken_summary.csv || fail "a table of the scenario and one of the command line differ"
$train --episodes 16 -o one.h5
expect 2 "is not the one that was run" "$t" verify taken.h5

# What does not fit.
expect 2 "found the table of q_learning" "$t" run two.yaml --policy sarsa=three.h5
sed 's/slow/dull/' two.yaml >other.yaml
expect 2 'they differ in "nodes' "$t" run other.yaml --policy q_learning=three.h5
sed 's/bins: 10}, rate: {half: 30}/bins: 9}, table: three.h5/' two.yaml >bins.yaml
expect 2 'it was learned with "queue of place 0: 10 bins of 1", here it is "queue of place 0: 9 bins of 1"' "$t" run bins.yaml
expect 2 "not a table of a policy" "$t" run two.yaml --policy q_learning=run.h5
expect 2 "there is no table" "$t" run two.yaml --policy q_learning=nothing.h5
head -c 3000 three.h5 >cut.h5
expect 2 "cannot open the file as HDF5" "$t" run two.yaml --policy q_learning=cut.h5

# A block of state for each device, merged block by block; taken in by as many; and the digest is that of any number of threads.
sed -e 's/tier: end,/tier: end, count: 3,/' -e 's/q_learning: {/q_learning: {state: device, /' two.yaml >blocks.yaml
expect 0 "blocks.yaml: policy q_learning: 3 blocks of state" "$t" check blocks.yaml
blocks="$t train blocks.yaml --policy q_learning --episodes 16 --replications 2 --quiet"
$blocks --threads 1 -o blocks1.h5 && $blocks --threads 3 -o blocks3.h5 || fail "training of blocks failed"
same blocks1.h5 blocks3.h5
sed 's/state: device/state: device, table: blocks1.h5/' blocks.yaml >taken.yaml
expect 0 "q_learning" "$t" run taken.yaml --threads 1 -o taken1.h5
expect 0 "q_learning" "$t" run taken.yaml --threads 3 -o taken3.h5
same taken1.h5 taken3.h5
expect 0 "verified" "$t" verify taken1.h5
sed 's/state: device, //' taken.yaml >alone.yaml
expect 2 "is of 3 blocks of state, wanted 1 as here, or one" "$t" run alone.yaml -o alone.h5

# The curve.
if command -v gnuplot >/dev/null; then
    expect 0 "drew ./three_learning.svg and ./three_learning.png" "$t" plot learning three.h5
    grep -q '</svg>' three_learning.svg && grep -q 'q_learning' three_learning.svg || fail "three_learning.svg is not whole"
    [ "$(wc -c <three_learning.png)" -gt 20000 ] || fail "three_learning.png is nearly empty"
fi
expect 2 "not a table of a policy" "$t" plot learning run.h5

# The shipped table beats the rules of its scenario on draws that it has not seen: it is first, all others are shown to be worse.
# Here the five that come next; the others are farther behind than the last of these.
nearest="--policy edf --policy qos_weighted --policy mct --policy deadline_slack --policy min_min"
"$t" run "$root/scenarios/reserve.yaml" --policy q_learning $nearest --output reserve.h5 >out ||
    { cat out; fail "reserve.yaml failed"; }
sed -n '/^Objective/,/^Rank/p' out >ranks
grep -q '^q_learning  *1 ' ranks || { cat ranks; fail "the learned table is not the first"; }
n=$(grep -c 'worse than q_learning' ranks)
[ "$n" = 5 ] || { cat ranks; fail "5 rivals were to be worse than the learned table, found $n"; }
