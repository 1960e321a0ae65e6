import { isSoloBlock, pairsOf } from '../../model/run/duet.js';
import type { Metric } from '../../model/analysis/judgement.js';
import type { ContainerSample } from '../../model/results/sample.js';
import type { ArmDefinition } from '../../model/run/scenario.js';
import { at, series, type Series } from '../distributions/moments.js';

/** What pairs of a duet block are compared by. */
type DuetMetric = Extract<Metric, 'cpu' | 'duetWall'>;

/**
 * The pairs of duet blocks: series indexed by (2 * pair + side) * blocks + block, side 0 the baseline or control, 1 the
 * arm; NaN where a container is missing or failed.
 */
export interface DuetTurns {
  /** Places of baseline (or control) and arm in the plan. */
  readonly pairs: readonly (readonly [number, number])[];
  readonly blocks: number;
  readonly wallNs: Series;
  readonly cpuNs: Series;
}

/** Duet turns to which samples are still added. */
export type OpenDuetTurns = DuetTurns & { readonly placeOf: ReadonlyMap<string, number> };

/** Turns of that many blocks, still without samples. */
export function openDuetTurns(arms: readonly ArmDefinition[], blocks: number): OpenDuetTurns {
  const names = arms.map(({ name }) => name);
  const pairs = pairsOf(arms);
  const size = 2 * pairs.length * blocks;
  return {
    pairs: pairs.map(([baseline, arm]) => [names.indexOf(baseline), names.indexOf(arm)]),
    blocks,
    wallNs: new Float64Array(size).fill(Number.NaN),
    cpuNs: new Float64Array(size).fill(Number.NaN),
    placeOf: new Map(
      pairs.flatMap(([baseline, arm], pair) => [
        [keyOf(baseline, arm), 2 * pair] as const,
        [keyOf(arm, baseline), 2 * pair + 1] as const,
      ]),
    ),
  };
}

const keyOf = (arm: string, partner: string): string => `${arm}\n${partner}`;

/** Adds a container of a pair; one that failed leaves its place empty. */
export function addToPair(duet: OpenDuetTurns, sample: ContainerSample): void {
  const place = duet.placeOf.get(keyOf(sample.arm, sample.partner ?? ''));
  if (place === undefined || sample.state !== 'ok') return;
  const turn = place * duet.blocks + sample.block;
  duet.wallNs[turn] = sample.wallNs;
  duet.cpuNs[turn] = sample.userNs + sample.systemNs;
}

/** Blocks in which every container of every pair was ok, ascending. */
export function completeDuetBlocks({ pairs, blocks, wallNs }: DuetTurns): Series {
  const complete: number[] = [];
  for (let block = 0; block < blocks; block++) {
    let whole = !isSoloBlock(block);
    for (let place = 0; place < 2 * pairs.length && whole; place++)
      whole = !Number.isNaN(at(wallNs, place * blocks + block));
    if (whole) complete.push(block);
  }
  return Float64Array.from(complete);
}

/** In how many pairs of a duet block an arm is. */
export const pairsWith = ({ pairs }: Pick<DuetTurns, 'pairs'>, arm: number): number =>
  pairs.filter((pair) => pair.includes(arm)).length;

/** Log ratios of an arm to another within their pairs, over the complete duet blocks; empty without such a pair. */
export type PairLogs = (arm: number, baseline: number) => Series;

/** The log ratios of one metric, from within pairs, and the complete blocks that a value of 0 makes unusable for it. */
export function pairLogs(
  duet: DuetTurns,
  complete: Series,
  metric: DuetMetric,
): { readonly of: PairLogs; readonly unusable: number } {
  const values = metric === 'cpu' ? duet.cpuNs : duet.wallNs;
  const places = Array.from({ length: 2 * duet.pairs.length }, (_, place) => place * duet.blocks);
  const usable = complete.filter((block) => places.every((place) => at(values, place + block) > 0));
  return {
    unusable: complete.length - usable.length,
    of: (arm, baseline) => {
      const [place, other] = placesOf(duet, arm, baseline);
      if (place === null) return new Float64Array(0);
      return series(usable.length, (i) =>
        Math.log(at(values, place * duet.blocks + at(usable, i)) / at(values, other * duet.blocks + at(usable, i))),
      );
    },
  };
}

/** Places of an arm and of its partner; `null` without such a pair. */
function placesOf(
  { pairs }: DuetTurns,
  arm: number,
  baseline: number,
): readonly [number, number] | readonly [null, null] {
  const pair = pairs.findIndex((one) => one.includes(arm) && one.includes(baseline));
  if (pair < 0 || arm === baseline) return [null, null];
  const side = pairs[pair]?.[0] === arm ? 0 : 1;
  return [2 * pair + side, 2 * pair + 1 - side];
}
