#!/usr/bin/env bash
# Starts stepmux debug for this job of GitHub Actions, from inputs in the
# environment, and becomes it: its exit status is the step's.
set -euo pipefail

words=(debug --no-attach --share --login "${GITHUB_ACTOR:-unknown}")

# octo/lab/.github/workflows/ci.yml@refs/heads/main
own=${GITHUB_WORKFLOW_REF:-}
own=${own%%@*}
own=${own#"${GITHUB_REPOSITORY:-}"/}
file=${INPUT_FILE:-$own}

if [ -n "${INPUT_RUN:-}" ]; then
    words+=(--on-failure)
else
    [ -z "$file" ] || words+=(--file "$file")
    job=${INPUT_JOB:-${GITHUB_JOB:-}}
    [ -z "$job" ] || words+=(--job "$job")
    case ${INPUT_STATUS:-} in
    success) words+=(--previous passed) ;;
    cancelled) words+=(--previous canceled) ;;
    *) words+=(--previous failed) ;;
    esac
fi

limit=${INPUT_LIMIT:-auto}
if [ "$limit" = auto ]; then
    limit=false
    keys=$(curl --fail --silent --max-time 20 --retry 2 \
        "${GITHUB_SERVER_URL:-https://github.com}/${GITHUB_ACTOR:-}.keys" || true)
    [ -z "$keys" ] || limit=true
    [ "$limit" = true ] || echo "::warning::${GITHUB_ACTOR:-the actor} has no ssh keys here: whoever has the line may join"
fi
[ "$limit" != true ] || words+=(--limit-to "gh:${GITHUB_ACTOR:?}")
[ -z "${INPUT_RELAY:-}" ] || words+=(--relay "$INPUT_RELAY")
[ -z "${INPUT_RELAY_KEY:-}" ] || words+=(--relay-key "$INPUT_RELAY_KEY")
[ "${INPUT_QUIET:-true}" != true ] || words+=(--quiet)
while IFS= read -r word; do
    [ -z "$word" ] || words+=("$word")
done <<<"${INPUT_ARGUMENTS:-}"
[ -z "${INPUT_RUN:-}" ] || words+=(-- bash --noprofile --norc -eo pipefail -c "$INPUT_RUN")

# Inputs are no business of the session's programs.
for name in "${!INPUT_@}"; do unset "$name"; done
exec stepmux "${words[@]}"
