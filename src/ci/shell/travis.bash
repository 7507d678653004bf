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
  builtin printf 'travis_fold:%s:%s\r\e[0K' "${1:-}" "${2:-}"
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

