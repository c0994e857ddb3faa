"""Checks the sums and the signature of a release as whoever downloads it does, and that what is changed is refused.

    check_sums.py VERSION OUT PUBLIC_KEY

It fails too unless OUT holds exactly what a release is made of.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path


def files(version, python):
    """The names of all files of a release; `python` is the version that Python's packages have."""
    names = Path(__file__).with_name("files").read_text().replace("VERSION", version)
    return sorted(names.replace("PYTHON", python).split())


def passes(folder, *command):
    return subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


def main():
    version, out, public = sys.argv[1], Path(sys.argv[2]).resolve(), Path(sys.argv[3]).resolve()
    here = sorted(path.name for path in out.iterdir())
    python = next(name for name in here if name.endswith(".tar.gz"))[len("lazycred-") : -len(".tar.gz")]
    wanted = files(version, python)
    if here != wanted:
        sys.exit(f"missing: {sorted(set(wanted) - set(here))}; not of a release: {sorted(set(here) - set(wanted))}")
    listed = sorted(line.split("  ")[1] for line in (out / "SHA256SUMS").read_text().splitlines())
    if listed != [name for name in wanted if not name.startswith("SHA256SUMS")]:
        sys.exit(f"SHA256SUMS lists {listed}")
    verify = ["minisign", "-V", "-q", "-p", public, "-m", "SHA256SUMS"]
    sums = ["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"]
    if not passes(out, *verify) or not passes(out, *sums):
        sys.exit("the signature or the sums do not hold")
    with tempfile.TemporaryDirectory() as folder:
        for name in here:
            shutil.copy(out / name, folder)
        changed = Path(folder, f"lazycred-{version}-x86_64-linux.tar.xz")
        whole = changed.read_bytes()
        changed.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
        if passes(folder, *sums):
            sys.exit("a changed archive passes")
        text = Path(folder, "SHA256SUMS").read_text()
        Path(folder, "SHA256SUMS").write_text(text.replace(text[0], "0" if text[0] != "0" else "1", 1))
        if passes(folder, *verify):
            sys.exit("changed sums pass")
    print(f"{len(here)} files; a changed archive and changed sums are refused")


if __name__ == "__main__":
    main()
