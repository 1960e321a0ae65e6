#!/usr/bin/env bash
# Writes a comment to the pull request of this workflow, or replaces the one it wrote before: the one with the same
# marker and the same author.
#
# $1                    the file of the comment, made by bench ci; where there is none, the comment says so
# GITHUB_TOKEN          may write to pull requests; BENCH_AUTHOR: who comments with it (github-actions[bot])
# BENCH_KEY             part of the marker where there is no file
# GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_EVENT_PATH    set by the runner
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/api.sh"
warning_prefix='::warning title=bench::'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

file=$1 author=${BENCH_AUTHOR:-github-actions[bot]}
number=$(node -p 'Number(require(process.argv[1]).pull_request?.number ?? 0)' "$GITHUB_EVENT_PATH")
if [ "$number" -eq 0 ]; then
  echo 'no comment: this workflow does not run for a pull request'
  exit 0
fi
if [ ! -s "$file" ]; then
  file=$work/comment.md
  key=$(printf '%s' "${BENCH_KEY:-}" | tr -c 'A-Za-z0-9._-' '-')
  [ -n "$key" ] || { echo 'no comment: bench left no result'; exit 0; }
  {
    printf '<!-- bench-ci: %s -->\n## bench: no result\n\n' "$key"
    printf 'The run ended before there was one; the log of the job says why.\n'
  } >"$file"
fi
assert_token "${GITHUB_TOKEN:-}"
system=GitHub
call() {
  api "$@" <<<"header = \"Authorization: Bearer $GITHUB_TOKEN\"
header = \"Accept: application/vnd.github+json\"
header = \"X-GitHub-Api-Version: 2022-11-28\""
}
issues=$GITHUB_API_URL/repos/$GITHUB_REPOSITORY/issues
put_comment "$issues/$number/comments" "$issues/comments" PATCH user.login "$author" "$file"
