# shellcheck shell=sh
# SPDX-License-Identifier: GPL-3.0-or-later
# expect.sh - what scripts that try the program share.  Sourced; leaves what a command said in the file `out` here.
#
# fail TEXT...: end the test, saying why.
# expect STATUS TEXT COMMAND...: the command ends with the status and says the text, on either stream.
fail() { echo "$*"; exit 1; }
expect() {
    want=$1 text=$2; shift 2
    "$@" >out 2>&1; rc=$?
    [ "$rc" = "$want" ] || { cat out; fail "$*: exit status $rc, wanted $want"; }
    grep -qF -e "$text" out || { cat out; fail "$*: wanted '$text'"; }
}
