import type { Command } from 'commander';
import { invalidValue } from '../../errors.js';
import type { GateSettings } from '../output/plan.js';
import { option } from './option.js';
import { percentOption, shareOf } from './values.js';

export interface RawMargin {
  readonly margin: string;
}

/** `--margin`. */
export const declareMargin = (command: Command): Command =>
  command.addOption(
    option('--margin <percent>', 'ignore differences smaller than this', 'verdict').default('1%', '1%'),
  );

/** A share: `1%` is 0.01. Throws `usage`. */
export const parseMargin = ({ margin }: RawMargin): number =>
  percentOption('--margin', margin, 'Give the largest change to ignore, for example --margin 1%.');

export interface RawGate {
  readonly failIfSlower?: string;
  readonly strict?: boolean;
}

/** `--fail-if-slower`, `--strict`. */
export function declareGate(command: Command): Command {
  return command
    .addOption(
      option('--fail-if-slower <percent>', "exit with 3 if an arm's whole interval is slower than this", 'verdict'),
    )
    .addOption(option('--strict', 'exit with 4 if the CPU time verdict is inconclusive or invalid', 'verdict'));
}

/** Throws `usage`. */
export function parseGate({ failIfSlower, strict = false }: RawGate): GateSettings {
  return { failIfSlower: failIfSlower === undefined ? null : slowerLimit(failIfSlower), strict };
}

function slowerLimit(text: string): number {
  const share = shareOf(text);
  if (share !== undefined) return share;
  throw invalidValue('--fail-if-slower', 'a percentage of at least 0', `"${text}"`, {
    hint: 'For example --fail-if-slower 2%.',
  });
}
