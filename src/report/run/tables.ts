import type { AnalysedRun, Analysis, ArmSummary, Comparison, Estimate } from '../../model/analysis/analysis.js';
import type { Description } from '../../model/analysis/description.js';
import {
  architectureWords,
  cacheWords,
  formSentences,
  evidenceNote,
  instructionsShort,
  leftOutWords,
  loadedWords,
  podWords,
  modeWords,
  predictedWords,
  probeWords,
} from './evidence.js';
import { emulationOfHost } from '../../model/run/emulation.js';
import { referenceOf } from '../../model/run/scenario.js';
import { isCommand } from '../../model/filter/instructions.js';
import {
  DASH,
  deservedText,
  effectDecimals,
  effectOf,
  estimateText,
  formatCount,
  marginText,
  percentOf,
  plain,
  pText,
  signed,
  threeDigits,
  timeOrDash,
} from '../text/format.js';
import { verdictSentence } from '../words/verdict.js';
import { publishedChartPercent, publishedFor, publishedPercent } from './published.js';
import type { PublishedCase } from './published.js';
import { metricWords } from '../words/names.js';
import { otherByFamily, rolesOf, tellingOf, totalWords, verdictWords } from '../words/run.js';

/** A table of finished texts, for HTML and Markdown alike. */
export interface Table {
  readonly title: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly string[])[];
  /** On a page, where the last cell of each row leads to. */
  readonly links?: readonly (string | null)[];
  /** What a reader needs to know with it. */
  readonly note?: string;
  /** A page shows its title alone until it is opened. */
  readonly folded?: boolean;
}

export interface Column {
  readonly head: string;
  readonly align: 'left' | 'right';
}

/** A column of words. */
export const left = (head: string): Column => ({ head, align: 'left' });
/** A column of numbers. */
export const right = (head: string): Column => ({ head, align: 'right' });

/** The effect of every arm in every metric, then the A/A check. */
export function effectsTable(analysed: AnalysedRun): Table {
  const { analysis, run } = analysed;
  const kind = run.plan.scenario.kind;
  const { baseline, control } = rolesOf(analysed);
  // A metric that nothing can be said of is told of below the table, once for all arms.
  const hasFigures = ({ estimate }: Pick<Comparison, 'estimate'>): boolean =>
    estimate !== null || analysis.blocksComplete === 0;
  const compared = analysis.comparisons.filter(hasFigures).map((comparison) => comparisonRow(comparison, analysed));
  const checks = analysis.controls
    .filter(hasFigures)
    .map(({ metric, estimate, state }) => [
      `${control ?? 'control'} / ${baseline}`,
      metricWords(metric, kind),
      estimateText(estimate),
      estimate === null ? DASH : pText(estimate.p),
      DASH,
      estimate === null ? DASH : meanText(estimate),
      formatCount(estimate?.blocks ?? 0),
      `A/A check: ${state}`,
    ]);
  return {
    title: 'Effects',
    columns: [
      left('Arms'),
      left('Metric'),
      right('Change [95 % interval]'),
      right('Test'),
      right('Holm'),
      right('Mean of logs'),
      right('Blocks'),
      left('Verdict'),
    ],
    rows: [...compared, ...checks],
    note: [
      `Negative is faster, or less. Equivalent means: the 90 % interval lies within ${marginText(analysis.margin)}.`,
      ...familyNote(analysis),
      ...notComparable(analysed),
    ].join(' '),
  };
}

function familyNote({ comparisons }: Analysis): readonly string[] {
  const rows = comparisons.find(({ family }) => family !== null)?.family?.rows ?? 0;
  return rows < 2 ? [] : [`Holm: p adjusted for the ${rows} tests in this report.`];
}

/** Why a metric has no figures although blocks are complete, once for all arms. */
function notComparable(analysed: AnalysedRun): readonly string[] {
  const { blocksComplete, comparisons } = analysed.analysis;
  if (blocksComplete === 0) return [];
  const telling = tellingOf(analysed);
  const without = comparisons.filter(({ estimate }) => estimate === null);
  return [...new Set(without.map((comparison) => verdictSentence(comparison, telling)))];
}

function comparisonRow(comparison: Comparison, { run, analysis: { margin } }: AnalysedRun): readonly string[] {
  const { arm, baseline, metric, estimate, family } = comparison;
  const together = otherByFamily(comparison);
  const own = verdictWords(comparison, margin);
  return [
    `${arm} / ${baseline}`,
    metricWords(metric, run.plan.scenario.kind),
    estimateText(estimate),
    estimate === null ? DASH : pText(estimate.p),
    family === null ? DASH : pText(family.p),
    estimate === null ? DASH : meanText(estimate),
    formatCount(estimate?.blocks ?? 0),
    together === null ? own : `${own}; Holm: ${verdictWords({ metric, verdict: together }, margin)}`,
  ];
}

/** With the decimals of the estimate, which it is compared with. */
const meanText = (estimate: Estimate): string =>
  `${signed(percentOf(estimate.meanLogRatio), effectDecimals(effectOf(estimate)))} %${
    estimate.tailDiffers ? ' (tails differ)' : ''
  }`;

/** Counts, medians and totals of every arm. */
export function armsTable(analysed: AnalysedRun): Table {
  const parallel = analysed.run.plan.scenario.kind === 'parallel';
  const lost = analysed.analysis.arms.some(({ failed, notRun }) => failed > 0 || notRun > 0);
  return {
    title: 'Arms',
    columns: [
      left('Arm'),
      right('OK / planned'),
      ...(lost ? [right('Failed'), right('Not run')] : []),
      right(parallel ? 'Median makespan' : 'Median wall'),
      right('Median CPU'),
      ...(parallel ? [right('Median latency')] : []),
      right('90th percentile'),
      right('Outliers'),
      right('Total [95 %], s'),
      right('Filter instructions'),
    ],
    rows: analysed.analysis.arms.map((arm) => armRow(analysed, arm, { parallel, lost })),
    note: `Total: ${totalWords(analysed)}. Outliers (beyond 3 interquartile ranges) are counted here and never \
removed.`,
  };
}

/** Which columns there are: of batches, of containers without a time. */
interface ArmColumns {
  readonly parallel: boolean;
  readonly lost: boolean;
}

function armRow({ run }: AnalysedRun, arm: ArmSummary, { parallel, lost }: ArmColumns): readonly string[] {
  const evidence = run.evidence.find((one) => one.arm === arm.arm);
  return [
    arm.arm,
    `${formatCount(arm.ok)} / ${formatCount(arm.planned)}`,
    ...(lost ? [formatCount(arm.failed), formatCount(arm.notRun)] : []),
    median(arm.wall),
    median(arm.cpu),
    ...(parallel ? [median(arm.latency)] : []),
    timeOrDash(arm.wall?.p90),
    formatCount(arm.wall?.outliers ?? 0),
    totalText(arm),
    instructionsShort(evidence),
  ];
}

const median = (description: Description | null): string => timeOrDash(description?.median);

/** The seconds of an arm with their interval, where there is one: `9.00 [8.85, 9.16]`. */
export function totalText({ totalSeconds: value, totalSecondsLow: low, totalSecondsHigh: high }: ArmSummary): string {
  if (value === null) return DASH;
  return low === null || high === null ? threeDigits(value) : deservedText({ value, low, high }, 3);
}

/**
 * The proof that each arm ran with the filter it is named after; `null` where no evidence was recorded, or the arms are
 * commands.
 */
export function evidenceTable({ run }: AnalysedRun): Table | null {
  const proved = run.evidence.filter((evidence) => !isCommand(evidence));
  if (proved.length === 0) return null;
  const hasCache = proved.some(({ cache }) => cache !== undefined);
  const hasPods = proved.some(({ pod }) => pod !== undefined);
  return {
    title: 'Proof of treatment',
    columns: [
      left('Arm'),
      left('Policy'),
      left('Architectures in the spec'),
      right('Spec bytes'),
      left('Filter loaded: instructions (SHA-256)'),
      ...(hasPods ? [left('Filter of the pod')] : []),
      left('Filter predicted'),
      left('Mode inside'),
      left('32-bit program'),
      left('Left out'),
      ...(hasCache ? [left('Compiled filter')] : []),
    ],
    rows: proved.map((evidence) => [
      evidence.arm,
      evidence.policy,
      architectureWords(evidence),
      formatCount(evidence.specBytes),
      loadedWords(evidence),
      ...(hasPods ? [podWords(evidence)] : []),
      predictedWords(evidence),
      modeWords(evidence),
      probeWords(evidence.probe32),
      leftOutWords(evidence),
      ...(hasCache ? [cacheWords(evidence)] : []),
    ]),
    note: [evidenceNote(hasCache), ...formSentences(proved)].join(' '),
  };
}

/** The published case and the same quantity measured here; `null` where none fits. */
export function publishedTable(analysed: AnalysedRun): Table | null {
  const published = publishedFor(analysed.run.plan.scenario);
  if (published === undefined) return null;
  const { compared } = rolesOf(analysed);
  const { arms } = analysed.run.plan.scenario;
  const total = (name: string | undefined): number | null =>
    analysed.analysis.arms.find((arm) => arm.arm === name)?.totalSeconds ?? null;
  const before = (name: string): number | null => total(referenceOf(arms, name)?.baseline);
  return {
    title: 'Published and measured',
    columns: [left('Source'), right('Containers'), right('Before, s'), right('After, s'), right('Change of total')],
    rows: [
      [
        'published',
        formatCount(published.containers),
        plain(published.beforeSeconds, 3),
        plain(published.afterSeconds, 3),
        `${signed(publishedPercent(published), 2)} %`,
      ],
      ...chartRow(published),
      ...compared.map((name) => measuredRow(analysed, name, before(name), total(name))),
    ],
    note:
      'The change of the total is a simple quotient, as published; Effects has the paired estimate with its ' +
      'interval.',
  };
}

/** The chart's own figures, where they differ from the text. */
function chartRow(published: PublishedCase): readonly (readonly string[])[] {
  if (published.chartBeforeSeconds === published.beforeSeconds) return [];
  return [
    [
      'published, in its chart',
      formatCount(published.containers),
      plain(published.chartBeforeSeconds, 3),
      plain(published.afterSeconds, 3),
      `${signed(publishedChartPercent(published), 2)} %`,
    ],
  ];
}

function measuredRow(
  { run, analysis }: AnalysedRun,
  name: string,
  before: number | null,
  after: number | null,
): readonly string[] {
  const scenario = run.plan.scenario;
  const containers = scenario.kind === 'sequential' ? (analysis.soloBlocks ?? analysis.blocksComplete) : scenario.count;
  const change = before === null || after === null ? DASH : `${signed(100 * (after / before - 1), 2)} %`;
  return [
    `measured${emulationOfHost(run.host) === null ? '' : ' under emulation'}, ${name}`,
    formatCount(containers),
    before === null ? DASH : threeDigits(before),
    after === null ? DASH : threeDigits(after),
    change,
  ];
}
