import { errnoText } from '../../model/filter/errno.js';
import type { CallOutcome, CallVerdict, RangeKind, SystemCall } from '../../model/filter/simulation.js';
import { RETURN } from './actions.js';
import { boundsOf } from './bounds.js';
import type { KnownArchitecture, KnownCall } from '../inspect/calls.js';
import { NOTHING_KNOWN, someValue } from './facts.js';
import type { WordFacts } from './facts.js';
import { pathsThrough } from './paths.js';
import type { Budget, Path } from './paths.js';
import { WORD } from './simulate.js';
import type { Decision, Simulator } from './simulate.js';

/** Filters of a compiler need some thousand steps per call; with more, only bounds are given. */
export const STEPS_PER_CALL = 200_000;
const ARGUMENTS = 6;

/** Architectures without a bitmap: MIPS has none, and the numbers of x32 lie beyond those of x86_64. */
const WITHOUT_BITMAP: ReadonlySet<string> = new Set([
  'x32',
  'mips',
  'mips64',
  'mips64n32',
  'mipsel',
  'mipsel64',
  'mipsel64n32',
]);
/** Bitmaps cover ordinary numbers; Arm's private calls lie far above. */
const BITMAP_END = 0x1000;

/** Ways to one answer. */
interface Ways {
  readonly value: number | null;
  readonly shortest: Path;
  readonly longest: Path;
}

/** A filter's verdict on one system call over all arguments; the steps taken are subtracted from the budget. */
export function verdictOf(
  filter: Simulator,
  architecture: KnownArchitecture,
  { name, nr }: KnownCall,
  budget: Budget = { steps: STEPS_PER_CALL },
): CallVerdict {
  const call = { arch: architecture.audit, nr };
  const decided = filter.decide(call);
  if (decided !== null) return settled(architecture, { name, nr }, decided);
  const paths = pathsThrough(filter.instructions, call, budget);
  const { outcomes, range } = paths === null ? bounded(filter, call) : followed(filter, call, paths);
  return {
    arch: architecture.name,
    name,
    nr,
    outcomes: [...outcomes].sort(byPermission),
    zero: filter.execute(call),
    fewest: Math.min(...outcomes.map((outcome) => outcome.fewest)),
    most: Math.max(...outcomes.map((outcome) => outcome.most)),
    range,
    dependsOnArguments: outcomes.length > 1 || outcomes[0]?.value === null,
    // The kernel's walk does not follow instructions that depend on arguments.
    constantAllow: false,
    cacheable: false,
  };
}

/** The verdict where number and architecture decide. */
function settled(
  architecture: KnownArchitecture,
  { name, nr }: KnownCall,
  { value, instructions, isFollowed }: Decision,
): CallVerdict {
  // The same as isConstantAllow, from this run.
  const constantAllow = value === RETURN.ALLOW && isFollowed;
  return {
    arch: architecture.name,
    name,
    nr,
    outcomes: [{ value, action: actionText(value), fewest: instructions, most: instructions }],
    zero: { value, instructions },
    fewest: instructions,
    most: instructions,
    range: 'exact',
    dependsOnArguments: false,
    constantAllow,
    cacheable: constantAllow && hasBitmap(architecture.name, nr),
  };
}

/** Whether the kernel's bitmap of the architecture has a bit for the call. */
export const hasBitmap = (architecture: string, nr: number): boolean =>
  !WITHOUT_BITMAP.has(architecture) && nr < BITMAP_END;

function bounded(
  filter: Simulator,
  call: SystemCall,
): { readonly outcomes: readonly CallOutcome[]; readonly range: RangeKind } {
  return {
    outcomes: boundsOf(filter.instructions, call).map((bound) => ({ ...bound, action: actionText(bound.value) })),
    range: 'bound',
  };
}

/** A range is exact where arguments were found that take the shortest and the longest way to every answer. */
function followed(
  filter: Simulator,
  call: SystemCall,
  paths: readonly Path[],
): { readonly outcomes: readonly CallOutcome[]; readonly range: RangeKind } {
  const shown = waysByValue(paths).map((ways) => outcomeOf(filter, call, ways));
  return {
    outcomes: shown.map(({ outcome }) => outcome),
    range: shown.every(({ exact }) => exact) ? 'exact' : 'bound',
  };
}

function waysByValue(paths: readonly Path[]): readonly Ways[] {
  const ways = new Map<number | null, Ways>();
  for (const path of paths) {
    const { shortest, longest } = ways.get(path.value) ?? { shortest: path, longest: path };
    ways.set(path.value, {
      value: path.value,
      shortest: path.instructions < shortest.instructions ? path : shortest,
      longest: path.instructions > longest.instructions ? path : longest,
    });
  }
  return [...ways.values()];
}

function outcomeOf(
  filter: Simulator,
  call: SystemCall,
  { value, shortest, longest }: Ways,
): { readonly outcome: CallOutcome; readonly exact: boolean } {
  const [short, long] = [shortest, longest].map((path) => exampleOf(filter, call, path));
  const example = short ?? long;
  return {
    outcome: {
      value,
      action: actionText(value),
      fewest: shortest.instructions,
      most: longest.instructions,
      ...(example === undefined ? {} : { example }),
    },
    exact: short !== undefined && long !== undefined,
  };
}

/**
 * A call for every way that a filter can take for one number, as far as one was found; none where there are more ways
 * than `budget` allows.
 */
export const examplesOf = (
  filter: Simulator,
  call: { readonly arch: number; readonly nr: number },
  budget: Budget = { steps: STEPS_PER_CALL },
): readonly SystemCall[] =>
  (pathsThrough(filter.instructions, call, budget) ?? []).flatMap((path) => exampleOf(filter, call, path) ?? []);

/** A call that takes this way, verified by running it; `undefined` where none was found. */
function exampleOf(filter: Simulator, call: SystemCall, { facts, value, instructions }: Path): SystemCall | undefined {
  const words = new Map([...facts].map(([word, known]: [number, WordFacts]) => [word, someValue(known)]));
  if ([...words.values()].includes(undefined)) return undefined;
  const field = (word: number): bigint => {
    const [first, second] = [words.get(word) ?? someValue(NOTHING_KNOWN) ?? 0, words.get(word + 1) ?? 0].map(
      BigInt,
    ) as [bigint, bigint];
    return filter.order === 'little-endian' ? first | (second << 32n) : (first << 32n) | second;
  };
  const args = Array.from({ length: ARGUMENTS }, (_, index) => field(WORD.ARGUMENTS + index * 2));
  const example = { ...call, args, instructionPointer: field(WORD.POINTER) };
  const run = filter.execute(example);
  return run.instructions === instructions && (value === null || run.value === value) ? example : undefined;
}

/** The kernel's reading of a return value: ALLOW, LOG, ERRNO(EPERM), KILL_THREAD, ... */
export function actionText(value: number | null): string {
  if (value === null) return 'any';
  const action = (value & 0xffff0000) >>> 0;
  const data = value & 0xffff;
  switch (action) {
    case RETURN.ERRNO:
      return `ERRNO(${errnoText(data)})`;
    case RETURN.TRACE:
    case RETURN.TRAP:
      return `${actionName(action)}(${data})`;
    default:
      return actionName(action);
  }
}

/** An action that the kernel does not know ends the process. */
const actionName = (action: number): string =>
  Object.entries(RETURN).find(([, value]) => value === action)?.[0] ?? 'KILL_PROCESS';

/**
 * In the kernel's order: actions are compared as signed numbers, the largest is the most permissive; a computed answer
 * comes last.
 */
const byPermission = (one: CallOutcome, other: CallOutcome): number => permission(other) - permission(one);
const permission = ({ value }: CallOutcome): number => (value === null ? -Infinity : value | 0);
