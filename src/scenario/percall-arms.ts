import { BenchError } from '../errors.js';
import { MOST_STACKED } from '../model/filter/filter-making.js';
import type { FilterMaking } from '../model/filter/filter-making.js';
import type { ArmDefinition } from '../model/run/scenario.js';
import { CONTROL, namedPolicy } from './arms.js';

/** What calls are priced under where nothing is said. */
export const DEFAULT_PERCALL_ARMS = 'unconfined,native,after,before';
/** What every other arm is held against. */
export const PERCALL_BASELINE = 'unconfined';

/** Each is a column of every block; a block must stay short. */
const MOST_ARMS = 16;
const FORM = `--arms takes unconfined, native, after and before; tree and stacked-2 to stacked-${MOST_STACKED} are after's spec made otherwise, native-tree, before-stacked-2 and so on another's.`;

/**
 * The arms of a run that prices calls, by name: unconfined is always there, first, with a control of it last. `tree`
 * and `stacked-N` stand for a filter made in
 * another way from after's spec; a name before them and a dash says another spec. Throws `usage`.
 */
export function percallArms(list: string, profile?: string): readonly ArmDefinition[] {
  const names = list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== PERCALL_BASELINE && name !== CONTROL);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw usage('every arm once', `${twice} twice`);
  if (names.length === 0) throw usage('at least one arm beside unconfined', JSON.stringify(list));
  if (names.length + 2 > MOST_ARMS)
    throw usage(`at most ${MOST_ARMS - 2} arms beside unconfined and its control`, String(names.length));
  const arms = names.map((name) => ({ ...armOf(name), ...(profile === undefined ? {} : { profile }) }));
  const baseline: ArmDefinition = { name: PERCALL_BASELINE, policy: 'unconfined' };
  return [baseline, ...arms, { ...baseline, name: CONTROL, copyOf: PERCALL_BASELINE }];
}

function armOf(name: string): ArmDefinition {
  const plain = namedPolicy(name);
  if (plain !== undefined) return { name, policy: plain };
  const [, spec = 'after', tree, stacked] = /^(?:(before|after|native)-)?(?:(tree)|stacked-(\d))$/.exec(name) ?? [];
  const policy = namedPolicy(spec);
  const making: FilterMaking | undefined =
    tree !== undefined ? { form: 'tree' } : stacked !== undefined ? { stacked: Number(stacked) } : undefined;
  const fits = stacked === undefined || (Number(stacked) >= 1 && Number(stacked) <= MOST_STACKED);
  if (policy === undefined || making === undefined || !fits) throw usage('names of arms', JSON.stringify(name));
  return { name, policy, making };
}

const usage = (wanted: string, got: string): BenchError =>
  new BenchError('usage', `--arms: expected ${wanted}, got ${got}`, { hint: FORM });
