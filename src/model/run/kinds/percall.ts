import { MOST_STACKED } from '../../filter/filter-making.js';
import type { FilterMaking } from '../../filter/filter-making.js';
import type { Dialect } from '../../profile/seccomp.js';
import type { CallAction } from '../../results/percall/action-price.js';
import type { NamedCall } from '../../results/percall/percall.js';
import { faultIn, namedPolicy } from '../arms.js';
import type { ArmFault } from '../arms.js';
import type { ArmDefinition } from '../scenario.js';

/** System calls timed in containers: what `bench percall` or a scenario file of that kind asks for. */
export interface PercallScenario {
  readonly kind: 'percall';
  readonly name: string;
  readonly title?: string;
  /** uname machine name this scenario belongs to; absent = any. */
  readonly architecture?: 'x86_64' | 'aarch64';
  /** Absent: the built-in default. */
  readonly profile?: string;
  readonly dialect: Dialect;
  /** Without the baseline and its control, which are added. */
  readonly arms: readonly ArmDefinition[];
  /** Default arms that come out equal are dropped; arms that were asked for must differ. */
  readonly equalArms: 'drop' | 'refuse';
  readonly calls: readonly NamedCall[];
  /** Names of calls that are left out where a filter would end their caller; others are refused. */
  readonly droppable: readonly string[];
  /** Answers of a filter whose price is measured too. */
  readonly actions: readonly CallAction[];
  readonly blocks: number;
  readonly warmup: number;
  /** Timed loops of every call in each container. */
  readonly repeats: number;
  /** Calls in one loop. */
  readonly loops: number;
}

/** The arm that all other arms are compared with when calls are priced. */
export const PERCALL_BASELINE = 'unconfined';
/** Besides the baseline and its control; every arm is in every block, and a block must stay short. */
export const MOST_PERCALL_ARMS = 14;
export const PERCALL_LIMITS = { repeats: [1, 10_000], loops: [1, 999_999] } as const;
export const PERCALL_DEFAULTS = {
  name: 'percall',
  arms: ['unconfined', 'native', 'after', 'before'],
  blocks: 30,
  warmup: 1,
  repeats: 25,
  loops: 1000,
} as const;

/** What {@link percallArm} knows, for messages. */
export const PERCALL_ARM_NAMES = `unconfined, native, after and before; tree and stacked-2 to stacked-${MOST_STACKED} \
build the filter of after differently, native-tree, before-stacked-2 and so on that of another arm`;

/**
 * The arm with that name. `tree` and `stacked-N` build the filter of `after` differently; a name before them and a dash
 * means another arm's. `undefined` where the name is none of these.
 */
export function percallArm(name: string): ArmDefinition | undefined {
  const plain = namedPolicy(name);
  if (plain !== undefined) return { name, policy: plain };
  const [, spec = 'after', tree, stacked] = /^(?:(before|after|native)-)?(?:(tree)|stacked-(\d))$/.exec(name) ?? [];
  const policy = namedPolicy(spec);
  const making: FilterMaking | undefined =
    tree !== undefined ? { form: 'tree' } : stacked !== undefined ? { stacked: Number(stacked) } : undefined;
  const fits = stacked === undefined || (Number(stacked) >= 1 && Number(stacked) <= MOST_STACKED);
  return policy === undefined || making === undefined || !fits ? undefined : { name, policy, making };
}

/** What is wrong with arms next to the baseline, counted without it; `undefined`: nothing. */
export function percallArmsFault(arms: readonly ArmDefinition[]): ArmFault | undefined {
  const fault = faultIn([{ name: PERCALL_BASELINE, policy: 'unconfined' }, ...arms], MOST_PERCALL_ARMS + 1);
  return fault?.index === undefined ? fault : { ...fault, index: fault.index - 1 };
}
