#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# policies_page.sh BUILD [--write] - the table in docs/policies.md is what the program prints, but for what was measured.  With
# --write it is made so.
set -u
t=$1/tiersim page=docs/policies.md
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
begin='<!-- what tiersim policies --markdown prints -->' end='<!-- end -->'
# Without the last column, and without the line that names the machine.
unmeasured() { sed -e '/^Measured/d' -e 's/ [^|]*|$//'; }
"$t" policies --markdown >"$dir/printed" || exit 1
awk -v begin="$begin" -v end="$end" '$0 == end { inside = 0 } inside { print } $0 == begin { inside = 1 }' "$page" >"$dir/page"
if [ "${2:-}" = --write ]; then
    awk -v begin="$begin" -v end="$end" -v table="$dir/printed" '
        $0 == end { inside = 0 }
        !inside { print }
        $0 == begin { inside = 1; while ((getline line < table) > 0) print line }' "$page" >"$dir/whole" && cp "$dir/whole" "$page"
    exit
fi
unmeasured <"$dir/printed" >"$dir/want"
unmeasured <"$dir/page" | diff "$dir/want" - ||
    { echo "$page: its table is not what the program prints: tests/e2e/policies_page.sh $1 --write"; exit 1; }
