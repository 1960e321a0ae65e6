import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import { PLAIN_BUILDER } from '../../../src/engine/filter-builder.js';
import { realParts } from '../../../src/experiment/index.js';
import type { ExperimentParts } from '../../../src/experiment/index.js';
import type {
  ArmSpec,
  BatchRequest,
  ContainerRun,
  Engine,
  EngineFacts,
  Exit,
  FilterCaching,
} from '../../../src/model/container/container.js';
import type { EngineHost } from '../../../src/model/container/engine-host.js';
import type { FilterBuilder } from '../../../src/model/filter/builder.js';
import { isExec, isProgram } from '../../../src/model/container/program.js';
import type { Inside } from '../../../src/model/container/program.js';
import type { ExperimentContext, ExperimentEvent } from '../../../src/model/experiment/events.js';
import type {
  CallsRequest,
  CountsRequest,
  StartsRequest,
  SweepRequest,
} from '../../../src/model/experiment/request.js';
import { NO_PAUSE_WATCH } from '../../../src/model/run/pause.js';
import { nanoseconds } from '../../../src/model/time.js';
import { DOCKER_CAPABILITIES } from '../../../src/model/profile/capabilities.js';
import { SEQUENTIAL } from '../report/fixtures.js';

/** What becomes of one container; `undefined`: it is ok. */
type Script = (request: BatchRequest, id: string) => Exit | undefined;

export interface FakeOptions {
  readonly script?: Script;
  /** Called before each batch: an error of the engine itself. */
  readonly onRun?: (request: BatchRequest) => void | Promise<void>;
  /** What the engine lists, in turn; the last one again and again. `Error`: it cannot be asked. */
  readonly lists?: readonly (readonly string[] | Error)[];
  readonly host?: EngineHost;
  readonly disposal?: Error;
  /** Of its program. */
  readonly path?: string;
  /** For how long a container was seen stopped. */
  readonly heldNs?: (id: string) => number;
  /** How long a container takes and what CPU time it uses; default 10 ms and 5 ms. */
  readonly takes?: (arm: string) => { readonly wallMs: number; readonly cpuMs: number };
  readonly loads?: NonNullable<Engine['loads']>;
  readonly caching?: FilterCaching;
  /** It starts programs in running containers. */
  readonly execs?: true;
  /** Containers and execs that end well and write nothing. */
  readonly mute?: (request: BatchRequest, id: string) => boolean;
  /** Default: this machine's libseccomp, plain. */
  readonly builder?: FilterBuilder;
}

const MS = 1e6;

/** An engine that starts nothing: every container is over at once. */
export class FakeEngine implements Engine {
  readonly facts: EngineFacts;
  readonly limits = {};
  readonly stages = 'never';
  readonly programs = 'anyRoot';
  readonly makesFilters = true;
  readonly host?: EngineHost;
  readonly loads?: NonNullable<Engine['loads']>;
  readonly caching?: FilterCaching;
  readonly execs?: true;
  /** Every arm as it was last prepared. */
  readonly prepared = new Map<string, ArmSpec>();
  readonly started: string[] = [];
  /** Arms whose loaded filters were looked at. */
  readonly seen: string[] = [];
  disposals = 0;
  readonly #options: FakeOptions;
  #asked = 0;
  #now = 0;

  constructor(options: FakeOptions = {}) {
    this.#options = options;
    this.facts = { name: 'fake', version: 'fake 1', path: options.path ?? null, rootless: false, notes: [] };
    if (options.host !== undefined) this.host = options.host;
    if (options.loads !== undefined) this.loads = options.loads;
    if (options.caching !== undefined) this.caching = options.caching;
    if (options.execs === true) this.execs = true;
  }

  /** Of its containers. */
  get now() {
    return nanoseconds(this.#now);
  }

  builderOf(): FilterBuilder {
    return this.#options.builder ?? PLAIN_BUILDER;
  }

  prepare(arm: ArmSpec): Promise<void> {
    this.prepared.set(arm.name, arm);
    return Promise.resolve();
  }

  command(): { readonly file: string; readonly args: readonly string[]; readonly env: readonly string[] } {
    return { file: '/bin/echo', args: ['ok'], env: [] };
  }

  async run(request: BatchRequest) {
    const startedAt = nanoseconds(this.#now);
    await this.#options.onRun?.(request);
    const containers = request.ids.map((id) => this.#runOne(request, id));
    return { startedAt, makespan: nanoseconds(this.#now - startedAt), containers };
  }

  #runOne(request: BatchRequest, id: string): ContainerRun {
    const scripted = request.signal.aborted ? ({ kind: 'interrupted' } as const) : this.#options.script?.(request, id);
    const exit: Exit = scripted ?? { kind: 'exited', code: 0 };
    const startedAt = nanoseconds(this.#now);
    this.started.push(id);
    const { wallMs, cpuMs } = this.#options.takes?.(request.arm) ?? { wallMs: 10, cpuMs: 5 };
    this.#now += wallMs * MS + (this.started.length % 7) * 1000;
    const wall = nanoseconds(this.#now - startedAt);
    const held = this.#options.heldNs?.(id) ?? 0;
    return {
      exit,
      startedAt,
      wall,
      usage: {
        user: nanoseconds((cpuMs - 1) * MS),
        system: nanoseconds(MS),
        maxRssKiB: 1000,
        minorFaults: 1,
        majorFaults: 0,
        voluntarySwitches: 1,
        involuntarySwitches: 0,
      },
      ...(held > 0 ? { heldNs: nanoseconds(held) } : {}),
      stdout: scripted === undefined && this.#options.mute?.(request, id) !== true ? outputOf(request.mode) : '',
      stderr: scripted === undefined ? '' : 'fake: no',
    };
  }

  create(arm: string, id: string) {
    this.seen.push(arm);
    const removed = { state: 'removed', id } as const;
    const nothing = { [Symbol.asyncDispose]: () => Promise.resolve() };
    const exited = { ...nothing, state: 'exited', id, remove: () => Promise.resolve(removed) } as const;
    const kill = () => Promise.resolve(exited);
    const started = { ...nothing, state: 'started', id, pid: 1, hidden: 'a fake container', kill } as const;
    const remove = () => Promise.resolve(removed);
    return Promise.resolve({
      ...nothing,
      state: 'created',
      id,
      start: () => Promise.resolve(started),
      remove,
    } as const);
  }

  betweenBlocks(): Promise<void> {
    return Promise.resolve();
  }

  list(): Promise<readonly string[]> {
    const { lists = [[]] } = this.#options;
    const list = lists[Math.min(this.#asked, lists.length - 1)] ?? [];
    this.#asked += 1;
    return list instanceof Error ? Promise.reject(list) : Promise.resolve(list);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.disposals += 1;
    return this.#options.disposal === undefined ? Promise.resolve() : Promise.reject(this.#options.disposal);
  }
}

/** What a container writes where all is well. */
function outputOf(mode: Inside): string {
  if (!isProgram(mode)) {
    const words = { exit: 'ok', stamp: 'ok 1', sleep: 'ready', seccomp: 'seccomp 2', probe32: 'ok32' };
    return `${words[mode]}\n`;
  }
  if (isExec(mode) && mode.isPayload === true) return mode.args[1] === 'seccomp' ? 'seccomp 2\n' : 'ok\n';
  const [path, loops = '', rounds = '', ...calls] = mode.args;
  return path === '/caller' ? callerOutput(Number(loops), Number(rounds), calls.length) : '';
}

function callerOutput(loops: number, rounds: number, calls: number): string {
  const lines = ['caller 2 clock cpu seccomp 2 speculation 0 0'];
  for (let round = 0; round < rounds; round += 1) {
    lines.push(`empty ${round} ${loops}`);
    for (let call = 0; call < calls; call += 1) lines.push(`call ${call} ${round} ${loops * (100 + call)} 0`);
  }
  return [...lines, 'done', ''].join('\n');
}

/** Small, so that its filters are built in no time. */
const PROFILE = {
  defaultAction: 'SCMP_ACT_ERRNO',
  archMap: [
    { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] },
    { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: ['SCMP_ARCH_ARM'] },
  ],
  syscalls: [
    { names: ['getppid', 'write', 'exit_group', 'execve', 'ppoll', 'clock_gettime'], action: 'SCMP_ACT_ALLOW' },
    { names: ['ptrace'], action: 'SCMP_ACT_ALLOW', includes: { minKernel: '4.8' } },
  ],
};

/** A folder for results, and what an experiment tells. */
export interface Bench {
  readonly folder: string;
  readonly events: ExperimentEvent[];
  readonly abort: AbortController;
  readonly context: ExperimentContext;
  readonly engine: (options?: FakeOptions) => { readonly engine: FakeEngine; readonly parts: ExperimentParts };
}

/** Makes a folder before each test and removes it after. */
export function useBench(): () => Bench {
  let bench: Bench | null = null;
  beforeEach(() => {
    bench = benchIn(mkdtempSync(join(tmpdir(), 'experiment-')));
  });
  afterEach(() => {
    rmSync(bench?.folder ?? '', { recursive: true, force: true });
  });
  return () => {
    if (bench === null) throw new Error('there is no folder outside a test');
    return bench;
  };
}

function benchIn(folder: string): Bench {
  writeFileSync(join(folder, 'profile.json'), JSON.stringify(PROFILE));
  const events: ExperimentEvent[] = [];
  const abort = new AbortController();
  const context: ExperimentContext = {
    env: { PATH: '' },
    cwd: folder,
    signal: abort.signal,
    stdin: () => Promise.reject(new Error('nothing to read')),
    notify: (event) => {
      events.push(event);
    },
  };
  const engine = (options: FakeOptions = {}) => {
    const fake = new FakeEngine(options);
    return { engine: fake, parts: partsOf(fake) };
  };
  return { folder, events, abort, context, engine };
}

function partsOf(engine: FakeEngine): ExperimentParts {
  const opened = { engine, refusals: ['runc: not there'], [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose]() };
  let now = 0;
  return {
    ...realParts(),
    openEngine: async (_, { check }) => {
      await check?.(engine);
      return opened;
    },
    clock: () => nanoseconds((now += 1000)),
    newRunId: () => 'sb-fake',
    calendar: () => new Date('2026-11-26T18:00:00Z'),
    sleep: () => Promise.resolve(),
    fingerprint: () => SEQUENTIAL.run.host,
    watchPauses: () => NO_PAUSE_WATCH,
    readHostUse: () => ({ processors: 2, load: 0, ticks: null }),
    otherRuns: () => [],
    pinning: { core: () => null, pin: () => undefined, unpin: () => undefined },
    chooseCounter: () =>
      Promise.resolve({
        refusals: [{ name: 'perf-trace', reason: 'not here', fix: null }],
        counter: {
          facts: { name: 'strace', version: '6', split: 'exec' },
          count: async () => {
            const { containers } = await engine.run({
              arm: 'counted',
              mode: 'exit',
              ids: ['counted'],
              concurrency: 1,
              timeoutMs: 1000,
              signal: new AbortController().signal,
            });
            const [run] = containers;
            if (run === undefined) throw new Error('one container has one run');
            return { run, parts: [{ part: 'container', calls: [], operations: [] }] };
          },
          watch: () => Promise.reject(new Error('there is no daemon')),
        },
      }),
  };
}

const ALWAYS = {
  engine: { choice: 'auto' },
  conversion: { capabilities: DOCKER_CAPABILITIES, kernel: null, lenient: false },
  seed: 7,
  pinnedCpu: null,
  timeoutMs: 1000,
  maxFailures: null,
  resultsFolder: 'results',
  commandLine: [],
} as const;

const ARMS = [
  { name: 'before', policy: 'all' },
  { name: 'after', policy: 'host' },
  { name: 'control', policy: 'all', copyOf: 'before' },
] as const;
const SCENARIO = { name: 'made', profile: 'profile.json', arms: ARMS, dialect: 'moby', warmup: 1, pauseMs: 0 } as const;

export const startsRequest = (more: Partial<StartsRequest> = {}): StartsRequest => ({
  ...ALWAYS,
  kind: 'starts',
  scenario: { ...SCENARIO, kind: 'sequential', count: 4 },
  staged: false,
  stopping: [],
  margin: 0.01,
  counting: null,
  findings: { explain: false, touch: [], profiler: null },
  ...more,
});

/** The same with a program of the user in place of the payload. */
export const workloadRequest = (more: Partial<StartsRequest> = {}): StartsRequest =>
  startsRequest({
    scenario: {
      ...startsRequest().scenario,
      program: { args: ['/payload'], env: [], cwd: '/', bindHost: false, binds: [], via: 'run' },
    },
    findings: { explain: true, touch: [{ mib: 1, order: 'random' }], profiler: 'cprofile' },
    ...more,
  });

export const sweepRequest = (more: Partial<SweepRequest> = {}): SweepRequest => ({
  ...ALWAYS,
  kind: 'sweep',
  scenario: { ...SCENARIO, kind: 'parallel', count: 2, concurrency: 2, rounds: 3 },
  levels: [1, 2],
  ...more,
});

export const callsRequest = (more: Partial<CallsRequest> = {}): CallsRequest => ({
  ...ALWAYS,
  kind: 'calls',
  scenario: {
    ...SCENARIO,
    kind: 'sequential',
    count: 3,
    arms: [{ name: 'unconfined', policy: 'unconfined' }, ...ARMS.slice(0, 2)],
  },
  calls: [
    { name: 'getppid', args: [] },
    { name: 'unknown', args: [] },
  ],
  rounds: 3,
  loops: 100,
  equalArms: 'refuse',
  ...more,
});

export const countsRequest = (more: Partial<CountsRequest> = {}): CountsRequest => ({
  ...ALWAYS,
  kind: 'counts',
  scenario: { ...SCENARIO, kind: 'sequential', count: 1, arms: ARMS.slice(0, 2) },
  counting: { counter: 'auto', repeats: 2 },
  ...more,
});
