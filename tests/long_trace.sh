#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# long_trace.sh BUILD [ROWS] - for verify: a CSV of 60 million rows (1.3 GB) is imported and replayed in 64 MiB of memory.
set -eu
program=$PWD/$1/tiersim rows=${2:-60000000}
. tests/big_trace.sh
dir=$(mktemp -d "${TMPDIR:-/var/tmp}/long_trace.XXXXXX"); trap 'rm -rf "$dir"' EXIT
cd "$dir"
big_trace "$program" "$rows" 65536
