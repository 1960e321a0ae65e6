import { BenchError } from '../../errors.js';
import type {
  ArchitectureDiff,
  CallDiff,
  DiffProof,
  FilterDiff,
  NumberDiff,
  SideSize,
} from '../../model/filter/diff.js';
import { AUDIT_ARCH } from '../inspect/architectures.js';
import { callsOf, knownArchitectures } from '../inspect/calls.js';
import type { KnownArchitecture } from '../inspect/calls.js';
import { depthOf } from '../inspect/sections.js';
import type { Simulator } from '../simulate/simulate.js';
import { sectionsOf } from '../simulate/survey.js';
import { hasBitmap } from '../simulate/verdict.js';
import { abisOf } from './abis.js';
import { answerTo, compareNumber } from './call.js';
import { otherNumbers } from './numbers.js';
import type { Effort, Sides } from './regions.js';

/** Filters of a compiler take a small part of it. */
const EFFORT: Effort = { steps: 20_000_000, samples: 400_000 };

/**
 * Compares what two filters answer to every system call of a machine: all numbers, and all arguments of each. A side is
 * a stack of filters, oldest first; an empty one is no seccomp. Every difference has an example that was run through
 * both sides, and `proof` says whether there can be others.
 *
 * Throws `input` for filters of different byte orders, and for a machine that this libseccomp does not know.
 *
 * @param machine libseccomp's name of the machine that the filters are loaded on: `x86_64`
 */
export function compareFilters(before: readonly Simulator[], after: readonly Simulator[], machine: string): FilterDiff {
  const sides = { before, after };
  const known = knownArchitectures();
  const abis = abisOf(machine).flatMap((name) => known.filter((one) => one.name === name));
  assertOrder(sides, machine, abis);
  const effort = { ...EFFORT };
  const compared = abis.map((abi) => compareAbi(sides, abi, effort));
  const why = [...new Set(compared.flatMap((one) => one.why))];
  const proof: DiffProof = {
    state: isSame(before, after) ? 'identical' : why.length === 0 ? 'proved' : 'sampled',
    why: isSame(before, after) ? [] : why,
    evaluations: compared.reduce((sum, { evaluations }) => sum + evaluations, 0),
  };
  return {
    machine,
    before: sizeOf(before),
    after: sizeOf(after),
    architectures: compared.map(({ diff }) => diff),
    proof,
  };
}

function assertOrder({ before, after }: Sides, machine: string, abis: readonly KnownArchitecture[]): void {
  const order = abis[0]?.order;
  if (order === undefined)
    throw new BenchError('input', `this libseccomp does not know ${machine}`, {
      hint: `Known: ${knownArchitectures()
        .map(({ name }) => name)
        .join(', ')}.`,
    });
  const other = [...before, ...after].find((filter) => filter.order !== order);
  if (other !== undefined)
    throw new BenchError('input', `${machine} is ${order}, and the filter is ${other.order}`, {
      hint: 'Compare filters for the same machine.',
    });
}

const isSame = (before: readonly Simulator[], after: readonly Simulator[]): boolean =>
  before.length === after.length &&
  before.every((one, at) => JSON.stringify(one.instructions) === JSON.stringify(after[at]?.instructions));

function sizeOf(filters: readonly Simulator[]): SideSize {
  return {
    filters: filters.length,
    instructions: filters.reduce((sum, { length }) => sum + length, 0),
    longest: filters.reduce((sum, { instructions }) => sum + depthOf(instructions).longest, 0),
    architectures: [...new Set(filters.flatMap(sectionsOf).map(({ name }) => name))],
  };
}

interface ComparedAbi {
  readonly diff: ArchitectureDiff;
  readonly why: readonly string[];
  readonly evaluations: number;
}

function compareAbi(sides: Sides, { name: abi, audit: arch }: KnownArchitecture, effort: Effort): ComparedAbi {
  const known = callsOf(abi);
  let evaluations = 0;
  const why = new Set<string>();
  const compare = (nr: number) => {
    const { evaluations: own, ...compared } = compareNumber(
      sides,
      { arch, nr },
      { hasBitmap: hasBitmap(abi, nr), effort },
    );
    evaluations += own;
    if (compared.notProved !== undefined) why.add(compared.notProved);
    return compared;
  };
  const calls = known.map(({ name, nr }): CallDiff => ({ name, nr, ...compare(nr) }));
  const classes = otherNumbers(sides, { arch, abi, calls: known });
  if (classes.notProved !== undefined) why.add(classes.notProved);
  const others = mergedNumbers(
    classes.cells.map(({ low, high, count }): NumberDiff => {
      const { kinds, before, after } = compare(low);
      return {
        ranges: [[low, high]],
        count,
        kinds,
        before: before.answers.map(({ action }) => action),
        after: after.answers.map(({ action }) => action),
        example: { arch, nr: low },
      };
    }),
  );
  const newest = newestNumber(abi, arch);
  return {
    diff: {
      arch: abi,
      uniformBefore: uniform([
        ...calls.map(({ before }) => before.answers.map(({ action }) => action)),
        ...others.map(({ before }) => before),
      ]),
      uniformAfter: uniform([
        ...calls.map(({ after }) => after.answers.map(({ action }) => action)),
        ...others.map(({ after }) => after),
      ]),
      calls,
      others,
      newer: {
        nr: newest,
        before: answerTo(sides.before, { arch, nr: newest }),
        after: answerTo(sides.after, { arch, nr: newest }),
      },
    },
    why: [...why],
    evaluations,
  };
}

/** Numbers with the same answers are told together. */
function mergedNumbers(numbers: readonly NumberDiff[]): readonly NumberDiff[] {
  const found = new Map<string, NumberDiff>();
  for (const one of numbers) {
    const key = JSON.stringify([one.kinds, one.before, one.after]);
    const known = found.get(key);
    const both = known === undefined ? one : { ...known, ranges: [...known.ranges, ...one.ranges] };
    found.set(key, { ...both, count: (known?.count ?? 0) + one.count });
  }
  return [...found.values()];
}

/** The one answer to everything; `null` where there are several. */
function uniform(answers: readonly (readonly string[])[]): string | null {
  const all = new Set(answers.flat());
  const [only] = all;
  return all.size === 1 && only !== undefined ? only : null;
}

/** Arm's private calls lie far above its ordinary ones. */
const END_OF_ORDINARY = 0x1000;

/** The number after the last ordinary one that the table knows. */
function newestNumber(abi: string, arch: number): number {
  const base = abi === 'x32' && arch === AUDIT_ARCH.X86_64 ? 0x40000000 : 0;
  const ordinary = callsOf(abi).filter(({ nr }) => nr >= base && nr - base < END_OF_ORDINARY * 2);
  return Math.max(base, ...ordinary.map(({ nr }) => nr)) + 1;
}
