#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# import_device.sh BUILD - tables of what devices take become devices that a scenario's nodes are, and jobs take those times.
set -u
t=$PWD/$1/tiersim
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
. tests/expect.sh
cd "$dir" || exit 1
runs() { # DEVICE WORK LATENCY
    cat >s.yaml <<END
tiersim: 1
name: s
include: d.yaml
nodes: {box: {tier: edge, device: $1}}
workloads: {job: {at: box, arrivals: {periodic: {period: 1 h}}, runs_on: ${4:-cpu}, work: $2}}
experiment: {policies: [local], jobs: 1}
END
    "$t" run s.yaml --json --output s.h5 >json 2>log || { cat log; fail "$1: does not run"; }
    python3 -c 'import json, sys
x = json.load(open("json"))["policies"][0]["all"]["latency_mean"]["estimate"]
assert abs(x / float(sys.argv[1]) - 1) < 1e-6, x' "$3" || fail "$1: not $3 s"
}

# 1 + 2 exp(0.5 * 0.5^2) = 3.266297
printf 'device,function,lognorm_shape,lognorm_loc_s,lognorm_scale_s\nrpi 3,resnet-cpu,0.5,1,2\nnano,resnet-cpu,0,1,0.5\n' >f.csv
expect 0 "wrote d.yaml" "$t" import faas_sim f.csv -o d.yaml
runs rpi_3 '{function: resnet-cpu}' 3.266296906
runs nano '{function: {name: resnet-cpu, times: 2}}' 3
printf 'device,function,lognorm_shape,lognorm_loc_s,lognorm_scale_s\nnano,resnet,0.1,x,2\n' >bad.csv
expect 2 "bad.csv:2:17: found" "$t" import faas_sim bad.csv
printf 'device,function\nnano,resnet\n' >bad.csv
expect 2 "lognorm_shape" "$t" import faas_sim bad.csv
expect 2 "wanted it not" "$t" import faas_sim f.csv --column x
printf 'device,function,lognorm_shape,lognorm_loc_s,lognorm_scale_s\na,b,0,1,1\na,b,0,1,1\n' >bad.csv
expect 2 "found b of a a second time" "$t" import faas_sim bad.csv

# Runs that scatter widely, a path with quotes, a name that YAML takes for a truth value: the mean is 0.5 exp(0.5 * 2.5^2).
printf 'device,function,lognorm_shape,lognorm_loc_s,lognorm_scale_s\nno,resnet,2.5,0,0.5\n' >'f "wide".csv'
expect 0 "wrote d.yaml" "$t" import faas_sim 'f "wide".csv' -o d.yaml
grep -q 'times: {lognormal: {mean: 1, cv: 22.7}}' d.yaml || { cat d.yaml; fail "faas_sim: no scatter"; }
runs dno '{function: resnet}' 11.379949
# Single runs are of the job; a replication has none of them for all.
runs dno '{function: {name: resnet, times: 2}}' 22.759898

# 20 ms on a big core, 5 ms on the gpu; the speed is 3e9 flop in 60 ms
printf 'model,FLOPS,size,p|1large|float|mean,p|1large|float|std,p|gpu|float|mean,p|gpu|float|std\nnet-1,1e9,1,20000,200,5000,50\nnet2,2e9,1,40000,400,,\n' >m.csv
expect 0 "wrote d.yaml" "$t" import mobile m.csv -o d.yaml
grep -q 'speed: 50 GFLOP/s' d.yaml || { cat d.yaml; fail "mobile: speed"; }
runs p '{function: net-1}' 0.02
runs p '{function: net-1}' 0.005 gpu
expect 0 "net2: 40 ms  # single runs: times: {lognormal: {mean: 1, cv: 0.01}}" "$t" import mobile m.csv
expect 2 "--column: found 2med|float, which is of no processor of m.csv" "$t" import mobile m.csv --column '2med|float'
expect 2 "found --plot for a table of devices, wanted it for traces alone" "$t" import mobile m.csv --plot

# 0.2 and 0.4 ms a token of the prompt, 10 tokens at 3 ms
printf 'model,hardware,prompt_size,batch_size,token_size,prompt_time,token_time,tensor_parallel\nllama,a100,100,1,9,20,3,8\nllama,a100,100,1,9,40,3,8\nllama,a100,100,2,9,80,5,8\n' >w.csv
expect 0 "wrote d.yaml" "$t" import splitwise w.csv -o d.yaml
runs a100_8 '{function: {name: llama-prefill, times: 100}}' 0.03 gpu
runs a100_8 '{function: {name: llama-decode, times: 10}}' 0.03 gpu
# of 0.2 and 0.4 ms: 0.1414 ms about 0.3, and 0.1 ms about the mean
expect 0 "llama-prefill: {value: 0.3 ms, cv: 0.333}  # single runs: times: {lognormal: {mean: 1, cv: 0.471}}" "$t" import splitwise w.csv
expect 0 "llama-decode: 5 ms" "$t" import splitwise w.csv --column 2
expect 2 "--column: found 2x, wanted a whole number from 1" "$t" import splitwise w.csv --column 2x
expect 2 "found no device" "$t" import splitwise w.csv --column 3
printf 'model,hardware,prompt_size,batch_size,prompt_time,token_time,tensor_parallel\nllama,a100,0,1,20,3,8\n' >bad.csv
expect 2 "bad.csv:2:12: found '0', wanted a number above 0" "$t" import splitwise bad.csv

# Products of t x 100 x 100 and the like at 1 GFLOP/s exactly; what moves bytes alone at 1 GB/s.
python3 - >v.csv <<'END'
f = ["attn_pre_proj", "attn_post_proj", "mlp_up_proj", "mlp_down_proj", "input_layernorm", "post_attention_layernorm", "add", "emb"]
print(",".join("time_stats.%s.median" % x for x in f) + ",n_head,n_kv_head,n_embd,n_expanded_embd,use_gated_mlp,num_tokens,num_tensor_parallel_workers")
for t in (1, 2, 4, 8, 16, 32, 64, 128):
    gemm = [2 * t * 100 * 300 / 1e9, 2 * t * 100 * 100 / 1e9, 2 * t * 100 * 400 / 1e9, 2 * t * 200 * 100 / 1e9]
    byte = [2 * k * t * 100 / 1e9 for k in (2, 2, 3, 2)]
    print(",".join("%.12g" % (1e3 * x) for x in gemm + byte) + ",4,4,100,200,True,%d,1" % t)
END
expect 0 "wrote d.yaml" "$t" import vidur v.csv -o d.yaml
runs card '{operators: {gemm: {count: 2, flop: 1 GFLOP, bytes: 1 MB}, norm: {bytes: 1 GB}}}' 2 gpu
expect 2 "found no device" "$t" import vidur v.csv --column 4

data=${TIERSIM_DATA:-}
if [ -d "$data/profiles" ]; then
    # the means of DATA's medians 0.154 s and 2.9 s with their tails; 10 devices
    "$t" import faas_sim "$data/profiles/faas_sim_edge_ai_exec.csv" --quiet -o d.yaml || fail "faas_sim"
    [ "$(grep -c '^  [a-z]' d.yaml)" = 10 ] || fail "faas_sim: not 10 devices"
    runs rpi4 '{function: resnet-inference-cpu}' 2.90764099
    "$t" import mobile "$data/profiles/mobile/tflite_cnn_e2e.csv" --quiet -o d.yaml || fail "mobile"
    runs pixel4 '{function: bagnet9}' 0.908365
    "$t" import splitwise "$data/profiles/splitwise_perf_model.csv" --quiet -o d.yaml || fail "splitwise"
    grep -q 'llama2-70b-decode: {value: 4[0-9]' d.yaml || fail "splitwise: not about 45 ms a token on 8 A100"
    gunzip -c "$data/profiles/vidur/a100_Llama-2-7b-hf_mlp.csv.gz" >real.csv && "$t" import vidur real.csv --quiet -o d.yaml ||
        fail "vidur"
    grep -q 'gemm: {' d.yaml || fail "vidur: no law of gemm"
else
    echo "real tables skipped: TIERSIM_DATA does not name the folder of the real traces"
fi
exit 0
