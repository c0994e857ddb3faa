"""Writes the sdist: the parts of the repository that build the package, laid out as there.

The package depends on the crate in the folder above it, so that the archive's
root is the repository's. It gets a pyproject.toml that leads to the backend, and
a manifest that names no tests, which are left out. The same files give the same
bytes.
"""

import gzip
import io
import os
import re
import tarfile
import tempfile
from pathlib import Path

#: What goes in, from the root: files, and folders with all that is below them.
PARTS = ["Cargo.toml", "Cargo.lock", "LICENSE", "README.md", "build.rs", "src"]
PARTS += ["python/" + name for name in ["Cargo.toml", "Cargo.lock", "LICENSE", "README.md"]]
PARTS += ["python/" + name for name in ["pyproject.toml", "backend", "lazycred", "src"]]

#: What only work on the package leaves behind; hidden files stay out too.
LEFTOVERS = re.compile(r"(^|/)(\.[^/]*|__pycache__)(/|$)|\.(so|pyc)$")

#: The time of each file in it, unless SOURCE_DATE_EPOCH gives another: 1980, the first that a wheel can have.
EPOCH = 315532800


def write(root, into, prepare_metadata):
    """Writes it into the folder `into`, and gives its name."""
    with tempfile.TemporaryDirectory() as folder:
        metadata = Path(folder, prepare_metadata(folder), "METADATA").read_bytes()
    name, version = (header(metadata, word) for word in ("Name", "Version"))
    stem = "%s-%s" % (re.sub(r"[-_.]+", "_", name).lower(), version)
    contents = {path: (root / path).read_bytes() for path in files(root)}
    contents["Cargo.toml"] = without_tests(contents["Cargo.toml"].decode()).encode()
    contents["pyproject.toml"] = at_the_root(contents["python/pyproject.toml"].decode()).encode()
    contents["PKG-INFO"] = metadata
    epoch = int(os.environ.get("SOURCE_DATE_EPOCH", EPOCH))
    with open(os.path.join(into, stem + ".tar.gz"), "wb") as file:
        # Without a name, which the header would hold.
        with gzip.GzipFile("", "wb", 9, file, epoch) as packed:
            with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive:
                for path, data in sorted(contents.items()):
                    entry = tarfile.TarInfo(f"{stem}/{path}")
                    entry.size, entry.mtime, entry.mode = len(data), epoch, 0o644
                    archive.addfile(entry, io.BytesIO(data))
    return stem + ".tar.gz"


def files(root):
    """Paths of all files in it, from the root."""
    for part in PARTS:
        whole = root / part
        for path in sorted(whole.rglob("*")) if whole.is_dir() else [whole]:
            name = path.relative_to(root).as_posix()
            if not path.is_dir() and not LEFTOVERS.search(name):
                yield name


def header(metadata, word):
    return re.search(rf"(?m)^{word}: (\S+)$", metadata.decode()).group(1)


def without_tests(manifest):
    """The main crate's manifest without the targets whose files are left out."""
    kept, keep = [], True
    for line in manifest.splitlines(keepends=True):
        if line.startswith("["):
            keep = line.strip() not in ("[[test]]", "[[example]]", "[[bench]]")
        if keep:
            kept.append(line)
    return "".join(kept)


def at_the_root(pyproject):
    """The same for the folder above; maturin's own part is read in its place."""
    text = pyproject[: pyproject.index("[tool.maturin]")]
    for old, new in [
        ('backend-path = ["backend"]', 'backend-path = ["python/backend"]'),
        ('readme = "README.md"', 'readme = "python/README.md"'),
    ]:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text.rstrip() + "\n"
