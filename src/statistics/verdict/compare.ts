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
  const { turns, standing, strictness } = judging;
  const check = controls.find(({ metric }) => metric === logs.metric);
  const estimate = estimateEffect(paired(logs, arm, baseline, control), strictness);
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
    planned: standing.most,
    complete: turns.complete.length,
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
      blocksComplete: turns.complete.length,
      blocksPlanned: standing.most,
      treatmentFault: fault,
      survival,
      hidden: logs.hidden,
      emulation: judging.emulation,
      changed: judging.changed,
    }),
  };
}

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
  const more = (count: number): number => Math.max(0, count - turns.complete.length);
  const secondsPerBlock = spanMs / 1000 / run;
  const [leastMoreBlocks, moreBlocks] = [more(blocks.least), more(blocks.cautious)];
  return {
    blocks: blocks.cautious,
    moreBlocks,
    leastMoreBlocks,
    moreSeconds: spanMs > 0 ? [leastMoreBlocks * secondsPerBlock, moreBlocks * secondsPerBlock] : null,
    moreContainers: moreBlocks * turns.arms.length * turns.perTurn,
  };
}
