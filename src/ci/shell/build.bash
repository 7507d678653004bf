# ---- Phases and builds: which steps run, what their failure does, and the hold.

__stepmux_result=0
__stepmux_stopped=
__stepmux_building=
__stepmux_resume=
__stepmux_extra=
__stepmux_filled=()
__stepmux_given=()
__stepmux_secrets=()
__stepmux_bi=0
__stepmux_bs=1

# Sets __stepmux_s_… to what the file says of step $2 of phase $1.
__stepmux_load() {
  local -n __stepmux_xcmds=__stepmux_cmds_$1 __stepmux_xshell=__stepmux_shell_$1 __stepmux_xinfo=__stepmux_info_$1
  __stepmux_s_command=${__stepmux_xcmds[$2 - 1]}
  __stepmux_s_name='' __stepmux_s_id='' __stepmux_s_cwd='' __stepmux_s_when=success __stepmux_s_mode=${__stepmux_xinfo[0]}
  __stepmux_s_tries=${__stepmux_xinfo[2]} __stepmux_s_delay='' __stepmux_s_background='' __stepmux_s_limit='' __stepmux_s_why=''
  __stepmux_s_ext='' __stepmux_s_env=() __stepmux_s_asks=() __stepmux_s_shell=("${__stepmux_xshell[@]}")
  [[ ${#__stepmux_s_shell[@]} -gt 0 ]] || __stepmux_s_shell=(bash -eo pipefail -c)
  if declare -F "__stepmux_step_$1_$2" >/dev/null; then "__stepmux_step_$1_$2"; fi
}

# Whether the step that was loaded is to run.
__stepmux_wanted_step() {
  case $__stepmux_s_when in
    always) ;;
    success) [[ -z $__stepmux_stopped ]] ;;
    failure) [[ -z $__stepmux_building ]] || ((__stepmux_result != 0)) ;;
    *)
      [[ -z $__stepmux_stopped ]] || return 1
      builtin printf '\e[2mcannot be decided here, so it runs: if %s\e[0m\n' "$__stepmux_s_when"
      ;;
  esac
}

# Whether a build runs phase $1.
__stepmux_wanted_phase() {
  local -n __stepmux_info=__stepmux_info_$1
  case ${__stepmux_info[3]} in
    deploy) return 1 ;;
    always) ;;
    on-success) [[ $__stepmux_result == 0 && -z $__stepmux_stopped ]] ;;
    on-failure) ((__stepmux_result != 0)) ;;
    *) [[ ($__stepmux_system != travis && ${__stepmux_info[4]} != one) || -z $__stepmux_stopped ]] ;;
  esac
}

# Remembers where this build is, for `phase next` in any window: in the first line
# of a file, which is not emptied before, since that is slow on a disk.
__stepmux_cursor() {
  [[ -z $__stepmux_dir ]] || builtin printf '%s %s\n' "$1" "$2" 1<>"$__stepmux_dir/cursor"
}

# Steps $2 to $3 of phase $1. Sets __stepmux_out: done, stopped (by a failure),
# ended (the shell was to end), held, or decided; and __stepmux_worth.
__stepmux_range() {
  local -n __stepmux_cmds=__stepmux_cmds_$1 __stepmux_info=__stepmux_info_$1
  local __stepmux_i=$2 __stepmux_of=${#__stepmux_cmds[@]} __stepmux_iso=${__stepmux_info[4]}
  local __stepmux_mode=${__stepmux_info[0]} __stepmux_how='done' __stepmux_value=0
  [[ $__stepmux_iso == same ]] || __stepmux_home || __stepmux_i=$(($3 + 1))
  while ((__stepmux_i <= $3)); do
    __stepmux_rc=0 __stepmux_end=
    case $__stepmux_iso in
      one)
        __stepmux_one "$1" "$__stepmux_i" "$3" "$__stepmux_of"
        __stepmux_i=$__stepmux_n
        ;;
      *)
        __stepmux_load "$1" "$__stepmux_i"
        __stepmux_mode=$__stepmux_s_mode
        if ! __stepmux_wanted_step; then
          :
        elif [[ -n $__stepmux_s_why ]]; then
          builtin printf 'skipped: %s: %s\n' "${__stepmux_s_name:-$1}" "$__stepmux_s_why"
          __stepmux_mark "S;phase=$1;step=$__stepmux_i"
        elif [[ $__stepmux_iso == same ]]; then
          __stepmux_same_step "$1" "$__stepmux_i" "$__stepmux_of"
        else
          __stepmux_own_step "$1" "$__stepmux_i" "$__stepmux_of"
        fi
        ;;
    esac
    __stepmux_at=$1 __stepmux_n=$__stepmux_i
    __stepmux_cursor "$1" "$__stepmux_i"
    ((__stepmux_i++))
    [[ -z $__stepmux_building ]] || __stepmux_bs=$__stepmux_i
    [[ -n $__stepmux_end || $__stepmux_rc != 0 ]] || continue
    __stepmux_failed "$1" $((__stepmux_i - 1)) "$__stepmux_of" || break
  done
  __stepmux_out=$__stepmux_how __stepmux_worth=$__stepmux_value
}

# After a failed step: whether the next one runs.
__stepmux_failed() {
  if [[ $__stepmux_mode == ignore && -z $__stepmux_end ]]; then
    # A shell that failed is gone, with the steps that were to come in it.
    [[ $__stepmux_iso != one ]]
    return
  fi
  if [[ -n $__stepmux_hold && $__stepmux_rc != 0 ]]; then
    __stepmux_hold_at "$@"
    case $__stepmux_decision in
      next) __stepmux_count; return 0 ;;
      skip) return 0 ;;
      pass | fail) __stepmux_how='decided' ;;
      *) __stepmux_how=held ;;
    esac
    __stepmux_value=$__stepmux_rc
    return 1
  fi
  if [[ -n $__stepmux_end ]]; then
    __stepmux_how=ended __stepmux_value=$__stepmux_end
    [[ $__stepmux_mode != result || $__stepmux_end == 0 ]] || export TRAVIS_TEST_RESULT=1
    return 1
  fi
  __stepmux_count
  case $__stepmux_mode in
    result) __stepmux_value=1 ;;
    *)
      __stepmux_value=$__stepmux_rc
      [[ -z $__stepmux_keep_going ]] || return 0
      __stepmux_stopped=1
      [[ $__stepmux_mode == fail && $__stepmux_iso != one ]] || __stepmux_how=stopped
      [[ $__stepmux_how != stopped ]]
      ;;
  esac
}

# Counts the last step's failure into the build's result.
__stepmux_count() {
  ((__stepmux_rc != 0)) || return 0
  case $__stepmux_mode in
    ignore) ;;
    assert | deploy) __stepmux_result=2 ;;
    *) ((__stepmux_result == 2)) || __stepmux_result=1 ;;
  esac
}

# A whole phase or some of its steps, by hand; returns what the phase is worth:
# the failing status, of Travis's script 0 or 1, 0 where a failure counts for
# nothing.
__stepmux_phase() {
  local __stepmux_flagged=$- __stepmux_from __stepmux_to __stepmux_status=0 __stepmux_p=$1 __stepmux_yes=''
  builtin set +eux
  local __stepmux_building='' __stepmux_result=0 __stepmux_stopped='' __stepmux_keep_going=${__stepmux_keep_going:-}
  local -n __stepmux_cmds=__stepmux_cmds_$1 __stepmux_info=__stepmux_info_$1
  local __stepmux_of=${#__stepmux_cmds[@]}
  shift
  [[ ${1:-} != --yes ]] || { __stepmux_yes=1; shift; }
  if [[ $# -gt 1 ]] || ! __stepmux_select "${1:-}" "$__stepmux_of"; then
    if ((__stepmux_of == 0)) && [[ -z ${1:-} ]]; then
      __stepmux_whole "$__stepmux_p" 1
    else
      builtin printf 'usage: travis_run_%s [N|N-M|N-], with steps 1 to %s\n' "$__stepmux_p" "$__stepmux_of" >&2
      __stepmux_status=2
    fi
  elif [[ ${__stepmux_info[3]} == deploy && -z $__stepmux_yes ]]; then
    __stepmux_ask_deploy "$__stepmux_p"
    __stepmux_status=2
  else
    [[ ${__stepmux_info[0]} != result || -n ${1:-} ]] || export TRAVIS_TEST_RESULT=0
    if [[ -z ${1:-} ]]; then __stepmux_whole "$__stepmux_p" 1; else __stepmux_range "$__stepmux_p" "$__stepmux_from" "$__stepmux_to"; fi
    __stepmux_status=$__stepmux_worth
  fi
  [[ -z $__stepmux_active || $__stepmux_flagged != *e* ]] || builtin set -e
  return "$__stepmux_status"
}

__stepmux_ask_deploy() {
  local -n __stepmux_cmds=__stepmux_cmds_$1
  builtin printf 'This publishes:\n'
  builtin printf '  $ %s\n' "${__stepmux_cmds[@]//$'\n'/$'\n    '}"
  builtin printf 'Run `travis_run_%s --yes` to do it.\n' "$1"
}

# Phase $1 from step $2 to its end.
__stepmux_whole() {
  local -n __stepmux_cmds=__stepmux_cmds_$1 __stepmux_info=__stepmux_info_$1
  if [[ ${__stepmux_info[1]} == skipped ]]; then
    builtin printf 'Skipping the %s step, as specified in the configuration.\n' "$1"
    __stepmux_mark "S;phase=$1"
    __stepmux_took=
    [[ ${__stepmux_info[0]} != result ]] || travis_result 0
    __stepmux_out='done' __stepmux_worth=0
  else
    __stepmux_range "$1" "$2" "${#__stepmux_cmds[@]}"
  fi
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

# The phases as the CI runs them, deploy left out; from phase $1 (0) and step $2 (1).
travis_run_build() {
  __stepmux_keep=
  __stepmux_bi=${1:-0} __stepmux_bs=${2:-1} __stepmux_result=0 __stepmux_stopped='' __stepmux_resume=''
  __stepmux_holding=
  unset TRAVIS_TEST_RESULT
  if [[ -n $__stepmux_dir && $__stepmux_bi == 0 && $__stepmux_bs == 1 ]]; then
    command rm -f -- "$__stepmux_dir/env" "$__stepmux_dir/outputs" "$__stepmux_dir/held"
  fi
  __stepmux_missing
  __stepmux_go
}

# Says which of the job's secrets nobody has set.
__stepmux_missing() {
  local __stepmux_name __stepmux_list=
  for __stepmux_name in "${__stepmux_secrets[@]}"; do
    [[ -n ${!__stepmux_name+set} ]] || __stepmux_list+=" $__stepmux_name"
  done
  [[ -z $__stepmux_list ]] || builtin printf '\e[2mSecret in the CI, and not set here:%s\e[0m\n' "$__stepmux_list"
}

# Goes on with the build at __stepmux_bi and __stepmux_bs.
__stepmux_go() {
  local __stepmux_go_status=0
  __stepmux_under_way=1
  __stepmux_go_through || __stepmux_go_status=$?
  __stepmux_under_way=
  return "$__stepmux_go_status"
}

__stepmux_go_through() {
  local __stepmux_b __stepmux_building=1
  while ((__stepmux_bi < ${#__stepmux_phases[@]})); do
    __stepmux_b=${__stepmux_phases[__stepmux_bi]}
    if ((__stepmux_bs > 1)) || __stepmux_wanted_phase "$__stepmux_b"; then
      local -n __stepmux_kept=__stepmux_info_$__stepmux_b
      [[ ${__stepmux_kept[0]} != result || $__stepmux_bs != 1 ]] || export TRAVIS_TEST_RESULT=0
      __stepmux_whole "$__stepmux_b" "$__stepmux_bs"
      # What is held is counted when somebody goes on: it may pass by then.
      if [[ $__stepmux_out != held && ${__stepmux_kept[4]} == same && ${TRAVIS_TEST_RESULT:-0} != 0 &&
        $__stepmux_result == 0 ]]; then
        __stepmux_result=1
      fi
      case $__stepmux_out in
        held) return "$__stepmux_worth" ;;
        decided)
          __stepmux_decide
          return
          ;;
        ended)
          __stepmux_done "$__stepmux_worth"
          return
          ;;
        stopped)
          if ((__stepmux_result == 2)); then
            __stepmux_done 2
            return
          fi
          ;;
      esac
    fi
    ((__stepmux_bi++))
    __stepmux_bs=1
  done
  __stepmux_done "$__stepmux_result"
}

# The build ended with status $1.
__stepmux_done() {
  [[ -z $__stepmux_dir ]] || __stepmux_asides_end
  if [[ $1 != 2 ]] || ! __stepmux_exact; then
    builtin printf '\nDone. Your build exited with %s.\n' "$1"
  fi
  __stepmux_mark "F;status=$1"
  __stepmux_holding=
  [[ -z ${__stepmux_runner:-} ]] || __stepmux_close "$1"
  return "$1"
}

# What the build's own exit status is to be, for `stepmux debug`.
__stepmux_tell() {
  [[ $1 == [01] ]] || set -- 2
  [[ -z $__stepmux_dir || ! -e $__stepmux_dir/runner ]] || builtin printf '%s\n' "$1" >|"$__stepmux_dir/result"
}

# The end of the session that ran the build, where its policy says so.
__stepmux_close() {
  __stepmux_tell "$1"
  case $__stepmux_runner:$1:${2:-} in
    always:*) return 0 ;;
    never:* | *:0:* | *:decided) ;;
    *) return 0 ;;
  esac
  if [[ -n ${STEPMUX_PANE:-} ]]; then
    "$STEPMUX_BIN" kill-window -a -t "$STEPMUX_PANE" >/dev/null 2>&1
    "$STEPMUX_BIN" kill-pane -a -t "$STEPMUX_PANE" >/dev/null 2>&1
  fi
  builtin exit "$1" 2>/dev/null
}

# What the first window of `stepmux debug --run` does at its first prompt.
__stepmux_start() {
  __stepmux_exact || builtin printf '$ phase run\n'
  phase run
}

# And that of `stepmux debug --on-failure`: its only step has already failed, with
# the status $__stepmux_began_with.
__stepmux_start_failed() {
  local __stepmux_iso=step __stepmux_mode=fail __stepmux_building=1
  local -n __stepmux_cmds=__stepmux_cmds_${__stepmux_phases[0]}
  __stepmux_home || return 0
  __stepmux_at=${__stepmux_phases[0]} __stepmux_n=1 __stepmux_rc=$__stepmux_began_with __stepmux_where=$PWD
  __stepmux_bi=0 __stepmux_bs=2
  builtin printf '$ %s\n' "${__stepmux_cmds[0]}"
  __stepmux_mark "B;phase=$__stepmux_at;step=1;of=1"
  __stepmux_mark "D;phase=$__stepmux_at;step=1;status=$__stepmux_rc"
  __stepmux_mark "H;phase=$__stepmux_at;step=1;status=$__stepmux_rc"
  __stepmux_hold_file "$__stepmux_at" 1 1
  __stepmux_cursor "$__stepmux_at" 1
  __stepmux_hold_text "$__stepmux_at" 1
  __stepmux_holding="$__stepmux_at 1 1"
}

# ---- The hold: a failed step's state at a prompt, until somebody decides.

__stepmux_hold_at() {
  __stepmux_decision=
  __stepmux_home || return 0
  __stepmux_mark "H;phase=$1;step=$2;status=$__stepmux_rc"
  __stepmux_hold_file "$@"
  case $__stepmux_mode in
    assert | deploy) __stepmux_tell 2 ;;
    *) __stepmux_tell 1 ;;
  esac
  __stepmux_hold_text "$@"
  __stepmux_holding=${__stepmux_building:+$*}
  [[ $__stepmux_iso == same ]] || __stepmux_inside "$@"
}

# A build that was broken off at the terminal is held where it was.
__stepmux_interrupted() {
  [[ -n ${__stepmux_at:-} ]] && __stepmux_home || return 0
  local -n __stepmux_cmds=__stepmux_cmds_$__stepmux_at __stepmux_info=__stepmux_info_$__stepmux_at
  local __stepmux_mode=${__stepmux_info[0]} __stepmux_iso=${__stepmux_info[4]} __stepmux_of=${#__stepmux_cmds[@]} REPLY
  __stepmux_rc=$1
  __stepmux_index "$__stepmux_at"
  __stepmux_bi=$REPLY __stepmux_bs=$((__stepmux_n + 1))
  __stepmux_hold_file "$__stepmux_at" "$__stepmux_n" "$__stepmux_of"
  __stepmux_mark "H;phase=$__stepmux_at;step=$__stepmux_n;status=$1"
  __stepmux_holding="$__stepmux_at $__stepmux_n $__stepmux_of"
  builtin printf '\e[33;1mBroken off at step %s of %s:\e[0m phase retry, next, skip, pass and fail decide.\n' "$__stepmux_n" "$__stepmux_at"
}

# PHASE STEP OF STATUS MODE ISOLATION TRY of what is held.
__stepmux_hold_file() {
  builtin printf '%s %s %s %s %s %s %s\n' "$1" "$2" "$3" "$__stepmux_rc" "$__stepmux_mode" "$__stepmux_iso" \
    "${__stepmux_nth:-1}" >|"$__stepmux_dir/held"
}

__stepmux_hold_text() {
  local __stepmux_what='This prompt has its directory and environment.'
  [[ $__stepmux_iso == same || -e $__stepmux_dir/state ]] ||
    __stepmux_what='This prompt has the directory and environment in which it began.'
  builtin printf '\n\e[33;1mHeld at step %s of %s, which exited with %s.\e[0m %s\n' "$2" "$1" "$__stepmux_rc" "$__stepmux_what"
  builtin printf '%s\n' '  phase retry        run the step again, after a fix' \
    '  phase next         go on with the following step; phase skip: as if this one had passed' \
    '  phase pass | fail  decide the result of the build'
}

# A shell with the state of the step that is held: phase, step, of. Sets
# __stepmux_decision, and __stepmux_rc to what the step was worth at last.
__stepmux_inside() {
  local REPLY
  __stepmux_hold_rc "$@" >|"$__stepmux_dir/held.bash"
  [[ ! -e $__stepmux_dir/decision ]] || command rm -f -- "$__stepmux_dir/decision"
  (
    [[ -t 0 || ! -t 2 ]] || exec <&2
    builtin cd -- "$__stepmux_where" 2>/dev/null
    __stepmux_see
    exec "$BASH" --rcfile "$__stepmux_dir/held.bash" -i
  )
  __stepmux_decision=
  IFS= read -r __stepmux_decision 2>/dev/null <"$__stepmux_dir/decision"
  IFS=' ' read -r _ _ _ __stepmux_rc _ <"$__stepmux_dir/held"
  case $__stepmux_decision in
    next | skip | pass | fail) __stepmux_holding='' ;;
    *) builtin printf 'Still held at step %s of %s: phase shell goes back to it; retry, next, skip, pass and fail decide.\n' "$2" "$1" ;;
  esac
  [[ $__stepmux_decision != next && $__stepmux_decision != skip || $__stepmux_iso != one ]] || __stepmux_resume=1
}

# The rc file of such a shell.
__stepmux_hold_rc() {
  builtin printf '%s\n' '[ ! -r ~/.bashrc ] || . ~/.bashrc' 'set +eux'
  builtin printf '. %q 2>/dev/null\n' "$__stepmux_dir/state" "$__stepmux_dir/options"
  [[ -n ${__stepmux_ps1:-} ]] || __stepmux_ps1=${PS1:-\\$ }
  builtin printf '__stepmux_ps1=%q\n' "$__stepmux_ps1"
  builtin printf 'STEPMUX_MARK=%q\nSTEPMUX_BIN=%q\n__stepmux_exact_wish=%q\nPS1=%q\n' "${__stepmux_nonce:-}" \
    "${STEPMUX_BIN:-stepmux}" "${travis_exact:-}" "\\[\\e[33;1m\\]held $1:$2\\[\\e[0m\\] $__stepmux_ps1"
  builtin printf '. %q\n__stepmux_dir=%q\n__stepmux_enter %s %s %s\n' "$__stepmux_file" "$__stepmux_dir" "$1" "$2" "$3"
}

# In such a shell: what is exported now is what the step had.
__stepmux_enter() {
  local __stepmux_name
  __stepmux_held="$*"
  IFS=' ' read -r _ _ _ __stepmux_rc __stepmux_mode __stepmux_iso __stepmux_nth <"$__stepmux_dir/held"
  __stepmux_at=$1 __stepmux_n=$2 __stepmux_where=$PWD
  [[ $__stepmux_iso != one ]] || { __stepmux_keep=e; IFS=' ' read -r _ __stepmux_where <"$__stepmux_dir/one.at"; }
  declare -gA __stepmux_was=()
  while IFS= read -r __stepmux_name; do
    __stepmux_was[$__stepmux_name]=${!__stepmux_name}
  done < <(compgen -e)
}

# Such a shell again, with the state in which a retry failed.
__stepmux_enter_anew() {
  builtin cd -- "$__stepmux_where" 2>/dev/null
  exec "$BASH" --rcfile "$__stepmux_dir/held.bash" -i
}

# Leaves it with a decision.
__stepmux_leave() {
  builtin printf '%s\n' "$1" >|"$__stepmux_dir/decision"
  if [[ $__stepmux_iso == one ]]; then
    (builtin . "$__stepmux_dir/dump.bash") 2>/dev/null
  fi
  builtin exit 0 2>/dev/null
}

# What was exported there since, as text for the step's process; in REPLY.
__stepmux_since() {
  local __stepmux_name __stepmux_quoted
  REPLY=
  while IFS= read -r __stepmux_name; do
    case $__stepmux_name in _ | SHLVL | OLDPWD | PWD | STEPMUX*) continue ;; esac
    if [[ -z ${__stepmux_was[$__stepmux_name]+set} || ${__stepmux_was[$__stepmux_name]} != "${!__stepmux_name}" ]]; then
      builtin printf -v __stepmux_quoted 'export %s=%q\n' "$__stepmux_name" "${!__stepmux_name}"
      REPLY+=$__stepmux_quoted
    fi
  done < <(compgen -e)
}

# Runs the step at hand again. Returns its status.
__stepmux_again() {
  local __stepmux_hold='' __stepmux_building='' REPLY
  local __stepmux_p=$1 __stepmux_i=$2
  local -n __stepmux_cmds=__stepmux_cmds_$1 __stepmux_info=__stepmux_info_$1
  local __stepmux_of=${#__stepmux_cmds[@]}
  __stepmux_iso=${__stepmux_info[4]} __stepmux_mode=${__stepmux_info[0]}
  ((__stepmux_nth = ${__stepmux_nth:-1} + 1))
  if [[ $__stepmux_iso == same ]]; then
    [[ -z ${__stepmux_where:-} ]] || builtin cd -- "$__stepmux_where"
    [[ $__stepmux_mode != result ]] || export TRAVIS_TEST_RESULT=${__stepmux_before:-0}
    __stepmux_load "$1" "$2"
    __stepmux_mode=$__stepmux_s_mode
    __stepmux_same_step "$1" "$2" "$__stepmux_of"
  elif [[ $__stepmux_iso == one && -n $__stepmux_held ]]; then
    __stepmux_here "$1" "$2" "$__stepmux_of"
  else
    __stepmux_home || return 1
    __stepmux_load "$1" "$2"
    __stepmux_mode=$__stepmux_s_mode
    if [[ $__stepmux_iso == one ]]; then
      __stepmux_one "$1" "$2" "$2" "$__stepmux_of"
    else
      [[ -z $__stepmux_held ]] || { __stepmux_since; __stepmux_extra=$REPLY; }
      __stepmux_own_step "$1" "$2" "$__stepmux_of"
      __stepmux_extra=
    fi
  fi
  [[ -z $__stepmux_end ]] || __stepmux_rc=$__stepmux_end
}

# A step of the one shell, in the shell that continues it.
__stepmux_here() {
  __stepmux_load "$1" "$2"
  __stepmux_mode=$__stepmux_s_mode __stepmux_took=
  builtin cd -- "$__stepmux_where"
  builtin printf '\e[32;1m$ %s\e[0;m\n' "${__stepmux_s_command%$'\n'}"
  local -a __stepmux_filled=() __stepmux_given=()
  __stepmux_fill || return 0
  travis_time_start
  __stepmux_mark "B;phase=$1;step=$2;of=$3;try=$__stepmux_nth"
  __stepmux_eval "$__stepmux_s_command" </dev/null
  __stepmux_mark "D;phase=$1;step=$2;status=$__stepmux_rc"
  travis_time_finish
  __stepmux_s_background='' __stepmux_verdict
}
