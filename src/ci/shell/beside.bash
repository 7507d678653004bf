# ---- The phases for a shell that is not bash: they run in a bash beside it, which
# finds again what it left, and tells that shell its directory and exports.
#
# STEPMUX_BESIDE is KIND.PID of that shell; our own files go by it.

__stepmux_beside=$STEPMUX_BESIDE
unset STEPMUX_BESIDE
__stepmux_beside_dir=$__stepmux_dir/beside.$__stepmux_beside

# What we left is taken up; the caller's directory and environment win.
__stepmux_beside_load() {
  local __stepmux_env __stepmux_here=$PWD
  [[ -e $__stepmux_dir/dump.bash ]] || __stepmux_hooks
  if [[ -r $__stepmux_beside_dir/state ]]; then
    __stepmux_env=${__stepmux_caller//declare -x /export }
    __stepmux_source "$__stepmux_beside_dir/state"
    __stepmux_source "$__stepmux_beside_dir/options"
    builtin eval "$__stepmux_env" 2>/dev/null
    builtin cd -- "$__stepmux_here" 2>/dev/null
    __stepmux_source "$__stepmux_beside_dir/build"
  else
    command mkdir -p -m 700 -- "$__stepmux_beside_dir"
    for __stepmux_env in "${__stepmux_phases[@]}"; do
      local -n __stepmux_info=__stepmux_info_$__stepmux_env
      [[ ${__stepmux_info[4]} == same ]] || continue
      builtin printf '\e[2mPhases run in bash beside %s: directory and exports come back, functions and options do not.\e[0m\n' \
        "${__stepmux_beside%%.*}"
      break
    done
  fi
  __stepmux_beside_was
}

# Declarations that reach the whole shell though a function reads them.
__stepmux_source() {
  local __stepmux_text
  __stepmux_text=$(<"$1")
  declare() { builtin declare -g "$@"; }
  builtin eval "$__stepmux_text" 2>/dev/null
  unset -f declare
}

__stepmux_beside_was() {
  local __stepmux_name
  declare -gA __stepmux_was=()
  while IFS= read -r __stepmux_name; do
    __stepmux_was[$__stepmux_name]=${!__stepmux_name}
  done < <(compgen -e)
  __stepmux_was_in=$PWD
}

__stepmux_beside_save() {
  local __stepmux_dump_to=$__stepmux_beside_dir
  (builtin . "$__stepmux_dir/dump.bash") 2>/dev/null
  declare -p __stepmux_keep __stepmux_at __stepmux_n __stepmux_nth __stepmux_bi __stepmux_bs __stepmux_result __stepmux_stopped \
    __stepmux_holding __stepmux_where __stepmux_before __stepmux_resume 2>/dev/null >|"$__stepmux_beside_dir/build"
  __stepmux_carry >|"$__stepmux_beside_dir/carry"
}

# What changed, in the caller's language.
__stepmux_carry() {
  local __stepmux_name REPLY
  while IFS= read -r __stepmux_name; do
    case $__stepmux_name in _ | SHLVL | OLDPWD | PWD | STEPMUX* | TERM) continue ;; esac
    if [[ -z ${__stepmux_was[$__stepmux_name]+set} || ${__stepmux_was[$__stepmux_name]} != "${!__stepmux_name}" ]]; then
      __stepmux_foreign "${!__stepmux_name}"
      case $__stepmux_beside in
        fish.*) builtin printf 'set -gx %s %s\n' "$__stepmux_name" "$REPLY" ;;
        *) builtin printf 'export %s=%s\n' "$__stepmux_name" "$REPLY" ;;
      esac
    fi
  done < <(compgen -e)
  for __stepmux_name in "${!__stepmux_was[@]}"; do
    case $__stepmux_name in _ | SHLVL | OLDPWD | PWD | STEPMUX* | TERM) continue ;; esac
    [[ -z ${!__stepmux_name+set} ]] || continue
    case $__stepmux_beside in
      fish.*) builtin printf 'set -e %s\n' "$__stepmux_name" ;;
      *) builtin printf 'unset %s\n' "$__stepmux_name" ;;
    esac
  done
  if [[ $PWD != "$__stepmux_was_in" ]]; then
    __stepmux_foreign "$PWD"
    builtin printf 'cd -- %s\n' "$REPLY"
  fi
}

# $1 as a word of the caller's language, in REPLY.
__stepmux_foreign() {
  if [[ $__stepmux_beside == fish.* ]]; then
    REPLY=${1//\\/\\\\}
    REPLY=${REPLY//\'/\\\'}
    REPLY=\'$REPLY\'
  else
    __stepmux_sq "$1"
  fi
}

__stepmux_beside_end() {
  local __stepmux_st=$?
  if [[ -n $__stepmux_began ]]; then
    ((__stepmux_st != 0)) || __stepmux_st=130
    __stepmux_mark "D;phase=$__stepmux_at;step=$__stepmux_n;status=$__stepmux_st;interrupted=1"
    __stepmux_began=
    [[ -z $__stepmux_under_way ]] || __stepmux_interrupted "$__stepmux_st"
  fi
  __stepmux_beside_save
  __stepmux_exit
  return "$__stepmux_st"
}

__stepmux_beside_load
builtin trap __stepmux_beside_end EXIT
case ${0##*/} in
  travis_run_*) "${0##*/}" "$@" ;;
  *) phase "$@" ;;
esac
