#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# tutorial.sh BUILD - every command of docs/tutorial.md does what the page says that it does.
set -u
build=$PWD/$1 page=$PWD/docs/tutorial.md here=$PWD/tests traces=$PWD/traces
./deps.sh interop || { echo "the readers of result files cannot be installed here"; exit 77; }
./deps.sh plot || { echo "gnuplot cannot be installed here"; exit 77; }
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
mkdir "$dir/work" "$dir/bin" && ln -s "$build/tiersim" "$dir/bin/tiersim" && ln -s /usr/bin/python3 "$dir/bin/python3"
cd "$dir/work" && ln -s "$traces" traces || exit 1
PATH="$dir/bin:$PATH" LC_ALL=C.UTF-8 /usr/bin/python3 "$here/tutorial.py" "$page"
