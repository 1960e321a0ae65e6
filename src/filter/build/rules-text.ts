import { invalidValue } from '../../errors.js';
import type { RulesMaking } from '../../model/container/container.js';
import type { SeccompSpec } from '../../model/profile/seccomp.js';
import { RETURN } from '../simulate/actions.js';
import { libseccompName } from '../inspect/architectures.js';
import { filterPlan } from './plan.js';
import type { FilterPlan, PlannedRule } from './plan.js';
import { prioritiesOf } from './priorities.js';

/**
 * The RULES file of `bpf-build` (payload/bpf-build.c): one libseccomp call per line, with names for the library to
 * resolve; "none" where seccomp is disabled. A filter that is built already is named by its file (`prebuilt`) and needs
 * no spec. Throws `input` for a spec that requires a listener.
 */
export function rulesText(spec: SeccompSpec | null, making: RulesMaking = {}, prebuilt?: string): string {
  if (spec === null) return prebuilt === undefined ? 'none\n' : `built ${prebuilt}\nflags 0\n`;
  const plan = filterPlan(spec);
  refuseListener(plan);
  const load = [
    `flags ${flagsWord(spec.flags ?? [])}`,
    ...(making.stacked === undefined ? [] : [`times ${making.stacked}`]),
  ];
  if (prebuilt !== undefined) return [`built ${prebuilt}`, ...load, ''].join('\n');
  return [
    ...(making.library === undefined ? [] : [`library ${making.library}`]),
    `default ${hex(plan.defaultAction)}`,
    ...load,
    ...(making.form === 'tree' ? ['optimize 2'] : []),
    ...plan.architectures.map((name) => `arch ${word(libseccompName(name))}`),
    ...plan.rules.map(ruleLine),
    ...prioritiesOf(making.first ?? [], plan).map(({ name, priority }) => `priority ${word(name)} ${priority}`),
    '',
  ].join('\n');
}

function ruleLine({ action, name, conditions }: PlannedRule): string {
  const texts = conditions.map(({ index, operator, a, b }) => ` ${[index, operator, a, b].join(',')}`);
  return `rule ${hex(action)} ${word(name)}${texts.join('')}`;
}

const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;

/** Names of calls and architectures have no blanks: a name that has one stays one word, and unknown. */
const word = (name: string): string => name.replace(/[^\w]/g, '?');

function refuseListener(plan: FilterPlan): void {
  if (plan.defaultAction !== RETURN.USER_NOTIF && plan.rules.every(({ action }) => action !== RETURN.USER_NOTIF))
    return;
  throw invalidValue('linux.seccomp', 'actions that require no listener', 'SCMP_ACT_NOTIFY', {
    code: 'input',
    hint: 'The built-in engine cannot answer notifications. Use an OCI runtime (--engine runc) with a listenerPath.',
  });
}

/** Flags of seccomp(2) for filters without a listener. */
const LOADABLE: ReadonlyMap<string, number> = new Map([
  ['SECCOMP_FILTER_FLAG_TSYNC', 1],
  ['SECCOMP_FILTER_FLAG_LOG', 2],
  ['SECCOMP_FILTER_FLAG_SPEC_ALLOW', 4],
]);

/** The flags for seccomp(2) as one number. Throws `input` for a flag that requires a listener or is unknown. */
function flagsWord(flags: readonly string[]): number {
  return flags.reduce((word, flag) => word | bitOf(flag), 0);
}

function bitOf(flag: string): number {
  const bit = LOADABLE.get(flag);
  if (bit === undefined) {
    throw invalidValue('linux.seccomp.flags', [...LOADABLE.keys()].join(', '), JSON.stringify(flag), {
      code: 'input',
      hint: 'The built-in engine has no listener. An OCI runtime (--engine runc) may load this spec.',
    });
  }
  return bit;
}
