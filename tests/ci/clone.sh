#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# clone.sh - a fresh clone holds all that its users need: make demo draws the figure, and what make install puts in place
# lets another program be built against the library, shared and static, and run the installed scenario.
set -eu
cd "$(dirname "$0")/../.."
dir=$(mktemp -d); trap 'rm -rf "$dir"' EXIT
git clone -q . "$dir/clone"
cd "$dir/clone"
make -j"$(nproc)" demo
for f in results/factory.h5 results/factory_latency.svg results/factory_latency.png; do
    [ -s $f ] || { echo "make demo left no $f"; exit 1; }
done
make install DESTDIR="$dir/root" PREFIX=/opt/tiersim
[ -z "$(git status --porcelain)" ] || { git status --short; echo "the build leaves files that git does not ignore"; exit 1; }

prefix=$dir/root/opt/tiersim
cd "$dir"
cat >user.c <<'END'
#include <stdio.h>
#include <tiersim/tiersim.h>
int main(int argc, char **argv)
{
    char message[512] = "";
    struct ts_scenario *s = NULL;
    if (argc != 2 || ts_scenario_open(&s, argv[1], NULL, 0, message, sizeof message) < 0) {
        fprintf(stderr, "%s\n", message);
        return 1;
    }
    printf("%s %s\n", ts_version(), ts_scenario_name(s));
    ts_scenario_close(s);
    return 0;
}
END
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
flags="--define-variable=prefix=$prefix"
pkg-config --exists tiersim
gcc -Wall -Werror -o shared user.c $(pkg-config $flags --cflags --libs tiersim)
gcc -Wall -Werror -o static user.c $(pkg-config $flags --cflags tiersim) "$prefix/lib/libtiersim.a" \
    $(pkg-config $flags --static --libs tiersim | sed 's/-ltiersim//')
version=$("$prefix/bin/tiersim" --version | awk '{ print $2 }')
for program in shared static; do
    said=$(LD_LIBRARY_PATH=$prefix/lib ./$program "$prefix/share/tiersim/scenarios/factory.yaml")
    [ "$said" = "$version factory" ] || { echo "$program: said '$said', wanted '$version factory'"; exit 1; }
done
"$prefix/bin/tiersim" list | grep -q '^  factory.yaml .*cameras'
"$prefix/bin/tiersim" init mine
"$prefix/bin/tiersim" check --strict mine.yaml
"$prefix/bin/tiersim" check "$prefix/share/tiersim/scenarios/factory.yaml"
"$prefix/bin/tiersim" run "$prefix/share/tiersim/scenarios/factory.yaml" --quick --quiet --output quick.h5
[ -s quick.h5 ]
