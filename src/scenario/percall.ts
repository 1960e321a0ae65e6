import { CALL_ACTIONS } from '../model/results/percall/action-price.js';
import type { CallAction } from '../model/results/percall/action-price.js';
import type { NamedCall } from '../model/results/percall/percall.js';
import { CONTROL } from '../model/run/arms.js';
import { callIn, droppableIn, isCallFault, repeatedCall, withUnknown } from '../model/run/call-text.js';
import { DEFAULT_CALLS } from '../model/run/harmless-calls.js';
import {
  PERCALL_ARM_NAMES,
  PERCALL_BASELINE,
  PERCALL_DEFAULTS,
  percallArm,
  percallArmsFault,
} from '../model/run/kinds/percall.js';
import type { PercallScenario } from '../model/run/kinds/percall.js';
import { DEFAULTS } from '../model/run/limits.js';
import type { ArmDefinition } from '../model/run/scenario.js';
import type { ValidFile } from './file.js';
import { definitionOf, placeOf, type WrittenArm } from './written-arms.js';

/** A file of kind `percall`, valid by the schema. */
export interface WrittenPercall
  extends
    Pick<PercallScenario, 'kind'>,
    Partial<
      Pick<
        PercallScenario,
        'name' | 'title' | 'architecture' | 'profile' | 'dialect' | 'blocks' | 'warmup' | 'repeats' | 'loops'
      >
    > {
  readonly arms?: readonly WrittenArm[];
  readonly calls?: readonly string[];
  readonly actions?: readonly CallAction[];
}

/** The scenario with its defaults filled in. */
export function percallScenario(written: WrittenPercall, file: ValidFile): PercallScenario {
  const { name = file.ownName, title, architecture, profile, arms, calls = DEFAULT_CALLS, actions = [] } = written;
  const located = profile === undefined ? {} : { profile: file.located(profile) };
  return {
    kind: 'percall',
    name,
    ...(title === undefined ? {} : { title }),
    ...(architecture === undefined ? {} : { architecture }),
    ...located,
    dialect: written.dialect ?? DEFAULTS.dialect,
    arms: armsOf(arms ?? PERCALL_DEFAULTS.arms, located, file),
    equalArms: arms === undefined ? 'drop' : 'refuse',
    calls: callsOf(calls, file),
    droppable: droppableIn(calls),
    // In the order in which they are always priced.
    actions: CALL_ACTIONS.filter((one) => actions.includes(one)),
    blocks: written.blocks ?? PERCALL_DEFAULTS.blocks,
    warmup: written.warmup ?? PERCALL_DEFAULTS.warmup,
    repeats: written.repeats ?? PERCALL_DEFAULTS.repeats,
    loops: written.loops ?? PERCALL_DEFAULTS.loops,
  };
}

/** The arm without a filter and its control are always there, so that a file need not name them. */
function armsOf(
  written: readonly WrittenArm[],
  profile: Pick<PercallScenario, 'profile'>,
  file: ValidFile,
): readonly ArmDefinition[] {
  const arms = written.flatMap((arm, index): readonly ArmDefinition[] => {
    if (typeof arm !== 'string') return [definitionOf(arm, file.located)];
    if (arm === PERCALL_BASELINE || arm === CONTROL) return [];
    const known = percallArm(arm);
    if (known === undefined) throw file.reject(`arms[${index}]: expected ${PERCALL_ARM_NAMES}; got "${arm}"`);
    return [{ ...known, ...profile }];
  });
  if (arms.length === 0) throw file.reject(`arms: expected at least one arm besides ${PERCALL_BASELINE}`);
  const fault = percallArmsFault(arms);
  if (fault === undefined) return arms;
  throw file.reject(`${placeOf(fault, written, arms)}: ${fault.message}`);
}

function callsOf(texts: readonly string[], { reject }: ValidFile): readonly NamedCall[] {
  const calls = texts.map((text, index) => {
    const call = callIn(text);
    if (isCallFault(call)) throw reject(`calls[${index}]: expected ${call.expected}, got ${call.got}`);
    return call;
  });
  const twice = repeatedCall(calls);
  if (twice >= 0) throw reject(`calls[${twice}]: expected every call once, got ${calls[twice]?.name ?? ''} twice`);
  return withUnknown(calls);
}

/** The arms of a run that prices calls: the one without a filter first, those given, and a control of the first. */
export function percallArms(arms: readonly ArmDefinition[]): readonly ArmDefinition[] {
  const baseline: ArmDefinition = { name: PERCALL_BASELINE, policy: 'unconfined' };
  return [baseline, ...arms, { ...baseline, name: CONTROL, copyOf: PERCALL_BASELINE }];
}
