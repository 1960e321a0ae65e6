import type { FilterMaking } from '../filter/filter-making.js';
import type { ArmDefinition, ArmPolicy } from './scenario.js';
import { baselineOf } from './scenario.js';
import { POLICIES } from '../profile/seccomp.js';

/**
 * The arms a user can ask for by name alone, apart from `control`, and the policy each stands for. `default` is `after`
 * by the name that Docker's users know.
 */
export const NAMED_ARMS: Readonly<Record<string, ArmPolicy>> = {
  before: 'all',
  after: 'host',
  default: 'host',
  trim: 'trim',
  native: 'native',
  unconfined: 'unconfined',
  'runtime-default': 'runtime-default',
};

/** The A/A check's arm; its name is reserved for it. */
export const CONTROL = 'control';

/** What `--arms` means when it is not given. */
export const DEFAULT_ARMS = ['before', 'after', CONTROL] as const;

/** Every arm runs in every block, and a block must stay short for its drift to cancel (docs/method.md, section 6). */
export const MOST_ARMS = 8;

/** What the spec of an arm with a file of its own can be made by; the runtime's own profile has no file. */
export const ARM_POLICIES: readonly ArmPolicy[] = [...POLICIES, 'unconfined'];

const FILE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/**
 * The policy a plain arm name stands for; `undefined` where the name is none of ours (`toString` and its like
 * included).
 */
export function namedPolicy(name: string): ArmPolicy | undefined {
  return Object.hasOwn(NAMED_ARMS, name) ? NAMED_ARMS[name] : undefined;
}

/**
 * The arms of a program's runs: a filter's cost is relative to no filter, and the first arm is the one that the others
 * are compared with.
 */
export const unconfinedFirst = <Arm>(arms: readonly Arm[]): readonly Arm[] => [
  ...arms.filter((arm) => arm === 'unconfined'),
  ...arms.filter((arm) => arm !== 'unconfined'),
];

/** What is wrong with a list of arms, and where: `index` counts from 0, absent where the whole list is meant. */
export interface ArmFault {
  readonly index?: number;
  readonly property?: 'name' | 'copyOf';
  readonly message: string;
}

/**
 * The first fault of arms that are otherwise well-formed, or `undefined`; checks names, doubles, copies and the number
 * of arms.
 */
export function faultIn(arms: readonly ArmDefinition[], most: number = MOST_ARMS): ArmFault | undefined {
  if (arms.every((arm) => arm.copyOf !== undefined)) return { message: `expected at least one arm besides ${CONTROL}` };
  if (arms.length > most) return { message: `expected at most ${most} arms, ${CONTROL} included, got ${arms.length}` };
  for (const [index, arm] of arms.entries()) {
    const fault = nameFault(arm, arms.slice(0, index)) ?? copyFault(arm, arms) ?? keysFault(arm);
    if (fault !== undefined) return { index, ...fault };
  }
  return undefined;
}

function nameFault(arm: ArmDefinition, earlier: readonly ArmDefinition[]): ArmFault | undefined {
  const wrong = (message: string): ArmFault => ({ property: 'name', message });
  if (arm.name === '') return wrong('expected a name, got an empty one');
  // Arms name files and folders of the results.
  if (!FILE_NAME.test(arm.name)) {
    return wrong(
      'expected a name of at most 64 letters, digits, ".", "_" and "-" that begins with a letter or digit, ' +
        `got "${arm.name}"`,
    );
  }
  if (arm.name === CONTROL && arm.copyOf === undefined)
    return wrong(`expected another name: "${CONTROL}" is the byte copy of the baseline, got another arm`);
  if (earlier.some((other) => other.name === arm.name))
    return wrong(`expected every name once, got "${arm.name}" twice`);
  return undefined;
}

/** Two properties of an arm that exclude each other: an order and a tree, or a way to build what is not there. */
export function contradictionIn({ policy, making, libseccomp }: Treatment): readonly [string, string] | undefined {
  if (making?.first !== undefined && making.form === 'tree') return ['first', 'form=tree'];
  const about = making === undefined ? (libseccomp === undefined ? undefined : 'libseccomp') : keyOf(making);
  return about !== undefined && policy === 'unconfined' ? [about, 'the policy unconfined'] : undefined;
}

/** The first key of an arm that says how its filter is made. */
export function keyOf({ form, first }: FilterMaking): 'form' | 'first' | 'build' {
  if (form !== undefined) return 'form';
  return first === undefined ? 'build' : 'first';
}

/** What sets an arm apart from others. */
export type Treatment = Omit<ArmDefinition, 'name' | 'copyOf'>;

function keysFault(arm: ArmDefinition): ArmFault | undefined {
  const [one, other] = contradictionIn(arm) ?? [];
  return one === undefined ? undefined : { message: `${one} cannot be combined with ${other ?? ''}` };
}

function copyFault(arm: ArmDefinition, arms: readonly ArmDefinition[]): ArmFault | undefined {
  if (arm.copyOf === undefined) return undefined;
  const wrong = (message: string): ArmFault => ({ property: 'copyOf', message });
  const original = arms.find((other) => other.name === arm.copyOf && other.copyOf === undefined);
  if (original === undefined)
    return wrong(`expected the name of another arm that is no copy itself, got "${arm.copyOf}"`);
  return original.policy === arm.policy && original.profile === arm.profile
    ? undefined
    : wrong(`expected the policy and profile of "${arm.copyOf}", got others`);
}

/**
 * The arms with their control at the end: a byte copy of the baseline (same policy, same profile), unless one is there
 * already.
 */
export function completeArms(arms: readonly ArmDefinition[]): readonly ArmDefinition[] {
  const baseline = arms.find((arm) => arm.name === baselineOf(arms.filter((other) => other.copyOf === undefined)));
  if (baseline === undefined || arms.some((arm) => arm.copyOf === baseline.name)) return arms;
  const { policy, profile, runtime, making, libseccomp, cache } = baseline;
  const copy: ArmDefinition = {
    name: CONTROL,
    policy,
    copyOf: baseline.name,
    ...(profile === undefined ? {} : { profile }),
    ...(runtime === undefined ? {} : { runtime }),
    ...(making === undefined ? {} : { making }),
    ...(libseccomp === undefined ? {} : { libseccomp }),
    ...(cache === undefined ? {} : { cache }),
  };
  return [...arms, copy];
}

/**
 * Whether an arm may have the spec of another arm and still differ from it: by its runtime, its command, or the way its
 * filters are made.
 */
export const isOwnTreatment = ({ runtime, command, making, libseccomp }: ArmDefinition): boolean =>
  [runtime, command, making, libseccomp].some((one) => one !== undefined);
