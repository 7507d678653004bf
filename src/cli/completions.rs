//! The completion scripts of the shells. Each asks the program itself for what
//! may stand at the cursor (see `complete`), so that a script never grows old:
//! options, targets and flags come with their sentences, from the tables and the
//! server that runs.

/// The completion script of a shell.
///
/// # Errors
/// No shell, or one that is not known.
pub(super) fn completions(words: &[String]) -> Result<String, String> {
    match words {
        [shell] if shell == "bash" => Ok(BASH.to_owned()),
        [shell] if shell == "zsh" => Ok(ZSH.to_owned()),
        [shell] if shell == "fish" => Ok(FISH.to_owned()),
        [shell] => Err(format!("unknown shell: {shell} ({SHELLS})")),
        _ => Err(format!("usage: stepmux completions shell ({SHELLS})")),
    }
}

const SHELLS: &str = "bash, zsh or fish";

/// bash takes words apart at colons, so the line is read as it is; sentences are
/// shown when there is a choice.
const BASH: &str = r##"# bash completion of stepmux, made by `stepmux completions bash`.
_stepmux() {
  local line=${COMP_LINE:0:COMP_POINT} cur text about prefix files=''
  local -a words lines shown
  read -ra words <<<"$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  cur=${words[${#words[@]}-1]}
  COMPREPLY=()
  mapfile -t lines < <("${words[0]}" completions --words "${words[@]:1}" 2>/dev/null)
  for line in "${lines[@]}"; do
    case $line in
      :files) files=f ;;
      :dirs) files=d ;;
      *)
        text=${line%%$'\t'*} about=${line#*$'\t'}
        COMPREPLY+=("$text")
        shown+=("$text  ($about)")
        ;;
    esac
  done
  if [[ $files ]]; then
    compopt -o filenames 2>/dev/null
    mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -"$files" -- "$cur")
    return
  fi
  # What is listed has its sentence; what is put in has not.
  if ((${#COMPREPLY[@]} > 1 && COMP_TYPE == 63)); then
    COMPREPLY=("${shown[@]}")
    return
  fi
  if [[ ${COMPREPLY[0]-} == *: ]]; then
    compopt -o nospace 2>/dev/null
  fi
  # bash replaces what follows the last colon only.
  if [[ $cur == *:* && $COMP_WORDBREAKS == *:* ]]; then
    prefix=${cur%"${cur##*:}"}
    COMPREPLY=("${COMPREPLY[@]#"$prefix"}")
  fi
}
complete -F _stepmux stepmux
"##;

const ZSH: &str = r##"#compdef stepmux
# zsh completion of stepmux, made by `stepmux completions zsh`.
_stepmux() {
  local line text about files=''
  local -a found ends
  while IFS= read -r line; do
    case $line in
      :files) files=files ;;
      :dirs) files=dirs ;;
      *)
        text=${line%%$'\t'*} about=${line#*$'\t'}
        if [[ $text == *: ]]; then
          ends+=("${text//:/\\:}:$about")
        else
          found+=("${text//:/\\:}:$about")
        fi
        ;;
    esac
  done < <("${(Q)words[1]}" completions --words "${(@Q)words[2,CURRENT]}" 2>/dev/null)
  ((${#found})) && _describe -V stepmux found
  ((${#ends})) && _describe -V stepmux ends -S ''
  case $files in
    files) _files ;;
    dirs) _files -/ ;;
  esac
}
if [[ ${funcstack[1]-} == _stepmux ]]; then
  _stepmux "$@"
else
  compdef _stepmux stepmux
fi
"##;

const FISH: &str = r##"# fish completion of stepmux, made by `stepmux completions fish`.
function __stepmux_complete
    set -l words (commandline -opc)
    set -l cur (commandline -ct)
    for line in ($words[1] completions --words $words[2..-1] "$cur" 2>/dev/null)
        switch $line
            case :files
                __fish_complete_path "$cur"
            case :dirs
                __fish_complete_directories "$cur"
            case '*'
                echo $line
        end
    end
end
complete -c stepmux -f -a '(__stepmux_complete)'
"##;
