#!/bin/bash
# README's two commands on a bare machine: Debian's smallest root with a C
# compiler and Rust, no network, as an ordinary user at a terminal, in a folder
# whose name has a blank and a letter beyond ASCII. They must pass, and leave
# nothing outside of the checkout's target folder.
#
# Needs root, debootstrap, Debian's packages, and what `cargo fetch` fetches.
# All that it makes lies in target/bare. The root is kept for the next time, and
# `tests/bare_machine.sh again` keeps what was compiled there too.
set -euo pipefail
cd "$(dirname "$0")/.."

suite=bookworm
mirror=${MIRROR:-http://deb.debian.org/debian}
folder=$PWD/target/bare
root=$folder/root
checkout="/home/stranger/some föld er/lazycred"
cargo_home=${CARGO_HOME:-$HOME/.cargo}

mkdir -p "$folder"
cargo fetch --locked --quiet
if [ ! -e "$folder/complete" ]; then
    rm -rf "$root"
    proxy=$(apt-config shell proxy Acquire::http::Proxy)
    eval "${proxy/proxy=/export http_proxy=}"
    debootstrap --variant=minbase --include=gcc,libc6-dev "$suite" "$root" "$mirror" >"$folder/log"
    chroot "$root" useradd --create-home --uid 1000 stranger
    touch "$folder/complete"
fi

# The checkout as it is, what cargo has fetched, and the toolchain.
[ "${1-}" = again ] || rm -rf "$root/home/stranger"
rm -f "$root/home/stranger/ended"
mkdir -p "$root$checkout" "$root/home/stranger/.cargo/registry" "$root/opt/rust"
git ls-files -z --cached --others --exclude-standard | tar -c --null -T - | tar -x -m -C "$root$checkout"
cp -r "$cargo_home"/registry/{index,cache} "$root/home/stranger/.cargo/registry/"
cat >"$root/home/stranger/commands" <<'END'
set -e
cd "$1"
echo "== nothing here but: $(rustc --version), $(gcc --version | head -1)"
for tool in git make less python3 perl strace podman node go; do
    ! command -v $tool >/dev/null || echo "== and $tool"
done
step() {
    echo "== $*"
    start=$(date +%s)
    "$@"
    echo "== passed in $(($(date +%s) - start)) s: $*"
}
step cargo run --example quickstart
step cargo test --no-run
touch /home/stranger/compiled
step cargo test
echo "== target/ has $(du -sm target | cut -f 1) MB"
echo 0 >/home/stranger/ended
END
chown -R 1000:1000 "$root/home/stranger"

# A terminal at which nobody types.
rm -f "$folder/nobody"
mkfifo "$folder/nobody"
exec 3<>"$folder/nobody"
unshare --mount --pid --fork --kill-child --net bash -c '
    set -e
    root=$1 checkout=$2 toolchain=$3
    ip link set lo up
    mount --make-rprivate /
    mount --bind "$toolchain" "$root/opt/rust"
    mount -o remount,bind,ro "$root/opt/rust"
    mount -t proc none "$root/proc"
    mkdir -p "$root/dev/pts"
    mount -t devpts -o newinstance,ptmxmode=0666 none "$root/dev/pts"
    ln -sf pts/ptmx "$root/dev/ptmx"
    chroot --userspec=1000:1000 "$root" /usr/bin/env -i HOME=/home/stranger TERM=xterm \
        PATH=/opt/rust/bin:/usr/local/bin:/usr/bin:/bin CARGO_NET_OFFLINE=true \
        script -qefc "bash /home/stranger/commands \"$checkout\"" /dev/null
    # The first process stays a shell: `script` loops where others leave it their children.
    exit 0
' bare "$root" "$checkout" "$(rustc --print sysroot)" <&3 || true
[ "$(cat "$root/home/stranger/ended" 2>/dev/null)" = 0 ] || { echo '== failed' >&2; exit 1; }

# What the tests have left anywhere but in target/.
left=$(find "$root" -xdev -newer "$root/home/stranger/compiled" ! -type d \
    ! -path "$root$checkout/target/*" ! -path "$root/home/stranger/.cargo/*" \
    ! -path "$root/dev/*" ! -path "$root/home/stranger/ended")
[ -z "$left" ] || { printf '== left behind:\n%s\n' "$left" >&2; exit 1; }
echo '== all passed, and nothing is left outside of target/'
