import type { Command } from 'commander';
import { BenchError } from '../../errors.js';
import type { GateMetric } from '../../model/run/gate.js';
import { declareMetric, declareSlowerGate, slowerLimit } from './gate.js';
import { option } from './option.js';
import { wholeNumber } from './values.js';

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
  readonly metric: GateMetric;
}

/** `--metric` of a history's trends. */
export const declareHistoryMetric = (command: Command): Command =>
  declareMetric(command, { about: 'cpu, wall or both', group: 'common', preset: 'cpu' });

export const parseHistoryMetric = ({ metric }: RawHistoryMetric): readonly ('cpu' | 'wall')[] =>
  metric === 'both' ? ['cpu', 'wall'] : [metric];

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
  declareSlowerGate(command, {
    slower: 'exit with 3 if the whole interval of a change is slower',
    undecided: 'do not fail if the history cannot be evaluated',
    preset: '1%',
  }).addOption(option('--recent <runs>', 'look for changes among the newest runs only', 'verdict').default('10', '10'));

/** Throws `usage`. */
export const parseHistoryGate = ({ failIfSlower, recent, allowUndecided = false }: RawHistoryGate): HistoryGate => ({
  limit: slowerLimit(failIfSlower),
  recent: wholeNumber('--recent', recent, [1, MOST_RECENT]),
  allowUndecided,
});
