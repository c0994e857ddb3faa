"""Peers written in Go: a lean program on AWS's SDK, sops, vals."""

import json

from ..tools import ROOT
from ..world import BUCKET
from .install import on_disk
from .peer import FIELDS, PATH, WRAPPING_KEY, Peer, ran

SOPS, VALS = "v3.13.3", "v0.46.1"


def lean(place, installer):
    folder = installer.go_build(ROOT / "benches/peers/lean")
    program = folder / "lean"
    return Peer(
        "a lean Go program",
        "25 lines on the AWS SDK for Go, version 2: GetObject, Decrypt, Fernet, `execve`. The"
        " same work.",
        on_disk(program), lambda command: [program, BUCKET, PATH, command], place.go(),
    )


def sops(place, installer):
    program = installer.go("github.com/getsops/sops/v3/cmd/sops", SOPS) / "sops"
    file = place.folder / "sops.json"
    words = [program, "encrypt", "--kms", WRAPPING_KEY, place.secret]
    file.write_text(ran(words, place.go(), place.folder))
    return Peer(
        f"sops {SOPS}",
        "`sops exec-env --same-process`: the encrypted file is local, so there is a Decrypt but"
        " no GetObject. It becomes a shell, which runs the command.",
        on_disk(program),
        lambda command: [program, "exec-env", "--same-process", file, command], place.go(),
    )


def vals(place, installer):
    program = installer.go("github.com/helmfile/vals/cmd/vals", VALS) / "vals"
    file = place.folder / "vals.json"
    sealed = place.sealed_by_kms()
    file.write_text(json.dumps({name: f"ref+awskms://{sealed}#/{name}" for name in FIELDS}))
    return Peer(
        f"vals {VALS}",
        "`vals exec` with `ref+awskms://…`: KMS itself encrypted the whole secret, which is in a"
        " local file, so there is a Decrypt but no GetObject. It stays as the command's parent.",
        on_disk(program),
        lambda command: [program, "exec", "-f", file, "--", command], place.go(),
    )


# Names, how many times lazycred's CPU each is to take at least, and what finds them.
PEERS = [("the lean Go program", 5, lean), ("sops", 7.5, sops), ("vals", 14, vals)]
