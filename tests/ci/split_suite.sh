#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# split_suite.sh BUILD - networks of Debian's libonnx-testdata (tests/ci/models.sh fetches them) on a phone's CPU or GPU and a
# server, over 3G, LTE and Wi-Fi: what neurosurgeon gains over sending all, as docs/models.md tells.  It is never worse than the
# better of all here and all there, and dads, which may cut anywhere, not than it; both are held to that.
#
# Phone and server are those of Kang et al. 2017 by what AlexNet takes on them: 382 ms, 81 ms and 6 ms; links by Huang et al. 2012.
set -u
cd "$(dirname "$0")/../.." || exit 1
t=$PWD/$1/tiersim light=$PWD/build/models/debian/usr/share/libonnx-testdata/data/light
[ -f "$light/light_vgg19.onnx" ] || tests/ci/models.sh "$1" >/dev/null 2>&1
[ -f "$light/light_vgg19.onnx" ] || { echo "libonnx-testdata cannot be fetched"; exit 77; }
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
for model in bvlc_alexnet vgg19 zfnet512 squeezenet resnet50 densenet121 inception_v1 shufflenet; do
    for device in "cpu 3.8 4 0.4 9" "gpu 18 10 0.2 12"; do
        read -r kind speed bandwidth start busy <<END
$device
END
        "$t" profile --tasks --under workloads.dnn --on "phone=${speed}GFLOP/s,${bandwidth}GB/s,${start}ms" \
            --on server=243GFLOP/s,200GB/s,0.05ms "$light/light_$model.onnx" | sed 's/input: 602112 B/input: 152 kB/' >net.yaml
        for link in "3g 1.1 2.03 1612 70" "lte 5.85 13.76 659 35" "wifi 18.88 54.97 290 4"; do
            read -r radio up down energy latency <<END
$link
END
            cat >suite.yaml <<END
tiersim: 1
name: suite
include: [net.yaml]
nodes:
  phone: {tier: end, attach: server, processors: {soc: {speed: 1 GFLOP/s}}, power: {idle: 1 W, busy: $busy W}}
  server: {tier: cloud, processors: {gpu: {speed: 1 GFLOP/s}}}
links:
  radio:
    {from: phone, to: server, per: phone, latency: $latency ms,
     up: {capacity: $up Mbit/s, energy: $energy nJ/bit}, down: {capacity: $down Mbit/s, energy: $energy nJ/bit}}
workloads:
  dnn: {at: phone, arrivals: {periodic: {period: 1 h}}}
experiment: {policies: [cloud, local, neurosurgeon, dads, {neurosurgeon: {aim: energy}}], jobs: 1, replications: 1}
END
            "$t" run suite.yaml --json --output suite.h5 2>err >json || { cat err; exit 1; }
            printf '%s %s %s' "$model" "$kind" "$radio"
            awk -F'[:,] *' '/"all":/ { all = 1 } all && /"(latency_mean|energy_per_job)":/ { want = 1 }
                            want && /"estimate"/ { printf " %s", $2; want = 0; if (++n % 2 == 0) all = 0 } END { print "" }' json
        done
    done
done >rows
# Columns: model, processor, link, then latency and energy of cloud, local, neurosurgeon, dads, neurosurgeon for energy.
awk '{ least = $4 < $6 ? $4 : $6; e = $5 < $7 ? $5 : $7; key = $2 " over " $3
       if ($8 > least * 1.000001 || $10 > $8 * 1.000001 || $13 > e * 1.000001) { print "worse than it need be: " $0; bad = 1 }
       faster[key] += $4 / $8; saved[key] += 1 - $13 / $5; n[key]++; all += $4 / $8; joule += 1 - $13 / $5
       inner += $8 < least * 0.999999 }
     END { for (k in n) printf "%s: %.2f times as fast, %.0f %% less energy\n", k, faster[k] / n[k], 100 * saved[k] / n[k]
           printf "all %d: %.2f times as fast, %.1f %% less energy; %d cuts within\n", NR, all / NR, 100 * joule / NR, inner
           exit bad || NR != 48 }' rows
