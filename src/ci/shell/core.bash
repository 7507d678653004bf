# The phases of a build as functions of this shell. Written by stepmux for bash;
# the commands themselves follow at the end.
#
# A step is evaluated in this very shell. What would end the shell (`exit`,
# `set -e`, travis_terminate) ends the phase instead: `exit` and an ERR trap arm
# a DEBUG trap that returns from every function down to __stepmux_eval. Variables
# that are visible to a step all begin with __stepmux_.

# Aliases must not reach into the functions below.
if shopt -q expand_aliases; then __stepmux_aliases=1; else __stepmux_aliases=; fi
shopt -u expand_aliases

# The mark's nonce stays in this shell; children do not inherit it.
if [[ -n ${STEPMUX_MARK:-} ]]; then __stepmux_nonce=$STEPMUX_MARK; fi
unset STEPMUX_MARK
__stepmux_active=
__stepmux_keep=
__stepmux_user_err=
__stepmux_user_exit=
__stepmux_phases=()
__stepmux_file=${BASH_SOURCE[0]}
__stepmux_dir=
__stepmux_own_dir=
__stepmux_began=
__stepmux_under_way=
__stepmux_hold=
__stepmux_holding=
__stepmux_held=

__stepmux_mark() {
  [[ -z ${__stepmux_nonce:-} ]] || builtin printf '\e]7717;%s;%s\a' "$__stepmux_nonce" "$1"
  [[ $1 != [BD]\;* || -z $__stepmux_dir ]] || __stepmux_environ "${1%%;of=*}"
}

# Writes down the environment before or after a step, for `stepmux export`.
__stepmux_environ() {
  { builtin export -p >|"$__stepmux_dir/env.${1%%;status=*}"; } 2>/dev/null || builtin :
}

# Exact bytes of Travis's log, when asked for.
__stepmux_exact() {
  [[ ${travis_exact:-${STEPMUX_TRAVIS_EXACT:-}} == 1 ]]
}

# Microseconds since the epoch, in REPLY.
__stepmux_clock() {
  if [[ -n ${EPOCHREALTIME:-} ]]; then
    REPLY=${EPOCHREALTIME//[!0-9]/}
  else
    REPLY=$(date +%s)000000
  fi
}

# A duration of $1 microseconds for people, in REPLY.
__stepmux_span() {
  local __stepmux_s=$(($1 / 1000000))
  if ((__stepmux_s >= 60)); then
    builtin printf -v REPLY '%dm %02ds' $((__stepmux_s / 60)) $((__stepmux_s % 60))
  else
    builtin printf -v REPLY '%d.%02ds' "$__stepmux_s" $(($1 % 1000000 / 10000))
  fi
}

# Ends the running step: from here on every command outside the frames of
# stepmux is replaced by a return.
__stepmux_unwind() {
  __stepmux_code=$1
  builtin set +e
  builtin trap '[[ ${#FUNCNAME[@]} -le $__stepmux_depth ]] || builtin return "$__stepmux_code"' DEBUG
  builtin set -T
}

__stepmux_err='__stepmux_st=$?
if [[ $BASH_SUBSHELL == "$__stepmux_level" ]]; then
  if [[ -n $__stepmux_user_err && ${#FUNCNAME[@]} -eq $((__stepmux_depth + 1)) ]]; then
    builtin eval "$__stepmux_user_err"
  fi
  if [[ -n $__stepmux_code ]]; then
    builtin set +e
  elif [[ $- == *e* ]]; then
    __stepmux_errexit=e
    __stepmux_unwind "$__stepmux_st"
  fi
  if [[ -n $__stepmux_code && ${#FUNCNAME[@]} -gt $__stepmux_depth ]]; then
    builtin return "$__stepmux_st"
  fi
fi'

# Defines what a step sees: exit and trap, and the ERR trap.
__stepmux_on() {
  exit() {
    local __stepmux_st=$?
    [[ $# -eq 0 ]] || __stepmux_st=$(($1 & 255))
    [[ $BASH_SUBSHELL == "$__stepmux_level" ]] || builtin exit "$__stepmux_st"
    __stepmux_unwind "$__stepmux_st"
    builtin return "$__stepmux_st"
  }
  trap() {
    local __stepmux_st=$? __stepmux_text __stepmux_sig
    local -a __stepmux_rest=()
    if [[ $BASH_SUBSHELL != "$__stepmux_level" || $# -lt 2 || $1 == -[lp]* ]]; then
      builtin trap "$@"
      builtin return
    fi
    [[ $1 != -- ]] || shift
    __stepmux_text=$1
    shift
    for __stepmux_sig in "$@"; do
      case $__stepmux_sig in
        ERR | err) [[ $__stepmux_text == - ]] && __stepmux_user_err= || __stepmux_user_err=$__stepmux_text ;;
        EXIT | exit | 0) [[ $__stepmux_text == - ]] && __stepmux_user_exit= || __stepmux_user_exit=$__stepmux_text ;;
        *) __stepmux_rest+=("$__stepmux_sig") ;;
      esac
    done
    [[ ${#__stepmux_rest[@]} -eq 0 ]] || builtin trap -- "$__stepmux_text" "${__stepmux_rest[@]}"
  }
  builtin trap "$__stepmux_err" ERR
}

# Bash puts an ERR trap back when a function that cleared it returns, unless -E is
# on; so that comes last.
__stepmux_off() {
  builtin set -E
  builtin trap - ERR
  unset -f exit trap
}

# Nothing may follow the eval: a step may return from here.
__stepmux_run() { builtin eval "$__stepmux_src"; }

# Evaluates $1 in this shell. Sets __stepmux_rc to its status, and __stepmux_end
# to the status with which it wanted to end the shell, else empty.
__stepmux_eval() {
  local __stepmux_depth=${#FUNCNAME[@]} __stepmux_level=$BASH_SUBSHELL
  local __stepmux_code='' __stepmux_errexit='' __stepmux_src=$1 __stepmux_st=0
  local __stepmux_outer=$__stepmux_active __stepmux_flags=''
  shift
  __stepmux_active=1
  __stepmux_on
  shopt -u expand_aliases
  builtin set "-E$__stepmux_keep"
  __stepmux_run
  { __stepmux_rc=$? __stepmux_flags=$-; builtin set +euxT; builtin trap - DEBUG; } 2>/dev/null
  if [[ -n $__stepmux_outer ]]; then
    __stepmux_on
  else
    __stepmux_off
    builtin set +E
    [[ -z $__stepmux_aliases ]] || shopt -s expand_aliases
  fi
  __stepmux_active=$__stepmux_outer
  __stepmux_keep=${__stepmux_flags//[!eux]/}
  [[ -z $__stepmux_errexit || $__stepmux_keep == *e* ]] || __stepmux_keep+=e
  __stepmux_end=$__stepmux_code
  [[ -z $__stepmux_end ]] || __stepmux_rc=$__stepmux_end
  return 0
}

# The directory of what this build's shells share; one of our own when nobody
# gave us one.
__stepmux_home() {
  if [[ -z $__stepmux_dir ]]; then
    __stepmux_dir=$(umask 077; command mktemp -d "${TMPDIR:-/tmp}/stepmux-XXXXXXXXXX") || return 1
    __stepmux_own_dir=$BASHPID
  fi
  [[ -e $__stepmux_dir/dump.bash ]] || __stepmux_hooks
}

# $1 in single quotes, in REPLY, for any shell.
__stepmux_sq() {
  REPLY=${1//\'/$__stepmux_apostrophe}
  REPLY=\'$REPLY\'
}
__stepmux_apostrophe="'\\''"

# Runs when this shell ends; a step that took the shell along is reported.
__stepmux_exit() {
  local __stepmux_st=$?
  [[ $__stepmux_own_dir != "$BASHPID" || -z $__stepmux_dir ]] || command rm -rf -- "$__stepmux_dir"
  if [[ -n $__stepmux_active && $BASH_SUBSHELL == 0 ]]; then
    __stepmux_mark "D;phase=$__stepmux_at;step=$__stepmux_n;status=$__stepmux_st;died=1"
  fi
  [[ -z $__stepmux_user_exit ]] || builtin eval "$__stepmux_user_exit"
  return "$__stepmux_st"
}

# Runs before each prompt: tidies up after a step that was interrupted, and does
# what this shell was started for.
__stepmux_prompt() {
  local __stepmux_st=$?
  if [[ -n $__stepmux_began ]]; then
    __stepmux_mark "D;phase=$__stepmux_at;step=$__stepmux_n;status=$__stepmux_st;interrupted=1"
    __stepmux_began=
  fi
  if [[ -n $__stepmux_active ]]; then
    builtin set +euxT
    builtin trap - DEBUG
    __stepmux_off
    builtin set +E
    __stepmux_active=
    [[ -z $__stepmux_aliases ]] || shopt -s expand_aliases
    __stepmux_mark "D;phase=$__stepmux_at;step=$__stepmux_n;status=$__stepmux_st;interrupted=1"
  fi
  if [[ -n $__stepmux_under_way ]]; then
    __stepmux_under_way=
    __stepmux_interrupted "$__stepmux_st"
  fi
  if [[ -n ${__stepmux_first:-} ]]; then
    set -- "$__stepmux_first"
    __stepmux_first=
    "$1"
    return
  fi
  return "$__stepmux_st"
}

# Evaluates $1, again after a failure, $2 times at most.
__stepmux_try() {
  local __stepmux_t
  for ((__stepmux_t = 1; ; __stepmux_t++)); do
    __stepmux_eval "$1"
    [[ $__stepmux_rc != 0 && -z $__stepmux_end && $2 -gt 1 ]] || return 0
    if ((__stepmux_t >= $2)); then
      builtin printf '\n\e[31;1mThe command "%s" failed %s times.\e[0m\n\n' "$1" "$2" >&2
      return 0
    fi
    builtin printf '\n\e[31;1mThe command "%s" failed. Retrying, %s of %s.\e[0m\n' "$1" $((__stepmux_t + 1)) "$2" >&2
    sleep 1
  done
}
