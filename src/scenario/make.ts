import { BenchError } from '../errors.js';
import type { Scenario } from '../model/run/scenario.js';
import type { Dialect } from '../model/profile/seccomp.js';
import { armsFromOptions, DEFAULT_ARMS } from './arms.js';

type Typed = string | number | undefined;

/** What `bench sequential` and `bench parallel` are told; numbers as typed or parsed. */
export interface ScenarioOptions {
  readonly kind: 'sequential' | 'parallel';
  /** Blocks (sequential, default 500) or containers in a batch (parallel, default 200), as in the published cases. */
  readonly count?: Typed;
  /** Containers in flight; default: the whole batch. */
  readonly concurrency?: Typed;
  /** Batches per arm, default 20. */
  readonly rounds?: Typed;
  readonly warmup?: Typed;
  /** Milliseconds between turns. */
  readonly pause?: Typed;
  /** `before,after,...` */
  readonly arms?: string | undefined;
  /** `NAME=PROFILE:POLICY` each. */
  readonly arm?: readonly string[] | undefined;
  readonly profile?: string | undefined;
  readonly dialect?: Dialect | undefined;
}

/** Bounds every scenario keeps to, from a file or from the command line: [least, most]. */
export const LIMITS = {
  count: [1, 1_000_000],
  rounds: [1, 100_000],
  warmup: [0, 10_000],
  pauseMs: [0, 60_000],
} as const;

/** What is filled in where nothing is said. Page cache and the like are warm after 4 starts (METHOD section 7). */
export const DEFAULTS = {
  count: { sequential: 500, parallel: 200 },
  rounds: 20,
  warmup: { sequential: 4, parallel: 1 },
  pauseMs: 0,
  dialect: 'moby',
} as const;

/** The scenario a command line describes, defaults filled in and the control arm added. Throws `usage`. */
export function makeScenario(options: ScenarioOptions): Scenario {
  const { kind } = options;
  const count = integer('--count', options.count ?? DEFAULTS.count[kind], LIMITS.count);
  const arms = armsFromOptions(options.arms ?? DEFAULT_ARMS.join(','), options.arm ?? []);
  const base = {
    name: `${kind}-${count}`,
    arms,
    ...(options.profile === undefined ? {} : { profile: options.profile }),
    dialect: options.dialect ?? DEFAULTS.dialect,
    warmup: integer('--warmup', options.warmup ?? DEFAULTS.warmup[kind], LIMITS.warmup),
    pauseMs: integer('--pause', options.pause ?? DEFAULTS.pauseMs, LIMITS.pauseMs),
  };
  if (kind === 'sequential') return { kind, ...base, count };
  const concurrency = integer('--concurrency', options.concurrency ?? count, [1, count]);
  return {
    kind,
    ...base,
    count,
    concurrency,
    rounds: integer('--rounds', options.rounds ?? DEFAULTS.rounds, LIMITS.rounds),
  };
}

/**
 * The levels of a sweep from `1,2,4`: distinct, ascending, 1 added; a single number is no list and gives `null`. Throws
 * `usage`.
 */
export function parseLevels(typed: string | undefined, count: Typed): readonly number[] | null {
  if (typed?.includes(',') !== true) return null;
  const most = integer('--count', count ?? DEFAULTS.count.parallel, LIMITS.count);
  const levels = typed.split(',').map((level) => integer('--concurrency', level, [1, most]));
  if (new Set(levels).size === levels.length) return withOne(levels);
  throw new BenchError('usage', `--concurrency: expected every level once, got "${typed}"`, {
    hint: 'For example --concurrency 1,2,4,8.',
  });
}

/** Ascending, with the level that efficiency is held against. */
export const withOne = (levels: readonly number[]): readonly number[] =>
  [...new Set([1, ...levels])].sort((a, b) => a - b);

function integer(option: string, typed: string | number, [least, most]: readonly [number, number]): number {
  const text = String(typed).trim();
  const value = /^\d{1,15}$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new BenchError('usage', `${option}: expected an integer from ${least} to ${most}, got "${typed}"`, {
    hint: `Give ${option} a whole number, for example ${option} ${Math.max(least, 1)}.`,
  });
}

/** Stops where a scenario belongs to another architecture than this machine's (`uname -m`). Throws `environment`. */
export function assertArchitecture(scenario: Scenario, machine: string): void {
  if (scenario.architecture === undefined || scenario.architecture === machine) return;
  throw new BenchError(
    'environment',
    `Expected an ${scenario.architecture} host for the scenario ${scenario.name}, got ${machine}`,
    {
      hint: `Run it on such a machine, or use a scenario for any architecture: bench run quick, bench ${scenario.kind} --count ${scenario.count}.`,
    },
  );
}
