"""Checks the program in each archive of a release: what it is, how it is linked, what it is made of, what it says.

    check_programs.py VERSION OUT
"""

import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import elf


def main():
    version, out = sys.argv[1], Path(sys.argv[2])
    failures = []
    for machine in ("x86_64", "aarch64"):
        name = f"lazycred-{version}-{machine}-linux"
        with tarfile.open(out / f"{name}.tar.xz") as archive:
            data = archive.extractfile(f"{name}/bin/lazycred").read()
        program = elf.Program(data)
        failures += [f"{machine}: the program is not {words}" for words in program.weaknesses()]
        if program.machine != machine:
            failures.append(f"{machine}: the program is for {program.machine}")
        crates = program.crates()
        if ("lazycred", version, "runtime") not in crates or "aws-sdk-kms" not in [crate[0] for crate in crates]:
            failures.append(f"{machine}: the list of its crates does not name lazycred {version} and aws-sdk-kms")
        for path in {os.path.expanduser("~"), os.getcwd(), str(out.resolve().parent), os.environ.get("CARGO_HOME")}:
            if path and path != "/" and f"{path}/".encode() in data:
                failures.append(f"{machine}: the program has the path {path}")
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "lazycred")
            file.write_bytes(data)
            file.chmod(0o755)
            command = [file, "--version"] if machine == os.uname().machine else [f"qemu-{machine}-static", file, "--version"]
            said = subprocess.run(command, stdout=subprocess.PIPE, text=True, env={"PATH": os.environ["PATH"]}).stdout
        if said != f"lazycred {version}\n":
            failures.append(f"{machine}: the program says {said!r}")
        print(f"{machine}: {len(data):,} bytes, {len(crates)} crates")
    if failures:
        sys.exit("\n".join(failures))


if __name__ == "__main__":
    main()
