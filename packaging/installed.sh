# What each installed package must do, in a root that has nothing else; sourced by scripts/unpack-check, which
# says what the variables are: $version $arch $work, and `emulator`, which is empty for this machine's own programs.

fail() {
  echo "scripts/unpack-check: $*" >&2
  exit 1
}

said() { echo "  $*"; }

# Fails unless $1 is $2; $3 says what they are.
same() { [ "$1" = "$2" ] || fail "$3: expected \`$2\`, found \`$1\`"; }

# An empty root $1: a home, what is started there, and the emulator.
empty_root() {
  mkdir -p "$1/home/user" "$1/proc" "$1/dev"
  cp "$work/probe" "$1/probe"
  if [ ${#emulator[@]} -gt 0 ]; then
    cp "${emulator[0]}" "$1/emulator"
  fi
}

# A program and its words in the root $1, in processes of its own; variables come before, as NAME=value.
inside() {
  local root=$1 variables=()
  shift
  while [[ $1 == [A-Z]*=* ]]; do
    variables+=("$1")
    shift
  done
  env -i HOME=/home/user "${variables[@]}" /usr/bin/unshare --pid --fork --kill-child --mount --mount-proc \
    --root "$root" --wd /home/user ${emulator[0]:+/emulator} "$@"
}

# The program in $2/bin of the root $1 stores a secret and starts a program with it.
it_works() {
  local root=$1 bin=$2/bin home=$1/home/user status=0
  same "$(inside "$root" "$bin/lazycred" --version)" "lazycred $version" 'its version'
  inside "$root" "$bin/lazycred" --quiet init --local
  inside "$root" "$bin/lazycred" --quiet put web <<<'{"token": "hunter2"}'
  same "$(inside "$root" "$bin/lazycred" get web)" '{"token": "hunter2"}' 'the secret'
  same "$(inside "$root" "$bin/lazycred" exec web -- /probe TOKEN)" 'pid 1 uid 0: hunter2' 'exec'
  same "$(inside "$root" LAZYCRED_SECRETS=web "$bin/lazycred-exec" /probe TOKEN)" 'pid 1 uid 0: hunter2' 'lazycred-exec'
  inside "$root" "$bin/lazycred" exec web -- /probe TOKEN 7 >/dev/null || status=$?
  same "$status" 7 "the program's status"
  rm -rf "$home"
  mkdir "$home"
  said 'stores a secret, prints it, and becomes a program that has it'
}

# Each manual page below $1 can be read, and there is one for the program and for both of its names.
pages_are_readable() {
  local page count=0 text
  for page in "$1"/man1/lazycred*.1*; do
    text=$(gzip --decompress --stdout --force "$page" | mandoc -T ascii)
    grep -qi "^$(basename "${page%.1*}")(1)" <<<"$text" || fail "$page is no manual page"
    count=$((count + 1))
  done
  ls "$1"/man1/lazycred.1* "$1"/man1/lazycred-exec.1* >/dev/null
  said "$count manual pages"
}

# The shells read the scripts in the folders $3 (bash), $4 (zsh) and $5 (fish) of the root $1; where the program
# in $2 can be run here, they offer what it says. A shell that is not here is named.
completions_work() {
  local root=$1 bin=$1$2 bash_file=$1$3/lazycred zsh_folder=$1$4 fish_file=$1$5/lazycred.fish
  local path=$bin:/usr/bin:/bin loaded offered
  [ -e "$bash_file" ] && [ -e "$zsh_folder/_lazycred" ] && [ -e "$fish_file" ] || fail 'a completion script is missing'

  # shellcheck disable=SC2016
  loaded=$(env -i PATH="$path" HOME="$work" bash --norc -c '
    . "$1"
    line=$(complete -p lazycred)
    echo "$line"
    [ -n "$2" ] || exit 0
    COMP_WORDS=(lazycred ge) COMP_CWORD=1 COMP_LINE="lazycred ge" COMP_POINT=11
    name=${line##*-F } && name=${name%% *}
    "$name" lazycred ge lazycred
    echo "offers ${COMPREPLY[*]}"' bash "$bash_file" "${emulator[0]:-run}")
  grep -q '^complete .* lazycred$' <<<"$loaded" || fail "bash does not complete it: $loaded"
  [ ${#emulator[@]} -gt 0 ] || grep -q '^offers get' <<<"$loaded" || fail "bash offers something else: $loaded"

  if command -v zsh >/dev/null; then
    # shellcheck disable=SC2016
    loaded=$(env -i PATH="$path" HOME="$work" zsh -f -c 'fpath=("$1" $fpath); autoload -U compinit; compinit -u -D
      print $_comps[lazycred]' zsh "$zsh_folder")
    same "$loaded" _lazycred 'what completes it in zsh'
  else
    said 'zsh is not here: not tried'
  fi
  if command -v fish >/dev/null && [ ${#emulator[@]} -eq 0 ]; then
    # shellcheck disable=SC2016
    offered=$(env -i PATH="$path" HOME="$work" fish --no-config -c 'source $argv[1]; complete -C "lazycred ge"' "$fish_file")
    grep -q '^get' <<<"$offered" || fail "fish offers something else: $offered"
  elif [ ${#emulator[@]} -eq 0 ]; then
    said 'fish is not here: not tried'
  fi
  said 'completions'
}

# What lies in the root $1, but for the packager's own records in the folder $2 of it.
files_of() {
  (cd "$1" && find . -path ./home -prune -o -path "./$2" -prune -o -printf '%p %y %l %m %U:%G\n' | LC_ALL=C sort)
}
