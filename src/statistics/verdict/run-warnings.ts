import type { ArmFailures, FailureCount, RunWarning } from '../../model/analysis/analysis.js';
import { FEWEST_FOR_TRIMMED } from '../../model/analysis/judgement.js';
import { isCommand } from '../../model/filter/instructions.js';
import { isAsPredicted, isSeenInside, loadSameFilter, type ArmEvidence } from '../../model/run/evidence.js';
import { FEWEST_FOR_VERDICT, referenceOf, type ArmDefinition } from '../../model/run/scenario.js';
import { countLostBlocks, type Failures } from '../runs/counts.js';
import type { MetricLogs } from '../paired/metrics.js';
import { at } from '../distributions/moments.js';
import type { CollectedTurns, Turns } from '../paired/turns.js';

/** Blocks that could not be used, and why. */
export function blockWarnings(turns: Turns, { measured, warmup }: Failures): readonly RunWarning[] {
  const { failed, notRun } = countLostBlocks(turns);
  const planned = turns.blocks;
  return [
    ...(failed > 0 ? [{ code: 'blocksFailed', blocks: failed, planned, failures: byArm(measured) } as const] : []),
    ...(notRun > 0 ? [{ code: 'blocksNotRun', blocks: notRun, planned, interrupted: turns.interrupted } as const] : []),
    ...(warmup.length > 0
      ? [{ code: 'warmupFailed', failures: byArm(warmup), cause: warmup[0]?.cause ?? '' } as const]
      : []),
    ...missingArms(turns).map((arm) => ({ code: 'armMissing', arm }) as const),
  ];
}

/** Arms without a sample, where other arms have samples. */
function missingArms(turns: Turns): readonly string[] {
  const missing = turns.arms.filter((_, arm) => isMissing(turns, arm));
  return missing.length === turns.arms.length ? [] : missing;
}

function isMissing({ blocks, position, duet, ok, failed }: Turns, arm: number): boolean {
  for (let turn = arm * blocks; turn < (arm + 1) * blocks; turn++)
    if (at(position, turn) >= 0 || (duet !== null && at(ok, turn) + at(failed, turn) > 0)) return false;
  return true;
}

/** Of runs whose times are judged: too few blocks for a verdict, or for an estimate against the control too. */
export function fewBlocksWarnings({
  complete,
  duet,
}: Pick<CollectedTurns, 'complete' | 'duet'>): readonly RunWarning[] {
  const blocks = (duet?.complete ?? complete).length;
  if (blocks === 0 || blocks >= FEWEST_FOR_TRIMMED) return [];
  return blocks < FEWEST_FOR_VERDICT
    ? [{ code: 'fewBlocks', state: 'described', blocks, needed: FEWEST_FOR_VERDICT }]
    : [{ code: 'fewBlocks', state: 'simple', blocks, needed: FEWEST_FOR_TRIMMED }];
}

function byArm(failures: readonly FailureCount[]): readonly ArmFailures[] {
  const totals = new Map<string, number>();
  for (const { arm, count } of failures) totals.set(arm, (totals.get(arm) ?? 0) + count);
  return [...totals].map(([arm, count]) => ({ arm, count }));
}

const isInstructions = ({ metric }: MetricLogs): boolean =>
  metric === 'userInstructions' || metric === 'kernelInstructions';

/** Values of one metric that could not be used. */
export const metricWarnings = (logs: MetricLogs): readonly RunWarning[] =>
  logs.unusable > 0 && !isInstructions(logs)
    ? [{ code: 'zeroValues', metric: logs.metric, blocks: logs.unusable }]
    : [];

/** Blocks in which a start has no count of instructions: no start runs none. */
export function counterWarnings(metrics: readonly MetricLogs[], { complete }: Pick<Turns, 'complete'>): RunWarning[] {
  const blocks = Math.max(0, ...metrics.filter(isInstructions).map(({ unusable }) => unusable));
  return blocks === 0 ? [] : [{ code: 'countersShared', blocks, of: complete.length }];
}

/** Where the proof of the treatment leaves a gap. */
export function evidenceWarnings(
  evidence: readonly ArmEvidence[],
  arms: readonly ArmDefinition[],
): readonly RunWarning[] {
  return evidence.flatMap((own): readonly RunWarning[] => {
    const reference = referenceOf(arms, own.arm);
    const base = evidence.find(({ arm }) => arm === reference?.baseline);
    return [
      ...sightWarnings(own),
      ...(base !== undefined && own.specSha256 !== base.specSha256 && loadSameFilter(own, base) === true
        ? [{ code: 'sameFilter', arm: own.arm, baseline: base.arm, written: shrunk(own, base) } as const]
        : []),
    ];
  });
}

/**
 * What was not seen, and what was seen and not predicted. A container without a filter tells so itself; of a command of
 * the user's nothing is predicted.
 */
function sightWarnings(own: ArmEvidence): readonly RunWarning[] {
  if (isCommand(own)) return [];
  const { arm, loaded, predicted } = own;
  if (loaded.state === 'notSeen') {
    if (isSeenInside(own)) return [];
    return [{ code: 'filterNotSeen', arm, reason: loaded.reason, isPredicted: predicted.state !== 'unknown' }];
  }
  if (predicted.state !== 'built') return [];
  const { state: _, ...built } = predicted;
  if (isAsPredicted(own) === 'different') {
    const length = loaded.programs.reduce((sum, { instructions }) => sum + instructions, 0);
    return [{ code: 'otherFilter', arm, loaded: length, predicted: built }];
  }
  const { form, expected, runtime = null } = predicted;
  return form === undefined || expected === undefined ? [] : [{ code: 'otherForm', arm, form, runtime }];
}

/** Where an engine writes all architectures to its own file, filtering them makes that file smaller. */
function shrunk(
  { written: own }: ArmEvidence,
  { written: base }: ArmEvidence,
): Extract<RunWarning, { readonly code: 'sameFilter' }>['written'] {
  if (own === undefined || base === undefined || own.bytes >= base.bytes) return null;
  return {
    baseline: { bytes: base.bytes, sections: base.sections },
    arm: { bytes: own.bytes, sections: own.sections },
  };
}
