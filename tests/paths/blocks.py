"""Prints what a page tells its reader to type: `blocks.py PAGE HEADING LANGUAGE [NUMBER]`.

The fenced blocks of the language (sh, console, dockerfile...) below the heading, up to the next one of any level;
all of them, or the one of that number, from 1. Of a `console` block, the lines after a prompt. An empty HEADING is
the beginning of the page. Nothing found is a failure: whoever changes the page changes its test as well.
"""

import re
import sys


def blocks(text, heading, language):
    here, block, language_here = heading == "", None, None
    for line in text.splitlines():
        if block is not None:
            if line.strip() == "```":
                if here and language_here == language:
                    yield block
                block = None
            else:
                block.append(line)
        elif line.startswith("```"):
            block, language_here = [], line[3:].strip()
        elif match := re.match(r"#+ (.*)", line):
            if not (heading == "" and line.startswith("# ")):
                here = match[1].strip() == heading


def commands(block, language):
    if language != "console":
        return block
    return [line[2:] for line in block if line.startswith("$ ")]


def main():
    page, heading, language, *number = sys.argv[1:]
    with open(page, encoding="utf-8") as opened:
        found = list(blocks(opened.read(), heading, language))
    if number:
        found = found[int(number[0]) - 1 : int(number[0])]
    if not found:
        sys.exit(f"blocks.py: {page} has no such block of {language} below `{heading}`")
    for block in found:
        print("\n".join(commands(block, language)))


main()
