import { unknownName } from '../errors.js';
import type { EngineChoice } from '../model/container/container.js';
import type {
  CallsRequest,
  ConversionRequest,
  CountingRequest,
  EngineRequest,
  FindingsRequest,
  StartsRequest,
} from '../model/experiment/request.js';
import { DOCKER_CAPABILITIES } from '../model/profile/capabilities.js';
import type { CallAction } from '../model/results/percall/action-price.js';
import type { NamedCall } from '../model/results/percall/percall.js';
import { NAMED_ARMS, namedPolicy } from '../model/run/arms.js';
import { withUnknown } from '../model/run/call-text.js';
import { HARMLESS_CALLS, harmlessCall } from '../model/run/harmless-calls.js';
import type { ArmDefinition, Scenario, SequentialScenario } from '../model/run/scenario.js';
import type { Dialect } from '../model/profile/seccomp.js';
import type { StoppingRule } from '../model/run/stopping.js';
import { UNKNOWN_CALL } from '../model/results/percall/percall.js';
import { makeScenario, newSeed, percallArms } from '../scenario/index.js';

/**
 * An arm: `before` (all architectures of the profile), `after` (the host's), `native`, `unconfined`, or one with its
 * own name and profile.
 */
export type ArmChoice = string | ArmDefinition;

/** Options of every request; all have a default. */
export interface CommonOptions {
  /** What creates the containers; default `auto`: the first of runc, crun, namespaces that works here. */
  readonly engine?: EngineChoice | EngineRequest;
  /** Path of a Docker-format profile; default: Docker's. */
  readonly profile?: string;
  /** Whose conversion rules; default `moby`. */
  readonly dialect?: Dialect;
  /** How profiles are read and converted; default: Docker's capabilities, the kernel of the containers' machine. */
  readonly conversion?: Partial<ConversionRequest>;
  /** Blocks that run first and are not measured; default 4 of starts, 1 of calls. */
  readonly warmup?: number;
  /** Of the order of arms, an unsigned 32-bit integer; default: a new one, kept with the results. */
  readonly seed?: number;
  /** Milliseconds after which a container counts as hung; default 60,000. */
  readonly timeoutMs?: number;
  /** The run ends once more containers than that have failed; default `null`: it goes on. */
  readonly maxFailures?: number | null;
  /** Folder in which the results folder is created; default `results`. */
  readonly resultsFolder?: string;
}

/** Options of {@link startsRequest}. */
export interface StartsOptions extends CommonOptions {
  /** Arms to compare; the first, or `before`, is the baseline. Default: `before` and `after`. */
  readonly arms?: readonly ArmChoice[];
  /** Measured containers per arm; default 500. */
  readonly blocks?: number;
  /** Milliseconds between containers; default 0. */
  readonly pauseMs?: number;
  /** A whole scenario, in place of profile, dialect, warm-up, arms, blocks and pause. */
  readonly scenario?: Scenario;
  /** Whether the stages of every start are timed separately; default `false`. */
  readonly staged?: boolean;
  /** What may end the run before its last block; default: nothing. */
  readonly stopping?: readonly StoppingRule[];
  /** A share (0.01 = 1 %, the default) that the stopping rules use: smaller differences count as none. */
  readonly margin?: number;
  /** Counts system calls in runs of their own; default `null`: no. */
  readonly counting?: CountingRequest | null;
  /** Counts the instructions of every start, where there is a PMU; default `false`. */
  readonly counters?: boolean;
  /** What is found out about the scenario's program besides its times; default: nothing. */
  readonly findings?: Partial<FindingsRequest>;
}

/** Options of {@link callsRequest}. */
export interface CallsOptions extends CommonOptions {
  /** Arms whose filters are priced against no filter, which is added; default: `native` and `after`. */
  readonly arms?: readonly ArmChoice[];
  /**
   * Calls to price: names of calls that are known to change nothing, or names with arguments. `unknown`, a call that no
   * kernel has, is added.
   */
  readonly calls: readonly (string | NamedCall)[];
  /** Measured containers per arm; default 30. */
  readonly blocks?: number;
  /** Timed loops of every call in each container; default 25. */
  readonly rounds?: number;
  /** Calls in one loop; default 1,000. */
  readonly loops?: number;
  /** Answers of a filter whose price is measured too: `notify`, `log`, `trace`; default: none. */
  readonly actions?: readonly CallAction[];
}

/**
 * A request for {@link runExperiment}: blocks of one container start per arm, one after the other. The control arm,
 * a copy of the baseline, is added. With a scenario of `makeScenario` or `loadScenario` also: execs in waiting
 * containers, batches, runs of a program, a server with its load.
 *
 * Throws `BenchError` `usage` for an unknown arm and a number out of bounds.
 *
 * @example
 * const request = startsRequest({ engine: 'namespaces', arms: ['unconfined', 'after'], blocks: 100 });
 *
 * @example
 * const execs = startsRequest({ engine: 'runc', scenario: makeScenario({ kind: 'exec', count: 9 }), counters: true });
 */
export function startsRequest(options: StartsOptions = {}): StartsRequest {
  const { arms, blocks, pauseMs, profile, dialect, warmup } = options;
  return {
    ...commonRequest(options),
    kind: 'starts',
    scenario:
      options.scenario ??
      makeScenario({ kind: 'sequential', arms: arms?.map(armOf), count: blocks, pauseMs, profile, dialect, warmup }),
    staged: options.staged ?? false,
    stopping: options.stopping ?? [],
    margin: options.margin ?? 0.01,
    counting: options.counting ?? null,
    ...(options.counters === undefined ? {} : { counters: options.counters }),
    findings: { explain: false, touch: [], profiler: null, ...options.findings },
  };
}

/**
 * A request for {@link runExperiment}: system calls timed inside containers, under every arm's filter and under none.
 *
 * Throws `BenchError` `usage` for an unknown arm or call and a number out of bounds.
 *
 * @example
 * const request = callsRequest({ calls: ['getppid', { name: 'openat', args: ['0xffffffff', '0', '0'] }] });
 */
export function callsRequest(options: CallsOptions): CallsRequest {
  const { blocks = 30, warmup = 1, profile, dialect, rounds = 25, loops = 1000 } = options;
  const scenario: SequentialScenario = {
    ...makeScenario({ kind: 'sequential', count: blocks, warmup, profile, dialect }),
    name: 'percall',
    arms: percallArms((options.arms ?? ['native', 'after']).map(armOf)),
  };
  return {
    ...commonRequest(options),
    kind: 'calls',
    scenario,
    calls: callsOf(options.calls),
    droppable: options.calls.some((call) => nameOf(call) === UNKNOWN_CALL.name) ? [] : [UNKNOWN_CALL.name],
    rounds,
    loops,
    ...(options.actions === undefined ? {} : { actions: options.actions }),
    equalArms: options.arms === undefined ? 'drop' : 'refuse',
  };
}

function commonRequest({ engine = 'auto', conversion, ...options }: CommonOptions) {
  return {
    engine: typeof engine === 'string' ? { choice: engine } : engine,
    conversion: { capabilities: DOCKER_CAPABILITIES, kernel: null, lenient: false, ...conversion },
    seed: options.seed ?? newSeed(),
    pinnedCpu: null,
    timeoutMs: options.timeoutMs ?? 60_000,
    maxFailures: options.maxFailures ?? null,
    resultsFolder: options.resultsFolder ?? 'results',
    commandLine: [],
  };
}

function armOf(choice: ArmChoice): ArmDefinition {
  if (typeof choice !== 'string') return choice;
  const policy = namedPolicy(choice);
  if (policy === undefined) throw unknownName(choice, 'an arm', Object.keys(NAMED_ARMS));
  return { name: choice, policy };
}

const nameOf = (call: string | NamedCall): string => (typeof call === 'string' ? call : call.name);

function callsOf(calls: readonly (string | NamedCall)[]): readonly NamedCall[] {
  const named = calls.map((call) => {
    if (typeof call !== 'string') return call;
    const known = harmlessCall(call);
    if (known === undefined)
      throw unknownName(call, 'a call that is known to change nothing', HARMLESS_CALLS, {
        hint: `Give its arguments: { name: '${call}', args: [...] }.`,
      });
    return known;
  });
  return withUnknown(named);
}
