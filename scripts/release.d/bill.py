"""Makes of cargo-cyclonedx's bill of materials the one that is released, and checks it against the program.

    bill.py BILL PROGRAM FILE

No path of the builder stays in FILE, and each crate that the program says it is made of is in it.
"""

import json
import re
import sys
from pathlib import Path

import elf


def main():
    bill, program, file = sys.argv[1:]
    text = re.sub(r'"path\+file://[^"#]*#', '"', Path(bill).read_text())
    text = text.replace("?download_url=file://.", "")
    made = json.loads(text)
    if "file://" in text or made["bomFormat"] != "CycloneDX":
        sys.exit("bill.py: the bill of materials has paths, or is none")
    there = {(each["name"], each["version"]) for each in made["components"]}
    root = made["metadata"]["component"]
    there.add((root["name"], root["version"]))
    used = {(name, version) for name, version, kind in elf.Program.read(program).crates() if kind == "runtime"}
    if not used or used - there:
        sys.exit(f"bill.py: of the program's crates these are not in the bill: {sorted(used - there)}")
    kms = [version for name, version in there if name == "aws-sdk-kms"]
    print(f"{len(there)} crates, {len(used)} of them in the program; aws-sdk-kms {kms[0]}")
    Path(file).write_text(json.dumps(made, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
