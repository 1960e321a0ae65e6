import { blocksOf, containersPerTurn, FEWEST_FOR_VERDICT, type Scenario } from '../model/run/scenario.js';

/** Containers that a run starts, over all arms. */
export interface ContainerCount {
  readonly measured: number;
  readonly warmup: number;
}

/** Containers of a run over all arms, measured ones and those of the warm-up. */
export function containersOf(scenario: Scenario): ContainerCount {
  const perBlock = scenario.arms.length * containersPerTurn(scenario);
  return { measured: blocksOf(scenario) * perBlock, warmup: scenario.warmup * perBlock };
}

/**
 * Expected seconds of a run, warm-up and pauses included, from the seconds of one container alone (mean over the arms).
 * In a parallel batch min(concurrency, cores) containers proceed at a time, because starts are limited by CPU time.
 */
export function expectedSeconds(scenario: Scenario, secondsPerContainer: number, cpuCount: number): number {
  const abreast = scenario.kind === 'sequential' ? 1 : Math.max(1, Math.min(scenario.concurrency, cpuCount));
  const { measured, warmup } = containersOf(scenario);
  const turns = (blocksOf(scenario) + scenario.warmup) * scenario.arms.length;
  return ((measured + warmup) * secondsPerContainer) / abreast + (turns * scenario.pauseMs) / 1000;
}

/** One or two lines about a run before its first container: what, how often, how long. */
export function describePlan(scenario: Scenario, seconds: number): string {
  const { measured, warmup } = containersOf(scenario);
  const blocks = blocksOf(scenario);
  const arms = scenario.arms.map((arm) => arm.name).join(', ');
  const unit =
    scenario.kind === 'sequential'
      ? `${counted(blocks, 'block')} of one container per arm`
      : [
          `${counted(blocks, 'batch', 'batches')} per arm of ${counted(scenario.count, 'container')}`,
          `${thousands(scenario.concurrency)} in flight`,
        ].join(', ');
  const verdict =
    blocks < FEWEST_FOR_VERDICT ? `\nFewer than ${counted(FEWEST_FOR_VERDICT, 'block')}: no verdict.` : '';
  const all = `${counted(measured, 'container')} (${unit}; arms ${arms}) and ${thousands(warmup)} to warm up`;
  return `${scenario.name}: ${all}, ${duration(seconds)} expected.${verdict}`;
}

const thousands = (value: number): string => value.toLocaleString('en-US');

const counted = (value: number, one: string, many = `${one}s`): string =>
  `${thousands(value)} ${value === 1 ? one : many}`;

function duration(seconds: number): string {
  if (seconds < 1) return 'under 1 s';
  if (seconds < 100) return `about ${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 100 ? `about ${minutes} min` : `about ${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
