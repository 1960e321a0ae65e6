import type { Command } from 'commander';
import { BenchError, invalidValue, unknownName } from '../../errors.js';
import { MOST_STACKED } from '../../model/filter/filter-making.js';
import { CONTROL } from '../../model/run/arms.js';
import { CALL_ACTIONS } from '../../model/results/percall/action-price.js';
import type { CallAction } from '../../model/results/percall/action-price.js';
import {
  MOST_PERCALL_ARMS,
  PERCALL_ARM_NAMES,
  PERCALL_BASELINE,
  PERCALL_DEFAULTS,
  PERCALL_LIMITS,
  percallArm,
  percallArmsFault,
} from '../../model/run/kinds/percall.js';
import type { PercallScenario } from '../../model/run/kinds/percall.js';
import { LIMITS } from '../../model/run/limits.js';
import type { ArmDefinition } from '../../model/run/scenario.js';
import { parseArm } from './arms.js';
import { collect, option } from './option.js';
import { wholeNumber } from './values.js';

const DEFAULT_ARMS = PERCALL_DEFAULTS.arms.join(',');
const FORM_HINT = `--arms takes ${PERCALL_ARM_NAMES}.`;

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
export type PercallOptions = Pick<
  PercallScenario,
  'arms' | 'equalArms' | 'blocks' | 'repeats' | 'loops' | 'warmup' | 'actions'
>;

const preset = (name: 'blocks' | 'repeats' | 'loops' | 'warmup'): readonly [string, string] => {
  const text = String(PERCALL_DEFAULTS[name]);
  return [text, text];
};

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
    .addOption(option('--blocks <n>', 'containers per arm', 'common').default(...preset('blocks')))
    .addOption(option('--repeats <n>', 'timed loops of each call per container', 'calls').default(...preset('repeats')))
    .addOption(option('--loops <n>', 'calls per loop', 'calls').default(...preset('loops')))
    .addOption(
      option(
        '--actions <list>',
        'also measure what it costs when a listener answers a call (notify), it is logged (log) or traced (trace)',
        'calls',
      ),
    )
    .addOption(option('--warmup <n>', 'unmeasured blocks to run first', 'run').default(...preset('warmup')));
}

/** Throws `usage`. */
export const parsePercallRun = (raw: RawPercall, profile?: string): PercallOptions => ({
  arms: armsOf(raw, profile),
  equalArms: hasChosenArms(raw) ? 'refuse' : 'drop',
  blocks: wholeNumber('--blocks', raw.blocks, LIMITS.count),
  repeats: wholeNumber('--repeats', raw.repeats, PERCALL_LIMITS.repeats),
  loops: wholeNumber('--loops', raw.loops, PERCALL_LIMITS.loops),
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
  const fault = percallArmsFault(arms);
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
    .filter((name) => name !== PERCALL_BASELINE && name !== CONTROL);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw wrong('every arm once', `${twice} twice`);
  if (names.length === 0) throw wrong(`at least one arm besides ${PERCALL_BASELINE}`, `"${list}"`);
  if (names.length > MOST_PERCALL_ARMS)
    throw wrong(`at most ${MOST_PERCALL_ARMS} arms besides ${PERCALL_BASELINE} and its control`, String(names.length));
  return names.map((name) => ({ ...armOf(name), ...(profile === undefined ? {} : { profile }) }));
}

function armOf(name: string): ArmDefinition {
  const arm = percallArm(name);
  if (arm === undefined) throw wrong('names of arms', `"${name}"`);
  return arm;
}

const wrong = (expected: string, got: string) => invalidValue('--arms', expected, got, { hint: FORM_HINT });
