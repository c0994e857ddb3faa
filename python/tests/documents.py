"""Runs the code blocks of a Markdown document as a reader would.

A section (what stands below one heading) is one sitting: an empty home, a
working directory with a `.lazycred`, and one Python session for its `python`
blocks, in order. What a block prints is the `text` block behind it, or else the
comments behind its `print(...)` lines, or else nothing.

- A block behind a line that ends with "`NAME`:" is the file NAME.
- A `console` block is typed at bash; what is behind a `$ ` line is the screen.
- A `sh` block runs until it is stopped, or needs a network: a test names it.
"""

import ast
import importlib.util
import json
import os
import re
import select
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

#: Seconds until a block counts as hanging, on a busy machine too.
GENEROUS = 120

#: Runs in the session: a line of JSON is a block, and is answered by its screen.
SESSION = r"""
import json, os, sys, tempfile, traceback
answers = os.fdopen(os.dup(1), "w")
screen = tempfile.TemporaryFile()
blocks = os.fdopen(os.dup(0))
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
for number in (1, 2):
    os.dup2(screen.fileno(), number)
sys.stdout.reconfigure(line_buffering=True)
sys.path.insert(0, "")
here = {"__name__": "__main__"}
for line in blocks:
    block = json.loads(line)
    screen.seek(0)
    screen.truncate()
    try:
        exec(compile("\n" * block["line"] + block["code"], block["file"], "exec"), here)
        failed = False
    except BaseException:
        traceback.print_exc()
        failed = True
    sys.stdout.flush()
    sys.stderr.flush()
    screen.seek(0)
    print(json.dumps([failed, screen.read().decode()]), file=answers, flush=True)
"""


class Block:
    """A code block: its language, its text, where it stands, and the file it is."""

    def __init__(self, language, text, document, line, name):
        self.language, self.text, self.name = language, text, name
        self.document, self.line = document, line

    @property
    def where(self):
        return "%s:%d" % (self.document, self.line)

    def printed(self):
        """What the comments behind its `print(...)` lines say."""
        found = re.findall(r"^ *print\(.*\)  # (.*)$", self.text, re.MULTILINE)
        return "".join(line + "\n" for line in found)

    def imports(self):
        """The top-level modules that it imports, wherever in it."""
        if self.language != "python":
            return set()
        names = set()
        for node in ast.walk(ast.parse(self.text)):
            if isinstance(node, ast.Import):
                names.update(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module)
        return {name.split(".")[0] for name in names}


class Section:
    """What stands below one heading: its blocks, in order."""

    def __init__(self, heading):
        self.heading, self.blocks = heading, []

    def of(self, *languages):
        return [block for block in self.blocks if block.language in languages]

    def lacks(self):
        """The packages that its blocks import and this interpreter has not."""
        files = {block.name[:-3] for block in self.blocks if block.name.endswith(".py")}
        wanted = set().union(*(block.imports() for block in self.blocks)) - files
        return sorted(
            name for name in wanted - {"lazycred"}
            if importlib.util.find_spec(name) is None
        )

    def programs(self):
        """The programs that its `console` and `sh` blocks start, by their names."""
        typed = re.findall(r"^\$ ([\w-]+)", joined(self.of("console")), re.MULTILINE)
        return set(typed) | {block.text.split()[0] for block in self.of("sh")}


def joined(blocks):
    return "".join(block.text for block in blocks)


def sections(document):
    """The sections of a document that have blocks, by their headings."""
    found, block, line_before = {}, None, ""
    section = Section("")
    for number, line in enumerate((ROOT / document).read_text(encoding="utf-8").splitlines(), 1):
        if block is not None:
            if line == "```":
                block.text = "\n".join(block.text) + "\n"
                block = None
            else:
                block.text.append(line)
            continue
        heading = re.match(r"#+ (.*)", line)
        if heading:
            section = Section(heading[1])
        elif line.startswith("```"):
            name = re.search(r"`([^` ]+)`:$", line_before)
            block = Block(line[3:], [], document, number, name[1] if name else "")
            section.blocks.append(block)
            assert found.setdefault(section.heading, section) is section, section.heading
        if line.strip():
            line_before = line
    assert block is None, "a block of %s has no end" % document
    return found


class Sitting:
    """Follows one section in a folder: its files, its session, its shell."""

    def __init__(self, folder, environment):
        self.folder, self.environment, self.session = folder, environment, None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.session is not None:
            self.session.stdin.close()
            self.session.stdout.close()
            try:
                self.session.wait(GENEROUS)
            except subprocess.TimeoutExpired:
                self.session.kill()
                raise

    def follow(self, section):
        """Runs all blocks but those of `sh`, and compares what they print."""
        following = section.blocks[1:] + [None]
        for block, after in zip(section.blocks, following):
            if block.name:
                self.write(block)
            elif block.language == "python":
                is_shown = after is not None and after.language == "text" and not after.name
                self.python(block, after.text if is_shown else block.printed())
            elif block.language == "console":
                self.console(block)

    def write(self, block):
        path = self.folder / block.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text, encoding="utf-8")

    def python(self, block, expected):
        if self.session is None:
            self.session = subprocess.Popen(
                [sys.executable, "-c", SESSION], cwd=self.folder, env=self.environment,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, universal_newlines=True,
            )
        asked = {"code": block.text, "line": block.line, "file": block.document}
        self.session.stdin.write(json.dumps(asked) + "\n")
        self.session.stdin.flush()
        # One line answers each block, so that none is left in the buffer.
        if not select.select([self.session.stdout], [], [], GENEROUS)[0]:
            self.session.kill()
            raise AssertionError("%s: no end after %d s" % (block.where, GENEROUS))
        answer = self.session.stdout.readline()
        assert answer, "%s: the interpreter has ended" % block.where
        failed, screen = json.loads(answer)
        assert not failed, "%s:\n%s" % (block.where, screen)
        self.compare(screen, expected, block.where)

    def console(self, block):
        """Types each command, a `> ` line being the rest of the one before."""
        steps = re.split(r"^\$ ", block.text, flags=re.MULTILINE)
        assert steps.pop(0) == "", "%s: starts without a command" % block.where
        for step in steps:
            command, *rest = step.splitlines()
            while rest and rest[0].startswith("> "):
                command += "\n" + rest.pop(0)[2:]
            done = subprocess.run(
                ["bash", "-c", command], cwd=self.folder, env=self.environment,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                universal_newlines=True, timeout=GENEROUS, check=False,
            )
            shown = "".join(line + "\n" for line in rest)
            self.compare(done.stdout, shown, "%s: %s" % (block.where, command))

    def compare(self, screen, expected, where):
        """Fails with the whole screen, unless it is what the document shows."""
        screen = plain(screen.replace(str(self.folder), "~"))
        assert screen == plain(expected), "%s shows:\n%s" % (where, screen)


def plain(screen):
    """A screen without what differs in each run: durations, and blanks at ends of lines."""
    screen = re.sub(r"\bin \d+\.\d+s\b", "in 0.05s", screen)
    return "\n".join(line.rstrip() for line in screen.strip("\n").splitlines())


def is_started_by(environment, name):
    """Where a shell of this environment finds a program."""
    for folder in environment["PATH"].split(os.pathsep):
        if os.access(os.path.join(folder, name), os.X_OK):
            return True
    return False
