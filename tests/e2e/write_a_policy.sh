#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# write_a_policy.sh BUILD - every command of docs/write_a_policy.md does what the page says that it does.
set -u
unset MAKEFLAGS MFLAGS MAKELEVEL
build=$PWD/$1 page=$PWD/docs/write_a_policy.md here=$PWD/tests
command -v python3 >/dev/null || { echo "python3 is not installed"; exit 77; }
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
mkdir "$dir/work" "$dir/bin" && ln -s "$build/tiersim" "$dir/bin/tiersim" && cd "$dir/work" || exit 1
PATH="$dir/bin:$PATH" LC_ALL=C.UTF-8 python3 "$here/tutorial.py" "$page" ${2:-}
