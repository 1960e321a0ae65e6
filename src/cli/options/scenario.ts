import type { Command } from 'commander';
import { conflict, invalidValue } from '../../errors.js';
import { DEFAULTS, LIMITS } from '../../model/run/limits.js';
import type { Scenario } from '../../model/run/scenario.js';
import { timeRule } from '../../model/run/stopping.js';
import type { StoppingRule } from '../../model/run/stopping.js';
import { alias, option } from './option.js';
import { durationMs, wholeNumber, wholeOrNone } from './values.js';
import { mostBlocks } from './stopping.js';

export interface RawRhythm {
  readonly warmup?: string;
  readonly pause?: string;
}

/** What precedes the measured blocks, and what lies between containers. */
export interface Rhythm {
  readonly warmup?: number;
  readonly pauseMs: number;
}

/** `--warmup`, `--pause`. */
export function declareRhythm(command: Command): Command {
  return command
    .addOption(option('--warmup <n>', 'unmeasured blocks to run first', 'run'))
    .addOption(
      option(
        '--pause <time>',
        'wait between containers, so that a teardown does not overlap the next start: 5ms (default: 0ms)',
        'run',
      ),
    );
}

/** Throws `usage`. */
export function parseRhythm({ warmup, pause }: RawRhythm): Rhythm {
  const before = wholeOrNone('--warmup', warmup, LIMITS.warmup);
  return {
    ...(before === undefined ? {} : { warmup: before }),
    pauseMs: pause === undefined ? DEFAULTS.pauseMs : pauseOption(pause),
  };
}

function pauseOption(text: string): number {
  const milliseconds = durationMs('--pause', text, {
    bare: 'ms',
    example: '5ms',
    most: LIMITS.pauseMs[1],
    zero: true,
  });
  if (Number.isInteger(milliseconds)) return milliseconds;
  throw invalidValue('--pause', 'whole milliseconds', `"${text}"`, { hint: 'For example --pause 5ms.' });
}

export interface RawBlocks {
  readonly blocks?: string;
  /** The older name. */
  readonly count?: string;
}

/**
 * `--blocks` of a sequential scenario; `--count` is the same where it is shown, else an older name that still works.
 */
export function declareBlocks(
  command: Command,
  {
    preset,
    showCount = false,
    things = 'containers',
  }: { readonly preset: string; readonly showCount?: boolean; readonly things?: 'containers' | 'execs' },
): Command {
  const meaning = `measured ${things} per arm (default: ${preset}; with --for, --until or --budget at most as many as \
they allow)`;
  return command
    .addOption(option('--blocks <n>', meaning, 'common'))
    .addOption(
      showCount
        ? option('--count <n>', 'the same as --blocks', 'common')
        : alias('--count <n>', 'the same as --blocks'),
    );
}

/** The blocks that were asked for, or the most that the stopping rules allow. Throws `usage`. */
export function parseBlocks({ blocks, count }: RawBlocks, stopping: readonly StoppingRule[]): number | undefined {
  if (blocks !== undefined && count !== undefined)
    throw conflict('--blocks', '--count', { hint: 'They mean the same here.' });
  return (
    wholeOrNone('--blocks', blocks, LIMITS.count) ?? wholeOrNone('--count', count, LIMITS.count) ?? mostBlocks(stopping)
  );
}

export interface RawBatches {
  readonly count?: string;
  readonly concurrency?: string;
  readonly blocks?: string;
  /** The older name of `--blocks`. */
  readonly rounds?: string;
}

/** Batches of containers; `concurrency` is a list for a sweep. */
export interface Batches {
  readonly count?: number;
  readonly concurrency?: number | readonly number[];
  readonly rounds?: number;
}

/** `--count`, `--concurrency`, `--blocks` of a parallel scenario. */
export function declareBatches(command: Command): Command {
  return command
    .addOption(option('--count <n>', `containers in a batch (default: ${DEFAULTS.count.parallel})`, 'common'))
    .addOption(
      option(
        '--concurrency <c>',
        'containers in flight (default: the whole batch); a list such as 1,2,4,8 measures each level',
        'common',
      ),
    )
    .addOption(
      option(
        '--blocks <n>',
        `batches per arm (default: ${DEFAULTS.rounds}; with --for, --until or --budget at most as many as they allow)`,
        'common',
      ),
    )
    .addOption(alias('--rounds <n>', 'the same as --blocks'));
}

/** Throws `usage`. */
export function parseBatches(raw: RawBatches, stopping: readonly StoppingRule[]): Batches {
  const count = wholeOrNone('--count', raw.count, LIMITS.count);
  const concurrency =
    raw.concurrency === undefined ? undefined : concurrencyOption(raw.concurrency, count ?? DEFAULTS.count.parallel);
  if (typeof concurrency === 'object' && stopping.length > 0)
    throw conflict('several levels of --concurrency', '--for, --until or --budget', {
      hint: 'A rule would end the levels at different times. Use --blocks, or one level.',
    });
  const rounds = batchesOption(raw) ?? mostBlocks(stopping);
  return {
    ...(count === undefined ? {} : { count }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(rounds === undefined ? {} : { rounds }),
  };
}

/** `--blocks` of batches, or its older name. Throws `usage`. */
function batchesOption({ blocks, rounds }: Pick<RawBatches, 'blocks' | 'rounds'>): number | undefined {
  if (blocks !== undefined && rounds !== undefined)
    throw conflict('--blocks', '--rounds', { hint: 'They mean the same; --blocks is the current name.' });
  return wholeOrNone('--blocks', blocks, LIMITS.rounds) ?? wholeOrNone('--rounds', rounds, LIMITS.rounds);
}

function concurrencyOption(text: string, most: number): number | readonly number[] {
  const bounds = [1, most] as const;
  if (!text.includes(',')) return wholeNumber('--concurrency', text, bounds);
  const levels = text.split(',').map((level) => wholeNumber('--concurrency', level, bounds));
  if (new Set(levels).size === levels.length) return levels;
  throw invalidValue('--concurrency', 'every level once', `"${text}"`, {
    hint: 'For example --concurrency 1,2,4,8.',
  });
}

/** The scenario with another number of measured blocks, in place of its `count` or `rounds`. Throws `usage`. */
export function withBlocks(
  scenario: Scenario,
  blocks: string | undefined,
  stopping: readonly StoppingRule[] = [],
): Scenario {
  // A time is for as many blocks as fit, a file's number for runs without one.
  const most = timeRule(stopping) === undefined ? undefined : mostBlocks(stopping);
  if (scenario.kind === 'sequential')
    return { ...scenario, count: wholeOrNone('--blocks', blocks, LIMITS.count) ?? most ?? scenario.count };
  return { ...scenario, rounds: wholeOrNone('--blocks', blocks, LIMITS.rounds) ?? most ?? scenario.rounds };
}
