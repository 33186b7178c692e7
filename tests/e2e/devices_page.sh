#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# devices_page.sh BUILD [--write] - the table in docs/devices.md, its end, is what the program prints.  With --write it is made so.
set -u
t=$1/tiersim page=docs/devices.md
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
"$t" list devices --markdown >"$dir/table" || exit 1
sed '/^| device/,$d' "$page" >"$dir/head"
cat "$dir/head" "$dir/table" >"$dir/whole"
if [ "${2:-}" = --write ]; then
    cp "$dir/whole" "$page"
    exit
fi
diff "$dir/whole" "$page" || { echo "$page: its table is not what the program prints: tests/e2e/devices_page.sh $1 --write"; exit 1; }
