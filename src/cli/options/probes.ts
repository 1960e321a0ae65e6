import type { Command } from 'commander';
import { invalidValue } from '../../errors.js';
import { PROBES_FORM, probesIn } from '../../model/run/unit.js';
import type { Probes } from '../../model/run/unit.js';
import { option } from './option.js';

export interface RawProbes {
  readonly probes?: string;
}

/** `--probes`. */
export const declareProbes = (command: Command): Command =>
  command.addOption(
    option(
      '--probes <n@time>',
      'tell what probes cost: 100@10s is an exec every 10 s in each of 100 containers; adds the arm unconfined',
      'common',
    ),
  );

/** `undefined`: not asked for. Throws `usage`. */
export function parseProbes({ probes }: RawProbes): Probes | undefined {
  if (probes === undefined) return undefined;
  const read = probesIn(probes);
  if (read !== undefined) return read;
  throw invalidValue('--probes', PROBES_FORM, `"${probes}"`, { hint: 'For example --probes 100@10s.' });
}
