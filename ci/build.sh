#!/usr/bin/env bash
# Builds two revisions of the repository in the current folder, so that one run can compare them: the head where it is
# checked out, the base in a worktree. Tells `base` and `head` as bench ab takes them, and the worktree.
#
# BENCH_BASE_REF  commit, branch or tag of the base
# BENCH_BUILD     shell command that builds a revision, run in its root; empty: nothing has to be built
# BENCH_BUILT     KEY=PATH of what differs, for example runtime=./runc or profile=seccomp.json
# RUNNER_TEMP     where the base is checked out; GITHUB_OUTPUT: told the results
set -euo pipefail

fail() {
  printf '::error title=bench::%s\n' "$1"
  exit 2
}

ref=${BENCH_BASE_REF:-} built=${BENCH_BUILT:-}
[[ $ref =~ ^[A-Za-z0-9][A-Za-z0-9._/@{}~^-]*$ ]] || fail 'base-ref: expected a commit, a branch or a tag'
[[ $built =~ ^(runtime|profile|libseccomp)=[^/].*$ ]] ||
  fail 'built: expected runtime=PATH, profile=PATH or libseccomp=PATH, from the root of the repository'
key=${built%%=*} path=${built#*=}

if ! commit=$(git rev-parse --quiet --verify "$ref^{commit}"); then
  git fetch --quiet --no-tags --depth=1 origin "$ref" || fail 'base-ref: the commit cannot be fetched'
  commit=$(git rev-parse --verify 'FETCH_HEAD^{commit}')
fi

head=$PWD
base=$(mktemp -d "${RUNNER_TEMP:-${TMPDIR:-/tmp}}/bench-base.XXXXXX")
git worktree add --quiet --detach "$base/tree" "$commit"
printf 'worktree=%s\n' "$base/tree" >>"${GITHUB_OUTPUT:-/dev/null}"

# The output of a build is no place for workflow commands.
token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
printf '::stop-commands::%s\n' "$token"
status=0
for side in "$base/tree" "$head"; do
  printf 'building %s\n' "$side"
  (cd "$side" && bash -eo pipefail -c "${BENCH_BUILD:-:}") 2>&1 || { status=$? && break; }
done
printf '::%s::\n' "$token"
[ "$status" -eq 0 ] || fail "build: the command ended with exit code $status"

for side in "$base/tree" "$head"; do
  [ -e "$side/$path" ] || fail 'built: a build has no such file'
done
{
  printf 'base=%s=%s\n' "$key" "$base/tree/$path"
  printf 'head=%s=%s\n' "$key" "$head/$path"
} >>"${GITHUB_OUTPUT:-/dev/null}"
