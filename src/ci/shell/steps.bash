# ---- Steps that have a process of their own: every system but Travis and GitLab.
#
# A function __stepmux_step_PHASE_N sets what the file says of a step, all
# __stepmux_s_…; what it may see is exported in its process alone.

# What makes a failing shell leave its state behind: a line that goes before the
# first of its script, and what that line reads.
__stepmux_hooks() {
  local REPLY
  __stepmux_sq "$__stepmux_dir"
  builtin printf '__stepmux_dir=${__stepmux_dump_to:-%s}\n%s\n' "$REPLY" "$__stepmux_dump_bash" >|"$__stepmux_dir/dump.bash"
  builtin printf '__stepmux_dir=%s\n%s\n' "$REPLY" "$__stepmux_dump_sh" >|"$__stepmux_dir/dump.sh"
}

# State: variables, functions, directory. Options: what a prompt can bear of them
# (not -e, which would end it).
__stepmux_dump_bash='builtin set +euxvC
__stepmux_ifs=$(builtin declare -p IFS 2>/dev/null)
IFS=$'\''\n'\''
{
  while builtin read -r __stepmux_v; do
    case $__stepmux_v in
      __stepmux_* | BASH* | COMP_* | DIRSTACK | EPOCH* | EUID | FUNCNAME | FUNCNEST | GROUPS | HIST* | IFS | \
        LINENO | OPTIND | OPTERR | PIPESTATUS | PPID | PROMPT_COMMAND | PS[0124] | RANDOM | SECONDS | SHELLOPTS | \
        SRANDOM | STEPMUX* | SHLVL | TERM | COLUMNS | LINES | UID | _) ;;
      *) builtin declare -p "$__stepmux_v" 2>/dev/null ;;
    esac
  done < <(builtin compgen -v)
  while builtin read -r __stepmux_v; do
    case $__stepmux_v in
      __stepmux_* | travis_* | phase) ;;
      *) builtin declare -f "$__stepmux_v" ;;
    esac
  done < <(builtin compgen -A function)
  builtin printf "%s\n" "$__stepmux_ifs"
  builtin printf "builtin cd -- %q 2>/dev/null\n" "$PWD"
} >"$__stepmux_dir/state"
{
  while builtin read -r __stepmux_v; do
    case $__stepmux_v in
      *errexit | *nounset | *xtrace | *verbose | *noexec | *monitor | *history | *emacs | *vi | *onecmd | *privileged | \
        *interactive-comments | *posix | *errtrace | *functrace | *ignoreeof | *notify) ;;
      *) builtin printf "%s\n" "$__stepmux_v" ;;
    esac
  done < <(builtin set +o)
  while builtin read -r __stepmux_v; do
    case $__stepmux_v in
      *expand_aliases | *login_shell | *restricted_shell | *progcomp* | *checkwinsize | *interactive_comments | \
        *prompt* | *hist* | *host* | *gnu_errfmt | *compat* | *execfail | *huponexit | *mailwarn) ;;
      *) builtin printf "%s\n" "$__stepmux_v" ;;
    esac
  done < <(builtin shopt -p)
} >"$__stepmux_dir/options"'

__stepmux_dump_sh='set +eux +C
{
  export -p
  set | sed -e "/^[A-Za-z_][A-Za-z_0-9]*=/!b" -e "/^\(PPID\|OPTIND\|PS[124]\|_\|SHLVL\|TERM\|UID\|EUID\)=/d"
  printf "cd -- "
  printf "%s" "$PWD" | sed -e "s/'\''/'\''\\\\\\\\'\'''\''/g" -e "1s/^/'\''/" -e "\$s/\$/'\''/"
  echo
} >"$__stepmux_dir/state"
: >"$__stepmux_dir/options"'

# The hook's line for a kind of shell (bash or sh), in REPLY; nothing for others.
# Our own trap is silent even under -x. A script's own EXIT trap replaces it.
__stepmux_hook() {
  REPLY=
  if [[ $__stepmux_dir != *[\'\"\$\`\\]* ]]; then
    REPLY="{ trap '{ __stepmux_st=\$?; [ \$__stepmux_st = 0 ] || . \"$__stepmux_dir/dump.$1\"; } 2>/dev/null' EXIT; } 2>/dev/null; "
  fi
}

# Which hook a program takes, in REPLY.
__stepmux_kind_of() {
  case ${1##*/} in
    bash) REPLY=bash ;;
    sh | dash | ash | ksh) REPLY=sh ;;
    *) REPLY= ;;
  esac
}

# The value of an expression that the CI alone could resolve: expression,
# variable, secret or plain. In REPLY.
__stepmux_answer() {
  if [[ -n ${!2+set} ]]; then
    REPLY=${!2}
    return 0
  fi
  __stepmux_recorded "$1" "$2" && return 0
  if [[ ! -t 0 || ${__stepmux_runner:-} == never ]]; then
    builtin printf '\e[31;1mstepmux: nobody is here to say what %s is; set %s.\e[0m\n' "$1" "$2" >&2
    return 1
  fi
  if [[ $3 == secret ]]; then
    IFS= read -r -s -p "$1 (secret, \$$2): " REPLY || return 1
    builtin printf '\n'
  else
    IFS= read -r -p "$1 (\$$2): " REPLY || return 1
    __stepmux_record "$2" "$REPLY"
  fi
}

# Whether a step or an answer gave the value of an expression or its variable; in
# REPLY.
__stepmux_recorded() {
  local __stepmux_path=$1 __stepmux_key __stepmux_value __stepmux_found=1
  __stepmux_path=${__stepmux_path#'${{'} __stepmux_path=${__stepmux_path%'}}'}
  __stepmux_path=${__stepmux_path#'<+'} __stepmux_path=${__stepmux_path%'>'}
  __stepmux_path=${__stepmux_path//[[:space:]]/}
  REPLY=
  if [[ -r $__stepmux_dir/outputs ]]; then
    while IFS=' ' read -r __stepmux_key __stepmux_value; do
      if [[ $__stepmux_key == "$2" || $__stepmux_key == "$__stepmux_path" ]]; then
        builtin eval "REPLY=$__stepmux_value"
        __stepmux_found=0
      fi
    done <"$__stepmux_dir/outputs"
  fi
  if [[ -r $__stepmux_dir/env ]]; then
    while IFS= read -r __stepmux_value; do
      if [[ $__stepmux_value == "export $2="* ]]; then
        builtin eval "REPLY=${__stepmux_value#*=}"
        __stepmux_found=0
      fi
    done <"$__stepmux_dir/env"
  fi
  return "$__stepmux_found"
}

# Remembers a value for later steps, in whatever window they run.
__stepmux_record() {
  builtin printf '%s %q\n' "$1" "$2" >>"$__stepmux_dir/outputs"
}

# Fills in what was asked for. Sets the command and the directory, and a list of
# expressions with their values for the variables.
__stepmux_fill() {
  local __stepmux_a REPLY
  local -a __stepmux_all=("${__stepmux_s_asks[@]}" "${__stepmux_job_asks[@]}")
  __stepmux_filled=() __stepmux_given=()
  for ((__stepmux_a = 0; __stepmux_a < ${#__stepmux_all[@]}; __stepmux_a += 3)); do
    __stepmux_answer "${__stepmux_all[@]:__stepmux_a:3}" || return 1
    __stepmux_s_command=${__stepmux_s_command//"${__stepmux_all[__stepmux_a]}"/"$REPLY"}
    __stepmux_s_cwd=${__stepmux_s_cwd//"${__stepmux_all[__stepmux_a]}"/"$REPLY"}
    __stepmux_filled+=("${__stepmux_all[__stepmux_a]}" "$REPLY")
    __stepmux_given+=("${__stepmux_all[__stepmux_a + 1]}" "$REPLY")
  done
}

# In a step's process: exports what it sees. What was asked for is known to the
# variables' own values first.
__stepmux_see() {
  local __stepmux_a
  for ((__stepmux_a = 0; __stepmux_a < ${#__stepmux_given[@]}; __stepmux_a += 2)); do
    builtin printf -v "${__stepmux_given[__stepmux_a]}" '%s' "${__stepmux_given[__stepmux_a + 1]}"
  done
  __stepmux_system_env
  __stepmux_job_env
  [[ ! -s $__stepmux_dir/env ]] || builtin . "$__stepmux_dir/env"
  __stepmux_set "${__stepmux_s_env[@]}"
  [[ -z $__stepmux_extra ]] || builtin eval "$__stepmux_extra"
}

# Exports each NAME=VALUE, where the value is shell text.
__stepmux_set() {
  local __stepmux_var __stepmux_a
  for __stepmux_var in "$@"; do
    builtin eval "export $__stepmux_var"
    ((${#__stepmux_filled[@]} > 0)) || continue
    local -n __stepmux_ref=${__stepmux_var%%=*}
    for ((__stepmux_a = 0; __stepmux_a < ${#__stepmux_filled[@]}; __stepmux_a += 2)); do
      __stepmux_ref=${__stepmux_ref//"${__stepmux_filled[__stepmux_a]}"/"${__stepmux_filled[__stepmux_a + 1]}"}
    done
    unset -n __stepmux_ref
  done
}

# The directory of a step, in REPLY: its own in the job's in the build's. Where a
# CI's machine has the checkout, such as ~/project, is the build's directory here.
__stepmux_place() {
  local __stepmux_d __stepmux_job=$__stepmux_job_cwd
  [[ $__stepmux_job != [/~]* || ($__stepmux_system != circleci && -d $__stepmux_job) ]] || __stepmux_job=
  REPLY=$__stepmux_build_dir
  for __stepmux_d in "$__stepmux_job" "$__stepmux_s_cwd"; do
    case $__stepmux_d in
      '') ;;
      /*) REPLY=$__stepmux_d ;;
      '~') REPLY=$HOME ;;
      '~/'*) REPLY=$HOME/${__stepmux_d#??} ;;
      *) REPLY=$REPLY/$__stepmux_d ;;
    esac
  done
}

# The argv of a step's process, in __stepmux_line: from its shell and its text.
# Arguments: where a script goes, the text, the shell's words.
__stepmux_argv() {
  local __stepmux_script=$1 __stepmux_text=$2 __stepmux_w __stepmux_filed='' __stepmux_dash='' REPLY
  shift 2
  __stepmux_line=()
  __stepmux_kind_of "$1"
  [[ -z $REPLY ]] || __stepmux_hook "$REPLY"
  for __stepmux_w in "$@"; do
    if [[ $__stepmux_w == *'{0}'* ]]; then
      __stepmux_filed=1
      __stepmux_w=${__stepmux_w//'{0}'/"$__stepmux_script"}
    fi
    [[ $__stepmux_w != -* || $__stepmux_w == --* || $__stepmux_w != *[cC]* ]] || __stepmux_dash=1
    __stepmux_line+=("$__stepmux_w")
  done
  if [[ -n $__stepmux_filed ]]; then
    __stepmux_text=$REPLY$__stepmux_text$'\n'
    # A file that is there with this text stays: to empty one is slow on a disk.
    __stepmux_w=
    [[ ! -e $__stepmux_script ]] || IFS= read -r -d '' __stepmux_w <"$__stepmux_script"
    [[ $__stepmux_w == "$__stepmux_text" ]] || builtin printf '%s' "$__stepmux_text" >|"$__stepmux_script"
  elif [[ $__stepmux_system == scripts && -z $__stepmux_dash ]]; then
    # The text is a script's own file; sourced by that name it keeps its name.
    __stepmux_kind_of "$1"
    if [[ -n $REPLY && $__stepmux_text == */* ]]; then
      __stepmux_hook "$REPLY"
      __stepmux_line+=(-c "$REPLY. \"\$0\"")
    fi
    __stepmux_line+=("$__stepmux_text")
  else
    __stepmux_kind_of "$1"
    [[ -z $REPLY || -n $__stepmux_dash ]] || __stepmux_line+=(-c)
    [[ -z $REPLY ]] || __stepmux_hook "$REPLY"
    __stepmux_line+=("$REPLY$__stepmux_text")
  fi
}

# Runs __stepmux_line in __stepmux_where. Sets __stepmux_rc.
__stepmux_spawn() {
  local __stepmux_dog='' __stepmux_pidfile='' __stepmux_monitor=$-
  if [[ -n $__stepmux_s_limit ]]; then
    __stepmux_pidfile=$__stepmux_dir/limit.$BASHPID
    : >|"$__stepmux_pidfile"
    __stepmux_dog=$(__stepmux_watch "$__stepmux_s_limit" "$__stepmux_pidfile")
    # With a process group of its own the whole step can be stopped.
    builtin set -m
  fi
  if [[ $__stepmux_input == terminal ]]; then
    (__stepmux_become)
  else
    (__stepmux_become) </dev/null
  fi
  __stepmux_rc=$?
  if [[ -n $__stepmux_dog ]]; then
    [[ $__stepmux_monitor == *m* ]] || builtin set +m
    if [[ -e $__stepmux_pidfile.late ]]; then
      # The watching process stays until nothing of the step is left.
      builtin printf '\e[31;1mIt took longer than %ss and was stopped.\e[0m\n' "$__stepmux_s_limit"
      __stepmux_rc=124
    else
      { kill -KILL -- "-$__stepmux_dog" "$__stepmux_dog"; } 2>/dev/null
    fi
    command rm -f -- "$__stepmux_pidfile" "$__stepmux_pidfile.late"
  fi
  return 0
}

__stepmux_become() {
  [[ -z $__stepmux_pidfile ]] || builtin printf '%s\n' "$BASHPID" >|"$__stepmux_pidfile"
  builtin cd -- "$__stepmux_where" || builtin exit 1
  __stepmux_see
  exec "${__stepmux_line[@]}"
}

# Stops a process group after $1 seconds, whose leader the file $2 names. Prints
# the watching process.
__stepmux_watch() {
  builtin set -m
  (
    builtin set +m
    command sleep "$1"
    IFS= read -r __stepmux_pid <"$2" || builtin exit 0
    : >|"$2.late"
    __stepmux_stop "$__stepmux_pid"
  ) >/dev/null 2>&1 </dev/null &
  builtin printf '%s' "$!"
}

# Stops the process group $1, or the process where it leads none: asks, and after
# five seconds kills what is left. A shell that was about to fork when it was asked
# ends and leaves a child that never was.
__stepmux_stop() {
  local __stepmux_w
  kill -TERM -- "-$1" || kill -TERM "$1"
  for ((__stepmux_w = 0; __stepmux_w < 50; __stepmux_w++)); do
    command sleep 0.1
    kill -0 -- "-$1" || kill -0 "$1" || return 0
  done
  kill -KILL -- "-$1" || kill -KILL "$1"
} 2>/dev/null

# Starts __stepmux_line beside the next steps.
__stepmux_aside() {
  local __stepmux_pidfile='' __stepmux_done=$__stepmux_dir/aside.$1.$2 __stepmux_monitor=$-
  command rm -f -- "$__stepmux_done"
  builtin set -m
  {
    (
      (if [[ $__stepmux_iso == same ]]; then builtin eval "$__stepmux_s_command"; else __stepmux_become; fi) </dev/null 2>&3
      builtin printf '%s\n' "$?" >|"$__stepmux_done"
    ) &
  } 3>&2 2>/dev/null
  builtin printf '%s %s %s\n' "$!" "$1" "$2" >>"$__stepmux_dir/asides"
  disown "$!" 2>/dev/null
  [[ $__stepmux_monitor == *m* ]] || builtin set +m
  __stepmux_rc=0
}

# At the job's end: what runs aside is stopped, as the CI would.
__stepmux_asides_end() {
  local __stepmux_pid __stepmux_p __stepmux_i __stepmux_st
  [[ -s $__stepmux_dir/asides ]] || return 0
  while IFS=' ' read -r __stepmux_pid __stepmux_p __stepmux_i; do
    if IFS= read -r __stepmux_st 2>/dev/null <"$__stepmux_dir/aside.$__stepmux_p.$__stepmux_i"; then
      builtin printf 'The background step %s ended with %s.\n' "$__stepmux_p" "$__stepmux_st"
    elif { kill -0 "$__stepmux_pid"; } 2>/dev/null; then
      (__stepmux_stop "$__stepmux_pid" </dev/null >/dev/null 2>&1 &)
      builtin printf 'The background step %s still ran; it was stopped.\n' "$__stepmux_p"
    fi
  done <"$__stepmux_dir/asides"
  command rm -f -- "$__stepmux_dir/asides"
}

# Name and command of a step, for people.
__stepmux_announce() {
  if [[ -n $__stepmux_s_name && $__stepmux_s_name != "$__stepmux_s_command" ]]; then
    builtin printf '\e[1m%s\e[0m\n' "$__stepmux_s_name"
  fi
  builtin printf '\e[36;1m$ %s\e[0m\n' "${__stepmux_s_command%$'\n'}"
}

# One step: phase, number, how many. Sets __stepmux_rc.
__stepmux_own_step() {
  local __stepmux_t=${__stepmux_nth:-1} __stepmux_left=$__stepmux_s_tries REPLY
  local -a __stepmux_line=() __stepmux_filled=() __stepmux_given=()
  __stepmux_at=$1 __stepmux_n=$2 __stepmux_end='' __stepmux_took=''
  __stepmux_rc=1
  [[ ! -e $__stepmux_dir/state ]] || command rm -f -- "$__stepmux_dir/state" "$__stepmux_dir/options"
  travis_time_start
  __stepmux_fill || { __stepmux_lost "$@"; return 0; }
  __stepmux_place
  __stepmux_where=$REPLY
  __stepmux_announce
  __stepmux_argv "$__stepmux_dir/$1.$2$__stepmux_s_ext" "$__stepmux_s_command" "${__stepmux_s_shell[@]}"
  while :; do
    __stepmux_began=1
    REPLY=
    ((__stepmux_t == 1)) || REPLY=";try=$__stepmux_t"
    __stepmux_mark "B;phase=$1;step=$2;of=$3$REPLY${__stepmux_s_background:+;background=1}"
    [[ -z ${__stepmux_nonce:-} ]] || builtin printf '\e]133;C\a'
    if [[ -n $__stepmux_s_background ]]; then
      __stepmux_aside "$1" "$2"
    else
      __stepmux_files_before
      __stepmux_spawn
      __stepmux_files_after
    fi
    __stepmux_began=
    [[ -z ${__stepmux_nonce:-} ]] || builtin printf '\e]133;D;%s\a' "$__stepmux_rc"
    __stepmux_mark "D;phase=$1;step=$2;status=$__stepmux_rc"
    ((__stepmux_rc != 0 && --__stepmux_left > 0)) || break
    ((__stepmux_t++))
    builtin printf '\e[33mexited with %s; again, try %s.\e[0m\n' "$__stepmux_rc" "$__stepmux_t"
    [[ -z $__stepmux_s_delay ]] || command sleep "$__stepmux_s_delay"
  done
  travis_time_finish
  __stepmux_verdict
}

# The step could not even start: an answer is missing.
__stepmux_lost() {
  __stepmux_mark "B;phase=$1;step=$2;of=$3"
  __stepmux_mark "D;phase=$1;step=$2;status=1"
  __stepmux_where=$__stepmux_build_dir
}

# The line after a step's output.
__stepmux_verdict() {
  if [[ -n $__stepmux_s_background ]]; then
    builtin printf '\e[2mgoes on in the background\e[0m\n'
  elif ((__stepmux_rc == 0)); then
    __stepmux_dim ''
  else
    builtin printf '\e[31;1mexited with %s\e[0m' "$__stepmux_rc"
    __stepmux_dim
  fi
}

# ---- What a step hands to later ones by files, as GitHub has it.

__stepmux_files_before() {
  local __stepmux_f
  [[ $__stepmux_system == github ]] || return 0
  for __stepmux_f in env path output summary; do
    __stepmux_f=$__stepmux_dir/github.$$.$__stepmux_f
    [[ -e $__stepmux_f && ! -s $__stepmux_f ]] || : >|"$__stepmux_f"
  done
}

__stepmux_files_after() {
  [[ $__stepmux_system == github ]] || return 0
  [[ ! -s $__stepmux_dir/github.$$.env ]] || __stepmux_pairs __stepmux_new_env <"$__stepmux_dir/github.$$.env"
  [[ ! -s $__stepmux_dir/github.$$.output ]] || __stepmux_pairs __stepmux_new_output <"$__stepmux_dir/github.$$.output"
  [[ ! -s $__stepmux_dir/github.$$.path ]] || __stepmux_new_path <"$__stepmux_dir/github.$$.path"
  [[ ! -s $__stepmux_dir/github.$$.summary ]] || command cat -- "$__stepmux_dir/github.$$.summary" >>"$__stepmux_dir/summary"
}

# Calls $1 with each name and value of the standard input: NAME=VALUE, or
# NAME<<WORD and lines up to WORD.
__stepmux_pairs() {
  local __stepmux_l __stepmux_word __stepmux_key __stepmux_value
  while IFS= read -r __stepmux_l || [[ -n $__stepmux_l ]]; do
    if [[ ${__stepmux_l%%=*} == *'<<'* ]]; then
      __stepmux_key=${__stepmux_l%%'<<'*} __stepmux_word=${__stepmux_l#*'<<'} __stepmux_value=
      while IFS= read -r __stepmux_l && [[ $__stepmux_l != "$__stepmux_word" ]]; do
        __stepmux_value+=${__stepmux_value:+$'\n'}$__stepmux_l
      done
      "$1" "$__stepmux_key" "$__stepmux_value"
    elif [[ $__stepmux_l == ?*=* ]]; then
      "$1" "${__stepmux_l%%=*}" "${__stepmux_l#*=}"
    elif [[ -n $__stepmux_l ]]; then
      builtin printf 'stepmux: neither NAME=VALUE nor NAME<<WORD: %s\n' "$__stepmux_l" >&2
    fi
  done
}

__stepmux_new_env() {
  if [[ $1 =~ ^[A-Za-z_][A-Za-z_0-9]*$ ]]; then
    builtin printf 'export %s=%q\n' "$1" "$2" >>"$__stepmux_dir/env"
  else
    builtin printf 'stepmux: no name of a variable: %s\n' "$1" >&2
  fi
}

__stepmux_new_output() {
  [[ -z $__stepmux_s_id ]] || __stepmux_record "steps.$__stepmux_s_id.outputs.$1" "$2"
}

__stepmux_new_path() {
  local __stepmux_l
  while IFS= read -r __stepmux_l || [[ -n $__stepmux_l ]]; do
    [[ -z $__stepmux_l ]] || builtin printf 'export PATH=%q:"$PATH"\n' "$__stepmux_l" >>"$__stepmux_dir/env"
  done
}
