import type { Command } from 'commander';
import { BenchError, invalidValue } from '../../errors.js';
import { choice, option } from './option.js';
import { shareOf, wholeNumber } from './values.js';

export interface RawHistoryFile {
  readonly file: string;
}

/** `--file`. */
export const declareHistoryFile = (command: Command): Command =>
  command.addOption(
    option('--file <path>', 'the history, one run per line', 'common').default(
      'bench-history.jsonl',
      'bench-history.jsonl',
    ),
  );

/** As it was typed. Throws `usage`. */
export function parseHistoryFile({ file }: RawHistoryFile): string {
  if (file !== '') return file;
  throw new BenchError('usage', '--file: expected a file, got nothing', {
    hint: 'For example --file bench-history.jsonl.',
  });
}

export interface RawHistoryMetric {
  readonly metric: string;
}

const METRICS = {
  cpu: ['cpu'],
  wall: ['wall'],
  both: ['cpu', 'wall'],
} as const satisfies Readonly<Record<string, readonly ('cpu' | 'wall')[]>>;

/** `--metric` of a history's trends. */
export const declareHistoryMetric = (command: Command): Command =>
  command.addOption(
    choice('--metric <metric>', 'cpu, wall or both', 'common', {
      values: Object.keys(METRICS),
      kind: 'a metric',
    }).default('cpu', 'cpu'),
  );

export const parseHistoryMetric = ({ metric }: RawHistoryMetric): readonly ('cpu' | 'wall')[] =>
  metric === 'both' ? METRICS.both : metric === 'wall' ? METRICS.wall : METRICS.cpu;

export interface RawHistoryGate {
  readonly failIfSlower: string;
  readonly recent: string;
  readonly allowUndecided?: boolean;
}

/** What makes a history fail. */
export interface HistoryGate {
  /** A share. */
  readonly limit: number;
  /** Changes among so many newest runs. */
  readonly recent: number;
  /** Whether what could not be evaluated passes. */
  readonly allowUndecided: boolean;
}

const MOST_RECENT = 1_000_000;

/** `--fail-if-slower`, `--recent`, `--allow-undecided`. */
export const declareHistoryGate = (command: Command): Command =>
  command
    .addOption(
      option(
        '--fail-if-slower <percent>',
        'exit with 3 if the whole interval of a change is slower',
        'verdict',
      ).default('1%', '1%'),
    )
    .addOption(option('--recent <runs>', 'look for changes among the newest runs only', 'verdict').default('10', '10'))
    .addOption(option('--allow-undecided', 'do not fail if the history cannot be evaluated', 'verdict'));

/** Throws `usage`. */
export function parseHistoryGate({ failIfSlower, recent, allowUndecided = false }: RawHistoryGate): HistoryGate {
  const limit = shareOf(failIfSlower);
  if (limit === undefined)
    throw invalidValue('--fail-if-slower', 'a percentage of at least 0', `"${failIfSlower}"`, {
      hint: 'For example --fail-if-slower 2%.',
    });
  return { limit, recent: wholeNumber('--recent', recent, [1, MOST_RECENT]), allowUndecided };
}
