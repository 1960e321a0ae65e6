#!/usr/bin/env bash
# Measures, then judges what was measured: a scenario, or base against head interleaved in one run, or results that are
# there. Ends with the exit code of the run where that failed, else with that of the gate.
#
# BENCH_SCENARIO            name or path of a scenario
# BENCH_BASE, BENCH_HEAD    what bench ab compares, for example runtime=PATH
# BENCH_RESULTS             results folders, separated by white space; * and ? are patterns
# BENCH_FOLDER              where everything goes (bench-ci)
# BENCH_OPTIONS             more options of the measurement, separated by white space
# BENCH_BLOCKS, BENCH_ENGINE, BENCH_FAIL_IF_SLOWER, BENCH_METRIC, BENCH_MARGIN, BENCH_KEY, BENCH_ALLOW_UNDECIDED
#                           as the options of these names
# BENCH_SUDO                true: containers are started as root
set -uo pipefail

fail() {
  printf '::error title=bench::%s\n' "$1"
  exit 2
}

out=${BENCH_FOLDER:-bench-ci}
case $out in -*) fail 'folder: expected a path that does not begin with -' ;; esac
[ ! -e "$out/results" ] || fail 'folder: it has results of another run; give every use of bench in a job its own folder'

read -ra measuring <<<"${BENCH_OPTIONS:-}"
[ -z "${BENCH_BLOCKS:-}" ] || measuring+=(--blocks "$BENCH_BLOCKS")
[ -z "${BENCH_ENGINE:-}" ] || measuring+=(--engine "$BENCH_ENGINE")

judging=()
[ -z "${BENCH_FAIL_IF_SLOWER:-}" ] || judging+=(--fail-if-slower "$BENCH_FAIL_IF_SLOWER")
[ -z "${BENCH_METRIC:-}" ] || judging+=(--metric "$BENCH_METRIC")
[ -z "${BENCH_MARGIN:-}" ] || judging+=(--margin "$BENCH_MARGIN")
[ -z "${BENCH_KEY:-}" ] || judging+=(--key "$BENCH_KEY")
[ "${BENCH_ALLOW_UNDECIDED:-false}" != true ] || judging+=(--allow-undecided)

as_root=()
if [ "${BENCH_SUDO:-false}" = true ] && [ "$(id -u)" -ne 0 ]; then as_root=(sudo -E env "PATH=$PATH"); fi

# bench_run ARGUMENTS...: measures; bench ci prints the summary. What a runtime prints is no place for workflow
# commands.
bench_run() {
  local status token
  token=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  [ "${GITHUB_ACTIONS:-}" != true ] || printf '::stop-commands::%s\n' "$token"
  "${as_root[@]}" bench "$@" --results "$out/results" --no-report ${measuring[@]+"${measuring[@]}"} 2>&1 >/dev/null
  status=$?
  [ "${GITHUB_ACTIONS:-}" != true ] || printf '::%s::\n' "$token"
  [ ${#as_root[@]} -eq 0 ] || sudo chown -R "$(id -u):$(id -g)" "$out"
  return $status
}

mkdir -p "$out"
status=0 folders=()
if [ -n "${BENCH_RESULTS:-}" ]; then
  # shellcheck disable=SC2206 # patterns of the user's own
  folders=($BENCH_RESULTS)
elif [ -n "${BENCH_BASE:-}" ] || [ -n "${BENCH_HEAD:-}" ]; then
  [ -z "${BENCH_SCENARIO:-}" ] || fail 'scenario cannot be combined with base and head'
  bench_run ab --a "${BENCH_BASE:-}" --b "${BENCH_HEAD:-}" --label-a base --label-b head
  status=$?
elif [ -n "${BENCH_SCENARIO:-}" ]; then
  [ ! -f "$BENCH_SCENARIO" ] || judging+=(--annotate "$BENCH_SCENARIO")
  bench_run run "$BENCH_SCENARIO"
  status=$?
else
  fail 'one of scenario, base and head, or results is required'
fi
if [ ${#folders[@]} -eq 0 ]; then
  for folder in "$out"/results/*/; do [ ! -d "$folder" ] || folders+=("${folder%/}"); done
fi
if [ ${#folders[@]} -eq 0 ]; then
  [ "$status" -ne 0 ] || status=1
  printf '::error title=bench::bench ended with exit code %s and left no results; the log says why\n' "$status"
  exit "$status"
fi

bench ci --files "$out" --report "$out/reports" ${judging[@]+"${judging[@]}"} --from "${folders[@]}"
judged=$?
[ "$status" -eq 0 ] || exit "$status"
exit "$judged"
