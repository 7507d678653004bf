#!/usr/bin/env bash
# Finds stepmux, or downloads it and checks its sum; puts it into later steps'
# PATH. It installs nothing else.
set -euo pipefail

if [ -z "${INPUT_URL:-}" ]; then
    command -v stepmux >/dev/null || {
        echo "::error::stepmux is not installed, and no url says where it is" >&2
        exit 1
    }
    stepmux -V
    exit
fi
if ! [[ ${INPUT_SHA256:-} =~ ^[0-9a-fA-F]{64}$ ]]; then
    echo "::error::url needs sha256, the sum of what it gives" >&2
    exit 1
fi
directory=${RUNNER_TEMP:-${TMPDIR:-/tmp}}/stepmux-bin
mkdir -p "$directory"
curl --fail --silent --show-error --location --retry 3 --output "$directory/stepmux.new" -- "$INPUT_URL"
if ! echo "${INPUT_SHA256,,}  $directory/stepmux.new" | sha256sum --check --status; then
    rm -f "$directory/stepmux.new"
    echo "::error::what the url gave has another sum" >&2
    exit 1
fi
chmod 755 "$directory/stepmux.new"
mv "$directory/stepmux.new" "$directory/stepmux"
"$directory/stepmux" -V
echo "$directory" >>"${GITHUB_PATH:-/dev/null}"
