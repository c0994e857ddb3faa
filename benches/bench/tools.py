"""Builds what is measured and what measures, both static, both as they are released."""

import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = "x86_64-unknown-linux-gnu"
FLAGS = "-C target-feature=+crt-static"
BUILD = (
    f"RUSTFLAGS='{FLAGS}' cargo build --release --locked --bin lazycred "
    f"--target {TARGET} --target-dir target/static"
)


def cargo(*words):
    command = ["cargo", "build", "--release", "--locked", "--target", TARGET, *words]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"RUSTFLAGS": FLAGS}, check=True)


def build_lazycred():
    """The static binary, built by the command that CONTRIBUTING.md gives."""
    cargo("--bin", "lazycred", "--target-dir", "target/static")
    return ROOT / "target/static" / TARGET / "release/lazycred"


def build_seal():
    """`examples/seal.rs`, built as the program is."""
    cargo("--example", "seal", "--target-dir", "target/static")
    return ROOT / "target/static" / TARGET / "release/examples/seal"


def build_tools():
    """The folder of `stub`, `floor` and `meter`."""
    cargo("--manifest-path", "benches/stub/Cargo.toml", "--target-dir", "target/bench")
    return ROOT / "target/bench" / TARGET / "release"
