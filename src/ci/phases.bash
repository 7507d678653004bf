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

__stepmux_mark() {
  [[ -z ${__stepmux_nonce:-} ]] || builtin printf '\e]7717;%s;%s\a' "$__stepmux_nonce" "$1"
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

# Runs when this shell ends; a step that took the shell along is reported.
__stepmux_exit() {
  local __stepmux_st=$?
  if [[ -n $__stepmux_active && $BASH_SUBSHELL == 0 ]]; then
    __stepmux_mark "D;phase=$__stepmux_at;step=$__stepmux_n;status=$__stepmux_st;died=1"
  fi
  [[ -z $__stepmux_user_exit ]] || builtin eval "$__stepmux_user_exit"
  return "$__stepmux_st"
}

# Runs before each prompt: tidies up after a step that was interrupted.
__stepmux_prompt() {
  local __stepmux_st=$?
  if [[ -n $__stepmux_active ]]; then
    builtin set +euxT
    builtin trap - DEBUG
    __stepmux_off
    builtin set +E
    __stepmux_active=
    [[ -z $__stepmux_aliases ]] || shopt -s expand_aliases
    __stepmux_mark "D;phase=$__stepmux_at;step=$__stepmux_n;status=$__stepmux_st;interrupted=1"
  fi
  return "$__stepmux_st"
}

travis_nanoseconds() {
  local REPLY
  __stepmux_clock
  builtin printf '%s000' "$REPLY"
}

travis_time_start() {
  local REPLY
  __stepmux_clock
  __stepmux_started=$REPLY
  TRAVIS_TIMER_START_TIME=${REPLY}000
  builtin printf -v TRAVIS_TIMER_ID '%08x' $((RANDOM * RANDOM))
  ! __stepmux_exact || builtin printf 'travis_time:start:%s\r\e[0K' "$TRAVIS_TIMER_ID"
}

travis_time_finish() {
  local __stepmux_st=$? REPLY
  __stepmux_clock
  __stepmux_took=$((REPLY - ${__stepmux_started:-$REPLY}))
  ! __stepmux_exact || builtin printf 'travis_time:end:%s:start=%s,finish=%s,duration=%s,event=%s\r\e[0K' \
    "${TRAVIS_TIMER_ID:-}" "${TRAVIS_TIMER_START_TIME:-}" "${REPLY}000" "${__stepmux_took}000" "${1:-}"
  return "$__stepmux_st"
}

travis_fold() {
  ! __stepmux_exact || builtin printf 'travis_fold:%s:%s\r\e[0K' "${1:-}" "${2:-}"
}

travis_result() {
  local __stepmux_st=${1:-0} __stepmux_color=32
  TRAVIS_TEST_RESULT=$((${TRAVIS_TEST_RESULT:-0} | (__stepmux_st != 0)))
  export TRAVIS_TEST_RESULT
  ((__stepmux_st == 0)) || __stepmux_color=31
  builtin printf '\e[%s;1mThe command "%s" exited with %s.\e[0m' \
    "$__stepmux_color" "${TRAVIS_CMD:-}" "$__stepmux_st"
  __stepmux_dim
}

# Ends a result line: with the last duration, unless exact bytes are wanted.
__stepmux_dim() {
  local REPLY
  if __stepmux_exact || [[ -z ${__stepmux_took:-} ]]; then
    builtin printf '\n'
  else
    __stepmux_span "$__stepmux_took"
    builtin printf '%s\e[2m%s\e[0m\n' "${1- }" "$REPLY"
  fi
}

travis_assert() {
  local __stepmux_st=${1:-$?}
  [[ $__stepmux_st != 0 ]] || return 0
  builtin printf '\e[31;1mThe command "%s" failed and exited with %s during %s.\e[0m\n\nYour build has been stopped.\n' \
    "${TRAVIS_CMD:-}" "$__stepmux_st" "${TRAVIS_STAGE:-}"
  [[ -z $__stepmux_active ]] || exit 2
  return "$__stepmux_st"
}

# Ends the step and its phase; the window and the session stay.
travis_terminate() {
  set +e
  [[ -z $__stepmux_active ]] || exit "${1:-1}"
  return "${1:-1}"
}

travis_retry() {
  local __stepmux_try __stepmux_st=0
  for __stepmux_try in 1 2 3; do
    if ((__stepmux_try > 1)); then
      builtin printf '\n\e[31;1mThe command "%s" failed. Retrying, %s of 3.\e[0m\n' "$*" "$__stepmux_try" >&2
    fi
    "$@" && return 0 || __stepmux_st=$?
    sleep 1
  done
  builtin printf '\n\e[31;1mThe command "%s" failed 3 times.\e[0m\n\n' "$*" >&2
  return "$__stepmux_st"
}

travis_wait() {
  local __stepmux_limit=20 __stepmux_log=travis_wait_$$.log __stepmux_st=0 __stepmux_pid __stepmux_jig
  if [[ ${1:-} =~ ^[0-9]+$ ]]; then
    __stepmux_limit=$1
    shift
  fi
  { "$@" >"$__stepmux_log" 2>&1 & } 2>/dev/null
  __stepmux_pid=$!
  (
    for ((i = 1; i <= __stepmux_limit; i++)); do
      sleep 60 >/dev/null 2>&1
      builtin printf 'Still running (%s of %s): %s\r' "$i" "$__stepmux_limit" "$*"
    done
    builtin printf '\n\e[31;1mTimeout (%s minutes) reached. Terminating "%s"\e[0m\n\n' "$__stepmux_limit" "$*"
    kill -9 "$__stepmux_pid"
  ) 2>/dev/null &
  __stepmux_jig=$!
  { wait "$__stepmux_pid" || __stepmux_st=$?; } 2>/dev/null
  kill -- "-$__stepmux_jig" 2>/dev/null || kill "$__stepmux_jig" 2>/dev/null || :
  { wait "$__stepmux_jig" || :; } 2>/dev/null
  if ((__stepmux_st == 0)); then
    builtin printf '\n\e[32;1mThe command %s exited with %s.\e[0m\n' "$*" "$__stepmux_st"
  else
    builtin printf '\n\e[31;1mThe command %s exited with %s.\e[0m\n' "$*" "$__stepmux_st"
  fi
  builtin printf '\n\e[32;1mLog:\e[0m\n\n'
  cat "$__stepmux_log"
  return "$__stepmux_st"
}

# travis_cmd COMMAND [--assert] [--echo] [--display TEXT] [--retry] [--timing]
# [--event NAME] [--secure TEXT]
travis_cmd() {
  local __stepmux_c=$1 __stepmux_assert='' __stepmux_echo='' __stepmux_display='' __stepmux_tries=1
  local __stepmux_timing='' __stepmux_event='' __stepmux_secure=''
  shift
  while (($# > 0)); do
    case $1 in
      --assert) __stepmux_assert=1 ;;
      --echo) __stepmux_echo=1 ;;
      --retry) __stepmux_tries=3 ;;
      --timing) __stepmux_timing=1 ;;
      --display) __stepmux_display=${2:-}; shift ;;
      --event) __stepmux_event=${2:-}; shift ;;
      --secure) __stepmux_secure=${2:-}; shift ;;
    esac
    shift || break
  done
  export TRAVIS_CMD=$__stepmux_c
  __stepmux_took=
  [[ -z $__stepmux_timing ]] || travis_time_start
  if [[ -n $__stepmux_echo ]]; then
    builtin printf '$ %s\n' "${__stepmux_display:-$__stepmux_c}"
  fi
  __stepmux_try "$__stepmux_c${__stepmux_secure:+ $__stepmux_secure}" "$__stepmux_tries"
  [[ -z $__stepmux_timing ]] || travis_time_finish "$__stepmux_event"
  if [[ -n $__stepmux_end ]]; then
    [[ -z $__stepmux_active ]] || exit "$__stepmux_end"
    return "$__stepmux_end"
  fi
  if [[ -n $__stepmux_assert && $__stepmux_rc != 0 ]]; then
    travis_assert "$__stepmux_rc"
  fi
  return "$__stepmux_rc"
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

# One step: phase, number, how many, command, mode, tries. Sets __stepmux_rc.
__stepmux_step() {
  local __stepmux_fold='' __stepmux_c=$4
  __stepmux_at=$1 __stepmux_n=$2
  if [[ $5 != result ]]; then
    __stepmux_fold=$1
    (($3 == 1)) || __stepmux_fold=$1.$2
    # Travis's generator indents the lines of folded commands.
    ! __stepmux_exact || __stepmux_c=${__stepmux_c//$'\n'/$'\n  '}
    travis_fold start "$__stepmux_fold"
  fi
  export TRAVIS_CMD=$__stepmux_c
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
    travis_fold end "$__stepmux_fold"
  fi
  return 0
}

# Which steps: "", N, N-M or N- of $2 steps; sets __stepmux_from and __stepmux_to.
__stepmux_select() {
  __stepmux_from=1 __stepmux_to=$2
  [[ -n $1 ]] || return 0
  if [[ $1 =~ ^([0-9]{1,9})$ ]]; then
    __stepmux_from=$((10#$1)) __stepmux_to=$((10#$1))
  elif [[ $1 =~ ^([0-9]{1,9})-([0-9]{0,9})$ ]]; then
    __stepmux_from=$((10#${BASH_REMATCH[1]})) __stepmux_to=$((10#${BASH_REMATCH[2]:-$2}))
  else
    return 1
  fi
  ((__stepmux_from >= 1 && __stepmux_from <= __stepmux_to && __stepmux_to <= $2))
}

# A whole phase or some of its steps; returns what the phase is worth:
# asserted phases the failing status, script 0 or 1, others 0.
__stepmux_phase() {
  local __stepmux_p=$1 __stepmux_flagged=$- __stepmux_from __stepmux_to __stepmux_i __stepmux_status=0
  builtin set +eux
  local -n __stepmux_cmds=__stepmux_cmds_$1 __stepmux_info=__stepmux_info_$1
  local __stepmux_mode=${__stepmux_info[0]} __stepmux_of=${#__stepmux_cmds[@]}
  if [[ ${__stepmux_info[1]} == skipped ]]; then
    builtin printf 'Skipping the %s step, as specified in the configuration.\n' "$1"
    __stepmux_mark "S;phase=$1"
    __stepmux_took=
    [[ $__stepmux_mode != result ]] || travis_result 0
  elif [[ $__stepmux_mode == deploy && ${2:-} != --yes ]]; then
    builtin printf 'This publishes:\n'
    builtin printf '  $ %s\n' "${__stepmux_cmds[@]//$'\n'/$'\n    '}"
    builtin printf 'Run `travis_run_%s --yes` to do it.\n' "$1"
    __stepmux_status=2
  else
    [[ ${2:-} != --yes ]] || { set -- "$1" "${@:3}"; }
    if [[ $# -gt 2 ]] || ! __stepmux_select "${2:-}" "$__stepmux_of"; then
      builtin printf 'usage: travis_run_%s [N|N-M|N-], with steps 1 to %s\n' "$1" "$__stepmux_of" >&2
      __stepmux_status=2
      __stepmux_to=0 __stepmux_from=1
    elif [[ $__stepmux_mode == result && -z ${2:-} ]]; then
      export TRAVIS_TEST_RESULT=0
    fi
    __stepmux_ended=
    for ((__stepmux_i = __stepmux_from; __stepmux_i <= __stepmux_to; __stepmux_i++)); do
      __stepmux_step "$__stepmux_p" "$__stepmux_i" "$__stepmux_of" "${__stepmux_cmds[__stepmux_i - 1]}" \
        "$__stepmux_mode" "${__stepmux_info[2]}"
      if [[ -n $__stepmux_end ]]; then
        __stepmux_ended=$__stepmux_end __stepmux_status=$__stepmux_end
        [[ $__stepmux_mode != result || $__stepmux_end == 0 ]] || export TRAVIS_TEST_RESULT=1
        break
      fi
      case $__stepmux_mode in
        result) ((__stepmux_rc == 0)) || __stepmux_status=1 ;;
        ignore) ;;
        *) ((__stepmux_rc == 0)) || { __stepmux_status=$__stepmux_rc; break; } ;;
      esac
    done
  fi
  [[ -z $__stepmux_active || $__stepmux_flagged != *e* ]] || builtin set -e
  return "$__stepmux_status"
}

# The phases as the build runs them, deploy left out.
travis_run_build() {
  local __stepmux_b __stepmux_worth
  __stepmux_keep= __stepmux_ended=
  unset TRAVIS_TEST_RESULT
  for __stepmux_b in "${__stepmux_phases[@]}"; do
    case $__stepmux_b in
      *deploy) continue ;;
      after_success) [[ ${TRAVIS_TEST_RESULT:-0} == 0 ]] || continue ;;
      after_failure) [[ ${TRAVIS_TEST_RESULT:-0} != 0 ]] || continue ;;
    esac
    __stepmux_worth=0
    __stepmux_phase "$__stepmux_b" || __stepmux_worth=$?
    if [[ -n $__stepmux_ended ]]; then
      __stepmux_done "$__stepmux_ended"
      return
    fi
    case $__stepmux_b:$__stepmux_worth in
      *:0) ;;
      before_install:* | install:* | before_script:*)
        __stepmux_mark 'F;status=2'
        __stepmux_exact || builtin printf '\nDone. Your build exited with 2.\n'
        return 2
        ;;
    esac
  done
  __stepmux_done "${TRAVIS_TEST_RESULT:-0}"
}

__stepmux_done() {
  builtin printf '\nDone. Your build exited with %s.\n' "$1"
  __stepmux_mark "F;status=$1"
  return "$1"
}

phase() {
  local __stepmux_b=${2:-}
  case ${1:-status} in
    list | status) "${STEPMUX_BIN:-stepmux}" phase "$@" ;;
    run)
      if [[ -z $__stepmux_b ]]; then
        travis_run_build
      elif declare -F "travis_run_$__stepmux_b" >/dev/null; then
        "travis_run_$__stepmux_b" "${@:3}"
      else
        builtin printf 'no such phase: %s (%s)\n' "$__stepmux_b" "${__stepmux_phases[*]}" >&2
        return 2
      fi
      ;;
    show)
      if [[ " ${__stepmux_phases[*]} " != *" $__stepmux_b "* || -z $__stepmux_b ]]; then
        builtin printf 'no such phase: %s (%s)\n' "$__stepmux_b" "${__stepmux_phases[*]}" >&2
        return 2
      fi
      local -n __stepmux_cmds=__stepmux_cmds_$__stepmux_b
      local __stepmux_i
      for __stepmux_i in "${!__stepmux_cmds[@]}"; do
        builtin printf '%3d  %s\n' $((__stepmux_i + 1)) "${__stepmux_cmds[__stepmux_i]}"
      done
      ;;
    help | *)
      builtin printf '%s\n' 'phase list           the phases, and what has run' \
        'phase status         what runs now, and how the last run ended' \
        'phase show NAME      the commands of a phase, numbered' \
        'phase run            all phases, as the build would (without deploy)' \
        'phase run NAME [N|N-M|N-]   a phase, or some of its steps; so does travis_run_NAME' \
        "phases: ${__stepmux_phases[*]}"
      [[ ${1:-help} == help ]] || return 2
      ;;
  esac
}

# The environment of the job; what the window already has wins over our defaults.
__stepmux_env() {
  builtin eval "export $1"
}

builtin trap __stepmux_exit EXIT
PROMPT_COMMAND="__stepmux_prompt${PROMPT_COMMAND:+
$PROMPT_COMMAND}"
