#!/usr/bin/env bash
# Installs bench for the steps that follow, without the install scripts of packages.
#
# BENCH_PACKAGE  version on npm, tarball or folder; empty: the version of the files next to this script
# RUNNER_TEMP    where it is installed; GITHUB_PATH: told where the command is
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

fail() {
  printf '::error title=bench::%s\n' "$1"
  exit 2
}

command -v node >/dev/null || fail 'node not found in PATH; add a step with actions/setup-node'
major=$(node -p 'process.versions.node.split(".")[0]')
[ "$major" -ge 20 ] || fail "bench requires Node.js 20 or newer, and this is $major; add a step with actions/setup-node"

what=${BENCH_PACKAGE:-}
case $what in
  '') what=seccomp-bench@$(node -p 'require(process.argv[1]).version' "$here/../package.json") ;;
  -*) fail 'package: expected a version, a tarball or a folder' ;;
  [0-9]*) [ -e "$what" ] || what=seccomp-bench@$what ;;
esac
# npm takes a path without a slash for a name.
if [ -e "$what" ]; then what=$(cd "$(dirname "$what")" && pwd)/$(basename "$what"); fi

prefix=${RUNNER_TEMP:-${TMPDIR:-/tmp}}/seccomp-bench
npm install --global --prefix "$prefix" --ignore-scripts --no-audit --no-fund "$what"
"$prefix/bin/bench" --version
if [ -n "${GITHUB_PATH:-}" ]; then printf '%s\n' "$prefix/bin" >>"$GITHUB_PATH"; fi
