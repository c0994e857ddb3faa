# podman with everything that it keeps below a folder; sourced. Needs podman and runc; calls `fail`.

# Keeps all below $1; with $2, what that file says of registries.
podman_in() {
  local runtime
  command -v podman >/dev/null || fail 'podman is not installed'
  runtime=$(command -v runc) || fail 'runc is not installed'
  mkdir -p "$1"
  # These need neither systemd nor a file system with layers.
  engine=(env -i "PATH=$PATH" "HOME=$1" "CONTAINERS_REGISTRIES_CONF=${2:-/dev/null}"
    podman --runtime "$runtime" --root "$1/root" --runroot "$1/run" --tmpdir "$1/tmp"
    --storage-driver vfs --cgroup-manager cgroupfs --events-backend file)
  # The limits are given, since a runtime that may not raise them fails without.
  limits=(--network=host --ulimit nofile=1024:1024 --ulimit nproc=4096:4096)
}

podman() { "${engine[@]}" "$@"; }
