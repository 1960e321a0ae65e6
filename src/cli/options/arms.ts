import type { Command } from 'commander';
import { BenchError, invalidValue, unknownName } from '../../errors.js';
import { ARM_POLICIES, completeArms, CONTROL, faultIn, NAMED_ARMS, namedPolicy } from '../../model/run/arms.js';
import type { ArmDefinition, ArmPolicy } from '../../model/run/scenario.js';
import { collect, option } from './option.js';

export interface RawArms {
  readonly arms: string;
  readonly arm?: readonly string[];
}

const KNOWN_NAMES = [...Object.keys(NAMED_ARMS), CONTROL].join(', ');
const FORM_HINT = 'For example --arm mine=my-profile.json:host, or --arm mine=filter.bpf.';

/** Which arms there are: `--arms`, `--arm`. */
export function declareArms(command: Command, preset = 'before,after'): Command {
  return command
    .addOption(
      option(
        '--arms <list>',
        `${Object.keys(NAMED_ARMS).join(', ')}, separated by commas; the control is added`,
        'common',
      ).default(preset, preset),
    )
    .addOption(
      option('--arm <name=file:policy>', 'add an arm; a raw filter has no policy; may be repeated', 'arms').argParser(
        collect,
      ),
    );
}

/** Named arms, then those of `--arm`, then the control. Throws `usage`. */
export function parseArms({ arms: list, arm: extra = [] }: RawArms): readonly ArmDefinition[] {
  const arms = completeArms([...namedArms(list), ...extra.map(parseArm)]);
  const fault = faultIn(arms);
  if (fault === undefined) return arms;
  throw new BenchError('usage', `arms: ${fault.message}`, {
    hint: `--arms takes ${KNOWN_NAMES}; --arm NAME=FILE:POLICY adds another.`,
  });
}

/** Arms by name, without the control. Throws `usage`. */
export function namedArms(list: string): readonly ArmDefinition[] {
  const names = list.split(',').map((name) => name.trim());
  return names
    .filter((name) => name !== CONTROL)
    .map((name) => {
      const policy = namedPolicy(name);
      if (policy !== undefined) return { name, policy };
      throw invalidValue('--arms', `a comma-separated list of ${KNOWN_NAMES}`, `"${name}" in "${list}"`, {
        hint: 'Use --arm NAME=FILE:POLICY for other arms.',
      });
    });
}

/**
 * An arm from `NAME=FILE:POLICY` or `NAME=FILE`; the last colon counts, so the path may contain colons. Throws `usage`.
 */
export function parseArm(text: string): ArmDefinition {
  const equals = text.indexOf('=');
  if (equals < 0) throw invalidValue('--arm', 'NAME=FILE or NAME=FILE:POLICY', `"${text}"`, { hint: FORM_HINT });
  const name = text.slice(0, equals);
  const { profile, policy } = fileAndPolicy(text.slice(equals + 1));
  if (profile === '')
    throw invalidValue(`--arm ${name}`, 'a file after =', `nothing in "${text}"`, {
      hint: `${FORM_HINT} Arms of the built-in profile are named with --arms.`,
    });
  return policy === undefined ? { name, policy: 'host', impliedPolicy: true, profile } : { name, policy, profile };
}

/** A word after the last colon is a policy; with a dot or a slash it is a part of the path. */
function fileAndPolicy(text: string): { readonly profile: string; readonly policy?: ArmPolicy } {
  const colon = text.lastIndexOf(':');
  const last = text.slice(colon + 1);
  if (colon < 0 || /[./\\]/.test(last)) return { profile: text };
  const policy = ARM_POLICIES.find((known) => known === last);
  if (policy !== undefined) return { profile: text.slice(0, colon), policy };
  throw unknownName(last, 'a policy', ARM_POLICIES, {
    hint: `In --arm NAME=FILE:POLICY the policy is one of ${ARM_POLICIES.join(', ')}.`,
  });
}
