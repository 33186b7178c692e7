# SPDX-License-Identifier: GPL-3.0-or-later
"""tutorial.py FILE.md [--write] - does what a page tells its reader to do, and compares what is printed.

A block after a line <!-- file: NAME --> is written to NAME.  In a block ```console a line `$ COMMAND` is run, and what
stands below it is what it must print, both streams together; `...` stands for any text, and alone in a line for any lines.
Works in the current folder.  --write puts what was printed into the page instead, where that holds no `...`.
"""
import pathlib
import re
import subprocess
import sys

FENCE = re.compile(r"^```(\w*)\n(.*?)^```\n", re.M | re.S)
NAME = re.compile(r"<!-- file: (\S+) -->\n\Z")


def run(command):
    done = subprocess.run(["bash", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    return re.sub(r"[ \t]+$", "", done.stdout.decode(), flags=re.M)


def agrees(printed, wanted):
    pattern = re.escape(wanted).replace(r"\.\.\.", ".*?")
    return re.fullmatch(pattern, printed, re.S) is not None


def steps(block):
    """The commands of a block, each with what stands below it; a line that ends in \\ goes on."""
    for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
        command, rest = re.match(r"((?:[^\n]*\\\n)*[^\n]*\n)(.*)", part, re.S).groups()
        yield command, rest


def main():
    page = pathlib.Path(sys.argv[1])
    write = "--write" in sys.argv[2:]
    text, out, at, wrong, n = page.read_text(), [], 0, 0, 0
    for block in FENCE.finditer(text):
        kind, body = block.groups()
        before = text[:block.start()]
        name = NAME.search(before)
        if name:
            path = pathlib.Path(name.group(1))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(body)
        if kind != "console":
            continue
        shown = ""
        for command, wanted in steps(body):
            n += 1
            printed = run(command)
            if printed and not printed.endswith("\n"):
                printed += "\n"
            if not agrees(printed, wanted):
                if not write:
                    line = before.count("\n") + 1
                    print(f"{page}: the block at line {line}: $ {command}printed\n{printed}wanted\n{wanted}")
                wrong += 1
            shown += "$ " + command + (wanted if "..." in wanted and agrees(printed, wanted) else printed)
        out.append(text[at:block.start()] + "```console\n" + shown + "```\n")
        at = block.end()
    if write:
        page.write_text("".join(out) + text[at:])
    print(f"{page.name}: {n} commands, {wrong} {'written anew' if write else 'printed something else'}")
    return 0 if write or not wrong else 1


if __name__ == "__main__":
    sys.exit(main())
