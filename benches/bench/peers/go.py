"""Peers written in Go: a lean program on AWS's SDK, sops, vals, chamber."""

import json

from ..tools import ROOT
from ..world import BUCKET
from .install import on_disk
from .peer import FIELDS, PATH, WRAPPING_KEY, Peer, ran

SOPS, VALS, CHAMBER = "v3.13.3", "v0.46.1", "v3.1.4"


def install_lean(installer):
    return installer.go_build(ROOT / "benches/peers/lean") / "lean"


def install_sops(installer):
    return installer.go("github.com/getsops/sops/v3/cmd/sops", SOPS) / "sops"


def install_vals(installer):
    return installer.go("github.com/helmfile/vals/cmd/vals", VALS) / "vals"


def install_chamber(installer):
    return installer.go("github.com/segmentio/chamber/v3", CHAMBER, "chamber") / "chamber"


def lean(place, installer):
    program = install_lean(installer)
    return Peer(
        "a lean Go program",
        "25 lines on the AWS SDK for Go, version 2: GetObject, Decrypt, Fernet, `execve`. The"
        " same work.",
        on_disk(program), lambda command: [program, BUCKET, PATH, command], place.go(),
    )


def sops(place, installer):
    program = install_sops(installer)
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
    program = install_vals(installer)
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


def chamber(place, installer):
    program = install_chamber(installer)
    environment = place.go() | {"CHAMBER_SECRET_BACKEND": "S3-KMS", "CHAMBER_S3_BUCKET": BUCKET,
                                "CHAMBER_KMS_KEY_ALIAS": "alias/bench"}
    for name, value in FIELDS.items():
        ran([program, "write", "chamber", name, value], environment, place.folder)
    return Peer(
        f"chamber {CHAMBER}",
        "`chamber exec` on S3 with SSE-KMS: S3 asks KMS itself and sends what it has opened, so"
        " that there is no Decrypt.",
        on_disk(program),
        lambda command: [program, "exec", "chamber", "--", command], environment,
    )


# Names, how many times lazycred's CPU each is to take at least, and what finds them.
PEERS = [("the lean Go program", 5, lean), ("sops", 7.5, sops), ("vals", 14, vals),
         ("chamber", 5, chamber)]
INSTALLED = [("the lean Go program", install_lean), ("sops", install_sops),
             ("vals", install_vals), ("chamber", install_chamber)]
