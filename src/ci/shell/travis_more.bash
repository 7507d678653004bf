# ---- Further functions that a Travis phase may call.

# `1.12.3` as a number that sorts: 1 and four groups of three digits.
travis_vers2int() {
  local __stepmux_v __stepmux_k __stepmux_all=1
  local -a __stepmux_parts=()
  IFS=. read -r -a __stepmux_parts <<<"${1:-}"
  for ((__stepmux_k = 0; __stepmux_k < 4 || __stepmux_k < ${#__stepmux_parts[@]}; __stepmux_k++)); do
    __stepmux_v=${__stepmux_parts[__stepmux_k]:-0}
    builtin printf -v __stepmux_v '%03d' "$((10#0${__stepmux_v//[!0-9]/}))"
    __stepmux_all+=$__stepmux_v
  done
  builtin printf '%s' "$__stepmux_all"
}

# Fetches $1 into the file $2.
travis_download() {
  if command -v curl >/dev/null 2>&1; then
    command curl --fail --silent --location --connect-timeout 1 --output "$2" "$1" 2>/dev/null
  elif command -v wget >/dev/null 2>&1; then
    command wget --quiet --connect-timeout=1 --output-document="$2" "$1" 2>/dev/null
  else
    return 1
  fi
}

# Waits until all addresses after $1 tries answer.
travis_wait_for_network() {
  local __stepmux_left=${1:-0} __stepmux_url __stepmux_ok
  shift
  for (( ; __stepmux_left > 0; __stepmux_left--)); do
    __stepmux_ok=1
    for __stepmux_url in "$@"; do
      travis_download "$__stepmux_url" /dev/null || __stepmux_ok=
    done
    [[ -z $__stepmux_ok ]] || return 0
    sleep 1
  done
  builtin printf '\e[31;1mTimeout waiting for network availability.\e[0m\n'
}

# Waits until a port of this machine answers: $1, at most $2 seconds (10).
travis_wait_for_port() {
  local __stepmux_left=${2:-10}
  if [[ ! ${1:-} =~ ^[0-9]+$ ]]; then
    builtin printf '\e[31;1mPort not given\e[0m\n'
    return 1
  fi
  for (( ; __stepmux_left > 0; __stepmux_left--)); do
    if (: <>"/dev/tcp/localhost/$1") 2>/dev/null; then
      return 0
    fi
    sleep 1
  done
  builtin printf '\e[31;1mFailed to connect to port %s within %s seconds\e[0m\n' "$1" "${2:-10}"
  return 1
}

# Tells once a minute that $3… still runs, and kills the process $1 after $2 minutes.
travis_jigger() {
  local __stepmux_pid=$1 __stepmux_limit=$2 __stepmux_k
  shift 2
  builtin printf '\n\n'
  for ((__stepmux_k = 1; __stepmux_k <= __stepmux_limit; __stepmux_k++)); do
    builtin printf 'Still running (%s of %s): %s\r' "$__stepmux_k" "$__stepmux_limit" "$*"
    sleep 60
  done
  builtin printf '\n\e[31;1mTimeout (%s minutes) reached. Terminating "%s"\e[0m\n\n' "$__stepmux_limit" "$*"
  kill -9 "$__stepmux_pid"
}

travis_has_makefile() {
  [[ -f GNUmakefile || -f makefile || -f Makefile || -f BSDmakefile ]]
}

# $1 is the version of go, $2 the words for `go get`.
travis_install_go_dependencies() {
  export GIMME_GO_VERSION=${GIMME_GO_VERSION:-${1:-}}
  if [[ -f Godeps/Godeps.json ]] && command -v godep >/dev/null 2>&1; then
    travis_cmd 'godep restore' --retry --timing --assert --echo
  fi
  if travis_has_makefile; then
    builtin printf 'Makefile detected\n'
  else
    local __stepmux_words=${2:-}
    [[ " $__stepmux_words " == *' -t '* ]] || __stepmux_words="${__stepmux_words:+$__stepmux_words }-t"
    travis_cmd "go get $__stepmux_words ./..." --retry
  fi
}

# $1 are the words for `go test`.
travis_script_go() {
  if travis_has_makefile; then
    travis_cmd make
  else
    travis_cmd "go test ${1:+$1 }./..."
  fi
}

# The directory of a JDK: its name, vendor (openjdk, oracle) and version.
travis_find_jdk_path() {
  local __stepmux_dir_of
  for __stepmux_dir_of in /usr/lib/jvm/java-1."${3:-}".*"${2:-}"* /usr/lib/jvm/java-"${3:-}"-"${2:-}"* /usr/local/lib/jvm/"${1:-}"; do
    if [[ -d $__stepmux_dir_of ]]; then
      builtin printf '%s\n' "$__stepmux_dir_of"
      return 0
    fi
  done
  builtin printf '\n'
}

# Takes the directory $1 out of PATH.
travis_remove_from_path() {
  local __stepmux_rest=:$PATH:
  while [[ $__stepmux_rest == *":$1:"* ]]; do
    __stepmux_rest=${__stepmux_rest/":$1:"/:}
  done
  __stepmux_rest=${__stepmux_rest#:}
  PATH=${__stepmux_rest%:}
}

# Sorts by the number before the first `_`, into travis_bash_qsort_numeric_ret.
travis_bash_qsort_numeric() {
  local __stepmux_k __stepmux_j
  travis_bash_qsort_numeric_ret=()
  for __stepmux_k in "$@"; do
    for ((__stepmux_j = ${#travis_bash_qsort_numeric_ret[@]}; __stepmux_j > 0; __stepmux_j--)); do
      [[ ${travis_bash_qsort_numeric_ret[__stepmux_j - 1]%%_*} -gt ${__stepmux_k%%_*} ]] || break
      travis_bash_qsort_numeric_ret[__stepmux_j]=${travis_bash_qsort_numeric_ret[__stepmux_j - 1]}
    done
    travis_bash_qsort_numeric_ret[__stepmux_j]=$__stepmux_k
  done
}

travis_apt_get_update() {
  command -v apt-get >/dev/null 2>&1 || return 0
  if [[ ${EUID:-1} == 0 ]]; then
    apt-get update -yq >>"$HOME/apt-get-update.log" 2>&1
  else
    sudo apt-get update -yq >>"$HOME/apt-get-update.log" 2>&1
  fi
}

travis_whereami() {
  builtin printf 'infra=%s\nip=\n' "${TRAVIS_INFRA:-unknown}"
}

travis_cleanup() { :; }

travis_footer() {
  : "${TRAVIS_TEST_RESULT:=86}"
  builtin printf '\nDone. Your build exited with %s.\n' "$TRAVIS_TEST_RESULT"
}

# What prepares Travis's own machines, before the first phase: nothing to do here.
__stepmux_not_here() {
  builtin printf 'stepmux: %s prepares a machine of Travis; it does nothing here.\n' "${FUNCNAME[1]}" >&2
}
for __stepmux_name in artifacts_install decrypt disable_ssh_roaming disable_sudo export_go ghc_find ghc_install \
  ghc_setup_env install_go install_jdk internal_ruby jinfo_file munge_apt_sources preamble prepare_go \
  setup_apt_proxy setup_casher setup_env setup_go setup_java setup_mssql_server setup_postgresql \
  start_sauce_connect stop_sauce_connect temporary_hacks trace_span; do
  builtin eval "travis_$__stepmux_name() { __stepmux_not_here; }"
done
unset __stepmux_name
