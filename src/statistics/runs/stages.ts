import type { ContainerSample, OkSample, Sample } from '../../model/results/sample.js';
import type { SampleSet } from '../../model/results/sample-table.js';
import type { ArmEvidence } from '../../model/run/evidence.js';
import type {
  Explained,
  SpanDifference,
  StageComparison,
  StageDifference,
} from '../../model/analysis/stage-analysis.js';
import { STAGES, type Stage } from '../../model/container/stages.js';
import { FEWEST_FOR_VERDICT, referenceOf, type Scenario } from '../../model/run/scenario.js';
import { tCritical } from '../distributions/distributions.js';
import { at, mean, series, variance, type Series } from '../distributions/moments.js';

/** Per arm and stage one series of nanoseconds, over the same blocks. */
interface StageSeries {
  readonly stages: readonly Stage[];
  readonly blocks: number;
  readonly of: (arm: string, stage: Stage) => Series;
}

type Staged = OkSample & { readonly stagesNs: NonNullable<OkSample['stagesNs']> };

/**
 * Per compared arm the stage in which its difference lies: arithmetic means of paired differences, because only these
 * add up. Empty where no complete block recorded its stages. Differences between trimmed means, which the verdicts use,
 * would not add up; where a few slow starts matter the two may disagree.
 */
export function compareStages(
  scenario: Scenario,
  samples: SampleSet,
  evidence: readonly ArmEvidence[] = [],
): StageComparison[] {
  // An engine records the stages of every container or of none; most runs are long and have none.
  const isWhole = (sample: Sample): boolean => sample.kind === 'container' && sample.state === 'ok';
  if (
    ![samples.find(isWhole), samples.findLast(isWhole)].some(
      (sample) => sample?.kind === 'container' && isStaged(sample),
    )
  )
    return [];
  const collected = collect(
    scenario.arms.map(({ name }) => name),
    samples,
  );
  if (collected.blocks === 0) return [];
  return scenario.arms.flatMap(({ name }) => {
    const reference = referenceOf(scenario.arms, name);
    if (reference === null) return [];
    const { baseline, control } = reference;
    return [compareArm(name, control === undefined ? [baseline] : [baseline, control], collected, evidence)];
  });
}

function collect(arms: readonly string[], samples: SampleSet): StageSeries {
  const byBlock = new Map<number, Map<string, Staged>>();
  for (const sample of samples) {
    if (sample.warmup || sample.kind !== 'container' || !isStaged(sample)) continue;
    byBlock.set(sample.block, (byBlock.get(sample.block) ?? new Map<string, Staged>()).set(sample.arm, sample));
  }
  const complete = [...byBlock.values()].filter((block) => block.size === arms.length);
  const recorded = new Set(
    complete.flatMap((block) => [...block.values()].flatMap(({ stagesNs }) => Object.keys(stagesNs))),
  );
  return {
    stages: STAGES.filter((stage) => recorded.has(stage)),
    blocks: complete.length,
    of: (arm, stage) => series(complete.length, (i) => complete[i]?.get(arm)?.stagesNs[stage] ?? 0),
  };
}

const isStaged = (sample: ContainerSample): sample is Staged => sample.state === 'ok' && sample.stagesNs !== undefined;

function compareArm(
  arm: string,
  references: readonly string[],
  { stages, blocks, of }: StageSeries,
  evidence: readonly ArmEvidence[],
): StageComparison {
  const spans = stages.map((stage) => {
    const [first = new Float64Array(blocks), second = first] = references.map((name) => of(name, stage));
    return { own: of(arm, stage), other: series(blocks, (i) => (at(first, i) + at(second, i)) / 2) };
  });
  const sum = (which: 'own' | 'other'): Series =>
    series(blocks, (i) => spans.reduce((total, span) => total + at(span[which], i), 0));
  const total = differenceOf(sum('own'), sum('other'));
  const rows = spans.map(({ own, other }, i): StageDifference => {
    const difference = differenceOf(own, other);
    return {
      stage: stages[i] ?? 'exit',
      ...difference,
      share: total.differenceNs === 0 ? null : difference.differenceNs / total.differenceNs,
    };
  });
  const largest = largestOf(rows, total, blocks);
  const [baseline = ''] = references;
  const explained = blocks < FEWEST_FOR_VERDICT ? null : explainedBy(evidence, { arm, baseline, total });
  return { arm, baseline, blocks, stages: rows, total, largest: largest?.stage ?? null, explained };
}

function differenceOf(own: Series, other: Series): SpanDifference {
  const differences = series(own.length, (i) => at(own, i) - at(other, i));
  const differenceNs = mean(differences);
  const half =
    own.length < 2 ? Infinity : tCritical(0.95, own.length - 1) * Math.sqrt(variance(differences) / own.length);
  return {
    baselineNs: mean(other),
    armNs: mean(own),
    differenceNs,
    lowNs: differenceNs - half,
    highNs: differenceNs + half,
  };
}

const isClear = ({ lowNs, highNs }: SpanDifference): boolean => lowNs > 0 || highNs < 0;

/** Of the stages that differ the way the whole does. */
function largestOf(
  rows: readonly StageDifference[],
  total: SpanDifference,
  blocks: number,
): StageDifference | undefined {
  if (blocks < FEWEST_FOR_VERDICT || !isClear(total)) return undefined;
  const sameWay = rows.filter((row) => isClear(row) && Math.sign(row.differenceNs) === Math.sign(total.differenceNs));
  return sameWay.reduce<StageDifference | undefined>(
    (most, row) => (most === undefined || Math.abs(row.differenceNs) > Math.abs(most.differenceNs) ? row : most),
    undefined,
  );
}

function explainedBy(
  evidence: readonly ArmEvidence[],
  { arm, baseline, total }: Pick<StageComparison, 'arm' | 'baseline' | 'total'>,
): Explained | null {
  const sumOf = (name: string): number | undefined => {
    const times = evidence.find((one) => one.arm === name)?.inProcess;
    if (times === undefined || times.buildNs === null || times.loadNs === null) return undefined;
    return times.convertNs + times.serialiseNs + times.buildNs + times.loadNs;
  };
  const [own, other] = [sumOf(arm), sumOf(baseline)];
  if (own === undefined || other === undefined || !isClear(total)) return null;
  return { differenceNs: own - other, share: (own - other) / total.differenceNs };
}
