#!/usr/bin/env bash
# All that CI tries of the packages of one static program for this machine: they are made, installed in empty
# roots and used there, made again with the same bytes, and taken through the five minutes of a laptop and of a
# container.
#
#     tests/paths/packages.sh PROGRAM
#
# What it needs is what scripts/pack, scripts/unpack-check and the two paths need; .ci/install has it.
set -euo pipefail
program=$(realpath -e "$1")
cd "$(dirname "$0")/../.."
arch=$(uname -m)
version=$("$program" --version)
version=${version#lazycred }
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

step() {
  local started=$SECONDS
  "$@"
  echo "== $((SECONDS - started)) s: ${1##*/}"
}
step scripts/pack "$version" "$arch" "$program" "$out"
step scripts/unpack-check "$out" "$arch"
step tests/paths/laptop.sh "$out"
step tests/paths/container.sh "$out"
wc -c "$out"/*
