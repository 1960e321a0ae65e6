import { BenchError } from '../../errors.js';
import type { AnalysedRun, Comparison } from '../../model/analysis/analysis.js';
import { emulationOfHost } from '../../model/run/emulation.js';
import type { Io } from '../../model/io.js';
import { tellingOf, verdictSentence } from '../../report/index.js';
import { gate } from '../../statistics/index.js';
import { shareOf } from '../options/values.js';

/** What makes a CI job fail although the run itself went well. */
export interface GateFlags {
  /** Percent; a comparison of CPU or wall time whose whole interval is slower than this fails. */
  readonly failIfSlower?: string;
  /** Anything that is not decided fails. */
  readonly strict?: boolean;
}

export interface Gate {
  /** 3: slower beyond the limit; 4: undecided under `strict`; else 0. */
  readonly exitCode: 0 | 3 | 4;
  /** Why, one line each. */
  readonly lines: readonly string[];
}

/** The limit as a share, or nothing. Throws `usage`; called before the run too, so that no hour is lost to a slip. */
export function slowerLimit({ failIfSlower }: GateFlags): number | undefined {
  if (failIfSlower === undefined) return undefined;
  const share = shareOf(failIfSlower);
  if (share !== undefined) return share;
  throw new BenchError('usage', `--fail-if-slower: Expected a percentage of at least 0, got "${failIfSlower}"`, {
    hint: 'For example --fail-if-slower 2%.',
  });
}

/** What the job is told of finished runs: 3 and 4 with the sentences of the comparisons that decided it. */
export function gateRuns(runs: readonly AnalysedRun[], options: GateFlags): Gate {
  const outcome = gate(
    runs.map(({ analysis }) => analysis),
    { failIfSlower: slowerLimit(options) ?? null, strict: options.strict === true },
  );
  switch (outcome.state) {
    case 'passed':
      return { exitCode: 0, lines: [] };
    case 'slower':
      return {
        exitCode: 3,
        lines: outcome.comparisons.map(
          (comparison) => `fails, slower by more than ${options.failIfSlower ?? ''}: ${because(comparison, runs)}`,
        ),
      };
    case 'unresolved':
      return {
        exitCode: 4,
        lines: outcome.comparisons.map((comparison) => `fails under --strict: ${because(comparison, runs)}`),
      };
  }
}

/** Why the comparison has its verdict, in the words of its run. */
function because(comparison: Comparison, runs: readonly AnalysedRun[]): string {
  const own = runs.find(({ analysis }) => analysis.comparisons.includes(comparison));
  return own === undefined ? '' : verdictSentence(comparison, tellingOf(own));
}

/** Tells the job why it fails, if it does, and gives its exit code. */
export function announceGate(runs: readonly AnalysedRun[], options: GateFlags, io: Io): Gate['exitCode'] {
  const { exitCode, lines } = gateRuns(runs, options);
  const asked = options.failIfSlower !== undefined || options.strict === true;
  if (asked && runs.some(({ run }) => emulationOfHost(run.host) !== null))
    io.err('not judged by its times: this ran under emulation\n');
  for (const line of lines) io.err(`${line}\n`);
  return exitCode;
}
