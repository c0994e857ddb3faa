# Runs the image as its users do; sourced by scripts/unpack-check, with what packaging/installed.sh says.
. packaging/image/podman.sh

podman_in "$work/podman"
archive=$out/lazycred-$version-oci.tar
image=ghcr.io/lazycred/lazycred:$version

podman pull --quiet --arch "$debian" "oci-archive:$archive" >"$work/image"
podman tag "$(cat "$work/image")" "$image"
about() { podman image inspect --format "$1" "$image"; }
same "$(about '{{.Architecture}}')" "$debian" 'its architecture'
same "$(about '{{.Config.Entrypoint}} {{.Config.User}}')" '[/lazycred] 65534:65534' 'its entrypoint and user'
same "$(about '{{index .Config.Labels "org.opencontainers.image.version"}}')" "$version" 'its version'

# A store that the image's user can read, and a wrapping key that nobody else can.
data=$work/data
empty_root "$data"
root=$(podman image mount "$image")
has_notices "$root/NOTICES"
cp "$root/lazycred" "$data/lazycred"
inside "$data" "/lazycred" --quiet init --local
inside "$data" "/lazycred" --quiet put web <<<'{"token": "hunter2"}'
chown -R 65534:65534 "$data/home"
chmod 755 "$work"

# Everything that a careful deployment sets. An image of another machine has its own emulator beside it.
careful=("${limits[@]}" --read-only --cap-drop ALL --security-opt no-new-privileges
  --volume "$data/home:/home:ro" --volume "$work/probe:/probe:ro" --workdir /home/user
  --env HOME=/home/user --env LAZYCRED_SECRETS=web)
program=() wrapped=()
if [ ${#emulator[@]} -gt 0 ]; then
  careful+=(--volume "${emulator[0]}:/emulator:ro")
  program=(/lazycred) wrapped=(--entrypoint /emulator)
fi
run() { podman run --rm --pull never "${careful[@]}" "$@"; }
# The image's own ENTRYPOINT, and the name under which all arguments are the command.
own=("${wrapped[@]}" "$image" "${program[@]}")
if [ ${#emulator[@]} -gt 0 ]; then
  exec_name=(--entrypoint /emulator "$image" /lazycred-exec)
else
  exec_name=(--entrypoint /lazycred-exec "$image")
fi

same "$(run "${own[@]}" --version)" "lazycred $version" 'its version'
same "$(run "${own[@]}" get web)" '{"token": "hunter2"}' 'the secret'
status=0
seen=$(run "${exec_name[@]}" /probe TOKEN 7) || status=$?
same "$seen, status $status" 'pid 1 uid 65534: hunter2, status 7' 'lazycred-exec'
said 'the first process, without rights, in a root that cannot be written; it keeps the status'

podman run --detach --name waits --pull never "${careful[@]}" "${exec_name[@]}" /probe TOKEN wait >/dev/null
for _ in {1..100}; do
  seen=$(podman logs waits)
  [ -z "$seen" ] || break
  sleep 0.1
done
podman stop --time 20 waits >/dev/null
same "$(podman wait waits)" 42 "the program's status after SIGTERM"
podman rm waits >/dev/null
said 'SIGTERM reaches the program'

# An init container, whose folder the image's user may write.
mkdir -m 777 "$work/shared"
run --volume "$work/shared:/shared" "${own[@]}" install /shared >/dev/null
cmp "$work/shared/lazycred" "$data/lazycred"
same "$(readlink "$work/shared/lazycred-exec")" lazycred 'the link'
said 'copies itself for other containers'

# As the documents say: the file in two lines of a Dockerfile.
mkdir "$work/context"
cp "$work/probe" "$work/context/server"
sed "s|\(ghcr.io/lazycred/lazycred\):[^ ]*|\1:$version|" examples/docker/Dockerfile >"$work/context/Dockerfile"
grep -q "^COPY --from=$image " "$work/context/Dockerfile" || fail 'examples/docker/Dockerfile does not copy from the image'
podman build --quiet --arch "$debian" --network=none --pull-never --tag web "$work/context" >/dev/null
if [ ${#emulator[@]} -eq 0 ]; then
  same "$(run web /server TOKEN)" 'pid 1 uid 65534: hunter2' 'examples/docker'
else
  same "$(run --entrypoint /emulator web /lazycred-exec /server TOKEN)" 'pid 1 uid 65534: hunter2' 'examples/docker'
fi
said 'examples/docker is built on it and runs'

# Each other way to copy from it that a document shows.
grep --recursive --no-filename --only-matching --extended-regexp \
  'COPY --from=ghcr\.io/lazycred/lazycred:[^ ]+( [^ `"]+)+' README.md docs examples | sort -u >"$work/copies"
while read -r _ _ words; do
  printf 'FROM scratch\nCOPY --from=%s %s\n' "$image" "$words" >"$work/context/Dockerfile"
  podman build --quiet --arch "$debian" --network=none --pull-never --tag copied "$work/context" >/dev/null
  found=$(find "$(podman image mount copied)" -type f -name 'lazycred*' -exec cmp -s {} "$data/lazycred" \; -print)
  [ -n "$found" ] || fail "COPY --from=$image $words copies no program"
  podman image unmount copied >/dev/null
done <"$work/copies"
said "$(wc -l <"$work/copies") ways to copy from it that documents show"
podman image unmount --all >/dev/null
podman rmi --all --force >/dev/null
