# ---- Steps that share one shell: GitLab.
#
# The steps become one script; it tells where it is by marks and by a file. Its
# last step's end is told by us, since the script may be gone by then.

# Steps $2 to $3 of phase $1. Sets __stepmux_rc, and __stepmux_n to the last step
# that ran.
__stepmux_one() {
  local __stepmux_of=$4 __stepmux_i REPLY __stepmux_pidfile='' __stepmux_l
  local __stepmux_path=$__stepmux_dir/$1.sh
  local -a __stepmux_line=() __stepmux_filled=() __stepmux_given=()
  local -n __stepmux_xargv=__stepmux_shell_$1
  __stepmux_rc=1 __stepmux_at=$1 __stepmux_n=$2 __stepmux_end='' __stepmux_took=''
  __stepmux_load "$1" "$2"
  __stepmux_place
  __stepmux_where=$REPLY
  [[ -z $__stepmux_resume ]] || command mv -f -- "$__stepmux_dir/state" "$__stepmux_dir/state.before"
  __stepmux_one_script "$@" >|"$__stepmux_path" || { __stepmux_lost "$1" "$__stepmux_i" "$__stepmux_of"; return 0; }
  command rm -f -- "$__stepmux_dir/state" "$__stepmux_dir/options" "$__stepmux_dir/one.at"
  __stepmux_load "$1" "$2"
  __stepmux_line=("${__stepmux_xargv[@]:-bash}")
  case ${__stepmux_line[-1]} in
    -c | -*c) IFS= read -r -d '' __stepmux_l <"$__stepmux_path"; __stepmux_line+=("$__stepmux_l") ;;
    *'{0}'*) __stepmux_line=("${__stepmux_line[@]//'{0}'/"$__stepmux_path"}") ;;
    *) __stepmux_line+=("$__stepmux_path") ;;
  esac
  travis_time_start
  __stepmux_began=1
  (__stepmux_become) </dev/null
  __stepmux_rc=$?
  __stepmux_began=
  if IFS=' ' read -r __stepmux_n __stepmux_where 2>/dev/null <"$__stepmux_dir/one.at"; then
    __stepmux_mark "D;phase=$1;step=$__stepmux_n;status=$__stepmux_rc"
  else
    __stepmux_n=$2
    __stepmux_lost "$1" "$2" "$__stepmux_of"
  fi
  __stepmux_load "$1" "$__stepmux_n"
  __stepmux_mode=$__stepmux_s_mode __stepmux_resume=
  [[ $__stepmux_rc != 0 ]] || __stepmux_n=$3
  travis_time_finish
  if ((__stepmux_rc == 0)); then
    __stepmux_dim ''
  elif [[ $__stepmux_mode == ignore ]]; then
    builtin printf '\e[33;1mWARNING: %s failed, but job will continue unaffected:\e[0;m exit status %s\n' "$1" "$__stepmux_rc"
  else
    builtin printf '\e[31;1mexited with %s\e[0m' "$__stepmux_rc"
    __stepmux_dim
  fi
}

# The script, for a POSIX shell.
__stepmux_one_script() {
  local REPLY __stepmux_q
  __stepmux_sq "$__stepmux_dir"
  __stepmux_q=$REPLY
  builtin printf '__stepmux_m=%s __stepmux_p=%s __stepmux_n=0\n' "${__stepmux_nonce:-}" "$1"
  builtin printf '%s\n' "__stepmux_k() { [ -z \"\$__stepmux_m\" ] || printf '\\033]7717;%s;%s\\007' \"\$__stepmux_m\" \"\$1\"; }" \
    '__stepmux_b() {' \
    '  [ "$__stepmux_n" = 0 ] || __stepmux_k "D;phase=$__stepmux_p;step=$__stepmux_n;status=0"' \
    "  __stepmux_n=\$1; printf '%s %s\\n' \"\$1\" \"\$PWD\" 1<>$__stepmux_q/one.at" \
    "  printf '\\033[32;1m\$ %s\\033[0;m\\n' \"\$3\"" \
    '  __stepmux_k "B;phase=$__stepmux_p;step=$1;of=$2"' \
    '}' "trap 'exit 1' TERM"
  local -n __stepmux_xargv=__stepmux_shell_$1
  __stepmux_kind_of "${__stepmux_xargv[0]:-bash}"
  [[ -z $REPLY ]] || __stepmux_hook "$REPLY"
  builtin printf '%s\n' "${REPLY}:"
  [[ -z $__stepmux_resume ]] || builtin printf '. %s/state.before 2>/dev/null\n' "$__stepmux_q"
  builtin printf '%s\n' 'if (set -o pipefail) 2>/dev/null; then set -o pipefail; fi' 'set -o errexit' 'set +o noclobber'
  for ((__stepmux_i = $2; __stepmux_i <= $3; __stepmux_i++)); do
    __stepmux_load "$1" "$__stepmux_i"
    if [[ -n $__stepmux_s_why ]]; then
      __stepmux_sq "skipped: $__stepmux_s_why"
      builtin printf 'echo %s\n' "$REPLY"
      continue
    fi
    __stepmux_fill || return 1
    __stepmux_l=${__stepmux_s_command%$'\n'}
    [[ $__stepmux_l != *$'\n'* ]] || __stepmux_l="${__stepmux_l%%$'\n'*} # collapsed multi-line command"
    __stepmux_sq "$__stepmux_l"
    builtin printf '__stepmux_b %s %s %s\n' "$__stepmux_i" "$__stepmux_of" "$REPLY"
    if [[ $__stepmux_system == stepmux ]]; then __stepmux_one_facts; fi
    __stepmux_sq "$__stepmux_s_command"
    if [[ $__stepmux_system == stepmux && $__stepmux_s_mode == ignore ]]; then
      builtin printf 'set +o errexit; eval %s\nset -o errexit\n' "$REPLY"
    else
      builtin printf 'eval %s\n' "$REPLY"
    fi
  done
}

# The variables and the directory of a step, as lines of the script.
__stepmux_one_facts() {
  local __stepmux_var
  for __stepmux_var in "${__stepmux_s_env[@]}"; do
    builtin printf 'export %s\n' "$__stepmux_var"
  done
  if [[ -n $__stepmux_s_cwd ]]; then
    __stepmux_place
    __stepmux_sq "$REPLY"
    builtin printf 'cd -- %s\n' "$REPLY"
  fi
}
