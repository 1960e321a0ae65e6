import type { Command } from 'commander';
import { BenchError, invalidValue } from '../../errors.js';
import { ARM_POLICIES, completeArms, CONTROL, faultIn, NAMED_ARMS, namedPolicy } from '../../model/run/arms.js';
import type { ArmDefinition } from '../../model/run/scenario.js';
import { collect, option } from './option.js';

export interface RawArms {
  readonly arms: string;
  readonly arm?: readonly string[];
}

const KNOWN_NAMES = [...Object.keys(NAMED_ARMS), CONTROL].join(', ');
const FORM_HINT = 'The form is --arm NAME=FILE[:POLICY], for example --arm mine=my-profile.json:host.';

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
      option(
        '--arm <name=file[:policy]>',
        'add an arm: a profile, an LXC policy or a raw filter; may be repeated',
        'arms',
      ).argParser(collect),
    );
}

/** Named arms, then those of `--arm`, then the control. Throws `usage`. */
export function parseArms({ arms: list, arm: extra = [] }: RawArms): readonly ArmDefinition[] {
  const arms = completeArms([...namedArms(list), ...extra.map(parseArm)]);
  const fault = faultIn(arms);
  if (fault === undefined) return arms;
  throw new BenchError('usage', `arms: ${fault.message}`, {
    hint: `--arms takes ${KNOWN_NAMES}; --arm NAME=FILE[:POLICY] adds another.`,
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
        hint: 'Use --arm NAME=FILE[:POLICY] for other arms.',
      });
    });
}

/**
 * An arm from `NAME=FILE:POLICY`, or `NAME=FILE`: a profile then has the policy `host`, and a filter that is built
 * already has none. The last colon counts, so a path before a policy may contain colons. Throws `usage`.
 */
export function parseArm(text: string): ArmDefinition {
  const equals = text.indexOf('=');
  if (equals < 0) throw invalidValue('--arm', 'NAME=FILE[:POLICY]', `"${text}"`, { hint: FORM_HINT });
  const name = text.slice(0, equals);
  const [profile, given] = fileAndPolicy(text.slice(equals + 1));
  const policy = given === undefined ? 'host' : ARM_POLICIES.find((known) => known === given);
  if (policy === undefined)
    throw invalidValue(
      `--arm ${name}`,
      `a policy of ${ARM_POLICIES.join(', ')} after the last colon`,
      `"${given ?? ''}"`,
      { hint: FORM_HINT },
    );
  if (profile === '')
    throw invalidValue(`--arm ${name}`, 'a file after =', `nothing in "${text}"`, {
      hint: `${FORM_HINT} Arms of the built-in profile are named with --arms.`,
    });
  return { name, policy, ...(given === undefined ? { impliedPolicy: true } : {}), profile };
}

function fileAndPolicy(text: string): readonly [string, string?] {
  const colon = text.lastIndexOf(':');
  return colon < 0 ? [text] : [text.slice(0, colon), text.slice(colon + 1)];
}
