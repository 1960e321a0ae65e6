import { hasKnownLength } from '../../model/results/percall/percall.js';
import type { CallPrice, PercallAnalysis } from '../../model/analysis/percall-analysis.js';
import type { Located } from '../../model/results/percall/percall.js';
import { dotAxis } from '../charts/axis.js';
import { numbersOf } from '../charts/numbers.js';
import { pictureOf, type Picture } from '../charts/picture.js';
import type { ScatterPoint, ScatterSpec } from '../charts/spec.js';
import { loadedWords, modeWords } from '../run/evidence.js';
import { counted, DASH, deservedText, estimateText, marginText, formatCount, plain, pText } from '../text/format.js';
import { findingSentence, noFitWords, percallWarningsOf } from '../words/cost/percall.js';
import type { PlainReport } from '../plain-report.js';
import { PUBLISHED_CALL_PRICES, PUBLISHED_CALLS_NOTE } from '../calls/published-calls.js';
import { notesTable } from '../run/notes.js';
import { hostRows } from '../run/host-table.js';
import { left, right } from '../run/tables.js';
import type { Table } from '../run/tables.js';
import { engineWords } from '../words/run.js';
import { actionAnswers, actionTable } from './actions.js';
import { methodOf, speculationWords } from './words.js';

/** The report of a run that prices calls. */
export function percallReport(analysis: PercallAnalysis): PlainReport {
  const {
    run: { plan },
  } = analysis;
  return {
    title: plan.scenario?.title ?? 'Price per system call',
    subtitle: `${engineWords(plan.engine)}, ${formatCount(analysis.blocks)} of ${counted(plan.blocks, 'block')} \
complete, \
each of ${counted(plan.arms.length, 'container')} with ${plan.rounds} rounds of ${counted(plan.loops, 'call')}; seed \
${plan.seed}. ${counted(analysis.failed, 'container')} failed.`,
    answers: analysis.actions === undefined ? [] : actionAnswers(analysis.actions),
    findings: analysis.findings.map((finding) => ({ state: finding.state, sentence: findingSentence(finding) })),
    warnings: percallWarningsOf(analysis),
    pictures: [priceOf(analysis)],
    tables: [
      ...actionTables(analysis),
      ...plan.calls.map(({ name }) => callTable(name, analysis)),
      ...fitTable(analysis),
      publishedTable(),
      controlTable(analysis),
      armsTable(analysis),
      ...notesOf(analysis),
      ...failuresTable(analysis),
      hostTableOf(analysis),
    ],
    method: methodOf(analysis),
  };
}

/** `118.2 [117.9, 118.6]` */
export function locatedText(located: Located, most = 2, without = 1): string {
  const { value } = located;
  if (Number.isNaN(value)) return DASH;
  return hasInterval(located) ? deservedText(located, most) : `${plain(value, without)} (no 95 % interval)`;
}

/** `0.430 ns per instruction [0.412, 0.448]` */
const slopeText = (slope: Located): string => locatedText(slope, 3, 3).replace(/ (?=[[(])/, ' ns per instruction ');

export const hasInterval = ({ low, high }: Located): boolean => Number.isFinite(low) && Number.isFinite(high);

/** `cached`, or how many instructions are executed. */
export const workText = ({ cached, instructions, from }: CallPrice): string =>
  from === 'none' ? DASH : cached ? 'cached' : instructions === null ? 'unknown' : formatCount(instructions);

function callTable(name: string, { prices, margin, run: { plan } }: PercallAnalysis): Table {
  const rows = prices.filter(({ call }) => call === name);
  const call = plan.calls.find((one) => one.name === name);
  return {
    title: `${name}(${(call?.args ?? []).join(', ')}), number ${call?.nr ?? '?'}`,
    columns: [
      left('Arm'),
      left('Answer'),
      right('Instructions'),
      right('ns per call [95 %]'),
      right('ns more [95 %]'),
      right('Against no filter [95 %]'),
    ],
    ...(rows.some(({ reference }) => reference !== name)
      ? {
          note: 'Denied calls do no work, so they are compared with "unknown", a call that does not exist.',
        }
      : {}),
    rows: rows.map((price) => [
      price.arm,
      price.from === 'none' ? 'no filter' : price.action,
      workText(price),
      locatedText(price.ns),
      price.ratio === null ? DASH : locatedText(price.added),
      ratioText(price, margin),
    ]),
  };
}

/** `+0.3 % [\u22120.1, +0.7], equivalent within \u00b11 %` */
const ratioText = ({ ratio }: CallPrice, margin: number): string =>
  ratio?.equivalent === true ? `${estimateText(ratio)}, equivalent within ${marginText(margin)}` : estimateText(ratio);

const actionTables = ({ actions, run: { host } }: PercallAnalysis): readonly Table[] =>
  actions === undefined ? [] : [actionTable(actions, host.kernel)];

function fitTable({ fit, noFit }: PercallAnalysis): readonly Table[] {
  if (fit === null)
    return [
      {
        title: 'Cost of an instruction',
        columns: [left('Fitted line'), right('Value [95 %]')],
        rows: [['No line', DASH]],
        note: `Unknown, because ${noFitWords(noFit) ?? 'no line was fitted'}.`,
      },
    ];
  return [
    {
      title: 'Cost of an instruction',
      columns: [left('Fitted line'), right('Value [95 %]')],
      rows: [
        ['ns per executed instruction', locatedText(fit.nsPerInstruction, 3)],
        ['ns to enter a filter (at 0 instructions)', locatedText(fit.entryNs)],
      ],
      note: `A straight line through ${counted(fit.points, 'point')} (one per arm and call that runs a filter) in \
every \
block; the \
interval comes from the lines of the blocks. Cached calls are not included.`,
    },
  ];
}

function publishedTable(): Table {
  const cell = (ns: number, native: number): string => `${ns} (x ${(ns / native).toFixed(2)})`;
  return {
    title: 'Published: getpid under stacked filters, ns',
    columns: [
      left('Source'),
      right('No filter'),
      right('1, bitmap'),
      right('2, bitmap'),
      right('3, run in full'),
      right('4, run in full'),
    ],
    rows: PUBLISHED_CALL_PRICES.map(({ source, native, oneBitmap, twoBitmap, threeFull, fourFull }) => [
      source,
      String(native),
      ...[oneBitmap, twoBitmap, threeFull, fourFull].map((ns) => cell(ns, native)),
    ]),
    note: PUBLISHED_CALLS_NOTE,
  };
}

function notesOf({ run }: PercallAnalysis): readonly Table[] {
  const table = notesTable(run.evidence);
  return table === null ? [] : [table];
}

function controlTable({ controls }: PercallAnalysis): Table {
  return {
    title: 'A/A check: two equal arms without a filter',
    columns: [left('Call'), right('Difference [95 %]'), right('p'), left('State')],
    rows: controls.map(({ call, estimate, state }) => [call, estimateText(estimate), pText(estimate.p), state]),
  };
}

function armsTable({ run }: PercallAnalysis): Table {
  const rows = run.evidence.map((evidence) => {
    const sample = run.samples.find((one) => one.state === 'ok' && one.arm === evidence.arm);
    return [
      evidence.arm,
      loadedWords(evidence),
      modeWords(evidence),
      sample?.state === 'ok' ? speculationWords(sample.speculation) : DASH,
    ];
  });
  return {
    title: 'Proof of treatment',
    columns: [
      left('Arm'),
      left('Filters loaded: instructions (SHA-256)'),
      left('seccomp mode inside'),
      left('Speculation: store bypass, indirect branches'),
    ],
    rows,
  };
}

function failuresTable(analysis: PercallAnalysis): readonly Table[] {
  const failures = [...analysis.failures, ...(analysis.actions?.failures ?? [])];
  if (failures.length === 0) return [];
  return [
    {
      title: 'Failures',
      columns: [left('Arm'), right('Containers'), left('Cause')],
      rows: failures.map(({ arm, count, cause }) => [arm, formatCount(count), cause]),
    },
  ];
}

function hostTableOf({ run: { plan, host } }: PercallAnalysis): Table {
  const rows = [
    ['Started', plan.startedAt],
    ['Command', `bench ${plan.command.join(' ')}`],
    ['Profile', plan.profile ?? 'built-in default'],
    ['Pinned', plan.pinnedCpu === null ? 'no' : `to CPU ${plan.pinnedCpu}`],
    ...hostRows(host),
  ];
  return { title: 'Host and run', columns: [left('What'), left('Value')], rows, folded: true };
}

const priceOf = (analysis: PercallAnalysis): Picture => {
  const spec = scatterOf(analysis);
  return pictureOf('price', spec, { sentence: priceSentence(analysis), numbers: numbersOf(spec) });
};

const priceSentence = ({ fit, noFit }: PercallAnalysis): string =>
  fit === null
    ? `No line was fitted: ${noFitWords(noFit) ?? 'too few points'}.`
    : `Each executed instruction adds ${locatedText(fit.nsPerInstruction, 3)} ns, and entering a filter \
${locatedText(fit.entryNs)} ns.`;

/**
 * ns more than without a filter over the instructions executed, with the fitted line; cached calls are hollow, at the
 * instructions that the kernel does not execute for them.
 */
function scatterOf({ prices, fit, doubted, run: { plan } }: PercallAnalysis): ScatterSpec {
  const filtered = prices.filter(({ arm, ratio, from }) => ratio !== null && from !== 'none' && !doubted.includes(arm));
  const all = scatterGroups(
    filtered,
    plan.calls.map(({ name }) => name),
  );
  const heights = all.flatMap((group) => group.points.flatMap(({ y, low, high }) => [y, low ?? y, high ?? y]));
  return {
    kind: 'scatter',
    id: 'percall',
    title: 'What a filter adds to a system call',
    subtitle: `${engineWords(plan.engine)}; ns more than the same call without a filter, ${
      filtered.some(({ added }) => hasInterval(added)) ? 'with 95 % intervals' : 'too few blocks for 95 % intervals'
    }. Hollow: cached by the kernel, which executes none of those instructions.`,
    xTitle: 'instructions of the filter on the way to the answer (simulated)',
    yTitle: 'ns more per call',
    xAxis: dotAxis([0, ...all.flatMap((group) => group.points.map(({ x }) => x))]),
    yAxis: dotAxis([0, ...heights]),
    groups: all,
    line:
      fit === null
        ? null
        : {
            label: slopeText(fit.nsPerInstruction),
            intercept: fit.entryNs.value,
            slope: fit.nsPerInstruction.value,
          },
  };
}

/** Calls that run a filter by name, then all cached ones together. */
function scatterGroups(prices: readonly CallPrice[], calls: readonly string[]): ScatterSpec['groups'] {
  const filtered = prices.filter(hasKnownLength);
  const cached = filtered.filter((price) => price.cached);
  const cachedNames = [...new Set(cached.map(({ call }) => call))];
  return [
    ...calls.map((name) => ({
      label: name,
      apart: false,
      points: filtered.filter((price) => price.call === name && !price.cached).map(scatterPoint),
    })),
    { label: `cached: ${cachedNames.join(', ')}`, apart: true, points: cached.map(scatterPoint) },
  ].filter(({ points }) => points.length > 0);
}

const scatterPoint = ({ instructions, added }: CallPrice & { readonly instructions: number }): ScatterPoint => ({
  x: instructions,
  y: added.value,
  low: Number.isFinite(added.low) ? added.low : null,
  high: Number.isFinite(added.high) ? added.high : null,
});
