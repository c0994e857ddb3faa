# Completion of lazycred for elvish.

use str

set edit:completion:arg-completer[lazycred] = {|@words|
  var lines = []
  try {
    set lines = [((external lazycred) complete elvish -- $@words </dev/null 2>/dev/null)]
  } catch _ {
    nop
  }
  if (== 0 (count $lines)) {
    nop
  } elif (eq $lines[0] values) {
    each {|line|
      var value @told = (str:split "\t" $line)
      if (eq $told []) {
        put $value
      } else {
        edit:complex-candidate $value &display=$value' ('$told[0]')'
      }
    } $lines[1..]
  } elif (eq $lines[0] files) {
    edit:complete-filename $@words
  } elif (eq $lines[0] command) {
    var first = 0
    while (not-eq $words[$first] --) {
      set first = (+ $first 1)
    }
    var rest = $words[(+ $first 1)..]
    if (== 1 (count $rest)) {
      edit:complete-sudo sudo $@rest
    } elif (has-key $edit:completion:arg-completer $rest[0]) {
      $edit:completion:arg-completer[$rest[0]] $@rest
    } else {
      edit:complete-filename $@rest
    }
  }
}
