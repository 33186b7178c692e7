# SPDX-License-Identifier: GPL-3.0-or-later
# Completes verbs, options, policies and files of tiersim in bash: the program itself is asked what it knows.
_tiersim()
{
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} verb=${COMP_WORDS[1]} program=${COMP_WORDS[0]}
    if [ "$COMP_CWORD" = 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "$("$program" --help 2>/dev/null | awk '/^  [a-z]/ { print $1 } /^Exit/ { exit }') --help --version" -- "$word")
    elif [[ $word == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$("$program" "$verb" --help 2>/dev/null | grep -oE -- '--[a-z-]+')" -- "$word")
    elif [ "$COMP_CWORD" = 2 ] && { [ "$verb" = import ] || [ "$verb" = fit ]; }; then
        mapfile -t COMPREPLY < <(compgen -W "$("$program" import --help 2>/dev/null | awk '/^Kinds/ { kinds = 1 } kinds && /^  [a-z]/ { print $1 }')" -- "$word")
    elif [ "$verb" = policies ] || [ "$before" = --policy ] || [ "$before" = -p ]; then
        mapfile -t COMPREPLY < <(compgen -W "$("$program" policies 2>/dev/null | awk '{ print $1 }')" -- "$word")
    else
        compopt -o default
    fi
}
complete -F _tiersim tiersim
