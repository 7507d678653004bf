# ---- Steps in this very shell: Travis.

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
    ! __stepmux_exact || travis_fold end "$__stepmux_fold"
  fi
  return 0
}

