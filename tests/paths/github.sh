#!/usr/bin/env bash
# The way into GitHub Actions, walked here: the action installs a release, loads secrets, and refuses what is wrong;
# the examples run; linters find nothing in any workflow.
#
#     tests/paths/github.sh target/ship/VERSION     # the archives of a release
#     tests/paths/github.sh PROGRAM                 # a static program, from which it makes one
#
# `act` stands in for GitHub's runner, in host mode, and serves the action from this folder. It differs from
# GitHub's in what is not shown by this script: it hides no other spellings of what is masked, and its composite
# actions pass on outputs that they do not declare. A folder stands in for S3, a local wrapping key for KMS. Needs
# git, curl, xz, python3, and go the first time (scripts/tool); takes half a minute.
set -euo pipefail
cd "$(dirname "$0")/../.."
# shellcheck source=tests/paths/github/support.sh
. tests/paths/github/support.sh "${1:?a program, or the folder of a release}"

says "outputs reach the step that asks for them, and no log shows a value"
workflow <<E
      - id: s
        uses: lazycred/lazycred@v$version
        with:
          base-url: $url
          secrets: |
            # two secrets

              DB_+=db/main
            web
      - run: |
          printf %s "\$PASSWORD" >"$work/password"
          printf %s "\$PEM" >"$work/pem"
          printf '%s\n' "\$PASSWORD" "\$PEM" "\$ALL" "\$TWICE"
          echo "it is true that 1 + 1 = 2"
          test -z "\${DB_PASSWORD-}" && test "\$(lazycred --version)" = "lazycred $version"
          test "\$PROGRAM" = "\$(command -v lazycred)" && test "\$VERSION" = $version
        env:
          PASSWORD: \${{ fromJSON(steps.s.outputs.secrets).DB_PASSWORD }}
          PEM: \${{ fromJSON(steps.s.outputs.secrets).PEM }}
          ALL: \${{ steps.s.outputs.secrets }}
          TWICE: \${{ fromJSON(steps.s.outputs.secrets).ON }} \${{ fromJSON(steps.s.outputs.secrets).ONE }}
          PROGRAM: \${{ steps.s.outputs.path }}
          VERSION: \${{ steps.s.outputs.version }}
      - run: test -z "\$(env | grep -F 'hunter' || true)"
      - run: echo "\$AS_JSON" | tee "$work/json"
        env:
          AS_JSON: \${{ toJSON(fromJSON(steps.s.outputs.secrets)) }}
E
works
is "$(<"$work/password")" "$password"
is "$(<"$work/pem")" "$pem"
is "$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["DB_PASSWORD"])' "$work/json")" "$password"
log_has 'it is true that 1 + 1 = 2'
hides_all

says "with export-env, later steps have the variables, and no log shows a value"
workflow <<E
      - id: s
        uses: lazycred/lazycred@v$version
        with: { base-url: $url, export-env: true, secrets: "web\\r\\nDB_PASSWORD=db/main#password\\r\\n" }
      - run: |
          printf %s "\$DB_PASSWORD" >"$work/password"
          printf %s "\$PEM" >"$work/pem"
          printf '%s\n' "\$DB_PASSWORD" "\$PEM" "on is \$ON"
          test -z "\$OUTPUT"
        env:
          OUTPUT: \${{ steps.s.outputs.secrets }}
E
works
is "$(<"$work/password")" "$password"
is "$(<"$work/pem")" "$pem"
log_has 'on is true'
hides_all

says "without secrets it only installs, and exec and export run in later steps"
workflow <<E
      - uses: lazycred/lazycred@v$version
        with: { version: v$version, base-url: $url/, sha256: "$sum" }
      - run: lazycred exec DB_+=db/main -- sh -c 'printf %s "\$DB_PASSWORD"' >"$work/password"
      - id: s
        run: lazycred export DB_+=db/main --format github --outputs
      - run: printf %s "\$PASSWORD" | tee "$work/output"
        env:
          PASSWORD: \${{ steps.s.outputs.DB_PASSWORD }}
E
works
is "$(<"$work/password")" "$password"
is "$(<"$work/output")" "$password"
hides_all

says "the step's own variables say where the secrets are"
mv "$work/web/.lazycred" "$work/settings"
workflow <<E
      - id: s
        uses: lazycred/lazycred@v$version
        with: { base-url: $url, secrets: DB_+=db/main }
        env:
          LAZYCRED_S3_PATH: file:$work/web/secrets/
          LAZYCRED_KEY_ALIAS: local:dev
      - run: printf %s "\$PASSWORD" >"$work/password"
        env:
          PASSWORD: \${{ fromJSON(steps.s.outputs.secrets).DB_PASSWORD }}
E
works
mv "$work/settings" "$work/web/.lazycred"
is "$(<"$work/password")" "$password"
hides_all

says "what is wrong is refused with one error, and nothing is installed or set"
refuses "is not the file of the release" "base-url: $url/tampered"
refuses "has not one SHA-256 of $archive" "base-url: $url/unlisted"
refuses "has not one SHA-256 of $archive" "base-url: $url/empty"
refuses "has not one SHA-256 of $archive" "base-url: $url/page"
refuses "has not one SHA-256 of $archive" "base-url: $url/twice"
refuses "could not unpack $archive" "base-url: $url/other"
refuses "says that it is \`lazycred $version\`" "base-url: $url/older, version: 99.0.0"
refuses "is there a release 98.0.0?" "base-url: $url, version: 98.0.0"
refuses "there is no \`latest\`" "base-url: $url, version: latest"
refuses "version is \`1.0.0/../2\`" "base-url: $url, version: 1.0.0/../2"
refuses "it has to begin with https://" "base-url: http://mirror.example"
refuses "is not the file that sha256 names" "base-url: $url, sha256: ${sum//[0-9]/f}"
refuses "a SHA-256 is 64 digits" "base-url: $url, sha256: abc"
refuses "it is either true or false" "base-url: $url, secrets: web, export-env: yes please"
cat >>"$work/steps" <<E
      - run: test -z "\$(find "\$RUNNER_TEMP" -name '*lazycred*' -print -quit)" && ! command -v lazycred
E
refuses "has no reference in it" "base-url: $url, secrets: '# web'"
refuses "no secret is loaded" "base-url: $url, secrets: \"web\\nmissing\""
refuses "no secret is loaded" "base-url: $url, export-env: true, secrets: \"web\\nmissing\""
refuses "no secret is loaded" "base-url: $url, secrets: \"--help\""
refuses "no secret is loaded" "base-url: $url, secrets: '\$(touch $work/injected)'"
refuses "this runner is macOS: use runs-on: ubuntu-latest" "base-url: $url" macOS
workflow <<E
$(<"$work/steps")
      - run: test -z "\$(env | grep -E '^(PEM|ON|ONE)=')"
E
works
[ ! -e "$work/injected" ] || fail "a reference was run as a command"
is "$(grep -c '::error' "$log")" "$refused"
while IFS= read -r error; do log_has "$error"; done <"$work/errors"
log_has "no secret named \`missing\`"
log_has "no secret named \`--help\`"
hides_all

says "the examples run: their steps have their secrets, and no log shows a value"
for example in deploy smoke-test; do
  run_example "$example"
  works
  hides_all
done
is "$(<"$work/migrate.told")" "app $password"
is "$(<"$work/deploy.told")" "--wait $password info"
is "$(<"$work/smoke-test.told")" "$password info"

says "linters find nothing in the action, the workflows, the examples and the documentation"
lint
echo "github: all passed"
