import { SOLO_ONE_IN, soloBlocksIn } from '../../model/run/duet.js';
import type { Comparison, ControlCheck, Estimate, Metric, Settlement } from '../../model/analysis/analysis.js';
import type { Emulation } from '../../model/run/emulation.js';
import type { StoppingRule } from '../../model/run/stopping.js';
import { estimateEffect, type Strictness } from '../paired/estimate.js';
import { failDifferently, type Survival } from './failure-test.js';
import { paired, type MetricLogs } from '../paired/metrics.js';
import { blocksToSettle } from '../planning/planning.js';
import type { ComparedArm, Roles } from './roles.js';
import type { Standing } from '../planning/stopping.js';
import { treatmentFault, type Treatments } from './treatment.js';
import type { DuetTurns } from '../paired/duet-turns.js';
import { completeCount } from '../paired/turns.js';
import type { CollectedTurns, Turns } from '../paired/turns.js';
import { judge } from './verdict.js';
import { reasonFor } from './reason.js';

/** All that comparisons of one run share. */
export interface Judging {
  readonly turns: CollectedTurns;
  readonly roles: Roles;
  readonly rules: readonly StoppingRule[];
  readonly standing: Standing;
  readonly strictness: Strictness;
  readonly treatments: Treatments;
  /** By the arms' places in the plan. */
  readonly survivals: readonly Survival[];
  readonly emulation: Emulation | null;
  /** The program that was replaced while the run went on; `null`: none. */
  readonly changed: { readonly path: string | null } | null;
}

/** One arm against its baseline and control in one metric, judged by itself. */
export function compareMetric(
  { arm, baseline, control }: ComparedArm,
  logs: MetricLogs,
  controls: readonly ControlCheck[],
  judging: Judging,
): Comparison {
  const { turns, standing, strictness } = judging;
  const check = controls.find(({ metric }) => metric === logs.metric);
  const estimate = claimable(estimateEffect(paired(logs, arm, baseline, control), strictness), logs.metric);
  const blocks = blocksFor(logs.metric, judging);
  const names = {
    arm: armName(turns, arm),
    baseline: armName(turns, baseline),
    control: control === null ? null : armName(turns, control),
  };
  const fault = treatmentFault(judging.treatments, names.arm, names.baseline, names.control);
  const survival = [
    survivalAt(judging, [arm]),
    survivalAt(judging, [baseline, ...(control === null ? [] : [control])]),
  ] as const;
  const decision = judge({
    estimate,
    control: check?.state ?? 'unknown',
    runtimeChanged: judging.changed !== null,
    treatmentFault: fault,
    failDifferently: failDifferently(...survival),
    ...blocks,
    emulated: judging.emulation !== null,
  });
  return {
    ...names,
    metric: logs.metric,
    estimate,
    ...decision,
    settlement: decision.verdict === 'inconclusive' ? settlementOf(estimate, logs.metric, standing) : null,
    family: null,
    reason: reasonFor(decision, estimate, {
      check,
      blocksComplete: blocks.complete,
      blocksPlanned: blocks.planned,
      treatmentFault: fault,
      survival,
      hidden: logs.hidden,
      emulation: judging.emulation,
      changed: judging.changed,
    }),
  };
}

/**
 * Wall time under the load of the other arm differs less than wall time alone does, so it never shows that arms cost
 * the same.
 */
const claimable = (estimate: Estimate | null, metric: Metric): Estimate | null =>
  metric === 'duetWall' && estimate !== null ? { ...estimate, equivalent: false } : estimate;

/** Blocks that a metric comes from: with duet blocks CPU time from them, all else but `duetWall` from the solo ones. */
function blocksFor(
  metric: Metric,
  { turns, standing: { most } }: Pick<Judging, 'turns' | 'standing'>,
): { readonly planned: number; readonly complete: number } {
  if (turns.duet === null) return { planned: most, complete: turns.complete.length };
  const solo = soloBlocksIn(most);
  return isFromPairs(metric)
    ? { planned: most - solo, complete: turns.duet.complete.length }
    : { planned: solo, complete: turns.complete.length };
}

const isFromPairs = (metric: Metric): boolean => metric === 'cpu' || metric === 'duetWall';

const armName = (turns: Turns, arm: number): string => turns.arms[arm] ?? '';

function survivalAt({ survivals }: Judging, arms: readonly number[]): Survival {
  const all = arms.map((arm) => survivals[arm] ?? { run: 0, failed: 0 });
  return { run: all.reduce((sum, { run }) => sum + run, 0), failed: all.reduce((sum, { failed }) => sum + failed, 0) };
}

function settlementOf(estimate: Estimate | null, metric: Metric, { turns, margin }: Standing): Settlement | null {
  const blocks = estimate === null ? null : blocksToSettle(margin, estimate, metric);
  if (blocks === null) return null;
  if (turns.duet !== null) return duetSettlement(blocks, metric, turns, turns.duet);
  const moreBlocks = Math.max(0, blocks - turns.complete.length);
  return { blocks, moreBlocks, moreContainers: moreBlocks * turns.arms.length * turns.perTurn };
}

/** Of a run with duet blocks, whose blocks are only in part of the kind that a metric comes from. */
function duetSettlement(needed: number, metric: Metric, turns: Turns, { pairs }: Pick<DuetTurns, 'pairs'>): Settlement {
  const share = isFromPairs(metric) ? 1 - 1 / SOLO_ONE_IN : 1 / SOLO_ONE_IN;
  const blocks = Math.ceil(needed / share);
  const moreBlocks = Math.max(0, blocks - completeCount(turns));
  const perFour = turns.arms.length + (SOLO_ONE_IN - 1) * 2 * pairs.length;
  return { blocks, moreBlocks, moreContainers: Math.ceil((moreBlocks * perFour) / SOLO_ONE_IN) };
}
