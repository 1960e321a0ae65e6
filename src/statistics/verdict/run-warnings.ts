import type { FailureCount } from '../../model/analysis/analysis.js';
import { loadSameFilter, type ArmEvidence } from '../../model/run/evidence.js';
import { countLostBlocks, type Failures } from '../runs/counts.js';
import { FEWEST_FOR_TRIMMED } from '../paired/estimate.js';
import type { MetricLogs } from '../paired/metrics.js';
import type { CollectedTurns, Turns } from '../paired/turns.js';
import { FEWEST_FOR_VERDICT } from '../../model/run/scenario.js';
import { counted, metricName } from './names.js';

/** Blocks that could not be used, and why. */
export function blockWarnings(turns: Turns, { measured, warmup }: Failures): string[] {
  const { failed, notRun } = countLostBlocks(turns);
  return [
    ...(failed > 0
      ? [
          `${counted(failed, 'block')} of ${turns.blocks} not used, because a container failed in ${failed === 1 ? 'it' : 'them'} (${byArm(measured)}): cure the cause before you trust a comparison of what survived.`,
        ]
      : []),
    ...(notRun > 0
      ? [
          `${counted(notRun, 'block')} of ${turns.blocks} not run to the end: the run was stopped early${turns.interrupted === 0 ? '' : ` (${counted(turns.interrupted, 'container')} interrupted)`}, and says nothing of the rest.`,
        ]
      : []),
    ...(warmup.length > 0
      ? [
          `Containers failed during warm-up (${byArm(warmup)}), which no count of the measured ones shows: ${warmup[0]?.cause ?? ''}.`,
        ]
      : []),
    ...missingArms(turns).map(
      (arm) =>
        `${arm} has not one sample here, although the plan names it and others have theirs: was samples.jsonl cut or filtered? Nothing can be compared with it.`,
    ),
  ];
}

/** Arms whose turn never came, where other arms had theirs. */
function missingArms({ arms, blocks, position }: Turns): readonly string[] {
  const missing = arms.filter((_, arm) =>
    position.subarray(arm * blocks, (arm + 1) * blocks).every((place) => place < 0),
  );
  return missing.length === arms.length ? [] : missing;
}

/** What so few blocks can say; of runs whose times are judged. */
export function fewBlocksWarnings({ complete: { length: complete } }: Pick<CollectedTurns, 'complete'>): string[] {
  if (complete === 0) return [];
  if (complete < FEWEST_FOR_VERDICT)
    return [
      `Only ${counted(complete, 'complete block')}: described, without a verdict; at least ${FEWEST_FOR_VERDICT} are needed.`,
    ];
  if (complete < FEWEST_FOR_TRIMMED)
    return [
      `Only ${counted(complete, 'complete block')}: estimated by Hodges-Lehmann against the baseline alone; from ${FEWEST_FOR_TRIMMED} on the control sharpens the estimate.`,
    ];
  return [];
}

function byArm(failures: readonly FailureCount[]): string {
  const totals = new Map<string, number>();
  for (const { arm, count } of failures) totals.set(arm, (totals.get(arm) ?? 0) + count);
  return [...totals].map(([arm, count]) => `${arm} ${count}`).join(', ');
}

/** Values of one metric that could not be used. */
export function metricWarnings({ metric, unusable }: MetricLogs, parallel: boolean): string[] {
  return unusable > 0
    ? [
        `${counted(unusable, 'complete block')} not used for ${metricName(metric, parallel)}, because a value in ${unusable === 1 ? 'it' : 'them'} was 0: this engine or clock cannot tell so little.`,
      ]
    : [];
}

/** Where the proof of the treatment leaves a gap. */
export function evidenceWarnings(
  evidence: readonly ArmEvidence[],
  baseline: string,
  control: string | undefined,
): string[] {
  const base = evidence.find(({ arm }) => arm === baseline);
  return evidence.flatMap((own) => [
    ...(own.loaded.state === 'notSeen'
      ? [`${own.arm}: the loaded filter was predicted, not seen (${own.loaded.reason}).`]
      : []),
    ...(base !== undefined &&
    own.arm !== baseline &&
    own.arm !== control &&
    own.specSha256 !== base.specSha256 &&
    loadSameFilter(own, base) === true
      ? [
          `${own.arm} loads the same filter as ${baseline}: ${shrunk(own, base)}the two differ in the file only, and only writing and reading it can cost differently.`,
        ]
      : []),
  ]);
}

/** What filtering architectures does where an engine writes them all to a file of its own. */
function shrunk({ written: own }: ArmEvidence, { written: base }: ArmEvidence): string {
  if (own === undefined || base === undefined || own.bytes >= base.bytes) return '';
  return `filtering shrinks the file written at every start (${base.bytes} -> ${own.bytes} bytes, ${base.sections} -> ${own.sections} sections), not the loaded filter; `;
}
