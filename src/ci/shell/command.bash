# ---- The command `phase`.

phase() {
  local __stepmux_flagged=$- __stepmux_status=0
  builtin set +eux
  __stepmux_command "$@" || __stepmux_status=$?
  [[ -z $__stepmux_active || $__stepmux_flagged != *e* ]] || builtin set -e
  return "$__stepmux_status"
}

__stepmux_command() {
  local __stepmux_verb=${1:-status}
  [[ $# -eq 0 ]] || shift
  case $__stepmux_verb in
    list | status | log | diff | goto | timeline) __stepmux_ask_server "$__stepmux_verb" "$@" ;;
    run) __stepmux_verb_run "$@" ;;
    from)
      if [[ $# -ne 1 ]]; then
        __stepmux_usage from
      else
        __stepmux_verb_run --from "$1"
      fi
      ;;
    show) __stepmux_verb_show "$@" ;;
    next | skip | retry | shell | pass | fail)
      if [[ $# -ne 0 ]]; then
        __stepmux_usage "$__stepmux_verb"
      else
        "__stepmux_verb_$__stepmux_verb"
      fi
      ;;
    help | -h | --help) __stepmux_help ;;
    *)
      builtin printf 'phase: unknown command: %s (phase help lists them)\n' "$__stepmux_verb" >&2
      return 2
      ;;
  esac
}

__stepmux_usage() {
  __stepmux_help | command grep "^phase $1 " >&2
  return 2
}

# What only the server knows; what we know ourselves when there is none.
__stepmux_ask_server() {
  local __stepmux_said __stepmux_what=phase
  [[ $1 != timeline ]] || __stepmux_what=
  if [[ -n ${STEPMUX:-} ]] && __stepmux_said=$("${STEPMUX_BIN:-stepmux}" ${__stepmux_what:+phase} "$@" 2>&1); then
    [[ -z $__stepmux_said ]] || builtin printf '%s\n' "$__stepmux_said"
    return 0
  fi
  case $1 in
    list) __stepmux_list ;;
    status) __stepmux_status_here ;;
    *)
      builtin printf 'phase %s: %s\n' "$1" "${__stepmux_said:-no server is here}" >&2
      return 1
      ;;
  esac
}

__stepmux_list() {
  local __stepmux_p __stepmux_k=0
  for __stepmux_p in "${__stepmux_phases[@]}"; do
    local -n __stepmux_cmds=__stepmux_cmds_$__stepmux_p __stepmux_info=__stepmux_info_$__stepmux_p
    local -n __stepmux_title=__stepmux_title_$__stepmux_p
    builtin printf '%3d  %-24s %3d steps  %s%s\n' $((++__stepmux_k)) "$__stepmux_title" "${#__stepmux_cmds[@]}" \
      "${__stepmux_info[3]}" "${__stepmux_info[1]:+, ${__stepmux_info[1]}}"
  done
}

__stepmux_status_here() {
  local __stepmux_p __stepmux_i __stepmux_st
  if [[ -n $__stepmux_dir ]] && IFS=' ' read -r __stepmux_p __stepmux_i _ __stepmux_st _ 2>/dev/null <"$__stepmux_dir/held"; then
    builtin printf 'held at step %s of %s, which exited with %s\n' "$__stepmux_i" "$__stepmux_p" "$__stepmux_st"
  elif __stepmux_where_are_we; then
    builtin printf 'last: step %s of %s\n' "$__stepmux_n" "$__stepmux_at"
  else
    builtin printf 'nothing ran yet\n'
  fi
}

# The phase that a word means: its name, its function's name, its number, or a
# beginning that only one has. In REPLY.
__stepmux_find() {
  local __stepmux_p __stepmux_k=0
  local -a __stepmux_hits=()
  REPLY=
  for __stepmux_p in "${__stepmux_phases[@]}"; do
    local -n __stepmux_title=__stepmux_title_$__stepmux_p
    ((__stepmux_k++))
    if [[ $1 == "$__stepmux_p" ]]; then
      REPLY=$__stepmux_p
      return 0
    elif [[ $1 == "$__stepmux_title" ]]; then
      __stepmux_hits=("$__stepmux_p" "${__stepmux_hits[@]}")
      [[ -n $REPLY ]] || REPLY=$__stepmux_p
    elif [[ $1 == "$__stepmux_k" ]]; then
      REPLY=$__stepmux_p
      return 0
    elif [[ -n $1 && ($__stepmux_p == "$1"* || $__stepmux_title == "$1"*) ]]; then
      __stepmux_hits+=("$__stepmux_p")
    fi
  done
  [[ -z $REPLY ]] || return 0
  case ${#__stepmux_hits[@]} in
    1) REPLY=${__stepmux_hits[0]} ;;
    0)
      builtin printf 'no such phase: %s\n' "$1" >&2
      __stepmux_list >&2
      return 2
      ;;
    *)
      builtin printf 'several phases begin with %s:\n' "$1" >&2
      builtin printf '  %s\n' "${__stepmux_hits[@]}" >&2
      return 2
      ;;
  esac
}

# The place in the build of a phase $1, in REPLY.
__stepmux_index() {
  for ((REPLY = 0; REPLY < ${#__stepmux_phases[@]}; REPLY++)); do
    [[ ${__stepmux_phases[REPLY]} != "$1" ]] || return 0
  done
}

# PHASE or PHASE:STEPS, split: sets REPLY to the phase and __stepmux_part.
__stepmux_spec() {
  __stepmux_part=
  if [[ $1 =~ ^(.*):([0-9]+-?[0-9]*)$ ]]; then
    __stepmux_part=${BASH_REMATCH[2]}
    __stepmux_find "${BASH_REMATCH[1]}"
  else
    __stepmux_find "$1"
  fi
}

__stepmux_verb_run() {
  local __stepmux_yes='' __stepmux_keep_going='' __stepmux_start='' __stepmux_dry='' __stepmux_part='' REPLY
  local travis_exact=${travis_exact:-}
  local -a __stepmux_words=()
  while (($# > 0)); do
    case $1 in
      --yes) __stepmux_yes=--yes ;;
      --keep-going) __stepmux_keep_going=1 ;;
      --dry-run) __stepmux_dry=1 ;;
      --travis-exact) travis_exact=1 ;;
      --hold) local __stepmux_hold=1 ;;
      --no-hold) local __stepmux_hold='' ;;
      --from)
        __stepmux_start=${2:-}
        [[ $# -gt 1 ]] || { __stepmux_usage run; return; }
        shift
        ;;
      -*) __stepmux_usage run; return ;;
      *) __stepmux_words+=("$1") ;;
    esac
    shift
  done
  if [[ -n $__stepmux_start && ${#__stepmux_words[@]} == 0 ]]; then
    __stepmux_spec "$__stepmux_start" || return
    __stepmux_run_from "$REPLY" "${__stepmux_part:-1}"
    return
  fi
  if ((${#__stepmux_words[@]} == 0)); then
    if [[ -n $__stepmux_dry ]]; then __stepmux_dry_build 0 1; else travis_run_build; fi
    return
  fi
  __stepmux_spec "${__stepmux_words[0]}" || return
  if ((${#__stepmux_words[@]} > 1)); then __stepmux_part=${__stepmux_words[1]}; fi
  [[ -z $__stepmux_start ]] || __stepmux_part=$__stepmux_start-
  if [[ -n $__stepmux_dry ]]; then
    __stepmux_dry_phase "$REPLY" "$__stepmux_part"
  else
    __stepmux_phase "$REPLY" ${__stepmux_yes:+"$__stepmux_yes"} ${__stepmux_part:+"$__stepmux_part"}
  fi
}

__stepmux_run_from() {
  local -n __stepmux_cmds=__stepmux_cmds_$1
  if [[ ! $2 =~ ^[0-9]{1,9}$ ]] || (($2 < 1 || $2 > (${#__stepmux_cmds[@]} ? ${#__stepmux_cmds[@]} : 1))); then
    builtin printf 'phase: %s has %s steps\n' "$1" "${#__stepmux_cmds[@]}" >&2
    return 2
  fi
  set -- "$1" "$((10#$2))"
  __stepmux_index "$1"
  if [[ -n ${__stepmux_dry:-} ]]; then __stepmux_dry_build "$REPLY" "$2"; else travis_run_build "$REPLY" "$2"; fi
}

__stepmux_dry_build() {
  local __stepmux_k __stepmux_s=$2 __stepmux_building=1
  for ((__stepmux_k = $1; __stepmux_k < ${#__stepmux_phases[@]}; __stepmux_k++)); do
    local -n __stepmux_info=__stepmux_info_${__stepmux_phases[__stepmux_k]}
    if [[ ${__stepmux_info[3]} == main || ${__stepmux_info[3]} == always ]]; then
      __stepmux_dry_phase "${__stepmux_phases[__stepmux_k]}" "$__stepmux_s-"
    else
      builtin printf '# %s: %s\n' "${__stepmux_phases[__stepmux_k]}" "${__stepmux_info[3]}"
    fi
    __stepmux_s=1
  done
}

__stepmux_dry_phase() {
  local -n __stepmux_cmds=__stepmux_cmds_$1 __stepmux_info=__stepmux_info_$1
  local __stepmux_from __stepmux_to __stepmux_k
  if [[ ${__stepmux_info[1]} == skipped ]]; then
    builtin printf '# %s: skipped\n' "$1"
    return 0
  fi
  [[ $2 != 1- ]] || set -- "$1" ''
  __stepmux_select "$2" "${#__stepmux_cmds[@]}" || { ((${#__stepmux_cmds[@]} == 0)) || return 2; return 0; }
  for ((__stepmux_k = __stepmux_from; __stepmux_k <= __stepmux_to; __stepmux_k++)); do
    __stepmux_print_step "$1" "$__stepmux_k"
  done
}

# PHASE:N and the command, further lines below it.
__stepmux_print_step() {
  local -n __stepmux_cmds=__stepmux_cmds_$1 __stepmux_info=__stepmux_info_$1
  local __stepmux_c=${__stepmux_cmds[$2 - 1]}
  __stepmux_c=${__stepmux_c%$'\n'}
  if [[ ${__stepmux_info[4]} != same ]]; then
    __stepmux_load "$1" "$2"
    [[ -z $__stepmux_s_why ]] || __stepmux_c="# ${__stepmux_s_name:-$1}: $__stepmux_s_why"
  fi
  builtin printf '%s:%s  %s\n' "$1" "$2" "${__stepmux_c//$'\n'/$'\n    '}"
}

__stepmux_verb_show() {
  local __stepmux_k __stepmux_part REPLY
  if [[ $# -ne 1 ]]; then
    __stepmux_usage show
    return
  fi
  __stepmux_spec "$1" || return
  local -n __stepmux_cmds=__stepmux_cmds_$REPLY __stepmux_info=__stepmux_info_$REPLY
  for __stepmux_k in "${!__stepmux_cmds[@]}"; do
    [[ -z $__stepmux_part || $__stepmux_part == $((__stepmux_k + 1)) ]] || continue
    builtin printf '%3d  %s\n' $((__stepmux_k + 1)) "${__stepmux_cmds[__stepmux_k]}"
    [[ ${__stepmux_info[4]} == same ]] || __stepmux_details "$REPLY" $((__stepmux_k + 1))
  done
}

# What a step has beside its command.
__stepmux_details() {
  __stepmux_load "$1" "$2"
  local __stepmux_k
  local -a __stepmux_facts=()
  [[ -z $__stepmux_s_name ]] || __stepmux_facts+=("name: $__stepmux_s_name")
  [[ ${#__stepmux_s_shell[@]} == 0 ]] || { builtin printf -v __stepmux_k ' %s' "${__stepmux_s_shell[@]}"; __stepmux_facts+=("shell:$__stepmux_k"); }
  [[ -z $__stepmux_s_cwd ]] || __stepmux_facts+=("directory: $__stepmux_s_cwd")
  [[ $__stepmux_s_when == success ]] || __stepmux_facts+=("when: $__stepmux_s_when")
  [[ -z $__stepmux_s_limit ]] || __stepmux_facts+=("limit: ${__stepmux_s_limit}s")
  [[ $__stepmux_s_tries == 1 ]] || __stepmux_facts+=("tries: $__stepmux_s_tries")
  [[ -z $__stepmux_s_background ]] || __stepmux_facts+=("in the background")
  [[ -z $__stepmux_s_why ]] || __stepmux_facts+=("not run here: $__stepmux_s_why")
  for __stepmux_k in "${__stepmux_s_env[@]}"; do __stepmux_facts+=("env: $__stepmux_k"); done
  for ((__stepmux_k = 0; __stepmux_k < ${#__stepmux_s_asks[@]}; __stepmux_k += 3)); do
    __stepmux_facts+=("asks: ${__stepmux_s_asks[__stepmux_k]} from \$${__stepmux_s_asks[__stepmux_k + 1]}")
  done
  [[ ${#__stepmux_facts[@]} == 0 ]] || builtin printf '       \e[2m%s\e[0m\n' "${__stepmux_facts[@]}"
}

# ---- Step by step.

# The last step that ran, here or in any window: __stepmux_at and __stepmux_n.
__stepmux_where_are_we() {
  [[ -n ${__stepmux_at:-} ]] && return 0
  [[ -n $__stepmux_dir ]] && IFS=' ' read -r __stepmux_at __stepmux_n 2>/dev/null <"$__stepmux_dir/cursor"
}

# The step after the last one that ran; sets __stepmux_p and __stepmux_i.
__stepmux_following() {
  local __stepmux_k=0
  __stepmux_i=1
  if __stepmux_where_are_we; then
    __stepmux_index "$__stepmux_at"
    __stepmux_k=$REPLY __stepmux_i=$((__stepmux_n + 1))
  fi
  for (( ; __stepmux_k < ${#__stepmux_phases[@]}; __stepmux_k++)); do
    __stepmux_p=${__stepmux_phases[__stepmux_k]}
    local -n __stepmux_cmds=__stepmux_cmds_$__stepmux_p __stepmux_info=__stepmux_info_$__stepmux_p
    if [[ ${__stepmux_info[1]} != skipped && ${__stepmux_info[3]} != deploy ]] && ((__stepmux_i <= ${#__stepmux_cmds[@]})); then
      return 0
    fi
    __stepmux_i=1
  done
  builtin printf 'That was the last step.\n'
  return 1
}

__stepmux_verb_next() {
  local __stepmux_p __stepmux_i REPLY __stepmux_nth=1
  if [[ -n $__stepmux_held ]]; then
    __stepmux_leave next
  elif [[ -n $__stepmux_holding ]]; then
    __stepmux_go_on next
  else
    __stepmux_following || return
    __stepmux_phase "$__stepmux_p" "$__stepmux_i"
  fi
}

__stepmux_verb_skip() {
  local __stepmux_p __stepmux_i REPLY
  if [[ -n $__stepmux_held ]]; then
    __stepmux_leave skip
  elif [[ -n $__stepmux_holding ]]; then
    __stepmux_go_on skip
  else
    __stepmux_following || return
    builtin printf 'skipped: '
    __stepmux_print_step "$__stepmux_p" "$__stepmux_i"
    __stepmux_mark "S;phase=$__stepmux_p;step=$__stepmux_i"
    __stepmux_at=$__stepmux_p __stepmux_n=$__stepmux_i
    __stepmux_cursor "$__stepmux_p" "$__stepmux_i"
  fi
}

# Goes on with the build that is held in this shell.
__stepmux_go_on() {
  local __stepmux_mode __stepmux_hold=1
  IFS=' ' read -r _ _ _ __stepmux_rc __stepmux_mode _ <"$__stepmux_dir/held"
  __stepmux_holding='' __stepmux_nth=1
  command rm -f -- "$__stepmux_dir/held"
  if [[ $1 == next ]]; then
    __stepmux_count
  elif [[ -n ${TRAVIS_TEST_RESULT:-} ]]; then
    TRAVIS_TEST_RESULT=${__stepmux_before:-0}
  fi
  __stepmux_go
}

__stepmux_verb_retry() {
  if ! __stepmux_where_are_we; then
    builtin printf 'Nothing ran yet.\n'
    return 1
  fi
  __stepmux_again "$__stepmux_at" "$__stepmux_n"
  local __stepmux_status=$__stepmux_rc
  if [[ -n $__stepmux_held || -n $__stepmux_holding ]]; then
    local -n __stepmux_cmds=__stepmux_cmds_$__stepmux_at
    __stepmux_hold_file "$__stepmux_at" "$__stepmux_n" "${#__stepmux_cmds[@]}"
    if ((__stepmux_status == 0)); then
      builtin printf '\e[32;1mIt passed.\e[0m phase next goes on.\n'
    else
      __stepmux_mark "H;phase=$__stepmux_at;step=$__stepmux_n;status=$__stepmux_status"
      builtin printf '\e[33;1mStill held at step %s of %s.\e[0m\n' "$__stepmux_n" "$__stepmux_at"
      # What follows on the line is still done; then a fresh prompt has the new state.
      [[ -z $__stepmux_held || $__stepmux_iso != step ]] || __stepmux_first=__stepmux_enter_anew
    fi
  fi
  return "$__stepmux_status"
}

__stepmux_verb_shell() {
  if [[ -n $__stepmux_held ]]; then
    builtin printf 'This is it.\n'
  elif [[ -z $__stepmux_dir || ! -e $__stepmux_dir/held ]]; then
    builtin printf 'No step is held.\n' >&2
    return 1
  else
    local __stepmux_p __stepmux_i __stepmux_of __stepmux_iso __stepmux_mine=$__stepmux_holding
    IFS=' ' read -r __stepmux_p __stepmux_i __stepmux_of _ __stepmux_mode __stepmux_iso _ <"$__stepmux_dir/held"
    if [[ $__stepmux_iso == same ]]; then
      builtin printf 'It is held at the prompt of the shell that ran it.\n'
      return 1
    fi
    __stepmux_load "$__stepmux_p" "$__stepmux_i"
    if [[ -z ${__stepmux_where:-} ]]; then
      __stepmux_place
      __stepmux_where=$REPLY
    fi
    __stepmux_inside "$__stepmux_p" "$__stepmux_i" "$__stepmux_of"
    case $__stepmux_decision in
      next | skip) [[ -z $__stepmux_mine ]] || __stepmux_go_on "$__stepmux_decision" ;;
      pass | fail) __stepmux_decide ;;
    esac
  fi
}

__stepmux_verb_pass() { __stepmux_decided pass; }
__stepmux_verb_fail() { __stepmux_decided fail; }

__stepmux_decided() {
  if [[ -n $__stepmux_held ]]; then
    __stepmux_leave "$1"
  fi
  __stepmux_decision=$1
  __stepmux_decide
}

# The build's result is what somebody decided.
__stepmux_decide() {
  local __stepmux_status=0 __stepmux_mode=''
  if [[ $__stepmux_decision == fail ]]; then
    __stepmux_status=1
    [[ -z $__stepmux_dir ]] || IFS=' ' read -r _ _ _ _ __stepmux_mode _ 2>/dev/null <"$__stepmux_dir/held"
    [[ $__stepmux_mode != assert && $__stepmux_result != 2 ]] || __stepmux_status=2
  fi
  [[ -z $__stepmux_dir ]] || __stepmux_asides_end
  builtin printf '\nDone. Your build exited with %s, as decided.\n' "$__stepmux_status"
  __stepmux_mark "F;status=$__stepmux_status"
  __stepmux_holding=
  __stepmux_tell "$__stepmux_status"
  if [[ -n ${__stepmux_runner:-} ]]; then
    __stepmux_close "$__stepmux_status" decided
  elif [[ -n $__stepmux_dir && -n ${STEPMUX:-} ]] && IFS= read -r __stepmux_mode 2>/dev/null <"$__stepmux_dir/runner" &&
    [[ $__stepmux_mode != always ]]; then
    "${STEPMUX_BIN:-stepmux}" kill-session
  fi
  return "$__stepmux_status"
}

# The environment of a Travis job, in this shell; what the window already has wins
# over our defaults.
__stepmux_env() {
  builtin eval "export $1"
}

builtin trap __stepmux_exit EXIT
PROMPT_COMMAND="__stepmux_prompt${PROMPT_COMMAND:+
$PROMPT_COMMAND}"
