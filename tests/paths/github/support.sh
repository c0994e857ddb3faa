# What tests/paths/github.sh is written in: a release on a server of this machine, a repository with secrets, act.
# shellcheck shell=bash
root=$PWD
given=$(realpath "$1")
work=$(mktemp -d)
served=''
trap '[ -z "$served" ] || kill "$served"; rm -rf "$work"' EXIT
act=$(scripts/tool act)
actionlint=$(scripts/tool actionlint)
zizmor=$(scripts/tool zizmor)
log=$work/log
# What is packed here is not kept.
export XZ_OPT=-0
refused=0

fail() {
  echo "github: $*" >&2
  exit 1
}

says() { echo "github: $*"; }

is() { [ "$1" = "$2" ] || fail "$(printf '%q is not %q' "$1" "$2")"; }

# The releases: the one that was given or is made, and what may be wrong with one.
case $(uname -m) in
  x86_64) arch=x86_64 ;;
  aarch64) arch=aarch64 ;;
  *) fail "no release for $(uname -m)" ;;
esac
if [ -d "$given" ]; then
  archive=$(basename "$given"/lazycred-*-"$arch"-linux.tar.xz)
  version=${archive#lazycred-} version=${version%-"$arch"-linux.tar.xz}
  mkdir -p "$work/releases/v$version"
  cp "$given/$archive" "$given/SHA256SUMS" "$work/releases/v$version"
else
  version=$("$given" --version)
  version=${version#lazycred }
  name=lazycred-$version-$arch-linux
  archive=$name.tar.xz
  mkdir -p "$work/releases/v$version" "$work/$name/bin"
  cp "$given" "$work/$name/bin/lazycred"
  ln -s lazycred "$work/$name/bin/lazycred-exec"
  tar -C "$work" -cJf "$work/releases/v$version/$archive" "$name"
  (cd "$work/releases/v$version" && sha256sum "$archive" >SHA256SUMS)
fi
release=$work/releases/v$version
mkdir "$work/program"
tar -C "$work/program" --strip-components=2 -xJf "$release/$archive" "${archive%.tar.xz}/bin/lazycred"
program=$work/program/lazycred
read -r sum _ < <(sha256sum "$release/$archive")
for wrong in tampered unlisted empty page twice other older; do
  mkdir -p "$work/releases/$wrong"
  cp -r "$release" "$work/releases/$wrong/v$version"
  (
    cd "$work/releases/$wrong/v$version"
    page='<!doctype html><title>Sign in</title>'
    case $wrong in
      tampered) printf x >>"$archive" ;;
      unlisted) sed "s/$archive/$archive.minisig/" "$release/SHA256SUMS" >SHA256SUMS ;;
      empty) : >SHA256SUMS ;;
      page) tee SHA256SUMS >"$archive" <<<"$page" ;;
      twice) grep -F "$archive" "$release/SHA256SUMS" | sed 's/^./0/' >>SHA256SUMS ;;
      other)
        echo "$page" >"$archive"
        sha256sum "$archive" >SHA256SUMS
        ;;
      older)
        later=lazycred-99.0.0-$arch-linux
        mkdir "../$later" ../v99.0.0
        tar -C "../$later" --strip-components=1 -xJf "$archive"
        tar -C .. -cJf "../v99.0.0/$later.tar.xz" "$later"
        (cd ../v99.0.0 && sha256sum "$later.tar.xz" >SHA256SUMS)
        ;;
    esac
  )
done
: >"$work/served"
python3 -u -m http.server --bind 127.0.0.1 --directory "$work/releases" 0 >>"$work/served" 2>/dev/null &
served=$!
for _ in {1..100}; do
  port=$(sed -n 's/.* port \([0-9]*\).*/\1/p' "$work/served")
  [ -z "$port" ] || break
  sleep 0.1
done
url=http://127.0.0.1:${port:?no server}

# The action alone: act copies the whole folder.
mkdir "$work/action"
cp -r action.yml action "$work/action"
# As it is at the release's commit.
sed -i "s/^    default: \"[0-9].*\"\$/    default: \"$version\"/" "$work/action/action.yml"

# A repository of somebody who has secrets.
password='hun"ter2%25\x'
pem=$'-----BEGIN TEST-----\nfirst line\t!\nsecond "line"\n-----END TEST-----\n'
pem=${pem%$'\n'}
export XDG_DATA_HOME=$work/data
mkdir "$work/web" "$work/home"
(
  cd "$work/web"
  export HOME=$work/home
  "$program" --quiet init --local
  as_json() { python3 -c 'import json, sys; print(json.dumps(dict(zip(sys.argv[1::2], sys.argv[2::2]))))' "$@"; }
  as_json user app password "$password" | "$program" --quiet put db/main
  "$program" --quiet cp db/main db_credentials
  as_json pem "$pem" on true one 1 | "$program" --quiet put web
  as_json log_level info | "$program" --quiet put common
  printf '#!/bin/sh\necho "$DB_USER $DB_PASSWORD" | tee "%s"\n' "$work/migrate.told" >migrate.sh
  printf '#!/bin/sh\necho "$1 $DB_PASSWORD $LOG_LEVEL" | tee "%s"\n' "$work/deploy.told" >deploy.sh
  printf '#!/bin/sh\necho "$DB_PASSWORD $LOG_LEVEL" | tee "%s"\n' "$work/smoke-test.told" >smoke-test.sh
  chmod +x ./*.sh
  mkdir -p .github/workflows
  git init --quiet
  git add --all
  git -c user.name=t -c user.email=t@example.com commit --quiet --message t
  git remote add origin https://github.com/acme/web
)

# Makes a workflow of the steps on standard input.
workflow() {
  {
    printf 'name: test\non: push\npermissions: {}\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n'
    # What act has built in.
    sed -n 's/^\( *- uses: actions\/checkout@.*\)/\1/p' "$root/examples/github/deploy.yaml"
    cat
  } >"$work/web/.github/workflows/test.yaml"
}

# Runs the workflow, which succeeds, and keeps its log.
works() {
  (cd "$work/web" && env -i HOME="$work/home" PATH="$PATH" "$act" push -W .github/workflows/test.yaml \
    -P ubuntu-latest=-self-hosted --action-cache-path "$work/cache" --env XDG_DATA_HOME="$XDG_DATA_HOME" \
    --local-repository "lazycred/lazycred@v$version=$work/action" \
    --local-repository "$(used_by deploy aws-actions/configure-aws-credentials)=$work/no-aws") \
    >"$log" 2>&1 </dev/null || {
    cat "$log" >&2
    fail "the workflow failed"
  }
}

log_has() { grep -qF -- "$1" "$log" || { cat "$log" >&2; fail "the log lacks: $1"; }; }

# The log shows no line of a value, as it is or as JSON.
hides_all() {
  local line
  while IFS= read -r line; do
    ! grep -qF -- "$line" "$log" || { grep -F -- "$line" "$log" >&2; fail "the log shows: $line"; }
  done <<<"$password"$'\nhun\\"ter2%25\\\\x\nfirst line\nsecond\n"ONE":"1"'
}

# Adds a step that is refused for its inputs $2 with the error $1, on a runner of $3.
refuses() {
  refused=$((refused + 1))
  echo "$1" >>"$work/errors"
  cat >>"$work/steps" <<E
      - id: r$refused
        continue-on-error: true
        uses: lazycred/lazycred@v$version
        with: { $2 }
        env: { RUNNER_OS: ${3:-Linux} }
      - run: test "$refused \$OUTCOME \$SECRETS" = "$refused failure "
        env:
          OUTCOME: \${{ steps.r$refused.outcome }}
          SECRETS: \${{ steps.r$refused.outputs.secrets }}
E
}

# What the example $1 uses of the repository $2, with its commit.
used_by() { sed -n "s|.* uses: \($2@[^ ]*\).*|\1|p" "$root/examples/github/$1.yaml"; }

# Makes the example $1 the workflow: here its secrets are in the folder, and the release on this machine.
mkdir "$work/no-aws"
printf 'name: none\nruns:\n  using: composite\n  steps:\n    - run: "true"\n      shell: bash\n' >"$work/no-aws/action.yml"
run_example() {
  local used
  used=$(used_by "$1" lazycred/lazycred)
  sed -e "s|LAZYCRED_S3_PATH: .*|LAZYCRED_S3_PATH: file:$work/web/secrets/\n      LAZYCRED_KEY_ALIAS: local:dev|" \
    -e "s|$used|lazycred/lazycred@v$version|" -e '/^on:/,/^permissions/{s/^on:$/on: push/;/^  /d}' \
    -e "s|^\( *\)secrets: .*|\1base-url: $url\n\1version: $version\n&|" \
    "examples/github/$1.yaml" >"$work/web/.github/workflows/test.yaml"
}

# Lints all workflows, and their use of the action: where actionlint finds it, it knows its inputs and outputs.
lint() {
  local folder=$work/linted/.github/workflows
  mkdir -p "$folder"
  cp -r action.yml action "$work/linted"
  git -C "$work/linted" init --quiet
  python3 tests/paths/github/blocks.py docs/*.md README.md --into "$folder"
  cp examples/github/*.yaml .github/workflows/*.yaml "$folder"
  "$zizmor" --offline --quiet --config .github/zizmor.yaml "$work/linted"
  sed -i 's|uses: lazycred/lazycred@.*|uses: ./|' "$folder"/*.yaml
  (cd "$work/linted" && "$actionlint")
  # They are what finds mistakes: neither passes a wrong workflow.
  sed 's/export-env:/exportenv:/' "$folder/smoke-test.yaml" >"$folder/wrong.yaml"
  ! (cd "$work/linted" && "$actionlint") >/dev/null || fail "actionlint does not know the inputs of the action"
  sed 's/@[0-9a-f]* #.*/@v5/' examples/github/smoke-test.yaml >"$folder/wrong.yaml"
  ! "$zizmor" --offline --quiet --config .github/zizmor.yaml "$folder/wrong.yaml" >/dev/null 2>&1 ||
    fail "zizmor passes an action that is not pinned"
}
