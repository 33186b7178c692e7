#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# schema.sh BUILD - the JSON Schema and the parser agree: ajv finds every good scenario valid, written as it is and resolved,
# and refuses every bad one that is about shape, keys, units or ranges.  ajv comes from npm, into a temporary folder.
set -u
cd "$(dirname "$0")/../.." || exit 1
root=$PWD tiersim=$PWD/$1/tiersim
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
command -v npm >/dev/null || { echo "there is no npm to install ajv with"; exit 77; }
(cd "$dir" && npm install --silent --no-audit --no-fund ajv@8 yaml@2) >"$dir/npm.log" 2>&1 || {
    tail -n 3 "$dir/npm.log" | tr '\n' ' '; echo "ajv could not be installed"; exit 77; }
"$tiersim" schema >"$dir/schema.json" || exit 1
cmp "$dir/schema.json" docs/scenario.schema.json || exit 1
# said FILE...: "valid FILE", "invalid FILE: why" or "unreadable FILE: why"
said() { (cd "$dir" && node "$root/tests/ci/schema.mjs" schema.json "$@"); }
failed=0
fail() { echo "$*"; failed=1; }

for file in "$root"/scenarios/*.yaml "$root"/tests/workshop.yaml "$root"/tests/good/*.yaml; do
    "$tiersim" explain --yaml "$file" >"$dir/$(basename "$file")" 2>/dev/null || rm "$dir/$(basename "$file")" # no data
done
said "$root"/scenarios/*.yaml "$root"/tests/workshop.yaml "$root"/tests/good/*.yaml "$dir"/*.yaml >"$dir/good"
grep -v '^valid ' "$dir/good" && fail "found a good scenario refused"
[ "$(wc -l <"$dir/good")" -ge 10 ] || fail "found too few good scenarios"

said "$root"/tests/bad/*/scenario.yaml | sed "s|$root/tests/bad/||; s|/scenario.yaml||" >"$dir/bad"
[ "$(wc -l <"$dir/bad")" -ge 80 ] || fail "found too few bad scenarios"
while IFS= read -r line; do
    what=${line%% *} name=${line#* } name=${name%%:*}
    [ -e "tests/bad/$name/set" ] && continue
    case $(sed -n "s/^\([a-z]*\) $name\$/\1/p" tests/bad/beyond_schema) in
    meaning) [ "$what" = valid ] || fail "$line: wanted it valid, or not in tests/bad/beyond_schema" ;;
    yaml) ;;
    *) [ "$what" = invalid ] || fail "$line: wanted it refused, or in tests/bad/beyond_schema" ;;
    esac
done <"$dir/bad"
sed -n 's/^[a-z][a-z]* //p' tests/bad/beyond_schema | while read -r name; do
    [ -d "tests/bad/$name" ] || echo "tests/bad/beyond_schema: found $name, which is no folder"
done | grep . && failed=1
exit $failed
