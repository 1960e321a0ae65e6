import type { Command } from 'commander';
import { BenchError, invalidValue } from '../../errors.js';
import { completeArms, CONTROL, faultIn, NAMED_ARMS, namedPolicy } from '../../model/run/arms.js';
import type { ArmDefinition } from '../../model/run/scenario.js';
import { isKeyed, keyedValues, profileWithPolicy, treatmentOf } from './arm-keys.js';
import { collect, option } from './option.js';

export interface RawArms {
  readonly arms: string;
  readonly arm?: readonly string[];
}

const KNOWN_NAMES = [...Object.keys(NAMED_ARMS), CONTROL].join(', ');
const FORM_HINT =
  'The form is --arm NAME=FILE[:POLICY], for example --arm mine=my-profile.json:host, or ' +
  '--arm NAME=KEY=VALUE,KEY=VALUE, for example --arm new=libseccomp=/opt/libseccomp.so.2.';

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
        'add an arm: a profile, an LXC policy or a raw filter, or NAME=KEY=VALUE,... with the keys ' +
          'profile, policy, runtime, libseccomp, form (plain, tree), build (start, before) and ' +
          'first (CALL,...); may be repeated',
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
 * An arm from `NAME=FILE:POLICY` or `NAME=FILE`, or from keys: `NAME=KEY=VALUE,KEY=VALUE`. A profile without a policy
 * has the policy `host`, and a filter that is built already has none. The last colon counts, so a path before a policy
 * may contain colons. Throws `usage`.
 */
export function parseArm(text: string): ArmDefinition {
  const equals = text.indexOf('=');
  if (equals < 0) throw invalidValue('--arm', 'NAME=FILE[:POLICY] or NAME=KEY=VALUE', `"${text}"`, { hint: FORM_HINT });
  const [name, value] = [text.slice(0, equals), text.slice(equals + 1)];
  const subject = `--arm ${name}`;
  if (isKeyed(value)) return { name, ...treatmentOf(subject, keyedValues(subject, value)) };
  const { file, policy } = profileWithPolicy(subject, value);
  if (file === '')
    throw invalidValue(subject, 'a file after =', `nothing in "${text}"`, {
      hint: `${FORM_HINT} Arms of the built-in profile are named with --arms.`,
    });
  const chosen = policy === undefined ? ({ policy: 'host', impliedPolicy: true } as const) : { policy };
  return { name, ...chosen, profile: file };
}
