#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# bad_input.sh BUILD - what nobody writes but somebody may hand in, by the program with an address space of 500 MB: each is
# refused with a sentence that says why.  (A sanitizer needs more space for itself, and runs without that limit.)
set -u
t=$PWD/$1/tiersim
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 1
fail() { echo "$*"; exit 1; }
case $1 in *asan* | *tsan*) limit=unlimited ;; *) limit=500000 ;; esac
# refused TEXT FILE: exit status 2, and a text in the one line or more that is said
refused() {
    (ulimit -v $limit; exec timeout 60 "$t" check "$2") >out 2>&1; rc=$?
    [ $rc = 2 ] || { head -n 5 out; fail "$2: exit status $rc, wanted 2"; }
    grep -qF -e "$1" out || { head -n 5 out; fail "$2: wanted '$1'"; }
    [ "$(wc -l <out)" -le 101 ] || fail "$2: found $(wc -l <out) lines of errors"
}
cat >good.yaml <<'END'
tiersim: 1
name: good
nodes: {server: {tier: edge, count: 1, processors: {cpu: {speed: 1 GFLOP/s}}}}
workloads: {job: {at: server, arrivals: {poisson: {rate: 0.5 /s}}, work: 1 GFLOP}}
experiment: {policies: [local], duration: 10 s}
END
(ulimit -v $limit; exec "$t" check good.yaml) >out 2>&1 || { cat out; fail "found the good one refused"; }
# altered NAME FROM TO: the good one with something else in it
altered() { sed "s|$2|$3|" good.yaml >"$1.yaml"; cmp -s good.yaml "$1.yaml" && fail "$1: is as it was"; }

# numbers
altered count 'count: 1' 'count: 1e18'
refused 'nodes.server.count: found 1e18, wanted a whole number from 1 to 10000000' count.yaml
for n in nan .nan NaN inf .inf -.inf infinity 1e999; do
    altered number '1 GFLOP/s' "$n GFLOP/s"
    refused "processors.cpu.speed: found $n GFLOP/s" number.yaml
    altered number 'count: 1' "count: $n"
    refused "nodes.server.count: found $n, wanted a whole number" number.yaml
    altered number 'duration: 10 s' "duration: 10 s, seed: $n"
    refused "experiment.seed: found $n, wanted a whole number" number.yaml
done
altered number 'duration: 10 s' 'duration: 1e300 d'
refused 'experiment.duration: found 1e300 d, wanted a time above 0' number.yaml

# nesting of 200 levels: in brackets, braces and by indentation, and through aliases
open=$(printf '[%.0s' $(seq 200)) close=$(printf ']%.0s' $(seq 200))
altered deep 'name: good' "name: $open x $close"
refused 'nesting' deep.yaml
altered deep 'name: good' "name: $(printf '{a: %.0s' $(seq 200)) x $(printf '}%.0s' $(seq 200))"
refused 'nesting' deep.yaml
{ cat good.yaml; echo 'defaults:'; for i in $(seq 200); do printf '%*sa:\n' "$i" ''; done; } >deep.yaml
refused 'nesting deeper than 64 levels' deep.yaml
{ cat good.yaml; echo 'defaults:'; echo '  a0: &a0 [x]'; for i in $(seq 200); do echo "  a$i: &a$i [*a$((i - 1))]"; done; } >deep.yaml
refused 'nesting deeper than 64 levels' deep.yaml
printf '[%.0s' $(seq 100000) >deep.yaml
refused 'deep.yaml' deep.yaml

# bombs: of aliases, of merge keys, of files that include each other twice
bomb() { { cat good.yaml; echo 'defaults:'; echo "  a0: &a0 $1"; for i in $(seq 40); do echo "  a$i: &a$i $2" | sed "s/@/*a$((i - 1))/g"; done; } >bomb.yaml; }
bomb '[x, x]' '[@, @, @, @, @, @, @, @, @]'
refused 'found more than 2000000 values, aliases written out' bomb.yaml
bomb '{k: x}' '{p: @, q: @, r: @}'
refused 'found more than 2000000 values, aliases written out' bomb.yaml
{ cat good.yaml; echo 'defaults:'; echo "  a: &a {$(for i in $(seq 3000); do printf 'k%s: x, ' "$i"; done)}"
  for i in $(seq 1000); do echo "  b$i: {<<: *a}"; done; } >bomb.yaml
refused 'wanted fewer' bomb.yaml
for i in $(seq 30); do echo "include: [part$((i + 1)).yaml, part$((i + 1)).yaml]" >"part$i.yaml"; done
echo 'tiersim: 1' >part31.yaml
{ cat good.yaml; echo 'include: part1.yaml'; } >bomb.yaml
refused 'include: found more than 1000 files or 32 inside each other, wanted fewer' bomb.yaml

# sizes
head -c 50000000 /dev/zero | tr '\0' 'x' >large.yaml
refused 'large.yaml: found 50000000 bytes, wanted at most 6291456' large.yaml
{ cat good.yaml; echo 'include: large.yaml'; } >large_part.yaml
refused 'include: large.yaml: found 50000000 bytes' large_part.yaml
{ cat good.yaml; yes -- '- [' | head -n 1500000; } >brackets.yaml
refused 'brackets.yaml' brackets.yaml
{ echo 'tiersim: 1'; for i in $(seq 200000); do echo "k$i: 1"; done; } >keys.yaml
refused '... and 199' keys.yaml
{ printf 'tiersim: 1\nname: "'; head -c 6000000 /dev/zero | tr '\0' 'x'; echo '"'; } >name.yaml
refused 'name: found xxxxxx' name.yaml
{ cat good.yaml; printf 'about: "unterminated\n'; } >quote.yaml
refused 'quote.yaml:' quote.yaml
printf 'tiersim: 1\nname: a\0b\n' >zero.yaml
refused 'zero.yaml:2:8: found a byte 0, wanted text' zero.yaml

# no files
mkdir folder
refused 'folder: found a folder, wanted a file' folder
mkfifo pipe
refused 'pipe: found a pipe, wanted a file' pipe
refused '/dev/zero: found a device, wanted a file' /dev/zero
refused 'No such file or directory' absent.yaml
{ cat good.yaml; echo 'include: [pipe, folder, absent.yaml]'; } >parts.yaml
refused 'include: pipe: found a pipe, wanted a file' parts.yaml
altered trace '{poisson: {rate: 0.5 /s}}' '{trace: {file: pipe, format: azure_llm}}'
refused 'pipe: found a pipe' trace.yaml

# a file that may not be read: root may, so that somebody else has to try
cp good.yaml secret.yaml && chmod 0 secret.yaml
if [ "$(id -u)" != 0 ]; then
    refused 'secret.yaml: the file cannot be opened: Permission denied' secret.yaml
elif command -v setpriv >/dev/null && cp "$t" . && chmod 755 "$dir" tiersim; then
    setpriv --reuid=65534 --regid=65534 --clear-groups ./tiersim check secret.yaml >out 2>&1; rc=$?
    [ $rc = 2 ] && grep -qF 'secret.yaml: the file cannot be opened: Permission denied' out ||
        { cat out; fail "secret.yaml: exit status $rc, wanted 2 and its reason"; }
fi
exit 0
