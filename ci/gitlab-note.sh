#!/usr/bin/env bash
# Writes a note to the merge request of this pipeline, or replaces the one it wrote before: the one with the same marker
# and the same author.
#
# $1                   the file of the note, made by bench ci
# BENCH_GITLAB_TOKEN   a project access token with the scope api; the job's own token cannot write notes
# CI_API_V4_URL, CI_PROJECT_ID, CI_MERGE_REQUEST_IID    set by GitLab in pipelines of merge requests
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/api.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

file=$1
[ -n "${CI_MERGE_REQUEST_IID:-}" ] || warn 'no note: this pipeline does not run for a merge request'
[ -n "${BENCH_GITLAB_TOKEN:-}" ] || warn 'no note: BENCH_GITLAB_TOKEN is not set'
[ -s "$file" ] || warn 'no note: bench left no result'
assert_token "$BENCH_GITLAB_TOKEN"
system=GitLab
call() { api "$@" <<<"header = \"PRIVATE-TOKEN: $BENCH_GITLAB_TOKEN\""; }
notes=$CI_API_V4_URL/projects/$CI_PROJECT_ID/merge_requests/$CI_MERGE_REQUEST_IID/notes

status=$(call GET "$CI_API_V4_URL/user") || unanswered
[ "$status" = 200 ] || warn "comment not written: GitLab answers $status to the token"
author=$(node -p 'Number(JSON.parse(require("node:fs").readFileSync(process.argv[1], "utf8")).id)' "$work/answer")

put_comment "$notes" "$notes" PUT author.id "$author" "$file"
