import type { Command } from 'commander';
import { BenchError, invalidValue, unknownName } from '../../errors.js';
import { MOST_STACKED } from '../../model/filter/filter-making.js';
import type { FilterMaking } from '../../model/filter/filter-making.js';
import { CONTROL, faultIn, namedPolicy } from '../../model/run/arms.js';
import { CALL_ACTIONS } from '../../model/results/percall/action-price.js';
import type { CallAction } from '../../model/results/percall/action-price.js';
import { LIMITS } from '../../model/run/limits.js';
import type { ArmDefinition } from '../../model/run/scenario.js';
import { parseArm } from './arms.js';
import { collect, option } from './option.js';
import { wholeNumber } from './values.js';

const DEFAULT_ARMS = 'unconfined,native,after,before';
const BASELINE = 'unconfined';
/** Besides the baseline and its control; every arm is in every block, and a block must stay short. */
const MOST_ARMS = 14;
const FORM_HINT = `--arms takes unconfined, native, after and before; tree and stacked-2 to stacked-${MOST_STACKED} \
build the filter of after differently, native-tree, before-stacked-2 and so on that of another arm.`;

export interface RawPercall {
  readonly arms?: string;
  readonly arm?: readonly string[];
  readonly blocks: string;
  readonly repeats: string;
  readonly loops: string;
  readonly warmup: string;
  readonly actions?: string;
}

/** What is timed in each container, and under which arms. */
export interface PercallOptions {
  /** Without the baseline and its control. */
  readonly arms: readonly ArmDefinition[];
  /** Default arms that come out equal are dropped; arms that were asked for must differ. */
  readonly equalArms: 'drop' | 'refuse';
  readonly blocks: number;
  /** Timed loops of every call in each container. */
  readonly repeats: number;
  /** Calls in one loop. */
  readonly loops: number;
  readonly warmup: number;
  /** Answers of a filter whose price is measured too. */
  readonly actions: readonly CallAction[];
}

/** `--arms`, `--blocks`, `--repeats`, `--loops`, `--warmup`, `--actions` of `percall`. */
export function declarePercallRun(command: Command): Command {
  return command
    .addOption(
      option(
        '--arms <list>',
        `unconfined, native, after, before; tree and stacked-2 to stacked-${MOST_STACKED} build the filter of after \
differently (built-in engine, bwrap; tree also crun), native-tree and so on that of another arm (default: \
${DEFAULT_ARMS}, without equal ones)`,
        'common',
      ),
    )
    .addOption(
      option(
        '--arm <name=file[:policy]>',
        'add an arm: a profile with a policy, a raw filter, or NAME=KEY=VALUE,... as for starts; may be repeated; ' +
          'without --arms, the only ones',
        'arms',
      ).argParser(collect),
    )
    .addOption(option('--blocks <n>', 'containers per arm', 'common').default('30', '30'))
    .addOption(option('--repeats <n>', 'timed loops of each call per container', 'calls').default('25', '25'))
    .addOption(option('--loops <n>', 'calls per loop', 'calls').default('1000', '1000'))
    .addOption(
      option(
        '--actions <list>',
        'also measure what it costs when a listener answers a call (notify), it is logged (log) or traced (trace)',
        'calls',
      ),
    )
    .addOption(option('--warmup <n>', 'unmeasured blocks to run first', 'run').default('1', '1'));
}

const MOST_REPEATS = 10_000;
const MOST_LOOPS = 999_999;

/** Throws `usage`. */
export const parsePercallRun = (raw: RawPercall, profile?: string): PercallOptions => ({
  arms: armsOf(raw, profile),
  equalArms: hasChosenArms(raw) ? 'refuse' : 'drop',
  blocks: wholeNumber('--blocks', raw.blocks, LIMITS.count),
  repeats: wholeNumber('--repeats', raw.repeats, [1, MOST_REPEATS]),
  loops: wholeNumber('--loops', raw.loops, [1, MOST_LOOPS]),
  warmup: wholeNumber('--warmup', raw.warmup, LIMITS.warmup),
  actions: actionsIn(raw.actions),
});

/** Throws `usage` for an unknown action, one that is given twice, and an empty list. */
function actionsIn(list: string | undefined): readonly CallAction[] {
  if (list === undefined) return [];
  const names = list.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !CALL_ACTIONS.some((one) => one === name));
  if (unknown !== undefined) throw unknownName(unknown, 'an action of --actions', CALL_ACTIONS);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw invalidValue('--actions', 'every action once', `${twice} twice`);
  return CALL_ACTIONS.filter((one) => names.includes(one));
}

/** Whether arms were chosen with `--arms` or `--arm`. */
const hasChosenArms = ({ arms, arm = [] }: RawPercall): boolean => arms !== undefined || arm.length > 0;

/** Named arms, then those of `--arm`. Throws `usage`. */
function armsOf({ arms: list, arm: extra = [] }: RawPercall, profile?: string): readonly ArmDefinition[] {
  const named = list === undefined && extra.length > 0 ? [] : parsePercallArms(list ?? DEFAULT_ARMS, profile);
  const arms = [...named, ...extra.map(parseArm)];
  const fault = faultIn([{ name: BASELINE, policy: 'unconfined' }, ...arms], MOST_ARMS + 1);
  if (fault === undefined) return arms;
  throw new BenchError('usage', `arms: ${fault.message}`, {
    hint: '--arm NAME=FILE adds an arm under a name of its own.',
  });
}

/**
 * Arms by name, without the baseline and its control. `tree` and `stacked-N` build the filter of `after` differently; a
 * name before them and a dash means another arm's. Throws `usage`.
 */
export function parsePercallArms(list: string, profile?: string): readonly ArmDefinition[] {
  const names = list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== BASELINE && name !== CONTROL);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw wrong('every arm once', `${twice} twice`);
  if (names.length === 0) throw wrong(`at least one arm besides ${BASELINE}`, `"${list}"`);
  if (names.length > MOST_ARMS)
    throw wrong(`at most ${MOST_ARMS} arms besides ${BASELINE} and its control`, String(names.length));
  return names.map((name) => ({ ...armOf(name), ...(profile === undefined ? {} : { profile }) }));
}

function armOf(name: string): ArmDefinition {
  const plain = namedPolicy(name);
  if (plain !== undefined) return { name, policy: plain };
  const [, spec = 'after', tree, stacked] = /^(?:(before|after|native)-)?(?:(tree)|stacked-(\d))$/.exec(name) ?? [];
  const policy = namedPolicy(spec);
  const making: FilterMaking | undefined =
    tree !== undefined ? { form: 'tree' } : stacked !== undefined ? { stacked: Number(stacked) } : undefined;
  const fits = stacked === undefined || (Number(stacked) >= 1 && Number(stacked) <= MOST_STACKED);
  if (policy === undefined || making === undefined || !fits) throw wrong('names of arms', `"${name}"`);
  return { name, policy, making };
}

const wrong = (expected: string, got: string) => invalidValue('--arms', expected, got, { hint: FORM_HINT });
