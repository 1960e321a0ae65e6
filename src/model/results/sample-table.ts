import type { InstructionCounts } from './figures/instructions.js';
import type { OkSample, Sample } from './sample.js';

/** Samples in their order, of which nothing but these is asked: an array, or a {@link SampleTable}. */
export interface SampleSet extends Iterable<Sample> {
  readonly length: number;
  forEach: (visit: (sample: Sample) => void) => void;
  filter: (isKept: (sample: Sample) => boolean) => Sample[];
  find: (isIt: (sample: Sample) => boolean) => Sample | undefined;
  findLast: (isIt: (sample: Sample) => boolean) => Sample | undefined;
}

/** What a row of the table is. */
export const MEASURED = 0;
const WARMUP = 1;
/** Not an ok container, or one with more than every one has: kept as an object. */
export const OTHER = 2;

const LARGEST_PLACE = 2 ** 16 - 1;
const LARGEST_COUNT = 2 ** 32 - 1;

/** The numbers of an ok container as they stand in a line. */
export interface OkRow extends Omit<
  OkSample,
  keyof InstructionCounts | 'kind' | 'state' | 'arm' | 'attempt' | 'gapNs' | 'stagesNs' | 'load'
> {
  /** The arm's place in the plan. */
  readonly arm: number;
}

/**
 * The samples of a run in columns: a tenth of the memory of objects, and read by loops over numbers. Rows are in the
 * order of the lines. A row is made into a {@link Sample} only where one is asked for.
 */
export class SampleTable implements SampleSet {
  #length = 0;
  kind: Uint8Array;
  arm: Uint16Array;
  position: Uint16Array;
  block: Uint32Array;
  index: Uint32Array;
  startNs: Float64Array;
  wallNs: Float64Array;
  userNs: Float64Array;
  systemNs: Float64Array;
  maxRssKiB: Uint32Array;
  minorFaults: Uint32Array;
  majorFaults: Uint32Array;
  voluntarySwitches: Uint32Array;
  involuntarySwitches: Uint32Array;
  #samples: readonly Sample[] | undefined;
  readonly #others = new Map<number, Sample>();

  /** `arms`: their names in the order of the plan; `capacity`: rows for which there is memory at first. */
  constructor(
    readonly arms: readonly string[],
    capacity: number,
  ) {
    const size = Math.max(16, capacity);
    this.kind = new Uint8Array(size);
    this.arm = new Uint16Array(size);
    this.position = new Uint16Array(size);
    this.block = new Uint32Array(size);
    this.index = new Uint32Array(size);
    this.startNs = new Float64Array(size);
    this.wallNs = new Float64Array(size);
    this.userNs = new Float64Array(size);
    this.systemNs = new Float64Array(size);
    this.maxRssKiB = new Uint32Array(size);
    this.minorFaults = new Uint32Array(size);
    this.majorFaults = new Uint32Array(size);
    this.voluntarySwitches = new Uint32Array(size);
    this.involuntarySwitches = new Uint32Array(size);
  }

  get length(): number {
    return this.#length;
  }

  /** All rows as objects, which are made when they are first asked for. */
  get samples(): readonly Sample[] {
    return (this.#samples ??= [...this]);
  }

  /** The rows that are objects, by row. */
  get others(): ReadonlyMap<number, Sample> {
    return this.#others;
  }

  /** Adds a row for whose numbers the columns have room. */
  addOk(row: OkRow): void {
    const at = this.#next();
    this.kind[at] = row.warmup ? WARMUP : MEASURED;
    this.arm[at] = row.arm;
    this.position[at] = row.position;
    this.block[at] = row.block;
    this.index[at] = row.index;
    this.startNs[at] = row.startNs;
    this.wallNs[at] = row.wallNs;
    this.userNs[at] = row.userNs;
    this.systemNs[at] = row.systemNs;
    this.maxRssKiB[at] = row.maxRssKiB;
    this.minorFaults[at] = row.minorFaults;
    this.majorFaults[at] = row.majorFaults;
    this.voluntarySwitches[at] = row.voluntarySwitches;
    this.involuntarySwitches[at] = row.involuntarySwitches;
  }

  /** Adds a sample in columns where they have room for all of it, else as it is. */
  addSample(sample: Sample): void {
    const isPlain = sample.kind === 'container' && sample.state === 'ok' && Object.keys(sample).length === PLAIN_KEYS;
    const arm = isPlain ? this.arms.indexOf(sample.arm) : -1;
    if (isPlain && arm >= 0 && fitsColumns({ ...sample, arm })) this.addOk({ ...sample, arm });
    else this.add(sample);
  }

  /** Adds a sample as it is. */
  add(sample: Sample): void {
    const at = this.#next();
    this.kind[at] = OTHER;
    this.#others.set(at, sample);
  }

  /** The sample of a row of the table. */
  sampleAt(row: number): Sample {
    const other = this.#others.get(row);
    if (other !== undefined) return other;
    return {
      kind: 'container',
      block: this.block[row] ?? 0,
      warmup: this.kind[row] === WARMUP,
      position: this.position[row] ?? 0,
      arm: this.arms[this.arm[row] ?? 0] ?? '',
      index: this.index[row] ?? 0,
      state: 'ok',
      startNs: this.startNs[row] ?? 0,
      wallNs: this.wallNs[row] ?? 0,
      userNs: this.userNs[row] ?? 0,
      systemNs: this.systemNs[row] ?? 0,
      ...this.#countsAt(row),
    };
  }

  #countsAt(row: number) {
    return {
      maxRssKiB: this.maxRssKiB[row] ?? 0,
      minorFaults: this.minorFaults[row] ?? 0,
      majorFaults: this.majorFaults[row] ?? 0,
      voluntarySwitches: this.voluntarySwitches[row] ?? 0,
      involuntarySwitches: this.involuntarySwitches[row] ?? 0,
    };
  }

  *[Symbol.iterator](): Generator<Sample> {
    for (let row = 0; row < this.#length; row++) yield this.sampleAt(row);
  }

  forEach(visit: (sample: Sample) => void): void {
    for (let row = 0; row < this.#length; row++) visit(this.sampleAt(row));
  }

  filter(isKept: (sample: Sample) => boolean): Sample[] {
    const kept: Sample[] = [];
    this.forEach((sample) => {
      if (isKept(sample)) kept.push(sample);
    });
    return kept;
  }

  find(isIt: (sample: Sample) => boolean): Sample | undefined {
    for (const sample of this) if (isIt(sample)) return sample;
    return undefined;
  }

  findLast(isIt: (sample: Sample) => boolean): Sample | undefined {
    for (let row = this.#length - 1; row >= 0; row--) {
      const sample = this.sampleAt(row);
      if (isIt(sample)) return sample;
    }
    return undefined;
  }

  /** The samples of warm-up blocks; looks at the others' kinds alone. */
  warmups(): Sample[] {
    const found: Sample[] = [];
    for (let row = 0; row < this.#length; row++) {
      const sample = this.kind[row] === MEASURED ? null : this.sampleAt(row);
      if (sample?.warmup === true) found.push(sample);
    }
    return found;
  }

  #next(): number {
    if (this.#length === this.kind.length) this.#grow(2 * this.#length);
    return this.#length++;
  }

  #grow(size: number): void {
    const more = new SampleTable([], size);
    for (const name of COLUMNS) more[name].set(this[name]);
    for (const name of COLUMNS) Object.assign(this, { [name]: more[name] });
  }
}

const COLUMNS = [
  'kind',
  'arm',
  'position',
  'block',
  'index',
  'startNs',
  'wallNs',
  'userNs',
  'systemNs',
  'maxRssKiB',
  'minorFaults',
  'majorFaults',
  'voluntarySwitches',
  'involuntarySwitches',
] as const;

/** Keys of an ok sample without a gap, a later attempt and stages. */
const PLAIN_KEYS = 16;

/** Whether the columns have room for all numbers of a row. */
export const fitsColumns = (row: OkRow): boolean =>
  row.arm <= LARGEST_PLACE &&
  row.position <= LARGEST_PLACE &&
  row.block <= LARGEST_COUNT &&
  row.index <= LARGEST_COUNT &&
  row.maxRssKiB <= LARGEST_COUNT &&
  row.minorFaults <= LARGEST_COUNT &&
  row.majorFaults <= LARGEST_COUNT &&
  row.voluntarySwitches <= LARGEST_COUNT &&
  row.involuntarySwitches <= LARGEST_COUNT;

/**
 * The samples of a run in whatever form needs less work: its table, unless a copy of the run was given other samples.
 */
export function samplesOf(run: { readonly samples: readonly Sample[]; readonly table?: SampleTable }): SampleSet {
  const { table } = run;
  if (table === undefined) return run.samples;
  // Asking for the objects would make them: a result that was read has a getter, a copy of it has a value.
  const isAsRead = Object.getOwnPropertyDescriptor(run, 'samples')?.get !== undefined;
  return isAsRead || run.samples === table.samples ? table : run.samples;
}
