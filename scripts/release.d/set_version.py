"""Sets a version in the manifests, the lock files and the action of the checkout that holds this file.

    set_version.py VERSION

The Python package has the nearest version that PEP 440 knows: `1.2.3-rc.1` is `1.2.3rc1`, and a word that it does
not know is a development version, `0.0.0-test` being `0.0.0.dev0`.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def of_python(version):
    """The version of python/Cargo.toml, which maturin writes as PEP 440's."""
    base, _, pre = version.partition("-")
    known = re.fullmatch(r"(alpha|beta|rc|dev)\.?(\d*)", pre)
    if not pre or known:
        return version
    return base + "-dev.0"


def put(name, before, version, word="version ="):
    """Replaces the version in the line that follows `before`."""
    path = ROOT / name
    pattern = rf'(?m)^({re.escape(before)}\n *{word} )"[^"]*"$'
    text, count = re.subn(pattern, lambda found: f'{found[1]}"{version}"', path.read_text())
    if count != 1:
        sys.exit(f"set_version.py: {name} has {count} versions after {before!r}")
    path.write_text(text)


def main():
    (version,) = sys.argv[1:]
    put("Cargo.toml", 'name = "lazycred"', version)
    put("Cargo.lock", 'name = "lazycred"', version)
    put("python/Cargo.toml", 'name = "lazycred-python"', of_python(version))
    put("python/Cargo.lock", 'name = "lazycred-python"', of_python(version))
    put("python/Cargo.lock", 'name = "lazycred"', version)
    what = "    description: The release to install. Its default is the release that this action belongs to."
    put("action.yml", what, version, "default:")


if __name__ == "__main__":
    main()
