import type { AnalysedRun } from '../../model/analysis/analysis.js';
import { amountText, counted, DASH } from '../text/format.js';
import { shareText } from '../words/cost/share.js';
import { intervalWords, originCell } from './words.js';
import { left, right, type Table } from '../run/tables.js';

/** What one exec costs under each arm, and what so many probes do; `null` where starts were timed. */
export function execsTable({ run, analysis: { execs } }: AnalysedRun): Table | null {
  if (execs === undefined) return null;
  const { costs, probes, unfiltered } = execs;
  return {
    title: 'What an exec costs',
    columns: [
      left('Arm'),
      right('CPU time'),
      right('Wall time'),
      right("Filter's share of the CPU time"),
      left('Filter'),
      ...(probes === null ? [] : [right('Probes, share of one CPU')]),
    ],
    rows: costs.map(({ arm, cpu, wall, filter }) => {
      const probe = probes?.costs.find((one) => one.arm === arm);
      const origin = run.evidence.find((one) => one.arm === arm)?.exec?.origin;
      return [
        arm,
        amountText(cpu, 3),
        amountText(wall, 3),
        filter === null ? DASH : shareText(filter),
        origin === undefined ? DASH : originCell(origin),
        ...(probes === null ? [] : [probe === undefined ? DASH : shareText(probe)]),
      ];
    }),
    note: [
      'Means of complete blocks with 95 % t intervals, because the costs of many execs add up.',
      unfiltered === null
        ? "The filter's share is not known without an arm that has no filter: add `unconfined` to `--arms`."
        : `The filter's share is what an exec takes more than one of ${unfiltered} in the same blocks.`,
      'Filter: what a trace of one exec that is not timed showed.',
      ...(probes === null
        ? []
        : [
            `Probes: one every ${intervalWords(probes.everyMs)} in ${counted(probes.containers, 'container')}; their \
cost is that of the execs here, one at a time on this machine.`,
          ]),
    ].join(' '),
  };
}
