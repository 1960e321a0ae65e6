import type { Command } from 'commander';
import { conflict, invalidValue } from '../../errors.js';
import { LARGEST_SEED } from '../../model/run/limits.js';
import { CACHE_CHOICES, DUET_CHOICES } from '../../model/run/scenario.js';
import type { CacheChoice, DuetChoice } from '../../model/run/scenario.js';
import { choice, option } from './option.js';
import { durationMs, wholeNumber, wholeOrNone } from './values.js';

export interface RawSeed {
  readonly seed?: string;
}

/** `--seed`. */
export const declareSeed = (command: Command): Command =>
  command.addOption(option('--seed <n>', 'seed for the order of arms (default: random, printed)', 'run'));

/** `null`: a new one. Throws `usage`. */
export function parseSeed({ seed }: RawSeed): number | null {
  if (seed === undefined) return null;
  const value = /^\d{1,10}$/.test(seed) ? Number(seed) : Number.NaN;
  if (value <= LARGEST_SEED) return value;
  throw invalidValue('--seed', `a whole number from 0 to ${LARGEST_SEED}`, `"${seed}"`, {
    hint: 'Use the seed of an earlier run, or leave out --seed for a new one.',
  });
}

export interface RawPin {
  readonly pin?: boolean | string;
}

/** A core by number; `any`: one that this process may use; `never`: none, also where a run with a time would choose. */
export type Pin = number | 'any' | 'never' | null;

const MOST_CORE = 1023;

/** `--pin`, `--no-pin`. */
export const declarePin = (command: Command): Command =>
  command
    .addOption(option('--pin [core]', 'keep bench and its containers on one core', 'run'))
    .addOption(option('--no-pin', 'let them run on any core (the default without --for)', 'run').default(undefined));

/** Throws `usage`. */
function parsePin({ pin }: RawPin): Pin {
  if (pin === undefined) return null;
  if (pin === false) return 'never';
  return pin === true ? 'any' : wholeNumber('--pin', pin, [0, MOST_CORE]);
}

export interface RawDuet {
  readonly duet?: DuetChoice | boolean;
}

/** `--duet`, of commands whose blocks are one container per arm. */
export const declareDuet = (command: Command): Command =>
  command.addOption(
    choice(
      '--duet [when]',
      'run two arms at the same time, each on a core of its own, so that other work disturbs both: always, auto ' +
        '(where it is proved better) or never (default: never)',
      'run',
      { values: DUET_CHOICES, kind: 'a time for duet blocks' },
    ),
  );

/** Absent: as the scenario says. */
export const parseDuet = ({ duet }: RawDuet): { readonly duet?: DuetChoice } =>
  duet === undefined || duet === false ? {} : { duet: duet === true ? 'always' : duet };

export interface RawTimeout {
  readonly timeout: string;
}

/** A day; a timer cannot be much longer. */
const MOST_TIMEOUT_MS = 86_400_000;

/** `--timeout`. */
export const declareTimeout = (command: Command): Command =>
  command.addOption(
    option('--timeout <time>', 'treat a container as hung after this time: 30s, 5m', 'run').default('60s', '60s'),
  );

/** Milliseconds. Throws `usage`. */
export const parseTimeout = ({ timeout }: RawTimeout): number =>
  durationMs('--timeout', timeout, { bare: 's', example: '60s', most: MOST_TIMEOUT_MS });

export interface RawRun extends RawSeed, RawPin, RawTimeout {
  readonly maxFailures?: string;
  readonly stages?: boolean;
  readonly counters?: boolean;
  readonly cache?: CacheChoice;
}

/** How a run goes, regardless of what it measures. */
export interface RunOptions {
  readonly seed: number | null;
  readonly pin: Pin;
  readonly timeoutMs: number;
  /** `null`: any number of failures. */
  readonly maxFailures: number | null;
  readonly staged: boolean;
  /** Counts instructions, where there is a PMU. */
  readonly counters: boolean;
  /** Of a runtime that keeps compiled filters; absent: as the scenario says. */
  readonly cache?: CacheChoice;
}

const MOST_FAILURES = 1_000_000;

/** `--max-failures`. */
export const declareMaxFailures = (command: Command): Command =>
  command.addOption(
    option(
      '--max-failures <n>',
      'end the run when more than n containers fail (default: when 3 blocks in a row fail)',
      'run',
    ),
  );

/** `null`: any number. Throws `usage`. */
export const parseMaxFailures = ({ maxFailures }: Pick<RawRun, 'maxFailures'>): number | null =>
  wholeOrNone('--max-failures', maxFailures, [0, MOST_FAILURES]) ?? null;

/** `--seed`, `--pin`, `--timeout`, `--max-failures`, `--stages`, `--cache`. */
export const declareRun = (command: Command): Command =>
  declareMaxFailures(declareTimeout(declarePin(declareSeed(command))))
    .addOption(option('--stages', 'time the stages of every start separately (create, start, remove, ...)', 'run'))
    .addOption(
      option(
        '--counters',
        'count the instructions of every start, in user mode and in the kernel, where the processor has counters (PMU)',
        'run',
      ),
    )
    .addOption(
      choice(
        '--cache <state>',
        'where the runtime keeps compiled filters (crun): starts that find one (warm), that find none (cold), or both',
        'run',
        { values: CACHE_CHOICES, kind: 'a state of the cache' },
      ),
    );

/** Counters tell of one start, and not which of its stages they belong to. Throws `usage`. */
function parseCounters({ counters = false, stages }: Pick<RawRun, 'counters' | 'stages'>): boolean {
  if (counters && stages === true)
    throw conflict('--counters', '--stages', { hint: 'Instructions are counted of whole starts.' });
  return counters;
}

/** Throws `usage`. */
export const parseRun = (raw: RawRun): RunOptions => ({
  seed: parseSeed(raw),
  pin: parsePin(raw),
  timeoutMs: parseTimeout(raw),
  maxFailures: parseMaxFailures(raw),
  staged: raw.stages === true,
  counters: parseCounters(raw),
  ...(raw.cache === undefined ? {} : { cache: raw.cache }),
});
