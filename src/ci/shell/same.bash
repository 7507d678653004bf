# ---- Steps in this very shell: Travis.

# The step that was loaded: phase, number, how many. Sets __stepmux_rc.
__stepmux_same_step() {
  if [[ -z $__stepmux_s_cwd$__stepmux_s_limit$__stepmux_s_background && ${#__stepmux_s_env[@]} == 0 &&
    ${#__stepmux_s_asks[@]} == 0 ]]; then
    __stepmux_step "$1" "$2" "$3" "$__stepmux_s_command" "$__stepmux_s_mode" "$__stepmux_s_tries"
    return
  fi
  __stepmux_rc=1
  local -a __stepmux_filled=() __stepmux_given=()
  __stepmux_home && __stepmux_fill || { __stepmux_lost "$@"; return 0; }
  local REPLY __stepmux_back='' __stepmux_restore='' __stepmux_dog='' __stepmux_pidfile=$__stepmux_dir/limit.$BASHPID
  if [[ -n $__stepmux_s_cwd ]]; then
    __stepmux_back=$PWD
    __stepmux_place
    builtin cd -- "$REPLY" || { __stepmux_lost "$@"; return 0; }
  fi
  __stepmux_lend
  [[ -z $__stepmux_s_limit ]] || __stepmux_dog=$(__stepmux_watch_children "$__stepmux_s_limit" "$$" "$__stepmux_pidfile.late")
  if [[ -n $__stepmux_s_background ]]; then
    builtin printf '$ %s\n' "$__stepmux_s_command"
    __stepmux_mark "B;phase=$1;step=$2;of=$3;background=1"
    __stepmux_aside "$1" "$2"
    __stepmux_mark "D;phase=$1;step=$2;status=0"
    __stepmux_verdict
  else
    __stepmux_step "$1" "$2" "$3" "$__stepmux_s_command" "$__stepmux_s_mode" "$__stepmux_s_tries"
  fi
  if [[ -n $__stepmux_dog ]]; then
    { kill -KILL -- "-$__stepmux_dog" "$__stepmux_dog"; } 2>/dev/null
    if [[ -e $__stepmux_pidfile.late ]]; then
      builtin printf '\e[31;1mIt took longer than %ss and was stopped.\e[0m\n' "$__stepmux_s_limit"
      command rm -f -- "$__stepmux_pidfile.late"
      __stepmux_rc=124
    fi
  fi
  [[ -z $__stepmux_restore ]] || builtin eval "$__stepmux_restore"
  [[ -z $__stepmux_back ]] || builtin cd -- "$__stepmux_back" || :
}

# Exports the variables of the step alone; __stepmux_restore takes them back.
__stepmux_lend() {
  local __stepmux_var __stepmux_name __stepmux_quoted
  for __stepmux_var in "${__stepmux_s_env[@]}"; do
    __stepmux_name=${__stepmux_var%%=*}
    if [[ -n ${!__stepmux_name+set} ]]; then
      builtin printf -v __stepmux_quoted '%s=%q\n' "$__stepmux_name" "${!__stepmux_name}"
    else
      __stepmux_quoted="unset $__stepmux_name"$'\n'
    fi
    __stepmux_restore=$__stepmux_quoted$__stepmux_restore
  done
  __stepmux_set "${__stepmux_s_env[@]}"
}

# Stops the children of the shell $2 after $1 seconds, and leaves the file $3.
__stepmux_watch_children() {
  builtin set -m
  (
    builtin set +m
    command sleep "$1"
    : >|"$3"
    command pkill -TERM -P "$2"
    command sleep 5
    command pkill -KILL -P "$2"
  ) >/dev/null 2>&1 </dev/null &
  builtin printf '%s' "$!"
}

# One step: phase, number, how many, command, mode, tries. Sets __stepmux_rc.
__stepmux_step() {
  local __stepmux_fold='' __stepmux_c=$4
  __stepmux_at=$1 __stepmux_n=$2 __stepmux_where=$PWD __stepmux_before=${TRAVIS_TEST_RESULT:-}
  if [[ $5 != result ]]; then
    __stepmux_fold=$1
    (($3 == 1)) || __stepmux_fold=$1.$2
    # Travis's generator indents the lines of folded commands.
    ! __stepmux_exact || __stepmux_c=${__stepmux_c//$'\n'/$'\n  '}
    ! __stepmux_exact || travis_fold start "$__stepmux_fold"
  fi
  [[ $__stepmux_system != travis ]] || export TRAVIS_CMD=$__stepmux_c
  __stepmux_took=
  travis_time_start
  builtin printf '$ %s\n' "$__stepmux_c"
  __stepmux_mark "B;phase=$1;step=$2;of=$3"
  [[ -z ${__stepmux_nonce:-} ]] || builtin printf '\e]133;C\a'
  __stepmux_try "$__stepmux_c" "$6"
  [[ -z ${__stepmux_nonce:-} ]] || builtin printf '\e]133;D;%s\a' "$__stepmux_rc"
  __stepmux_mark "D;phase=$1;step=$2;status=$__stepmux_rc${__stepmux_end:+;ended=1}"
  travis_time_finish "$1"
  if [[ -n $__stepmux_end ]]; then
    builtin printf '\e[33;1mThe command "%s" ended the %s phase with %s.\e[0m' "$__stepmux_c" "$1" "$__stepmux_rc"
    __stepmux_dim
  elif [[ $5 == result ]]; then
    travis_result "$__stepmux_rc"
  elif [[ $5 == assert && $__stepmux_rc != 0 ]]; then
    __stepmux_active='' travis_assert "$__stepmux_rc"
  else
    if ! __stepmux_exact; then
      if ((__stepmux_rc == 0)); then
        __stepmux_dim ''
      else
        builtin printf '\e[33mexited with %s\e[0m' "$__stepmux_rc"
        __stepmux_dim
      fi
    fi
    ! __stepmux_exact || travis_fold end "$__stepmux_fold"
  fi
  return 0
}

