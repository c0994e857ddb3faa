"""What was measured on and with: processor, kernel, versions. No names of hosts or folders."""

import os
import platform
import re

from .world import Failed, run


def describe():
    """Pairs of what, and which."""
    kernel = platform.release().split("-")[0]
    return [
        ("processor", f"{processor()}, {os.cpu_count()} cores"),
        ("kernel", f"Linux {kernel}"),
        ("load at the start", f"{os.getloadavg()[0]:.1f}"),
        *((name, version(argv)) for name, argv in {
            "compiler": ["rustc", "--version"],
            "valgrind": ["valgrind", "--version"],
            "strace": ["strace", "--version"],
            "OpenSSL": ["openssl", "version"],
            "Python": ["python3", "--version"],
            "Go": ["go", "version"],
            "Node.js": ["node", "--version"],
        }.items()),
    ]


def processor():
    with open("/proc/cpuinfo") as lines:
        found = re.search(r"model name\s*: (.*)", lines.read())
    return found[1] if found else platform.machine()


def version(argv):
    try:
        text = run(argv).splitlines()[0]
    except (OSError, Failed, IndexError):
        return "not here"
    return re.sub(r"\s*\(.*", "", text)
