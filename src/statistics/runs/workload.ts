import type { ArmCallTable, CallAnalysis } from '../../model/analysis/call-analysis.js';
import type { ArmSummary } from '../../model/analysis/analysis.js';
import { samplesOf } from '../../model/results/sample-table.js';
import type { RunResult } from '../../model/results/result.js';
import type { OkSample } from '../../model/results/sample.js';
import { referenceOf, type Scenario } from '../../model/run/scenario.js';
import type {
  Amount,
  ArmActivity,
  FilterCost,
  ShareEstimate,
  TouchedPrice,
  WorkloadAnalysis,
} from '../../model/analysis/workload-analysis.js';
import type { StartTimes, WorkloadFindings } from '../../model/results/workload-findings.js';
import { priceCalls, priceLines, type CountedCall, type PricedCalls } from '../calls/call-prices.js';
import { excess, located, meet, together, type Blocks } from '../paired/paired-amounts.js';
import { analyseService, type Trio } from './service.js';
import { medianOf } from '../distributions/selection.js';
import type { Turns } from '../paired/turns.js';

export interface WorkloadInput {
  readonly run: Pick<RunResult, 'plan' | 'samples' | 'table' | 'workload'>;
  readonly turns: Turns;
  readonly arms: readonly ArmSummary[];
  readonly calls: CallAnalysis | undefined;
}

/** What a program's calls are worth and what was measured of them; `undefined` where no program ran. */
export function analyseWorkload({ run, turns, arms, calls }: WorkloadInput): WorkloadAnalysis | undefined {
  const {
    workload: findings,
    plan: { scenario },
  } = run;
  if (scenario.program === undefined) return undefined;
  const others = scenario.arms.flatMap(({ name: arm, copyOf }): Trio[] => {
    const reference = copyOf === undefined ? referenceOf(scenario.arms, arm) : null;
    return reference === null ? [] : [{ arm, baseline: reference.baseline, control: reference.control ?? null }];
  });
  const prices = findings?.prices ?? null;
  return {
    ...(scenario.program.service === undefined ? {} : { service: analyseService(run, turns, others) }),
    activities: arms.map((summary) => activityOf(summary, run, calls)),
    prices: prices === null ? [] : others.flatMap((trio) => priceLines(prices, trio)),
    costs: others.map((trio) => costFor(trio, { turns, findings, calls, scenario })),
    touched: (findings?.touch ?? []).flatMap(({ arm, mib, order, ns }): TouchedPrice[] => {
      const perCall = located(ns);
      return perCall === null ? [] : [{ arm, mib, order, perCall }];
    }),
  };
}

/** The program's own part of an arm's counts; `null` where parts are not separated. */
function ownCalls(table: ArmCallTable | undefined): readonly CountedCall[] | null {
  const own = table?.parts.find(({ part }) => part === 'container');
  const per = table?.requests ?? 1;
  return own === undefined
    ? null
    : own.rows.map(({ name, calls: { min, max } }) => ({ name, calls: (min + max) / 2 / per }));
}

const tableOf = (calls: CallAnalysis | undefined, arm: string): ArmCallTable | undefined =>
  calls?.arms.find((one) => one.arm === arm);

function activityOf(
  { arm, wall }: ArmSummary,
  run: WorkloadInput['run'],
  calls: CallAnalysis | undefined,
): ArmActivity {
  const own = ownCalls(tableOf(calls, arm))?.reduce((sum, one) => sum + one.calls, 0) ?? null;
  const ok: OkSample[] = [];
  samplesOf(run).forEach((sample) => {
    if (sample.kind === 'container' && sample.state === 'ok' && !sample.warmup && sample.arm === arm) ok.push(sample);
  });
  const isServed = run.plan.scenario.program?.service !== undefined;
  const median = (of: (sample: OkSample) => number): number | null =>
    ok.length === 0 || isServed ? null : medianOf(Float64Array.from(ok, of));
  return {
    arm,
    calls: own,
    callsPerSecond: own === null || wall === null ? null : own / (wall.median / 1e9),
    series: run.workload?.rates.find((rate) => rate.arm === arm)?.calls ?? [],
    minorFaults: median((sample) => sample.minorFaults),
    majorFaults: median((sample) => sample.majorFaults),
    voluntarySwitches: median((sample) => sample.voluntarySwitches),
    involuntarySwitches: median((sample) => sample.involuntarySwitches),
  };
}

function costFor(
  { arm, baseline, control }: Trio,
  {
    turns,
    findings,
    calls,
    scenario,
  }: {
    readonly turns: Turns;
    readonly findings: WorkloadFindings | undefined;
    readonly calls: CallAnalysis | undefined;
    readonly scenario: Scenario;
  },
): FilterCost {
  const isServed = scenario.program?.service !== undefined;
  // Where a daemon does the work, no CPU time is recorded.
  const metric = turns.cpuNs.some((value) => value > 0) ? 'cpu' : 'wall';
  const measuredOf = (name: string): Blocks => blocksOf(turns, metric, name);
  const startOf = (name: string): Blocks =>
    startBlocks(
      findings?.starts.find((one) => one.arm === name),
      metric,
    );
  const measured = excess(measuredOf(arm), measuredOf(baseline), control === null ? null : measuredOf(control));
  const start = excess(startOf(arm), startOf(baseline), control === null ? null : startOf(control));
  const base = located(measuredOf(baseline));
  const prediction = predictionOf(start, pricedCalls({ arm, baseline }, findings, calls), isServed);
  const { predicted } = prediction;
  return {
    arm,
    baseline,
    unfiltered: scenario.arms.some(({ name, policy }) => name === baseline && policy === 'unconfined'),
    metric,
    thing: isServed ? 'request' : 'run',
    start,
    ...prediction,
    measured,
    share: measured === null || base === null ? null : shareOf(measured, base.ns),
    agree: predicted === null || measured === null ? null : meet(predicted, measured),
  };
}

/** A request has no start. */
function predictionOf(
  start: Amount | null,
  priced: PricedCalls | null,
  isServed: boolean,
): Pick<FilterCost, 'calls' | 'cachedShare' | 'uncached' | 'predicted'> {
  if (priced === null) return { calls: null, cachedShare: null, uncached: null, predicted: null };
  const { amount: calls, cachedShare, uncached } = priced;
  const withStart = start === null || calls === null ? null : together(start, calls);
  return { calls, cachedShare, uncached, predicted: isServed ? calls : withStart };
}

/** The program's own calls at the prices of this run; `null` where they were not counted or not priced. */
function pricedCalls(
  { arm, baseline }: Pick<Trio, 'arm' | 'baseline'>,
  findings: WorkloadFindings | undefined,
  calls: CallAnalysis | undefined,
): PricedCalls | null {
  const own = ownCalls(tableOf(calls, arm)) ?? ownCalls(tableOf(calls, baseline));
  const prices = findings?.prices ?? null;
  return own === null || prices === null ? null : priceCalls(own, prices, { arm, baseline });
}

const shareOf = ({ ns, low, high }: Amount, whole: number): ShareEstimate | null =>
  whole > 0
    ? { share: ns / whole, low: low === null ? null : low / whole, high: high === null ? null : high / whole }
    : null;

/** One arm's values of the complete blocks. */
function blocksOf(turns: Turns, metric: 'cpu' | 'wall', name: string): Blocks {
  const offset = turns.arms.indexOf(name) * turns.blocks;
  const values = metric === 'cpu' ? turns.cpuNs : turns.wallNs;
  return Array.from(turns.complete, (block) => values[offset + block] ?? null);
}

const startBlocks = (times: StartTimes | undefined, metric: 'cpu' | 'wall'): Blocks =>
  (metric === 'cpu' ? times?.cpuNs : times?.wallNs) ?? [];
