import type { Command } from 'commander';
import { conflict, invalidValue } from '../../errors.js';
import type { StoppingRule } from '../../model/run/stopping.js';
import { option } from './option.js';
import { durationMs, properShareOf } from './values.js';

export interface RawStopping {
  /** `±0.5%` or `decided`. */
  readonly until?: string;
  readonly budget?: string;
  readonly for?: string;
}

/** What may end a run before its count: `--for`, `--until`, `--budget`. */
export function declareStopping(command: Command): Command {
  return command
    .addOption(
      option(
        '--for <time>',
        'the best verdict that fits into this time, report included: 60s, 5m; a pilot chooses what is sharpest here',
        'common',
      ),
    )
    .addOption(
      option('--until <rule>', 'stop early: ±0.5% (once the CPU interval is that narrow) or decided', 'common'),
    )
    .addOption(option('--budget <time>', 'stop after measuring this long: 90s, 10m, 1h', 'run'));
}

/** Each rule follows a plan made beforehand; none looks at whether p is small by now. Throws `usage`. */
export function parseStopping({ until, budget, for: time }: RawStopping): readonly StoppingRule[] {
  if (time !== undefined && budget !== undefined)
    throw conflict('--for', '--budget', {
      hint: 'Both limit the time: --for the whole run, --budget the measured blocks alone.',
    });
  return [
    ...(time === undefined ? [] : [timeFor(time)]),
    ...(until === undefined ? [] : [untilRule(until)]),
    ...(budget === undefined
      ? []
      : [{ kind: 'budget', milliseconds: durationMs('--budget', budget, { example: '10m' }) } as const]),
  ];
}

/** What is gone of it is added when the run begins. */
function timeFor(text: string): StoppingRule {
  const milliseconds = durationMs('--for', text, { example: '60s' });
  return { kind: 'time', milliseconds, spentMs: 0 };
}

function untilRule(text: string): StoppingRule {
  if (text === 'decided') return { kind: 'decided' };
  const width = properShareOf(text.trim().replace(/^(?:±|\+-|\+\/-)/, ''));
  if (width !== undefined) return { kind: 'halfWidth', width };
  throw invalidValue('--until', '±PERCENT or decided', `"${text}"`, {
    hint: 'For example --until ±0.5%, or --until decided.',
  });
}

/** The most blocks of a run with rules and no count: the group sequential test plans its looks by it. */
const MOST_BLOCKS: Readonly<Record<StoppingRule['kind'], number>> = {
  decided: 1000,
  halfWidth: 20_000,
  budget: 100_000,
  time: 100_000,
};

/** The most blocks that the rules allow; `undefined` without rules. */
export const mostBlocks = (rules: readonly StoppingRule[]): number | undefined =>
  rules.length === 0 ? undefined : Math.min(...rules.map(({ kind }) => MOST_BLOCKS[kind]));
