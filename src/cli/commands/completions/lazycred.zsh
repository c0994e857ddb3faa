#compdef lazycred
# Completion of lazycred for zsh.

_lazycred() {
  local -a lines values shown
  local line
  integer told first
  lines=("${(@f)$(command lazycred complete zsh -- \
    "${(@Q)words[1,CURRENT-1]}" "${(Q)PREFIX}" </dev/null 2>/dev/null)}")
  case ${lines[1]} in
    values)
      for line in "${(@)lines[2,-1]}"; do
        values+=("${line%%$'\t'*}")
        if [[ $line == *$'\t'* ]]; then
          shown+=("${line%%$'\t'*}  -- ${line#*$'\t'}")
          told=1
        else
          shown+=("$line")
        fi
      done
      if ((told)); then
        compadd -l -d shown -a -- values
      else
        compadd -a -- values
      fi
      ;;
    files)
      [[ $PREFIX == --*=* ]] && compset -P 1 '*='
      _files
      ;;
    command)
      first=${words[(i)--]}
      shift $first words
      ((CURRENT -= first))
      _normal
      ;;
  esac
}

if [[ ${funcstack[1]-} == _lazycred ]]; then
  _lazycred "$@"
else
  compdef _lazycred lazycred
fi
