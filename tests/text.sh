#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# text.sh - every source says its licence first, and has no line above 132 columns (120 is the aim), tab, CR or space at the
# end of a line; scripts say their licence in line 2.
cd "$(dirname "$0")/.." || exit 1
find include sim policies tests traces completions deps.sh .ci/run -name '*.[ch]' -o -name '*.sh' -o -path .ci/run | sort | xargs awk '
function fault(what) { print FILENAME ":" FNR ": " what; bad = 1 }
FNR == 1 && FILENAME ~ /\.[ch]$/ && $0 != "/* SPDX-License-Identifier: GPL-3.0-or-later */" { fault("no SPDX line") }
FNR == 2 && FILENAME !~ /\.[ch]$/ && $0 != "# SPDX-License-Identifier: GPL-3.0-or-later" { fault("no SPDX line") }
/\t/ { fault("a tab") }
/ $/ { fault("a space at the end") }
/\r/ { fault("CR") }
length > 132 && FILENAME ~ /\.[ch]$/ { fault(length " columns") }
END { exit bad }'
