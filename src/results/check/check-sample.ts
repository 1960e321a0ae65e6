import type { BatchSample, FailedSample, OkSample } from '../../model/results/sample.js';
import type { OkRow } from '../../model/results/sample-table.js';
import { STAGES } from '../../model/container/stages.js';
import { isDuet, pairsOf } from '../../model/run/duet.js';
import { blocksOf, containersPerTurn, type Scenario } from '../../model/run/scenario.js';
import { expected } from './shape.js';

/**
 * The fault of a line as `path: expected X, got Y`; `undefined` where it is a sample of this plan, seen for the first
 * time.
 */
export type SampleCheck = (value: unknown) => string | undefined;

type Unchecked = Readonly<Partial<Record<keyof OkSample | keyof FailedSample | keyof BatchSample, unknown>>>;

interface Bounds {
  readonly arms: ReadonlyMap<string, number>;
  readonly blocks: number;
  readonly perTurn: number;
  /** Turns in a block, at most. */
  readonly positions: number;
  readonly duet: boolean;
}

/** Checks of the lines of one samples.jsonl, which remember what they have seen. */
export interface SampleChecks {
  readonly faultOf: SampleCheck;
  /** The same for a row of whole numbers of at least 0: true, and it is seen, where it has no fault. */
  readonly takes: (row: OkRow) => boolean;
}

/** A check for the lines of one samples.jsonl, in any order; written by hand for speed: runs have 100,000 lines. */
export const createSampleCheck = (scenario: Scenario): SampleCheck => createSampleChecks(scenario).faultOf;

/** The same, with the one for rows. */
export function createSampleChecks(scenario: Scenario): SampleChecks {
  const bounds: Bounds = {
    arms: new Map(scenario.arms.map((arm, index) => [arm.name, index])),
    blocks: blocksOf(scenario),
    perTurn: containersPerTurn(scenario),
    positions: isDuet(scenario) ? pairsOf(scenario.arms).length : scenario.arms.length,
    duet: isDuet(scenario),
  };
  const seen = new SeenSamples(bounds);
  const faultOf: SampleCheck = (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return expected('(top level)', 'an object', value);
    const sample = value as Unchecked;
    return placeFault(sample, bounds) ?? kindFault(sample, bounds, scenario.kind === 'parallel') ?? seen.add(sample);
  };
  const { blocks, perTurn, duet } = bounds;
  const arms = bounds.arms.size;
  const takes = ({ block, warmup, position, arm, index, wallNs }: OkRow): boolean =>
    position < arms &&
    index < perTurn &&
    wallNs > 0 &&
    (warmup || (block < blocks && seen.addMeasured(arm, block, duet ? position : index)));
  return { faultOf, takes };
}

function placeFault(sample: Unchecked, { arms, blocks, positions }: Bounds): string | undefined {
  if (typeof sample.warmup !== 'boolean') return expected('warmup', 'true or false', sample.warmup);
  if (typeof sample.arm !== 'string' || !arms.has(sample.arm))
    return expected('arm', `one of the plan's (${[...arms.keys()].join(', ')})`, sample.arm);
  return (
    whole('block', sample.block, sample.warmup ? LARGEST : blocks) ??
    whole('position', sample.position, positions) ??
    (sample.attempt === undefined ? undefined : attemptFault(sample.attempt))
  );
}

const attemptFault = (attempt: unknown): string | undefined =>
  attempt === 0 ? expected('attempt', 'a whole number of at least 1', attempt) : whole('attempt', attempt);

const gapFault = ({ gapNs }: Unchecked): string | undefined => (gapNs === undefined ? undefined : span('gapNs', gapNs));

function kindFault(sample: Unchecked, bounds: Bounds, parallel: boolean): string | undefined {
  const { perTurn } = bounds;
  if (sample.kind === 'container') {
    return (
      (sample.partner === undefined ? whole('index', sample.index, perTurn) : pairFault(sample, bounds)) ??
      time('startNs', sample.startNs) ??
      (sample.state === 'ok' ? okFault(sample) : failedFault(sample))
    );
  }
  if (sample.kind === 'batch' && parallel) return time('startNs', sample.startNs) ?? batchFault(sample, perTurn);
  return expected('kind', parallel ? '"container" or "batch"' : '"container"', sample.kind);
}

/** Of a container of a duet block. */
function pairFault(sample: Unchecked, { duet, arms }: Bounds): string | undefined {
  const { partner, arm, core, index, aloneNs } = sample;
  if (!duet) return expected('partner', 'none, because the plan has no duet blocks', partner);
  if (typeof partner !== 'string' || !arms.has(partner) || partner === arm)
    return expected('partner', 'another arm of the plan', partner);
  return (
    whole('index', index, 2) ?? whole('core', core) ?? (aloneNs === undefined ? undefined : time('aloneNs', aloneNs))
  );
}

function okFault(sample: Unchecked): string | undefined {
  return (
    span('wallNs', sample.wallNs) ??
    time('userNs', sample.userNs) ??
    time('systemNs', sample.systemNs) ??
    whole('maxRssKiB', sample.maxRssKiB) ??
    whole('minorFaults', sample.minorFaults) ??
    whole('majorFaults', sample.majorFaults) ??
    whole('voluntarySwitches', sample.voluntarySwitches) ??
    whole('involuntarySwitches', sample.involuntarySwitches) ??
    countFault(sample) ??
    gapFault(sample) ??
    (sample.stagesNs === undefined ? undefined : stagesFault(sample))
  );
}

const countFault = ({ userInstructions, kernelInstructions }: Unchecked): string | undefined =>
  (userInstructions === undefined ? undefined : whole('userInstructions', userInstructions)) ??
  (kernelInstructions === undefined ? undefined : whole('kernelInstructions', kernelInstructions));

/** Every stage is rounded. */
const ROUNDING_NS = STAGES.length;

function stagesFault({ stagesNs, wallNs }: Unchecked): string | undefined {
  if (typeof stagesNs !== 'object' || stagesNs === null || Array.isArray(stagesNs))
    return expected('stagesNs', 'an object', stagesNs);
  let sum = 0;
  for (const [stage, value] of Object.entries(stagesNs)) {
    if (!(STAGES as readonly string[]).includes(stage))
      return expected('stagesNs', `stages among ${STAGES.join(', ')}`, stage);
    const fault = time(`stagesNs.${stage}`, value);
    if (fault !== undefined) return fault;
    sum += value as number;
  }
  return Math.abs(sum - Number(wallNs)) <= ROUNDING_NS
    ? undefined
    : expected('stagesNs', `a sum of wallNs (${String(wallNs)})`, sum);
}

function failedFault({ state, cause, stderr, failedIn }: Unchecked): string | undefined {
  if (state !== 'failed' && state !== 'timedOut' && state !== 'interrupted')
    return expected('state', '"ok", "failed", "timedOut" or "interrupted"', state);
  if (typeof cause !== 'string') return expected('cause', 'text', cause);
  if (failedIn !== undefined && !(STAGES as readonly unknown[]).includes(failedIn))
    return expected('failedIn', `one of ${STAGES.join(', ')}`, failedIn);
  return typeof stderr === 'string' ? undefined : expected('stderr', 'text', stderr);
}

function batchFault({ planned, ok, failed, makespanNs, gapNs }: Unchecked, perTurn: number): string | undefined {
  if (planned !== perTurn) return expected('planned', `the plan's ${perTurn}`, planned);
  const counts =
    whole('ok', ok, perTurn + 1) ?? whole('failed', failed, perTurn + 1 - Number(ok)) ?? gapFault({ gapNs });
  if (counts !== undefined) return counts;
  if (ok === perTurn) return span('makespanNs', makespanNs);
  return makespanNs === undefined
    ? undefined
    : expected('makespanNs', 'none, because not every container was ok', makespanNs);
}

/** Refuses a second line for the same container or batch in the same attempt of a measured block. */
class SeenSamples {
  readonly #bounds: Bounds;
  /** One byte per container, and one more per turn for its batch line; in a duet block an arm has several places. */
  readonly #perBlock: number;
  readonly #seen: Uint8Array;
  /** Of blocks that were run again, which are few. */
  readonly #repeated = new Set<string>();

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
    this.#perBlock = bounds.duet ? bounds.positions : bounds.perTurn + 1;
    this.#seen = new Uint8Array(bounds.arms.size * bounds.blocks * this.#perBlock);
  }

  /** Of a container of a first attempt; false: it was there already. */
  addMeasured(arm: number, block: number, own: number): boolean {
    const place = (arm * this.#bounds.blocks + block) * this.#perBlock + own;
    if (this.#seen[place] === 1) return false;
    this.#seen[place] = 1;
    return true;
  }

  /** The fault of a sample that was there already. */
  add({ warmup, arm, block, kind, index, attempt, position }: Unchecked): string | undefined {
    if (warmup === true) return undefined;
    const { duet, perTurn } = this.#bounds;
    const own = duet ? Number(position) : kind === 'batch' ? perTurn : Number(index);
    const armPlace = this.#bounds.arms.get(String(arm)) ?? 0;
    const isNew =
      attempt === undefined
        ? this.addMeasured(armPlace, Number(block), own)
        : this.#addRepeated([attempt, armPlace, block, own].map(Number).join(' '));
    if (isNew) return undefined;
    return `(top level): expected each ${String(kind)} once, got arm ${String(arm)}, block ${String(block)} again`;
  }

  #addRepeated(key: string): boolean {
    if (this.#repeated.has(key)) return false;
    this.#repeated.add(key);
    return true;
  }
}

/** Sums of the squares of such numbers stay finite. */
const LARGEST = Number.MAX_SAFE_INTEGER;

function whole(path: string, value: unknown, end = LARGEST): string | undefined {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) < end) return undefined;
  return expected(
    path,
    end === LARGEST ? 'a whole number of at least 0' : `a whole number from 0 to ${end - 1}`,
    value,
  );
}

function time(path: string, value: unknown): string | undefined {
  if (typeof value === 'number' && value >= 0 && value < LARGEST) return undefined;
  return expected(path, 'a time of at least 0 ns', value);
}

function span(path: string, value: unknown): string | undefined {
  if (typeof value === 'number' && value > 0 && value < LARGEST) return undefined;
  return expected(path, 'a time above 0 ns', value);
}
