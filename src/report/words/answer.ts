import type { AddedTime, AnalysedRun, ArmSummary, Comparison, Estimate } from '../../model/analysis/analysis.js';
import { countedThing, timedThing, unitOf } from '../../model/run/scenario.js';
import {
  amountText,
  ARROW,
  counted,
  deservedText,
  effectOf,
  estimateText,
  formatPercent,
  pText,
  sentenceCase,
  threeDigitDecimals,
} from '../text/format.js';
import { aThing, metricShort, metricWords } from './names.js';
import { rolesOf, tellingOf } from './run.js';
import { verdictParts } from './verdict.js';

/** From this ratio on "3.8 times" says more than a percentage. */
const TIMES_FROM = 1.5;
/** The rate of starts at which a saving is told. */
const STARTS_PER_HOUR = 1000;

/** The answer of a comparison as a person says it. */
export interface Answer {
  /** Whole sentences: how much faster, from what to what, what it saves. */
  readonly answer: string;
  /** What it rests on, in one line. */
  readonly rests: string;
  /** What to do next; empty where nothing has to be done. */
  readonly next: string;
}

/**
 * How the deciding comparison is told: `after starts 3.8 times as fast as before: 63.7 → 16.8 ms CPU, 46.8 ms saved
 * per start [46.5, 47.1]; at 1,000 starts an hour 47 s of CPU.` Where nothing was decided, the claim alone with its
 * figures. `remarks` follow what is said first.
 */
export function answerOf(comparison: Comparison, analysed: AnalysedRun, claim: string, remarks: string): Answer {
  const { verdict } = comparison;
  const figures = verdict === 'invalid' || verdict === 'functional' ? '' : figuresOf(comparison, analysed);
  const saying =
    verdict === 'faster' || verdict === 'slower' ? `${comparedWords(comparison, analysed)}${remarks}` : claim;
  return {
    answer: `${saying}${figures === '' ? '' : `: ${figures}`}.`,
    rests: restsOn(comparison, analysed),
    next: sentenceCase(verdictParts(comparison, tellingOf(analysed)).next),
  };
}

function comparedWords({ arm, baseline, estimate, metric, verdict }: Comparison, { run }: AnalysedRun): string {
  const { scenario } = run.plan;
  const { kind } = scenario;
  if (estimate === null) return `${arm} is ${verdict} than ${baseline}`;
  const thing = timedThing(scenario);
  const factor = Math.exp(Math.abs(estimate.logRatio));
  const name = metricWords(metric, kind);
  if (factor < TIMES_FROM)
    return `${arm} takes ${sizeText(estimate)} ${verdict === 'faster' ? 'less' : 'more'} ${name} than ${baseline}`;
  if (verdict === 'faster' && (thing === 'exec' || thing === 'request'))
    return `${aThing(thing)} under ${arm} is ${timesText(factor)} times as fast as under ${baseline}`;
  return verdict === 'faster'
    ? `${arm} ${thing}s ${timesText(factor)} times as fast as ${baseline}`
    : `${arm} takes ${timesText(factor)} times as much ${name} as ${baseline}`;
}

/** Two digits at least: `3.8`, `12`. */
const timesText = (factor: number): string => factor.toFixed(factor < 9.95 ? 1 : 0);

/** `2.1 %`, with the decimals of its interval and without a sign. */
const sizeText = (estimate: Estimate): string => estimateText(estimate).replace(/^[+\u2212]| [[(].*$/g, '');

/** Medians before and after, what is saved, and that at a rate of starts. */
function figuresOf(comparison: Comparison, analysed: AnalysedRun): string {
  const { arm, metric, verdict } = comparison;
  const added = analysed.analysis.added.find((one) => one.arm === arm && one.metric === metric);
  const isDecided = verdict === 'faster' || verdict === 'slower';
  const medians = mediansText(comparison, analysed.analysis.arms, analysed);
  const shown = [
    ...(medians === '' ? [] : [medians]),
    ...(isDecided && added !== undefined ? [addedText(added, analysed)] : [estimateText(comparison.estimate)]),
  ].join(', ');
  return isDecided && added !== undefined && agrees(added, comparison) ? `${shown}${rateText(added, analysed)}` : shown;
}

/** Differences of times and of their logarithms can point to two sides where the tails of the arms differ. */
const agrees = ({ ns }: AddedTime, { verdict }: Comparison): boolean => ns < 0 === (verdict === 'faster');

/** `63.7 → 16.8 ms CPU`: medians, in one unit, with three digits. */
function mediansText(
  { arm, baseline, metric }: Comparison,
  arms: readonly ArmSummary[],
  { run: { plan } }: AnalysedRun,
): string {
  if (metric !== 'cpu' && metric !== 'wall') return '';
  const count = plan.scenario.kind === 'parallel' && metric === 'cpu' ? plan.scenario.count : 1;
  const [before, after] = [baseline, arm].map((name) => arms.find((one) => one.arm === name)?.[metric]?.median);
  if (before === undefined || after === undefined) return '';
  const most = Math.max(before, after) / count;
  const [divisor, unit] =
    most < 1e9 ? (most < 1e5 ? ([1e3, 'µs'] as const) : ([1e6, 'ms'] as const)) : ([1e9, 's'] as const);
  // As many decimals as the larger one deserves: the smaller would look more exact.
  const decimals = threeDigitDecimals(Math.max(before, after) / count / divisor);
  const text = (ns: number): string => grouped(ns / count / divisor, decimals);
  return `${text(before)} ${ARROW} ${text(after)} ${unit} ${metricShort(metric, plan.scenario.kind)}`;
}

const grouped = (value: number, decimals: number): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });

/** `46.8 ms saved per start [46.5, 47.1]`, or `more`. */
function addedText(added: AddedTime, { run: { plan } }: AnalysedRun): string {
  const saved = added.ns < 0;
  const sign = saved ? -1 : 1;
  const bounds = [added.low, added.high].map((bound) => (bound === null ? null : sign * bound)).sort(ascending);
  const amount = { ns: Math.abs(added.ns), low: bounds[0] ?? null, high: bounds[1] ?? null };
  const what = added.perContainer ? timedThing(plan.scenario) : `batch of ${plan.scenario.count}`;
  return amountText(amount, 3).replace(/^(\S+ \S+)/, `$1 ${saved ? 'saved' : 'more'} per ${what}`);
}

const ascending = (a: number | null, b: number | null): number => (a ?? 0) - (b ?? 0);

/** `; at 1,000 starts an hour 47 s of CPU`: for containers that start one by one. */
function rateText({ ns, metric, perContainer }: AddedTime, { run }: AnalysedRun): string {
  if (!perContainer || metric !== 'cpu' || timedThing(run.plan.scenario) === 'request') return '';
  const seconds = (Math.abs(ns) * STARTS_PER_HOUR) / 1e9;
  const amount = seconds < 120 ? `${Number(seconds.toPrecision(2))} s` : `${Number((seconds / 60).toPrecision(2))} min`;
  const things = unitOf(run.plan.scenario) === 'exec' ? 'execs' : 'starts';
  return `; at ${STARTS_PER_HOUR.toLocaleString('en-US')} ${things} an hour ${amount} of CPU`;
}

/** `500 paired blocks in shuffled order (seed 42); the control agrees with before (p = 0.63); no container failed`. */
function restsOn({ estimate, metric }: Comparison, { run, analysis }: AnalysedRun): string {
  const { baseline, control } = rolesOf({ run, analysis });
  const check = analysis.controls.find((one) => one.metric === metric);
  const blocks = estimate?.blocks ?? analysis.blocksComplete;
  const failed = analysis.arms.reduce((sum, one) => sum + one.failed, 0);
  const all = analysis.arms.reduce((sum, one) => sum + one.planned - one.notRun, 0);
  const checked = check?.estimate ?? null;
  const thing = countedThing(run.plan.scenario);
  return [
    `${counted(blocks, 'paired block')} in shuffled order (seed ${run.plan.seed})`,
    control === undefined || checked === null
      ? 'no control was compared'
      : `${control}, a copy of ${baseline}, ${
          check?.state === 'ok' ? 'agrees' : 'differs'
        } (${changeWords(checked)}, ${pText(checked.p)})`,
    failed === 0 ? `no ${thing} failed` : `${counted(failed, thing)} failed (${formatPercent(failed / all, 2)})`,
  ].join('; ');
}

function changeWords(estimate: Estimate): string {
  const { percent, low, high } = effectOf(estimate);
  return low === null || high === null
    ? `${percent.toFixed(1)} %`
    : deservedText({ value: percent, low, high }, 2).replace(' [', ' % [');
}
