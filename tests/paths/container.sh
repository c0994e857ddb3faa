#!/usr/bin/env bash
# The five minutes of somebody with Docker who has never heard of LazyCred: from the download to a container whose
# program has its secret, by the commands that docs/docker.md shows; only the version differs.
#
#     tests/paths/container.sh OUT       # what scripts/release, or scripts/pack, has made for this machine
#
# ghcr.io and docker.io are a registry here (crane), to which the image is pushed from its archive as a release
# pushes it; `docker` is podman, told where that registry is. The image of docker.io is one of the busybox here.
# Needs root, podman, runc, busybox, python3 and unshare; scripts/tool gives crane.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin

fail() {
  echo "container.sh: $*" >&2
  exit 1
}

[ $# -eq 1 ] || fail 'usage: tests/paths/container.sh OUT'
out=$(realpath -e "$1")
cd "$(dirname "$0")/../.."
. packaging/image/podman.sh
crane=$(scripts/tool crane)
archives=("$out"/lazycred-*-oci.tar)
[ -e "${archives[0]}" ] && [ ${#archives[@]} -eq 1 ] || fail "$out holds not one image"
version=$(basename "${archives[0]}" -oci.tar)
version=${version#lazycred-}

work=$(mktemp -d)
registry=
finish() {
  [ -z "$registry" ] || kill "$registry"
  rm -rf "$work"
}
trap finish EXIT
page() { python3 tests/paths/blocks.py docs/docker.md 'Try it' "$@"; }
here() { sed "s|\(ghcr.io/lazycred/lazycred\):[^ ]*|\1:$version|"; }

. packaging/image/registry.sh
start_registry "$crane" "$work" || fail 'no registry'
quietly() { "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2; fail "$1 fails"; }; }

mkdir "$work/layout"
tar --extract --directory "$work/layout" --file "${archives[0]}"
quietly "$crane" push "$work/layout" "127.0.0.1:$port/lazycred/lazycred:$version"
quietly "$crane" validate --remote "127.0.0.1:$port/lazycred/lazycred:$version"

# A base image with a shell: busybox, and the libraries that it loads.
base=$work/base
mkdir -p "$base/bin"
cp "$(command -v busybox)" "$base/bin/busybox"
{ ldd "$base/bin/busybox" 2>/dev/null || true; } | grep -o '/[^ ]*' | while read -r library; do
  mkdir -p "$base$(dirname "$library")"
  cp -L "$library" "$base$library"
done
ln -s busybox "$base/bin/sh"
tar --create --directory "$base" --file "$work/base.tar" .
quietly "$crane" append --oci-empty-base --new_layer "$work/base.tar" --new_tag "127.0.0.1:$port/library/busybox:stable"

{
  echo 'unqualified-search-registries = ["docker.io"]'
  for name in ghcr.io docker.io; do
    printf '[[registry]]\nprefix = "%s"\nlocation = "127.0.0.1:%s"\ninsecure = true\n' "$name" "$port"
  done
} >"$work/registries.conf"
podman_in "$work/podman" "$work/registries.conf"
mkdir "$work/bin" "$work/home"
{
  echo '#!/bin/bash'
  echo 'call=$1; shift'
  echo 'case $call in'
  # The limits and the network are those of podman here, which may set no others.
  echo "  run) set -- $(printf '%q ' "${limits[@]}") \"\$@\" ;;"
  echo '  build) set -- --network=none "$@" ;;'
  echo 'esac'
  echo "exec $(printf '%q ' "${engine[@]}") \"\$call\" \"\$@\""
} >"$work/bin/docker"
chmod +x "$work/bin/docker"

# Types the file $1 where the person is.
types() {
  sed 's/^/$ /' "$1"
  (cd "$work/home" && env -i HOME="$work/home" LC_ALL=C.UTF-8 PATH="$work/bin:/usr/local/bin:/usr/bin:/bin" bash -e "$1")
}

page sh 1 | here >"$work/store"
page dockerfile 1 | here >"$work/home/Dockerfile"
page sh 2 | here >"$work/start"
page sh 3 | here >"$work/remove"

started=$(date +%s.%N)
types "$work/store"
sed 's/^/Dockerfile: /' "$work/home/Dockerfile"
types "$work/start" >"$work/seen"
cat "$work/seen"
took=$(awk -v from="$started" -v to="$(date +%s.%N)" 'BEGIN { printf "%.1f", to - from }')
[ "$(tail -1 "$work/seen")" = 'started with hunter2' ] || fail 'the program in the container has not got its secret'
# Neither the image nor what an engine shows of it has the value.
inside=$(podman image inspect web; podman save web | tar --extract --to-stdout | tr -d '\0')
! grep -q hunter2 <<<"$inside" || fail 'the secret is in the image'
types "$work/remove"
[ -z "$(ls -A "$work/home")" ] || fail "left: $(ls -A "$work/home")"
! podman image exists web || fail 'the image is left'
podman rmi --all --force >/dev/null 2>&1

echo "== a container's program has its secret after $took s (download from this machine)"
