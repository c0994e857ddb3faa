"""Whether what ten times as much input costs is about ten times as much: counted in instructions.

Each shape is run with one item, with some, and with ten times as many. What a run with one item
takes is the start, and is not part of either.
"""

import dataclasses
import json
import typing

from .counting import instructions
from .timed import words
from .world import Failed, run

MOST = 12.0


@dataclasses.dataclass
class Shape:
    """What grows, how many items there are of it at 1 ×, and what prepares a run with so many.

    `prepare` gives arguments, a working directory, an environment, and the status.
    """

    name: str
    what: str
    count: int
    prepare: typing.Callable


def measure(world, say, only=()):
    """Name → what grows, the count, the instructions with one, with 1 × and with 10 ×."""
    results, failed = {}, []
    for shape in SHAPES:
        if only and shape.name not in only:
            continue
        say(f"shape: {shape.what}")
        try:
            counts = [counted(world, shape, count) for count in (1, shape.count, 10 * shape.count)]
        except Failed as error:
            failed.append(f"{shape.name}: {error}")
            continue
        results[shape.name] = (shape.what, shape.count, *counts)
    if failed:
        raise Failed("\n".join(failed))
    return results


def counted(world, shape, count):
    argv, cwd, environment, status = shape.prepare(world, count)
    found = instructions(argv, environment, world.folder, cwd, status, runs=1)
    world.stub.events()
    return found


def ratio(result):
    """How many times as much ten times as many items take, the start apart."""
    _, _, start, one, ten = result
    return (ten - start) / (one - start)


def over(results):
    """A sentence for each shape that costs more than it may."""
    for name, result in results.items():
        if ratio(result) > MOST:
            yield f"{name}: 10 × the input takes {ratio(result):.1f} × the instructions"


def lines(results):
    """Rows for a table."""
    for what, count, start, one, ten in results.values():
        one_item = (ten - start) / (10 * count)
        yield (what, f"{count:,} → {10 * count:,}", f"{one / 1e6:.2f} M", f"{ten / 1e6:.2f} M",
               f"{ratio((what, count, start, one, ten)):.2f} ×", f"{one_item:,.0f}")


def in_folder(document, arguments, status=0):
    """A run on a secret `shape` in a folder; `document` makes it out of a count."""
    def prepare(world, count):
        cwd, environment = world.local()
        text = document(count)
        text = text if isinstance(text, str) else json.dumps(text)
        run([world.binary, "put", "shape"], env=environment, cwd=cwd, input=text)
        return [world.binary, *arguments(world, count)], cwd, environment, status
    return prepare


def with_file(name, lines_of, arguments, status=0):
    """A run that reads a file `name`, made out of a count."""
    def prepare(world, count):
        cwd, environment = world.local()
        (cwd / name).write_text("".join(f"{lines_of(number)}\n" for number in range(count)))
        return [world.binary, *arguments(world, count)], cwd, environment, status
    return prepare


def fields(count):
    return {f"FIELD_{number:06}": "value" for number in range(count)}


def export(*_):
    return ["export", "shape", "--format", "json"]


def start_of(*words):
    """An exec of a command that is there and cannot be run: all is done but the last call."""
    return lambda world, *_: ["exec", *words, "--", str(world.unrunnable)]


def many_references(world, count):
    words = [f"V{number}=shape#FIELD_000000" for number in range(count)]
    return ["exec", *words, "--", str(world.unrunnable)]


def many_patterns(_, count):
    # One that matches nothing is refused.
    patterns = [word for number in range(count)
                for word in ("--only", f"FIELD_{number % 100:06}*")]
    return ["export", "shape", "--format", "json", *patterns]


def listing(world, count):
    world.copies("small-0", f"listed-{count}/", count)
    return [world.binary, "list", f"listed-{count}/"], world.work, world.http(), 0


def rekeying(world, count):
    # A prefix of its own each time: what has been done is not done again.
    world.copies("small-0", f"rekeyed-{count}/", count)
    argv = [world.binary, "rekey", f"rekeyed-{count}/", "--to", "other"]
    return argv, world.work, world.http(), 0


def importing(world, count):
    cwd, environment = world.local()
    members = {f"imported-{count}/{number:06}": "value" for number in range(count)}
    (cwd / "members.json").write_text(json.dumps(members))
    argv = [world.binary, "import", "members.json"]
    return argv, cwd, environment, 0


def records(world, count):
    """As many records of as many names in one exec, over the network."""
    world.copies("small-0", "read/", count)
    argv = [world.binary, "exec", *words(count), "--", str(world.unrunnable)]
    return argv, world.work, world.http(), 126


SHAPES = [
    Shape("fields", "fields of a secret, `exec`", 1000, in_folder(fields, start_of("shape"), 126)),
    Shape("export", "fields of a secret, `export`", 1000, in_folder(fields, export)),
    Shape("long-name", "fields below one name of 200 characters", 1000,
          in_folder(lambda count: {"N" * 200: fields(count)}, export)),
    Shape("deep", "fields, each below 50 others", 100, in_folder(
        lambda count: {f"F{number}": nested(50) for number in range(count)}, export)),
    Shape("name-length", "characters of each of 100 names", 400, in_folder(
        lambda count: {"N" * count + str(number): "value" for number in range(100)}, export)),
    Shape("value-length", "bytes of each of 100 values", 1000, in_folder(
        lambda count: {f"F{number}": "v" * count for number in range(100)}, export)),
    Shape("array", "elements of an array, `--arrays index`", 1000, in_folder(
        lambda count: {"A": list(range(count))}, lambda *_: [*export(), "--arrays", "index"])),
    Shape("secret-dotenv", "lines of a secret that is dotenv", 1000, in_folder(
        lambda count: "".join(f"FIELD_{number:06}=value\n" for number in range(count)),
        lambda *_: ["export", "shape", "--format", "json"])),
    Shape("patterns", "patterns of `--only`, 100 fields", 100, in_folder(
        lambda _: fields(100), many_patterns)),
    Shape("references", "references to one secret", 100, in_folder(
        lambda _: fields(1), many_references, 126)),
    Shape("env-file", "lines of an `--env-file`", 1000, with_file(
        "shape.env", lambda number: f"LINE_{number:06}=value", start_of("small-0", "--env-file", "shape.env"),
        126)),
    Shape("env-file-quoted", "lines of an `--env-file`, quoted", 1000, with_file(
        "quoted.env", lambda number: f'LINE_{number:06}="a \\"b\\" c"  # d',
        start_of("small-0", "--env-file", "quoted.env"), 126)),
    Shape("require-file", "names of a `--require-file`", 1000, with_file(
        "required.env", lambda number: f"LINE_{number:06}=value",
        start_of("small-0", "--env-file", "required.env", "--require-file", "required.env"), 126)),
    Shape("import-dotenv", "lines of a dotenv file, `import --as`", 1000, with_file(
        "import.env", lambda number: f"LINE_{number:06}=value",
        lambda _, count: ["import", "--as", f"dotenv-{count}", "import.env"])),
    Shape("import-yaml", "lines of a YAML file, `import --as`", 1000, with_file(
        "import.yaml", lambda number: f"LINE_{number:06}: value",
        lambda _, count: ["import", "--as", f"yaml-{count}", "import.yaml"])),
    Shape("template", "lines of a template, `render`", 1000, with_file(
        "shape.tmpl", lambda number: f"a line {number} {{{{{{{{ of text",
        lambda *_: ["render", "shape.tmpl"])),
    Shape("template-references", "lines of a template, each with a reference", 100, with_file(
        "reference.tmpl", lambda number: f"{number} {{{{small-0#VARIABLE_0}}}}",
        lambda *_: ["render", "reference.tmpl"])),
    Shape("listed", "listed names", 5000, listing),
    Shape("records-read", "records that one `exec` reads", 20, records),
    Shape("records-rekeyed", "records, `rekey`", 50, rekeying),
    Shape("records-imported", "records, `import` into a folder", 50, importing),
]


def nested(depth):
    document = "value"
    for level in range(depth):
        document = {f"L{level}": document}
    return document


def part(results, table):
    """The section of docs/benchmarks.md."""
    head = ("what grows", "items", "at 1 ×", "at 10 ×", "ratio", "instructions an item")
    return f"## Shape\n\n{INTRODUCTION}\n" + table(head, lines(results))


INTRODUCTION = f"""\
Instructions with some items and with ten times as many, up to {MOST:.0f} × being allowed: `benches/run --shape`, which fails where
it is more. The ratio is that of what is beyond a run with one item.
"""
