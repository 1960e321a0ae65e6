import { blocksWith, soloBlocksIn } from '../../model/run/duet.js';
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
  /** From the first measured start to the last end. */
  readonly spanMs: number;
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
  const { turns, strictness } = judging;
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
    settlement: decision.verdict === 'inconclusive' ? settlementOf(estimate, logs.metric, judging) : null,
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

function settlementOf(
  estimate: Estimate | null,
  metric: Metric,
  { standing: { turns, margin, blocks: run }, spanMs }: Judging,
): Settlement | null {
  const blocks = estimate === null ? null : blocksToSettle(margin, estimate, metric);
  if (blocks === null) return null;
  const secondsPerBlock = spanMs / 1000 / run;
  const secondsOf = (count: number): number => count * secondsPerBlock;
  const { duet } = turns;
  const needed = duet === null ? blocks : duetBlocks(blocks, metric);
  const more = (count: number): number => Math.max(0, count - completeCount(turns));
  const [leastMoreBlocks, moreBlocks] = [more(needed.least), more(needed.cautious)];
  return {
    blocks: needed.cautious,
    moreBlocks,
    leastMoreBlocks,
    moreSeconds: spanMs > 0 ? [secondsOf(leastMoreBlocks), secondsOf(moreBlocks)] : null,
    moreContainers: containersIn(moreBlocks, turns),
  };
}

/** Of a run with duet blocks, whose blocks are only in part of the kind that a metric comes from. */
function duetBlocks({ least, cautious }: Needed, metric: Metric): Needed {
  const kind = isFromPairs(metric) ? 'duet' : 'solo';
  return { least: blocksWith(kind, least), cautious: blocksWith(kind, cautious) };
}

/** Containers of so many blocks after those that are complete. */
function containersIn(blocks: number, turns: Turns): number {
  const { arms, perTurn, duet } = turns;
  if (duet === null) return blocks * arms.length * perTurn;
  const done = completeCount(turns);
  const solo = soloBlocksIn(done + blocks) - soloBlocksIn(done);
  return solo * arms.length + (blocks - solo) * 2 * duet.pairs.length;
}

type Needed = NonNullable<ReturnType<typeof blocksToSettle>>;
