#!/usr/bin/env python3
"""Writes the YAML blocks of documents that are for GitHub as workflows, to be linted.

    blocks.py DOCUMENT... --into FOLDER

A block of steps, which begins with `- `, becomes the steps of a job; one with `jobs:` is a workflow. Others are
for other systems, whose files their first line names (`# .gitlab-ci.yml`). Prints how many there were.
"""

import pathlib
import re
import sys

HEAD = """name: block
on: push
permissions: {}
jobs:
  block:
    runs-on: ubuntu-latest
    steps:
"""


def workflow(block):
    """The workflow that a block is or belongs to, or None."""
    if block.startswith("# ."):
        return None
    if re.search(r"^jobs:", block, re.M):
        return block
    if re.match(r"(#[^\n]*\n)*- ", block):
        return HEAD + re.sub(r"^(?=.)", "      ", block, flags=re.M)
    return None


at = sys.argv.index("--into")
into = pathlib.Path(sys.argv[at + 1])
found = 0
for document in sys.argv[1:at]:
    text = pathlib.Path(document).read_text(encoding="utf-8")
    for block in re.findall(r"^```ya?ml\n(.*?)^```$", text, re.M | re.S):
        made = workflow(block)
        if made:
            found += 1
            name = pathlib.Path(document).stem
            (into / f"{name}-{found}.yaml").write_text(made, encoding="utf-8")
print(f"github: {found} blocks of documents")
