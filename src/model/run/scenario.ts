import type { FilterMaking } from '../filter/filter-making.js';
import type { ArchitecturePolicy, Dialect } from '../profile/seccomp.js';
import type { Probes, Unit } from './unit.js';
import type { Workload } from './program/workload.js';

/**
 * What an arm's spec is made by: an architecture policy, `unconfined` (no seccomp at all), or `runtime-default` (the
 * runtime's own profile, which only engine `cri` can ask for).
 */
export type ArmPolicy = ArchitecturePolicy | 'unconfined' | 'runtime-default';

/** `cold`: every container compiles its filter; `warm`: it is there from an earlier one. */
export type FilterCache = 'cold' | 'warm';

/** What of the two is measured where a runtime keeps compiled filters. */
export const CACHE_CHOICES = ['cold', 'warm', 'both'] as const;
/** Whether cold starts, warm ones or both are measured. */
export type CacheChoice = (typeof CACHE_CHOICES)[number];

/** What `--duet` takes: `auto` is duet blocks where they are proved better, solo blocks elsewhere. */
export const DUET_CHOICES = ['never', 'auto', 'always'] as const;
/** Whether containers of two arms run at the same time, each on a core of its own. */
export type DuetChoice = (typeof DUET_CHOICES)[number];

/** A revision of a git repository that an arm was built from. */
export interface ArmRevision {
  /** As it was typed: a branch, tag or hash. */
  readonly given: string;
  /** The commit that it was then: 40 or 64 hexadecimal digits. */
  readonly commit: string;
  /** Its tag; `null`: it has none. */
  readonly label: string | null;
  /** ISO 8601, UTC; `null`: not known. */
  readonly committedAt: string | null;
  /** The shell command that built it; `null`: nothing was built. */
  readonly build: string | null;
}

/** A named treatment: how its spec is made. */
export interface ArmDefinition {
  readonly name: string;
  readonly policy: ArmPolicy;
  /** The policy was not chosen: it is `host` for a profile, and a filter that is built already has none. */
  readonly impliedPolicy?: true;
  /** A profile, or a filter in another form; absent = the scenario's, or the built-in default. */
  readonly profile?: string;
  /** OCI runtime of this arm alone; absent = the run's engine. */
  readonly runtime?: string;
  /**
   * How its filter is made and loaded, where that is not left to the engine. The built-in ones take all of it, crun
   * what is built before the run, runc a form that its version builds.
   */
  readonly making?: FilterMaking;
  /** Path of the libseccomp.so that builds its filters; absent = the engine's own. */
  readonly libseccomp?: string;
  /** Whether its runtime may reuse a filter that it compiled for an earlier container; absent = as the engine does. */
  readonly cache?: FilterCache;
  /** The arm that it is compared with, its own name: with none; absent = the baseline. */
  readonly against?: string;
  /** A whole command in place of a container: program and arguments. It has no spec, and succeeds by exiting with 0. */
  readonly command?: readonly string[];
  /** What its files were built from; absent: they were there. */
  readonly revision?: ArmRevision;
  /** The A/A check: this arm is a byte copy of the named one, with its own files. */
  readonly copyOf?: string;
}

interface ScenarioBase {
  readonly name: string;
  readonly title?: string;
  /** uname machine name this scenario belongs to; absent = any. */
  readonly architecture?: 'x86_64' | 'aarch64';
  /** The published case (report/published.ts) this scenario repeats. */
  readonly published?: string;
  readonly arms: readonly ArmDefinition[];
  readonly profile?: string;
  readonly dialect: Dialect;
  /**
   * Discarded (but recorded) blocks or batches before the first measured one.
   *
   * @asType integer
   */
  readonly warmup: number;
  readonly pauseMs: number;
  /** What every container runs in place of the payload; absent: the payload. */
  readonly program?: Workload;
  /**
   * Of runtimes that keep compiled filters; absent: both, or warm where a program runs. With both, arms are warm, and a
   * cold twin of each is added.
   */
  readonly cache?: CacheChoice;
}

/** `count` blocks of one container per arm, or of one exec in a waiting container of each, one after the other. */
export interface SequentialScenario extends ScenarioBase {
  readonly kind: 'sequential';
  /** What is timed; absent: starts of containers. */
  readonly unit?: Unit;
  /** Of execs: how many of them what is measured is told for; absent: for none. */
  readonly probes?: Probes;
  /**
   * Measured blocks; without duet blocks also the containers per arm.
   *
   * @asType integer
   * @minimum 1
   */
  readonly count: number;
  /** As it was asked for; in the plan of a run `always` or absent: whether it had duet blocks. */
  readonly duet?: DuetChoice;
}

/** `rounds` batches per arm, each of `count` containers, `concurrency` in flight. */
export interface ParallelScenario extends ScenarioBase {
  readonly kind: 'parallel';
  /**
   * Containers in one batch.
   *
   * @asType integer
   * @minimum 1
   */
  readonly count: number;
  /**
   * @asType integer
   * @minimum 1
   */
  readonly concurrency: number;
  /** Of a scenario's file that asks for a sweep: every level of concurrency in turn, ascending, 1 among them. */
  readonly levels?: readonly number[];
  /**
   * Batches per arm = blocks.
   *
   * @asType integer
   * @minimum 1
   */
  readonly rounds: number;
}

/** What to do and how often. */
export type Scenario = SequentialScenario | ParallelScenario;

/** Fewer blocks or batches than this are described, never judged. */
export const FEWEST_FOR_VERDICT = 20;

/** The number of measured blocks: a block is every arm once (one container, or one batch, each). */
export const blocksOf = (scenario: Scenario): number =>
  scenario.kind === 'sequential' ? scenario.count : scenario.rounds;

/** Containers in one arm's turn of a block. */
export const containersPerTurn = (scenario: Scenario): number => (scenario.kind === 'sequential' ? 1 : scenario.count);

/** What is timed once per arm and block; in a parallel scenario always starts. */
export const unitOf = (scenario: Scenario): Unit =>
  scenario.kind === 'sequential' ? (scenario.unit ?? 'start') : 'start';

/** What one sample of the scenario is of, as a noun: an exec starts no container. */
export const countedThing = (scenario: Scenario): 'container' | 'exec' =>
  unitOf(scenario) === 'exec' ? 'exec' : 'container';

/** What an arm's time is the time of, as a noun. */
export function timedThing(scenario: Scenario): TimedThing {
  if (unitOf(scenario) === 'exec') return 'exec';
  if (scenario.program === undefined) return 'start';
  return scenario.program.service === undefined ? 'run' : 'request';
}

/** What an arm's time is the time of; of a server a request, the mean over those of a load. */
export type TimedThing = 'start' | 'run' | 'exec' | 'request';

/** The arm that all others are compared with: `before` where there is one, the first otherwise. */
export function baselineOf(arms: readonly ArmDefinition[]): string {
  return (arms.find((arm) => arm.name === 'before') ?? arms[0])?.name ?? 'before';
}

/** Whether an arm needs a file that was built for this run alone and is removed with it: it cannot go on later. */
export const needsBuilds = (arms: readonly ArmDefinition[]): boolean =>
  arms.some(({ revision, runtime, libseccomp }) => revision !== undefined && (runtime ?? libseccomp) !== undefined);

/** The byte copy of the baseline, where the scenario has one. */
export const controlOf = (arms: readonly ArmDefinition[]): string | undefined => copyIn(arms, baselineOf(arms));

const copyIn = (arms: readonly ArmDefinition[], original: string): string | undefined =>
  arms.find((arm) => arm.copyOf === original)?.name;

/** The arm that another one is compared with, and that arm's byte copy where there is one. */
export interface Reference {
  readonly baseline: string;
  readonly control: string | undefined;
}

/**
 * What an arm is compared with: the arm that it names, or the baseline. `null` for an arm that is compared with none: a
 * baseline, and the copy of one.
 */
export function referenceOf(arms: readonly ArmDefinition[], name: string): Reference | null {
  const named = arms.find((arm) => arm.name === name)?.against;
  const baseline = arms.some((arm) => arm.name === named) && named !== undefined ? named : baselineOf(arms);
  const control = copyIn(arms, baseline);
  return name === baseline || name === control ? null : { baseline, control };
}
