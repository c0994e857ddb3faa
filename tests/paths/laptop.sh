#!/usr/bin/env bash
# The five minutes of somebody at a laptop who has never heard of LazyCred: from the download to a program that has
# its secret, and away again, by the commands that the documents show.
#
#     tests/paths/laptop.sh OUT [PUBLIC]   # what scripts/release, or scripts/pack, has made for this machine
#
# They are taken out of docs/install.md (archive, its signature, uninstall) and README.md (its first block); only
# the version differs. github.com is a server here, in a network that has nothing else. An archive that somebody
# has changed must not be installed. PUBLIC is the key that has signed OUT: then the signature is checked too.
# Needs root, curl, openssl, python3, ip, mandoc and unshare; minisign for the signature.
set -euo pipefail
PATH=$PATH:/usr/sbin:/sbin

fail() {
  echo "laptop.sh: $*" >&2
  exit 1
}

[ $# -eq 1 ] || [ $# -eq 2 ] || fail 'usage: tests/paths/laptop.sh OUT [PUBLIC]'
out=$(realpath -e "$1")
public=${2:+$(realpath -e "$2")}
cd "$(dirname "$0")/../.."
if [ "${LAZYCRED_PATH_INSIDE-}" != yes ]; then
  export LAZYCRED_PATH_INSIDE=yes
  exec unshare --net --mount --pid --fork --kill-child --mount-proc "tests/paths/laptop.sh" "$out" ${public:+"$public"}
fi

archives=("$out"/lazycred-*-"$(uname -m)"-linux.tar.xz)
[ -e "${archives[0]}" ] && [ ${#archives[@]} -eq 1 ] || fail "$out holds not one archive for this machine"
archive=$(basename "${archives[0]}")
version=${archive#lazycred-} version=${version%-"$(uname -m)"-linux.tar.xz}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
page() { python3 tests/paths/blocks.py "$@"; }
here() { sed "s/^version=.*/version=$version/"; }

site=$work/site/lazycred/lazycred/releases/download/v$version
mkdir -p "$site" "$work/home"
cp "$out/$archive" "$site/"
if [ -e "$out/SHA256SUMS" ]; then
  cp "$out"/SHA256SUMS* "$site/"
else
  (cd "$site" && sha256sum "$archive" >SHA256SUMS)
fi
keys=$work/site/lazycred/lazycred/v$version/packaging
if [ -n "$public" ]; then
  mkdir -p "$keys"
  cp "$public" "$keys/lazycred.pub"
fi
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=github.com \
  -addext subjectAltName=DNS:github.com,DNS:raw.githubusercontent.com -keyout "$work/key" -out "$work/certificate" 2>"$work/log" ||
  { cat "$work/log"; fail 'no certificate'; }
ip link set lo up
echo '127.0.0.1 localhost github.com raw.githubusercontent.com' >"$work/hosts"
mount --bind "$work/hosts" /etc/hosts
python3 tests/paths/site.py "$work/site" "$work/certificate" "$work/key" >"$work/served" 2>"$work/requests" &
for _ in {1..100}; do
  ! grep -q ready "$work/served" || break
  sleep 0.1
done

# Types the file $1 in a folder of the laptop.
types() {
  sed 's/^/$ /' "$1"
  (cd "$work/home" && env -i HOME="$work/home" CURL_CA_BUNDLE="$work/certificate" LC_ALL=C.UTF-8 \
    PATH="$work/home/.local/bin:/usr/local/bin:/usr/bin:/bin" bash "$1")
}

{
  page docs/install.md Archive sh 1 | here
  [ -z "$public" ] || page docs/install.md Archive sh 2
  page docs/install.md Archive sh 3
} >"$work/install"
page README.md '' console 1 >"$work/use"
page docs/install.md Uninstall sh >"$work/uninstall"
whole=$work/site-whole
cp "$site/$archive" "$whole"
installed=$work/home/.local/bin/lazycred

echo '== an archive that somebody has changed'
printf 'x' | dd of="$site/$archive" bs=1 seek=1000 conv=notrunc status=none
types "$work/install" && fail 'it says nothing about a changed archive'
[ ! -e "$work/home/.local" ] || fail 'it installs a changed archive'
cp "$whole" "$site/$archive"
rm -rf "${work:?}"/home/*

echo '== installed'
started=$(date +%s.%N)
types "$work/install"
[ -x "$installed" ] || fail 'nothing is installed'

echo '== used'
types "$work/use" >"$work/seen"
cat "$work/seen"
took=$(awk -v from="$started" -v to="$(date +%s.%N)" 'BEGIN { printf "%.1f", to - from }')
[ "$(tail -1 "$work/seen")" = db.internal:5432 ] || fail 'the program has not got its secret'
manual=$(mandoc -T ascii "$work/home/.local/share/man/man1/lazycred-exec.1")
manual=${manual%%$'\n'*}
[[ $manual == *'(1)'* ]] || fail "no manual page: $manual"

echo '== uninstalled'
types "$work/uninstall"
left=$(find "$work/home/.local" -type f ! -path '*/share/lazycred/*')
[ -z "$left" ] || fail "left behind: $left"
[ -e "$work/home/.local/share/lazycred/dev.key" ] || fail 'the wrapping key is gone'

echo "== a laptop has lazycred, and a program its secret, after $took s (download from this machine)"
