#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# onnx.sh BUILD - with a real ONNX Runtime, which it installs: the table of functions that is declared here is the header's,
# operators are measured and a profile written, drawn and read; without one the program says what to do.
set -u
cd "$(dirname "$0")/../.." || exit 1
t=$PWD/$1/tiersim
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
fail() { echo "$*"; exit 1; }

TIERSIM_ORT_LIB=$dir/absent.so "$t" calibrate --quick -o "$dir/x.h5" >"$dir/out" 2>&1
[ $? = 1 ] && grep -q "TIERSIM_ORT_LIB: found $dir/absent.so, which cannot be loaded" "$dir/out" || { cat "$dir/out"; fail "absent library"; }

./deps.sh onnx >"$dir/out" 2>&1 || { tail -n 3 "$dir/out" | tr '\n' ' '; echo "ONNX Runtime could not be installed"; exit 77; }
"$t" calibrate --quick --only gemm --only conv --only embedding --only attention --only conv_int8 --name box -o "$dir/box.h5" \
    >"$dir/out" 2>&1 || { cat "$dir/out"; fail "calibrate"; }
for kind in gemm conv attention embedding conv_int8 load; do
    grep -q "^$kind " "$dir/out" || { cat "$dir/out"; fail "no law of $kind"; }
done
h5dump -a /machine "$dir/box.h5" >/dev/null || fail "no machine in the profile"
if command -v gnuplot >/dev/null; then
    "$t" plot calibration "$dir/box.h5" >"$dir/out" 2>&1 && [ "$(wc -l <"$dir/out")" = 1 ] || { cat "$dir/out"; fail "plot calibration"; }
    [ "$(wc -c <"$dir/box_calibration.png")" -gt 20000 ] || fail "box_calibration.png is nearly empty"
fi

# The header: the system's, or that of Debian 13, fetched beside the system.
header=/usr/include/onnxruntime/onnxruntime_c_api.h
if [ ! -e $header ] && [ -e /etc/apt/sources.list.d/debian.sources ]; then
    mkdir -p "$dir/apt/lists/partial" "$dir/apt/cache/archives/partial"
    sed 's/bookworm/trixie/g' /etc/apt/sources.list.d/debian.sources >"$dir/apt/t.sources"
    (cd "$dir/apt" && set -- -o "Dir::Etc::sourcelist=$PWD/t.sources" -o Dir::Etc::sourceparts=/dev/null \
        -o "Dir::State::lists=$PWD/lists" -o "Dir::Cache=$PWD/cache" && apt-get "$@" update &&
        apt-get "$@" download libonnxruntime-dev && dpkg -x libonnxruntime-dev*.deb .) >"$dir/out" 2>&1
    header=$dir/apt/usr/include/onnxruntime/onnxruntime_c_api.h
fi
[ -e "$header" ] || { echo "the rest passed; no header of ONNX Runtime to compare with"; exit 77; }
# Ours and theirs: "place name" of each function, theirs by offsetof.
sed -n 's/^    \(ort_result\|void\|const char \*\)\s*(\*\([a-z_]*\)).*/\2/p' sim/io/ort/ort_api.h >"$dir/names"
cat >"$dir/places.c" <<'C'
#include <onnxruntime_c_api.h>
#include <stddef.h>
#include <stdio.h>
#include "sim/io/ort/ort_api.h"
#define SAME(ours, theirs) \
    if (offsetof(struct ort_api, ours) != offsetof(OrtApi, theirs)) { printf("%s is not where %s is\n", #ours, #theirs); bad = 1; } n++
int main(void)
{
    int bad = 0, n = 0;
    SAME(error_message, GetErrorMessage); SAME(create_env, CreateEnv); SAME(disable_telemetry, DisableTelemetryEvents);
    SAME(create_session, CreateSessionFromArray); SAME(run, Run); SAME(create_session_options, CreateSessionOptions);
    SAME(set_execution_mode, SetSessionExecutionMode); SAME(enable_profiling, EnableProfiling);
    SAME(set_optimisation, SetSessionGraphOptimizationLevel); SAME(set_intra_threads, SetIntraOpNumThreads);
    SAME(set_inter_threads, SetInterOpNumThreads); SAME(n_input, SessionGetInputCount); SAME(n_output, SessionGetOutputCount);
    SAME(input_type, SessionGetInputTypeInfo); SAME(output_type, SessionGetOutputTypeInfo);
    SAME(input_name, SessionGetInputName); SAME(output_name, SessionGetOutputName);
    SAME(create_tensor, CreateTensorWithDataAsOrtValue); SAME(tensor_data, GetTensorMutableData);
    SAME(shape_of_type, CastTypeInfoToTensorInfo); SAME(element_type, GetTensorElementType); SAME(n_dim, GetDimensionsCount);
    SAME(dims, GetDimensions); SAME(n_element, GetTensorShapeElementCount); SAME(shape_of_value, GetTensorTypeAndShape);
    SAME(cpu_memory, CreateCpuMemoryInfo); SAME(allocator_free, AllocatorFree);
    SAME(default_allocator, GetAllocatorWithDefaultOptions); SAME(release_env, ReleaseEnv);
    SAME(release_status, ReleaseStatus); SAME(release_memory_info, ReleaseMemoryInfo); SAME(release_session, ReleaseSession);
    SAME(release_value, ReleaseValue); SAME(release_type_info, ReleaseTypeInfo);
    SAME(release_shape_info, ReleaseTensorTypeAndShapeInfo); SAME(release_session_options, ReleaseSessionOptions);
    SAME(end_profiling, SessionEndProfiling); SAME(set_option, AddSessionConfigEntry);
    printf("%d\n", n);
    return bad;
}
C
gcc -I. -isystem "$(dirname "$header")" -o "$dir/places" "$dir/places.c" || fail "the header cannot be compiled"
"$dir/places" >"$dir/out" || { cat "$dir/out"; fail "the header has another table"; }
[ "$(cat "$dir/out")" = "$(grep -c '(\*[a-z_]*)(' sim/io/ort/ort_api.h | awk '{ print $1 - 2 }')" ] ||
    fail "found $(cat "$dir/out") functions compared, wanted all"
