# Completion of lazycred for bash.

_lazycred() {
  local lines i first
  COMPREPLY=()
  mapfile -t lines < <(command lazycred complete bash -- \
    "${COMP_LINE:0:COMP_POINT}" "$COMP_WORDBREAKS" </dev/null 2>/dev/null)
  case ${lines[0]-} in
    values)
      COMPREPLY=("${lines[@]:1}")
      ;;
    files)
      compopt -o default
      ;;
    command)
      for ((first = 1; first < COMP_CWORD; first++)); do
        if [[ ${COMP_WORDS[first]} == -- ]]; then
          break
        fi
      done
      ((first++))
      if declare -F _comp_command_offset >/dev/null; then
        _comp_command_offset "$first"
      elif declare -F _command_offset >/dev/null; then
        _command_offset "$first"
      else
        compopt -o default
        if ((COMP_CWORD == first)) && [[ $2 != */* ]]; then
          mapfile -t lines < <(compgen -c -- "$2" | sort -u)
          for i in "${!lines[@]}"; do
            printf -v 'COMPREPLY[i]' %q "${lines[i]}"
          done
        fi
      fi
      ;;
  esac
}

complete -F _lazycred lazycred
