import type { Command, Option } from 'commander';
import type { RunPlan } from '../../../model/results/result.js';
import type { PlannedWay, PlanRow } from '../../../model/run/planned.js';
import type { Mode } from '../../../model/run/time-plan.js';
import { shellQuote } from '../../../model/shell-quote.js';

/** What a command of the mode says. */
const MODE_OPTIONS: Readonly<Record<Mode, readonly string[]>> = {
  solo: [],
  pinned: ['--pin'],
  duet: ['--duet', 'always'],
};

/** What the suggestion begins with. */
export interface Suggested {
  /** The command, after `bench`, without what ends it. */
  readonly words: readonly string[];
  /** Whether the blocks are those of a scenario's file. */
  readonly named: boolean;
}

interface Found {
  readonly rows: readonly PlanRow[];
  /** The quickest first. */
  readonly ways: readonly PlannedWay[];
  readonly basis: Suggested;
}

/**
 * The command that keeps the promise even if the pilot misleads: it stops by its own interval of CPU time, in the mode
 * that gets there soonest.
 */
export function suggestion({ rows, ways, basis: { words, named } }: Found): string | null {
  const way = ways.find(({ metric }) => metric === 'cpu');
  const row = rows.find(({ metric }) => metric === 'cpu')?.counts.find(({ power }) => power === 0.8);
  const planned = way ?? row;
  if (planned === undefined) return null;
  const mode = way === undefined ? [] : MODE_OPTIONS[way.mode];
  return shellQuote([
    'bench',
    ...words,
    ...mode.filter((word) => !words.includes(word)),
    ...(named ? [] : ['--blocks', String(planned.most)]),
    '--until',
    `\u00b1${(100 * planned.halfWidth).toFixed(2)}%`,
  ]);
}

/** Options of `plan` alone, and those that the suggested command has its own values for. */
const NOT_SUGGESTED = ['detect', 'pilot', 'for', 'until', 'budget', 'seed', 'json', 'quiet', 'report', 'duet'];

/** The options that were typed, as words of a command line. */
export function typedOptions(command: Command): readonly string[] {
  return command.options
    .filter((one) => !NOT_SUGGESTED.includes(one.attributeName()))
    .filter((one) => command.getOptionValueSource(one.attributeName()) === 'cli')
    .flatMap((one) => typedWords(one, command.getOptionValue(one.attributeName()) as unknown));
}

/** An option and its negation share a property; only the one that was typed gives words. */
function typedWords(one: Option, value: unknown): readonly string[] {
  const flag = one.long ?? one.short ?? '';
  if (one.negate) return value === false ? [flag] : [];
  if (value === true) return [flag];
  if (Array.isArray(value)) return value.flatMap((item) => [flag, String(item)]);
  return typeof value === 'string' ? [flag, value] : [];
}

/** Of a recorded command: each with its value, and alone. */
const [REPLACED, DROPPED] = [
  ['--blocks', '--rounds', '--until', '--budget', '--for', '--seed', '--report', '--detect', '--pilot'],
  ['--json', '--quiet'],
];

/** The command of a run without what ended it. Batches have a `--count` of their own. */
export function recordedWords({ command, scenario }: Pick<RunPlan, 'command' | 'scenario'>): readonly string[] {
  const replaced = [...REPLACED, ...(scenario.kind === 'sequential' ? ['--count'] : [])];
  const isReplaced = (word: string | undefined): boolean => replaced.includes(word ?? '');
  const words = command.filter(
    (word, index) =>
      !isReplaced(word) &&
      !isReplaced(command[index - 1]) &&
      !DROPPED.includes(word) &&
      !replaced.some((option) => word.startsWith(`${option}=`)),
  );
  return words[0] === 'plan' ? plannedWords(words.slice(1), scenario) : words;
}

/** What a pilot was for: `plan 1%` and `plan sequential` for starts, `plan quick` for that scenario. */
function plannedWords(
  [name = '', ...rest]: readonly string[],
  { kind }: Pick<RunPlan['scenario'], 'kind'>,
): readonly string[] {
  const isStarts = name === kind || name.endsWith('%');
  return [...(isStarts ? [kind] : ['run', name]), ...rest];
}
