import type { AnalysedRun, SpanDifference, StageComparison } from '../../model/analysis/analysis.js';
import type { Stage } from '../../model/container/stages.js';
import type { InProcessTimes } from '../../model/run/evidence.js';
import { dotAxis } from '../charts/axis.js';
import { unitOf } from '../../model/run/scenario.js';
import type { Row, RowsSpec, Tone } from '../charts/spec.js';
import { DASH, deservedDecimals, plain, signed, threeDigits } from '../text/format.js';
import { stageSentences, stagesOf } from '../words/stages.js';
import type { StagesOf } from '../words/stages.js';
import { left, right, type Table } from './tables.js';
import { runSubtitle } from '../words/run.js';

/** Each stage in a narrow cell. */
const STAGE_WORDS: Readonly<Record<Stage, string>> = {
  convert: 'convert the profile',
  write: 'serialise and write',
  sandbox: 'pod sandbox',
  create: 'create',
  start: 'start to first instruction',
  exit: 'run until exit seen',
  remove: 'remove',
};

/** Of an exec. */
const EXEC_STAGE_WORDS: Readonly<Record<Stage, string>> = {
  ...STAGE_WORDS,
  create: 'create the exec',
  start: 'start and run',
  exit: 'until its end is told',
};

/** Of an exec by one command of a runtime, told apart at the first instruction. */
const COMMAND_STAGE_WORDS: Readonly<Record<Stage, string>> = {
  ...STAGE_WORDS,
  exit: 'run until the runtime has ended',
};

const WORDS: Readonly<Record<StagesOf, Readonly<Record<Stage, string>>>> = {
  start: STAGE_WORDS,
  daemonExec: EXEC_STAGE_WORDS,
  runtimeExec: COMMAND_STAGE_WORDS,
};

const wordsIn = ({ run, analysis }: AnalysedRun): Readonly<Record<Stage, string>> =>
  WORDS[stagesOf(unitOf(run.plan.scenario), analysis.stages)];

const ms = (ns: number): number => ns / 1e6;

/** `−46.8 [−47.1, −46.5]`, in ms. */
function differenceText({ differenceNs, lowNs, highNs }: SpanDifference): string {
  if (!Number.isFinite(lowNs) || !Number.isFinite(highNs)) return `${signed(ms(differenceNs), 2)} (no 95 % interval)`;
  const decimals = deservedDecimals(ms(highNs - lowNs) / 2, 3);
  const [difference, low, high] = [differenceNs, lowNs, highNs].map((ns) => signed(ms(ns), decimals));
  return `${difference} [${low}, ${high}]`;
}

/** Where each arm's difference lies, stage by stage; `null` where stages were not recorded. */
export function stagesTable(analysed: AnalysedRun): Table | null {
  const { stages } = analysed.analysis;
  const unit = unitOf(analysed.run.plan.scenario);
  const words = wordsIn(analysed);
  if (stages.length === 0) return null;
  const rows = stages.flatMap((comparison) => [
    ...comparison.stages.map(({ stage, share, ...span }) => [
      `${comparison.arm} / ${comparison.baseline}`,
      words[stage],
      ...spanCells(span),
      share === null ? DASH : `${plain(100 * share, 1)} %`,
    ]),
    [
      `${comparison.arm} / ${comparison.baseline}`,
      'total',
      ...spanCells(comparison.total),
      comparison.total.differenceNs === 0 ? DASH : '100.0 %',
    ],
  ]);
  return {
    title: 'Where the time goes',
    columns: [
      left('Arms'),
      left('Stage'),
      right('Baseline, ms'),
      right('Arm, ms'),
      right('Difference, ms [95 % interval]'),
      right('Share'),
    ],
    rows,
    note: `${stageSentences(analysed).join(' ')} These are means of paired differences, which add \
up; the verdicts use trimmed means of ratios.${
      unit === 'exec' ? '' : ' A start in stages takes longer than a start in a single command.'
    }`,
  };
}

/** Both times have the decimals of their difference, so that a reader can subtract them. */
function spanCells(span: SpanDifference): readonly string[] {
  const half = ms(span.highNs - span.lowNs) / 2;
  const text = (ns: number): string =>
    Number.isFinite(half) ? plain(ms(ns), deservedDecimals(half, 3)) : threeDigits(ms(ns));
  return [text(span.baselineNs), text(span.armNs), differenceText(span)];
}

/** `null` where it is not known how the runtime builds filters. */
const totalOf = ({ convertNs, serialiseNs, buildNs, loadNs }: InProcessTimes): number | null =>
  buildNs === null || loadNs === null ? null : convertNs + serialiseNs + buildNs + loadNs;

/** What of the work belongs to an exec. */
const EXEC_PARTS =
  ' An exec converts and serialises nothing, and builds a filter only where the runtime was seen to build it.';

/** The cost of the same work in bench's own process, per arm; `null` where it was not timed. */
export function inProcessTable({ run: { evidence, plan } }: AnalysedRun): Table | null {
  const rows = evidence.flatMap(({ arm, inProcess }) => {
    if (inProcess === undefined) return [];
    const { convertNs, serialiseNs, buildNs, loadNs } = inProcess;
    return [
      [
        arm,
        ...[convertNs, serialiseNs, buildNs, loadNs, totalOf(inProcess)].map((ns) =>
          ns === null ? 'unknown' : threeDigits(ms(ns)),
        ),
      ],
    ];
  });
  if (rows.length === 0) return null;
  return {
    title: 'The same work in one process',
    columns: [
      left('Arm'),
      right('Convert, ms'),
      right('Serialise, ms'),
      right('Build filter, ms'),
      right('Load, ms'),
      right('Total, ms'),
    ],
    rows,
    note:
      'Medians of 15 calls, before the containers: libseccomp builds the filter and the kernel loads it on a thread ' +
      `that then ends. bench attach splits what the kernel takes to load it.${
        unitOf(plan.scenario) === 'exec' ? EXEC_PARTS : ''
      }`,
  };
}

/**
 * The differences of one comparison as a waterfall: each stage begins where the one before it ended, the last row is
 * the whole.
 */
export function stagesRows(
  analysed: AnalysedRun,
  { arm, baseline, stages, total }: StageComparison,
  id: string,
): RowsSpec {
  const words = wordsIn(analysed);
  let end = 0;
  const rows = stages.map(({ stage, ...span }) => {
    const from = end;
    end += ms(span.differenceNs);
    return rowOf(words[stage], span, from, 'compared');
  });
  const all = [...rows, rowOf('total', total, 0, 'baseline')];
  return {
    kind: 'rows',
    id,
    title: `Where the time goes: ${arm} against ${baseline}`,
    rows: all,
    noEffect: { margin: [0, 0] },
    isWaterfall: true,
    axis: dotAxis([0, ...all.flatMap(({ value, low, high }) => [value, low, high]).filter((one) => one !== null)]),
    subtitle: `${runSubtitle(analysed)}. Bars: mean difference of each stage, starting where the one above ends. \
Lines: 95 % interval; green less, red more, brown within chance.`,
    axisTitle: 'difference in ms (to the left is faster)',
  };
}

/** By the interval of the stage. */
function toneOf({ lowNs, highNs }: SpanDifference): Tone {
  if (highNs < 0) return 'faster';
  return lowNs > 0 ? 'slower' : 'open';
}

function rowOf(label: string, span: SpanDifference, from: number, role: Row['role']): Row {
  const bound = (ns: number): number | null => (Number.isFinite(ns) ? from + ms(ns) : null);
  return {
    label,
    role,
    text: `${differenceText(span)} ms`,
    value: from + ms(span.differenceNs),
    low: bound(span.lowNs),
    high: bound(span.highNs),
    ...(role === 'compared' ? { tone: toneOf(span) } : {}),
    marks: [],
    from,
  };
}
