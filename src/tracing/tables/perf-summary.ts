import { BenchError } from '../../errors.js';
import { perfSections } from '../syscalls/perf-text.js';
import type { PerfSection } from '../syscalls/perf-text.js';
import { Tally } from '../syscalls/tally.js';
import type { CallTable } from './table.js';

const HINT = 'Use the whole output of `perf trace -s -o FILE COMMAND`, unchanged.';

/**
 * The summaries of `perf trace -s` in a text, each with all its threads or control groups together; also of
 * `--summary-mode=total` and `--bpf-summary`. Throws `input` with the file and the line.
 */
export function perfSummaries(lines: readonly string[], file: string): readonly CallTable[] {
  const runs: PerfSection[][] = [];
  for (const section of perfSections(lines)) {
    if (section.bad !== null)
      throw new BenchError('input', `${file}:${section.bad}: this row of perf trace cannot be read`, { hint: HINT });
    const last = runs.at(-1);
    if (last === undefined || section.begins) runs.push([section]);
    else last.push(section);
  }
  const lost = lines.map((line) => /LOST \d+ events/.exec(line)?.[0]).find((words) => words !== undefined);
  return runs.map((sections) => tableOf(sections, lost, file));
}

function tableOf(sections: readonly PerfSection[], lost: string | undefined, file: string): CallTable {
  const tally = new Tally();
  for (const { calls } of sections) tally.take(calls);
  const calls = tally.counts();
  const line = sections[0]?.line ?? 1;
  if (calls.length === 0)
    throw new BenchError('input', `${file}:${line}: the summary of perf trace has no calls`, { hint: HINT });
  return {
    form: 'perf-trace',
    line,
    calls,
    time: calls.some(({ seconds }) => seconds !== null) ? 'wall' : null,
    warnings: [
      ...(lost === undefined ? [] : [`perf trace did not see every call (${lost}): the counts are too low`]),
      ...sections.flatMap((section) => rowsMissing(section, file)),
      ...(sections.some(({ kind }) => kind === 'total')
        ? ['perf trace counted all processes together; with -a those of the whole machine']
        : []),
    ],
  };
}

/**
 * perf names the number of events before the rows: with --bpf-summary one per call, otherwise its entry and its return,
 * and a few more (3 % in 3 threads of runc under perf 6.1). Throws `input` where there are more calls than events.
 */
function rowsMissing({ events, calls, perCall, line }: PerfSection, file: string): readonly string[] {
  const sum = calls.reduce((all, one) => all + one.calls, 0);
  if (sum > events)
    throw new BenchError('input', `${file}:${line}: ${events} events have ${sum} calls in their rows`, { hint: HINT });
  const twice = events >= 2 * sum && events <= 2.2 * sum + FEW_EVENTS;
  if (perCall === 2 ? twice : sum === events) return [];
  return twice && perCall === null
    ? [`${file}:${line}: ${sum} calls in ${events} events are all of them only if --bpf-summary was not used`]
    : [`${file}:${line}: the rows have ${sum} calls for ${events} events, so rows are missing`];
}

const FEW_EVENTS = 10;
