import { BenchError, invalidValue, needs } from '../errors.js';
import { completeArms, DEFAULT_ARMS, faultIn, namedPolicy } from '../model/run/arms.js';
import { DEFAULTS, LIMITS } from '../model/run/limits.js';
import type {
  ArmDefinition,
  DuetChoice,
  ParallelScenario,
  Scenario,
  SequentialScenario,
} from '../model/run/scenario.js';
import type { Dialect } from '../model/profile/seccomp.js';
import type { Probes } from '../model/run/unit.js';
import { formatCount } from '../model/numbers.js';

interface ScenarioShape {
  /** Without the control, which is added; default: `before` and `after`. */
  readonly arms?: readonly ArmDefinition[] | undefined;
  /** Path of a Docker-format profile; absent: the built-in default. */
  readonly profile?: string | undefined;
  readonly dialect?: Dialect | undefined;
  /** Blocks (or batches) that run first and are not measured. */
  readonly warmup?: number | undefined;
  /** Milliseconds between containers, or between batches. */
  readonly pauseMs?: number | undefined;
}

/** Blocks of one container per arm. */
export interface SequentialOptions extends ScenarioShape {
  readonly kind: 'sequential';
  /** Blocks; default 500, as in the published cases. */
  readonly count?: number | undefined;
  /** Whether two arms run at the same time, each on a core of its own; default: never. */
  readonly duet?: DuetChoice | undefined;
}

/** Blocks of one exec per arm, each in a waiting container of its arm. */
export interface ExecOptions extends ScenarioShape {
  readonly kind: 'exec';
  /** Blocks; default 500. */
  readonly count?: number | undefined;
  /** What is measured is told for so many probes, too. */
  readonly probes?: Probes | undefined;
}

/** Batches of many containers per arm. */
export interface ParallelOptions extends ScenarioShape {
  readonly kind: 'parallel';
  /** Containers in a batch; default 200, as in the published cases. */
  readonly count?: number | undefined;
  /** Containers in flight; default: the whole batch. */
  readonly concurrency?: number | undefined;
  /** Batches per arm; default 20. */
  readonly rounds?: number | undefined;
}

export type ScenarioOptions = SequentialOptions | ExecOptions | ParallelOptions;

/**
 * A scenario with its defaults filled in and the control arm added. Throws `usage` where a number is out of bounds or
 * the arms do not fit together.
 */
export function makeScenario(options: SequentialOptions | ExecOptions): SequentialScenario;
export function makeScenario(options: ParallelOptions): ParallelScenario;
export function makeScenario(options: ScenarioOptions): Scenario;
export function makeScenario(options: ScenarioOptions): Scenario {
  const kind = options.kind === 'exec' ? 'sequential' : options.kind;
  const count = within('count', options.count ?? DEFAULTS.count[kind], LIMITS.count);
  const base = {
    name: `${options.kind}-${count}`,
    arms: armsOf(options.arms ?? defaultArms()),
    ...(options.profile === undefined ? {} : { profile: options.profile }),
    dialect: options.dialect ?? DEFAULTS.dialect,
    warmup: within('warmup', options.warmup ?? DEFAULTS.warmup[kind], LIMITS.warmup),
    pauseMs: within('pauseMs', options.pauseMs ?? DEFAULTS.pauseMs, LIMITS.pauseMs),
  };
  if (options.kind === 'sequential')
    return { kind: 'sequential', ...base, count, ...(options.duet === undefined ? {} : { duet: options.duet }) };
  if (options.kind === 'exec') {
    const { probes } = options;
    return { kind: 'sequential', unit: 'exec', ...base, count, ...(probes === undefined ? {} : { probes }) };
  }
  return {
    kind: 'parallel',
    ...base,
    count,
    concurrency: within('concurrency', options.concurrency ?? count, [1, count]),
    rounds: within('rounds', options.rounds ?? DEFAULTS.rounds, LIMITS.rounds),
  };
}

const defaultArms = (): readonly ArmDefinition[] =>
  DEFAULT_ARMS.flatMap((name) => {
    const policy = namedPolicy(name);
    return policy === undefined ? [] : [{ name, policy }];
  });

function armsOf(given: readonly ArmDefinition[]): readonly ArmDefinition[] {
  const arms = completeArms(given);
  const fault = faultIn(arms);
  if (fault === undefined) return arms;
  throw new BenchError('usage', `arms: ${fault.message}`, {
    hint: 'Give each arm a unique name and a policy; bench adds the control.',
  });
}

/** A whole number within bounds. Throws `usage`. */
export function within(property: string, value: number, [least, most]: readonly [number, number]): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalidValue(property, `a whole number from ${formatCount(least)} to ${formatCount(most)}`, String(value));
}

/** The levels of a sweep: distinct, ascending, with level 1, which the efficiency of the others is relative to. */
export const sweepLevels = (levels: readonly number[]): readonly number[] =>
  [...new Set([1, ...levels])].sort((a, b) => a - b);

/** Stops where a scenario belongs to another architecture than this machine's (`uname -m`). Throws `environment`. */
export function assertArchitecture(scenario: Scenario, machine: string): void {
  if (scenario.architecture === undefined || scenario.architecture === machine) return;
  throw needs(`scenario ${scenario.name}`, `an ${scenario.architecture} host (this one is ${machine})`, {
    hint: `Run it on such a machine, or use a portable scenario: bench run quick, bench ${scenario.kind} --count \
${scenario.count}.`,
  });
}
