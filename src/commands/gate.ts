import { BenchError } from '../errors.js';
import type { AnalysedRun, Comparison } from '../model/analysis.js';

/** What makes a CI job fail although the run itself went well. */
export interface GateOptions {
  /** Percent; a comparison whose whole interval is slower than this fails. */
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

/** Named beforehand, because two metrics are two tests. */
const PRIMARY = 'cpu';

/** The limit as a share, or nothing. Throws `usage`; called before the run too, so that no hour is lost to a slip. */
export function slowerLimit({ failIfSlower }: GateOptions): number | undefined {
  if (failIfSlower === undefined) return undefined;
  const value = /^(\d+(?:\.\d+)?)\s*%?$/.exec(failIfSlower.trim())?.[1];
  if (value !== undefined) return Number(value) / 100;
  throw new BenchError('usage', `--fail-if-slower: Expected a percentage of at least 0, got "${failIfSlower}"`, { hint: 'For example --fail-if-slower 2%.' });
}

/** Judges runs by their primary metric, CPU time. The whole interval has to be beyond the limit: a job shall never fail on noise. */
export function gate(runs: readonly AnalysedRun[], options: GateOptions): Gate {
  const limit = slowerLimit(options);
  const primary = runs.flatMap(({ analysis }) => analysis.comparisons.filter(({ metric }) => metric === PRIMARY));
  const slower = limit === undefined ? [] : primary.filter((comparison) => isSlowerBeyond(comparison, limit));
  if (slower.length > 0) {
    return { exitCode: 3, lines: slower.map((comparison) => `fails: ${comparison.arm} is slower than ${comparison.baseline} by more than ${options.failIfSlower ?? ''}: ${comparison.because}`) };
  }
  const open = options.strict === true ? primary.filter(({ verdict }) => verdict === 'inconclusive' || verdict === 'invalid' || verdict === 'described') : [];
  return { exitCode: open.length > 0 ? 4 : 0, lines: open.map((comparison) => `fails under --strict: ${comparison.because}`) };
}

function isSlowerBeyond({ verdict, estimate }: Comparison, limit: number): boolean {
  return verdict === 'slower' && estimate !== null && estimate.low > Math.log1p(limit);
}
