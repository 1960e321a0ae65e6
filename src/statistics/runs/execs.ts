import type { ExecAnalysis, ExecCost, ProbeCost, ShareEstimate } from '../../model/analysis/workload-analysis.js';
import type { Amount } from '../../model/analysis/workload-analysis.js';
import type { ArmDefinition, Scenario } from '../../model/run/scenario.js';
import { unitOf } from '../../model/run/scenario.js';
import { probesPerSecond } from '../../model/run/unit.js';
import { tCritical } from '../distributions/distributions.js';
import { at, mean, series, variance, type Series } from '../distributions/moments.js';
import type { Turns } from '../paired/turns.js';

/** Fewer blocks have no 95 % interval, as elsewhere. */
const FEWEST_FOR_INTERVAL = 6;
const LEVEL = 0.95;
const NS_PER_SECOND = 1e9;

/** What the execs of a run cost; `undefined` where starts were timed or no block is complete. */
export function analyseExecs(scenario: Scenario, turns: Turns): ExecAnalysis | undefined {
  if (unitOf(scenario) !== 'exec' || turns.complete.length === 0) return undefined;
  const hasCpu = turns.cpuNs.some((value) => value > 0);
  const unfiltered = scenario.arms.find(({ policy, copyOf }) => policy === 'unconfined' && copyOf === undefined);
  const cpuOf = (arm: string): Series => ofArm(turns, turns.cpuNs, arm);
  const costs = scenario.arms.map((arm): ExecCost => {
    const base = hasCpu && unfiltered !== undefined && isFiltered(arm, unfiltered) ? cpuOf(unfiltered.name) : null;
    return {
      arm: arm.name,
      cpu: hasCpu ? meanOf(cpuOf(arm.name)) : null,
      wall: meanOf(ofArm(turns, turns.wallNs, arm.name)),
      filter: base === null ? null : shareAbove(cpuOf(arm.name), base),
    };
  });
  return { costs, unfiltered: unfiltered?.name ?? null, probes: probesOf(scenario, costs) };
}

/** Whether the difference of an arm to the one without a filter is that of its filter alone. */
const isFiltered = (arm: ArmDefinition, unfiltered: ArmDefinition): boolean =>
  arm.policy !== 'unconfined' && arm.runtime === unfiltered.runtime;

function probesOf(scenario: Scenario, costs: readonly ExecCost[]): ExecAnalysis['probes'] {
  if (scenario.kind !== 'sequential' || scenario.probes === undefined) return null;
  const { probes } = scenario;
  const perSecond = probesPerSecond(probes);
  const ofOneCpu = (ns: number): number => (ns * perSecond) / NS_PER_SECOND;
  const boundOf = (ns: number | null): number | null => (ns === null ? null : ofOneCpu(ns));
  return {
    ...probes,
    costs: costs.flatMap(({ arm, cpu }): readonly ProbeCost[] =>
      cpu === null ? [] : [{ arm, share: ofOneCpu(cpu.ns), low: boundOf(cpu.low), high: boundOf(cpu.high) }],
    ),
  };
}

/** The values of an arm in complete blocks. */
function ofArm(turns: Turns, values: Series, name: string): Series {
  const arm = turns.arms.indexOf(name);
  return series(turns.complete.length, (i) => at(values, arm * turns.blocks + at(turns.complete, i)));
}

/** The mean with its t interval. */
function meanOf(values: Series): Amount {
  const ns = mean(values);
  const half = halfWidth(variance(values) / values.length, values.length);
  return half === null ? { ns, low: null, high: null } : { ns, low: Math.max(0, ns - half), high: ns + half };
}

/**
 * 1 - (mean of `base` / mean of `values`), paired by block. Its variance is that of the ratio's linear part (the delta
 * method): base - ratio * value, divided by the mean of the values.
 */
function shareAbove(values: Series, base: Series): ShareEstimate | null {
  const whole = mean(values);
  if (whole === 0) return null;
  const ratio = mean(base) / whole;
  const residuals = series(values.length, (i) => at(base, i) - ratio * at(values, i));
  const half = halfWidth(variance(residuals) / values.length / whole ** 2, values.length);
  const share = 1 - ratio;
  return half === null ? { share, low: null, high: null } : { share, low: share - half, high: share + half };
}

const halfWidth = (varianceOfMean: number, blocks: number): number | null =>
  blocks < FEWEST_FOR_INTERVAL ? null : tCritical(LEVEL, blocks - 1) * Math.sqrt(varianceOfMean);
