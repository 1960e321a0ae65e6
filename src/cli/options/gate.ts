import type { Command } from 'commander';
import { BenchError, conflict, invalidValue } from '../../errors.js';
import { GATE_METRICS, type GateMetric } from '../../model/run/gate.js';
import type { GateSettings } from '../output/plan.js';
import { choice, option } from './option.js';
import type { Group } from './option.js';
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
  readonly allowUndecided?: boolean;
  /** Only where starts are compared. */
  readonly metric?: GateMetric;
}

/** `--fail-if-slower` and `--allow-undecided`, as a command means them; `preset`: the limit without the option. */
export function declareSlowerGate(
  command: Command,
  { slower, undecided, preset }: { readonly slower: string; readonly undecided: string; readonly preset?: string },
): Command {
  const limit = option('--fail-if-slower <percent>', slower, 'verdict');
  return command
    .addOption(preset === undefined ? limit : limit.default(preset, preset))
    .addOption(option('--allow-undecided', undecided, 'verdict'));
}

/** `--fail-if-slower`, `--allow-undecided`, `--strict`. */
export const declareGate = (command: Command): Command =>
  declareSlowerGate(command, {
    slower: "exit with 3 if an arm's whole interval is slower than this, with 4 if that cannot be said",
    undecided: 'with --fail-if-slower: do not fail if the gate cannot be evaluated',
  }).addOption(option('--strict', 'exit with 4 if the verdict is inconclusive or invalid', 'verdict'));

/** `--metric`: a time to look at; `preset`: the one without the option. */
export function declareMetric(
  command: Command,
  { about, group, preset }: { readonly about: string; readonly group: Group; readonly preset?: GateMetric },
): Command {
  const metric = choice('--metric <time>', about, group, { values: GATE_METRICS, kind: 'a time' });
  return command.addOption(preset === undefined ? metric : metric.default(preset, preset));
}

/** `--metric` of a gate, where there are several times to choose from. */
export const declareGateMetric = (command: Command): Command =>
  declareMetric(command, {
    about:
      'what --fail-if-slower and --strict look at: cpu, wall or both (default: either time can be too slow; CPU time ' +
      'has to be decided, or wall time where there is no CPU time)',
    group: 'verdict',
  });

/** Throws `usage`. */
export function parseGate({ failIfSlower, strict = false, allowUndecided = false, metric }: RawGate): GateSettings {
  const limit = failIfSlower === undefined ? null : slowerLimit(failIfSlower);
  if (allowUndecided && limit === null)
    throw new BenchError('usage', '--allow-undecided requires --fail-if-slower', {
      hint: 'For example --fail-if-slower 2% --allow-undecided.',
    });
  if (allowUndecided && strict)
    throw conflict('--allow-undecided', '--strict', { hint: '--strict fails wherever something is undecided.' });
  if (metric !== undefined && limit === null && !strict)
    throw new BenchError('usage', '--metric requires --fail-if-slower or --strict', {
      hint: `For example --fail-if-slower 2% --metric ${metric}.`,
    });
  return { failIfSlower: limit, strict, allowUndecided, ...(metric === undefined ? {} : { metric }) };
}

/** The share of `--fail-if-slower`. Throws `usage`. */
export function slowerLimit(text: string): number {
  const share = shareOf(text);
  if (share !== undefined) return share;
  throw invalidValue('--fail-if-slower', 'a percentage of at least 0', `"${text}"`, {
    hint: 'For example --fail-if-slower 2%.',
  });
}
