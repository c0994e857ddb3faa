"""Says in an OCI layout what it is: `annotated.py LAYOUT VERSION NAME=VALUE...`.

The names and values go to the index of the architectures, where registries look for them; crane annotates
images alone. The layout itself gets the names that engines give the image.
"""

import hashlib
import json
import pathlib
import sys


def main(layout, version, about):
    blobs = layout / "blobs" / "sha256"
    outer = json.loads((layout / "index.json").read_bytes())
    (whole,) = outer["manifests"]
    bare = blobs / whole["digest"].removeprefix("sha256:")
    index = json.loads(bare.read_bytes())
    bare.unlink()

    index["annotations"] = dict(line.split("=", 1) for line in about)
    document = json.dumps(index, separators=(",", ":")).encode()
    digest = hashlib.sha256(document).hexdigest()
    (blobs / digest).write_bytes(document)
    whole.update(size=len(document), digest=f"sha256:{digest}")
    whole["annotations"] = {
        # podman and skopeo read the first, containerd the second.
        "org.opencontainers.image.ref.name": version,
        "io.containerd.image.name": f"ghcr.io/lazycred/lazycred:{version}",
    }
    (layout / "index.json").write_text(json.dumps(outer, indent=2) + "\n", encoding="utf-8")


main(pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
