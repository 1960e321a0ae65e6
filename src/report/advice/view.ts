import type { Advice, AdviceOption, OptionResult } from '../../model/analysis/advice.js';
import { dotAxis } from '../charts/axis.js';
import type { RowsSpec } from '../charts/spec.js';
import { counted, duration, effectOf, estimateText } from '../text/format.js';
import type { PlainReport } from '../plain-report.js';
import { left, right } from '../run/tables.js';
import type { Table } from '../run/tables.js';

/** What is done to the profile, or to how its filter is made. */
export const OPTION_WORDS: Readonly<Record<AdviceOption, string>> = {
  hostOnly: "Keep only the host's architectures (against all)",
  nativeOnly: 'Drop the compat architectures',
  tree: 'Binary tree',
  ordered: 'Rules in the order of observed counts',
  prebuilt: 'Precompiled filter',
};

/** What each option means for security, in one line. */
export const SECURITY: Readonly<Record<AdviceOption, string>> = {
  hostOnly:
    "No program of this machine is treated otherwise: calls of an architecture that is not in a filter end the process, and this machine's kernel runs none of those dropped.",
  nativeOnly:
    'Programs of the dropped architectures (32-bit, x32) are killed at their first call: what needs them stops working, and their entries into the kernel are closed.',
  tree: "The rules are the same; what is trusted is libseccomp's code for trees in place of that for chains.",
  ordered: 'The rules are the same; only the order in which calls are looked for changes.',
  prebuilt:
    'The file is the filter: whoever can write it decides what is allowed, and it must be built again when profile, kernel or libseccomp change.',
};

type Measured = Extract<OptionResult, { readonly state: 'measured' }>;

/** `1,001 → 1,246` or nothing where no filter was seen. */
export function lengthWords({ instructions: [without, withIt] }: Measured): string {
  if (without === null || withIt === null) return 'filter not seen';
  return without === withIt ? `${without} instructions, unchanged` : `${without} \u2192 ${withIt} instructions`;
}

/** `16.2 ms → 8.1 ms` */
export const startWords = ([without, withIt]: readonly [number | null, number | null]): string =>
  without === null || withIt === null ? '\u2013' : `${duration(without)} \u2192 ${duration(withIt)}`;

/** The report of `bench advise`. */
export function adviceReport(advice: Advice): PlainReport {
  const measured = advice.options.filter((option) => option.state === 'measured');
  return {
    title: `What could be saved: ${advice.profile}`,
    subtitle: `${advice.engine}, ${counted(advice.blocks.starts, 'block')} of starts and ${advice.blocks.calls} of calls. Each option against the profile with the host's architectures; results in ${advice.results.starts} and ${advice.results.calls}.`,
    findings: [],
    warnings: advice.warnings,
    charts: measured.length === 0 ? [] : [chartOf(measured)],
    tables: [startsTable(measured), callsTable(measured), securityTable(advice.options), ...orderTable(advice)],
    method: [
      'Starts: one container of every arm per block, in an order shuffled from the seed, by the built-in engine unless another is named: building the filter with libseccomp, namespaces, loading and the payload are all in the time.',
      "The estimate is the main job's: paired log ratios against two arms of the profile as it is, trimmed means, t interval.",
      'Calls: as bench percall prices them, against the profile as it is.',
    ],
  };
}

function startsTable(measured: readonly Measured[]): Table {
  return {
    title: 'At a start',
    columns: [
      left('Option'),
      right('CPU time [95 %]'),
      right('median CPU'),
      right('Wall time [95 %]'),
      right('median wall'),
      left('Filter'),
    ],
    rows: measured.map((one) => [
      OPTION_WORDS[one.option],
      estimateText(one.cpu),
      startWords(one.startNs.cpu),
      estimateText(one.wall),
      startWords(one.startNs.wall),
      lengthWords(one),
    ]),
  };
}

function callsTable(measured: readonly Measured[]): Table {
  return {
    title: 'Per call',
    columns: [left('Option'), left('Call'), left('Kind'), right('ns as it is'), right('Change [95 %]')],
    rows: measured.flatMap((one) =>
      one.calls.length === 0
        ? [[OPTION_WORDS[one.option], '\u2013', '\u2013', '\u2013', 'the loaded filter is the same']]
        : one.calls.map(({ call, kind, ns, change }) => [
            OPTION_WORDS[one.option],
            call,
            kind,
            ns.toFixed(1),
            estimateText(change),
          ]),
    ),
  };
}

const securityTable = (options: readonly OptionResult[]): Table => ({
  title: 'Security, and what was not measured',
  columns: [left('Option'), left('What it means'), left('Not measured because')],
  rows: options.map((one) => [
    OPTION_WORDS[one.option],
    one.security,
    one.state === 'measured' ? '\u2013' : one.reason,
  ]),
});

function orderTable({ counts }: Advice): readonly Table[] {
  if (counts === null) return [];
  return [
    {
      title: 'Order of rules',
      columns: [right('Place'), left('Call')],
      rows: counts.first.map((name, index) => [String(index + 1), name]),
      folded: true,
      note: `By the counts of ${counts.from}; calls that the kernel has cached come last, since they never reach the filter.`,
    },
  ];
}

function chartOf(measured: readonly Measured[]): RowsSpec {
  const rows = measured.map((one) => {
    const effect = one.cpu === null ? null : effectOf(one.cpu);
    return {
      label: OPTION_WORDS[one.option],
      text: estimateText(one.cpu),
      role: 'compared' as const,
      value: effect?.percent ?? null,
      low: effect?.low ?? null,
      high: effect?.high ?? null,
      marks: [],
    };
  });
  return {
    kind: 'rows',
    id: 'advise',
    title: 'Change of CPU time at a start',
    subtitle:
      "Each option against the profile with the host's architectures (the first: against all of them), with 95 % intervals. Negative is less.",
    axisTitle: 'change of CPU time, %',
    axis: dotAxis([0, ...rows.flatMap(({ value, low, high }) => [value ?? 0, low ?? 0, high ?? 0])]),
    broken: false,
    noEffect: { margin: [-1, 1] },
    rows,
  };
}
