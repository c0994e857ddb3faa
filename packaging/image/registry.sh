# A registry of this script's own, at 127.0.0.1; sourced. Whoever starts one ends the process $registry.

# By the program $1, with the folder $2 for its log; $port is where it listens.
start_registry() {
  # The loop below may be there first.
  : >"$2/registry"
  "$1" registry serve --address 127.0.0.1:0 >"$2/registry" 2>&1 &
  registry=$!
  for _ in {1..100}; do
    port=$(sed -n 's/.* serving on port //p' "$2/registry")
    [ -z "$port" ] || return 0
    sleep 0.1
  done
  cat "$2/registry" >&2
  return 1
}
