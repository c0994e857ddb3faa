"""Installs the wheel for this machine in an environment that has nothing else and uses it; runs the other's program.

    check_wheels.py VERSION OUT
"""

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

#: What a user's first script does, on a store in a folder.
SCRIPT = """
import lazycred
client = lazycred.Client()
client.put("web", '{"TOKEN": "hunter2"}')
assert client.get_json("web") == {"TOKEN": "hunter2"}, client.get_json("web")
"""


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, text=True, **options)
    if done.returncode != 0:
        sys.exit(f"failed: {' '.join(map(str, command))}")
    return done.stdout


def main():
    version, out = sys.argv[1], Path(sys.argv[2])
    here = os.uname().machine
    with tempfile.TemporaryDirectory() as folder:
        environ = {"PATH": os.environ["PATH"], "HOME": folder}
        for wheel in sorted(out.glob("*.whl")):
            machine = "aarch64" if "aarch64" in wheel.name else "x86_64"
            into = Path(folder, machine)
            if machine == here:
                run(sys.executable, "-m", "venv", into)
                run(into / "bin/python", "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", wheel.resolve(), env=environ)
                program = [into / "bin/lazycred"]
                run(*program, "--quiet", "init", "--local", env=environ, cwd=folder)
                run(into / "bin/python", "-c", SCRIPT, env=environ, cwd=folder)
                said = run(*program, "exec", "web", "--", "printenv", "TOKEN", env=environ, cwd=folder)
                if said != "hunter2\n":
                    sys.exit(f"{wheel.name}: exec gives {said!r}")
            else:
                with zipfile.ZipFile(wheel) as archive:
                    archive.extractall(into)
                (file,) = into.glob("*.data/scripts/lazycred")
                file.chmod(0o755)
                program = [f"qemu-{machine}-static", file]
            said = run(*program, "--version", env=environ, cwd=folder)
            if said != f"lazycred {version}\n":
                sys.exit(f"{wheel.name}: its program says {said!r}")
            print(f"{wheel.name}: {wheel.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
