import type { AnalysedRun } from '../../model/analysis/analysis.js';
import { containersPerTurn } from '../../model/run/scenario.js';
import { seriesOf } from './series.js';
import type { Series } from './series.js';
import type { TimedRun } from './timed-runs.js';

const SECOND = 1e9;
const KIB = 1024;

/** One entry of `results`, keys in hyperfine's order; times in seconds. */
interface HyperfineResult {
  readonly command: string;
  readonly mean: number;
  /** `null` for a single run, as hyperfine has it. */
  readonly stddev: number | null;
  readonly median: number;
  /** Means over the runs. */
  readonly user: number;
  readonly system: number;
  readonly min: number;
  readonly max: number;
  readonly times: readonly number[];
  readonly memory_usage_byte: readonly number[];
  /** As long as `times`: a failed container has neither. */
  readonly exit_codes: readonly number[];
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * The JSON that `hyperfine --export-json` writes: one result per arm. Described in hyperfine's manual page
 * (--export-json: seconds) and by
 * `BenchmarkResult` in src/benchmark/benchmark_result.rs of github.com/sharkdp/hyperfine.
 */
export function renderHyperfine(runs: readonly AnalysedRun[]): string {
  return `${JSON.stringify({ results: seriesOf(runs).flatMap(resultOf) }, null, 2)}\n`;
}

function resultOf({ name, runs, summary: { wall }, ...series }: Series): readonly HyperfineResult[] {
  return wall === null
    ? []
    : [
        {
          command: name,
          mean: wall.mean / SECOND,
          stddev: wall.standardDeviation === null ? null : wall.standardDeviation / SECOND,
          median: wall.median / SECOND,
          user: meanSeconds(runs, ({ userNs }) => userNs),
          system: meanSeconds(runs, ({ systemNs }) => systemNs),
          min: wall.min / SECOND,
          max: wall.max / SECOND,
          times: runs.map(({ wallNs }) => wallNs / SECOND),
          memory_usage_byte: runs.map(({ maxRssKiB }) => maxRssKiB * KIB),
          exit_codes: runs.map(() => 0),
          parameters: parametersOf(series),
        },
      ];
}

/** Text throughout and in alphabetical order, as hyperfine writes them. */
function parametersOf({
  labels,
  analysed: {
    run: { name, plan },
  },
}: Pick<Series, 'labels' | 'analysed'>): Readonly<Record<string, string>> {
  return {
    arm: labels.arm,
    containers: String(containersPerTurn(plan.scenario)),
    engine: labels.engine,
    machine: labels.machine,
    run: name,
    scenario: labels.scenario,
    seed: String(plan.seed),
  };
}

const meanSeconds = (runs: readonly TimedRun[], value: (run: TimedRun) => number): number =>
  runs.reduce((sum, run) => sum + value(run), 0) / runs.length / SECOND;
