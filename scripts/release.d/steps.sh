# The steps of scripts/release, each run by a shell of its own in the checkout's folder, with its variables exported:
# version, commit, key, work (where all of it is made) and out (what is released).

# One for each architecture, so that they are compiled side by side.
clones() {
  local each
  for each in x86_64 aarch64; do
    git clone --quiet --no-local --no-checkout "$PWD" "$work/$each"
    git -C "$work/$each" checkout --quiet --detach "$commit"
    python3 -B "$work/$each/scripts/release.d/set_version.py" "$version"
  done
}

tools() {
  local tool
  for tool in cc minisign xz rpm rpmbuild crane cargo-auditable cargo-cyclonedx podman runc mandoc; do
    "$work/x86_64/scripts/tool" "$tool"
  done
  (cd "$work/x86_64" && scripts/arm64)
}

program() {
  (cd "$work/$1" && scripts/build "$1" "$work/$1.program")
}

wheel() {
  (
    cd "$work/$1"
    triple=$1-unknown-linux-gnu
    if [ "$1" = aarch64 ]; then
      settings=$(scripts/arm64)
      eval "$settings"
      # The module is linked by zig.
      unset CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER CC_aarch64_unknown_linux_gnu
    fi
    export CARGO_TARGET_DIR=$PWD/target/python
    settings=$(scripts/no-paths "$triple")
    eval "$settings"
    python/build-wheels --target "$triple" --program "$work/$1.program"
  )
}

packed() {
  (cd "$work/x86_64" && scripts/pack "$version" "$1" "$work/$1.program" "$out")
}

wheels() {
  cmp "$work"/{x86_64,aarch64}/target/wheels/*.tar.gz
  cp "$work"/x86_64/target/wheels/*.{whl,tar.gz} "$work"/aarch64/target/wheels/*.whl "$out/"
}

crate() {
  cd "$work/x86_64"
  # What is changed is the version.
  cargo package --quiet --locked --no-verify --allow-dirty --target-dir "$work/crate"
  cp "$work/crate/package/lazycred-$version.crate" "$out/"
}

bill() {
  cd "$work/x86_64"
  "$(scripts/tool cargo-cyclonedx)" cyclonedx --quiet --format json --spec-version 1.5 \
    --target x86_64-unknown-linux-gnu --override-filename bill
  python3 -B scripts/release.d/bill.py bill.json "$work/x86_64.program" "$out/lazycred-$version.cdx.json"
}

filled() {
  cd "$work/x86_64"
  packaging/fill "$version" "$out"
}

signed() {
  cd "$out"
  sha256sum -- * >"$work/SHA256SUMS"
  mv "$work/SHA256SUMS" .
  if [ ! -e "$key" ]; then
    minisign -G -W -f -s "$key" -p "$work/signer.pub"
  else
    minisign -R -f -s "$key" -p "$work/signer.pub"
    # What the documents have users verify with.
    local known=$work/x86_64/packaging/lazycred.pub
    if [ -e "$known" ] && [ "$(tail -n 1 "$known")" != "$(tail -n 1 "$work/signer.pub")" ]; then
      echo 'this is not the key of packaging/lazycred.pub' >&2
      return 1
    fi
  fi
  minisign -S -s "$key" -m SHA256SUMS -x SHA256SUMS.minisig -t "lazycred $version" -c 'signature of SHA256SUMS'
}

check() {
  python3 -B "$work/x86_64/scripts/release.d/check_$1.py" "$version" "$out" "$work/signer.pub"
}

check_filled() {
  "$work/x86_64/packaging/check" "$out"
}

# What somebody does who has never heard of it.
paths() {
  cd "$work/x86_64"
  tests/paths/laptop.sh "$out" "$work/signer.pub"
  tests/paths/container.sh "$out"
  tests/paths/github.sh "$out"
}

# The packages, in roots that have nothing else.
installed() {
  "$work/x86_64/scripts/unpack-check" "$out" "$1"
}
