import { BenchError } from '../errors.js';
import type {
  ArmSpec,
  BatchRequest,
  BatchRun,
  CreatedContainer,
  Engine,
  LaunchCommand,
  ProgramSupport,
  RuntimeLimits,
  EngineFacts,
  FilterCaching,
  ServerStart,
  StartedServer,
} from '../model/container/container.js';
import type { EngineHost } from '../model/container/engine-host.js';
import type { ContainerProgram, PayloadMode, Inside } from '../model/container/program.js';
import { unknownBuilder } from '../model/filter/builder.js';
import type { FilterBuilder } from '../model/filter/builder.js';

/** From the least to the most. */
const SUPPORT: readonly ProgramSupport[] = ['none', 'binds', 'anyRoot'];

/** Several engines as one: each arm has an engine, so that two runtimes can be interleaved in one run. */
export class EngineByArm implements Engine {
  readonly facts: EngineFacts;
  /** What all of them can load: the arms differ only in their runtime. */
  readonly limits: RuntimeLimits;
  readonly stages: Engine['stages'];
  /** What all of them support. */
  readonly programs: ProgramSupport;
  readonly machine?: string;
  /** What all of them load. */
  readonly loads: NonNullable<Engine['loads']>;
  readonly host?: EngineHost;
  readonly takesLibrary?: true;
  readonly makesFilters?: true;
  readonly execs?: true;
  readonly serves?: true;
  readonly caching: FilterCaching;
  readonly #byArm: Map<string, Engine>;

  constructor(byArm: ReadonlyMap<string, Engine>) {
    this.#byArm = new Map(byArm);
    const engines = this.#engines();
    const [first] = engines;
    if (first === undefined) throw new BenchError('runFailed', 'no arm has an engine');
    this.facts = {
      ...first.facts,
      name: [...new Set(engines.map((engine) => engine.facts.name))].join(' and '),
      version: [...new Set(engines.map((engine) => engine.facts.version))].join(' and '),
      notes: [...byArm].map(([arm, { facts }]) => `${arm}: ${facts.path ?? facts.name} (${facts.version})`),
    };
    this.limits = commonLimits(engines);
    this.caching = {
      statesOf: (arm, signal) => this.#of(arm).caching?.statesOf(arm, signal) ?? Promise.resolve([]),
      evidenceOf: (arm) => this.#of(arm).caching?.evidenceOf(arm),
    };
    this.loads = new Set([...(first.loads ?? [])].filter((kind) => engines.every(({ loads }) => loads?.has(kind))));
    if (first.machine !== undefined) this.machine = first.machine;
    if (first.host !== undefined) this.host = first.host;
    if (engines.every(({ takesLibrary }) => takesLibrary)) this.takesLibrary = true;
    if (engines.every(({ makesFilters }) => makesFilters)) this.makesFilters = true;
    if (engines.every(({ execs }) => execs)) this.execs = true;
    if (engines.every(({ serves }) => serves)) this.serves = true;
    this.programs = SUPPORT.find((least) => engines.some(({ programs }) => programs === least)) ?? 'none';
    this.stages = engines.every(({ stages }) => stages === first.stages) ? first.stages : 'never';
  }

  prepare(arm: ArmSpec): Promise<void> {
    return this.#of(arm.name).prepare(arm);
  }

  addTwin(twin: string, original: string): void {
    this.#byArm.set(twin, this.#of(original));
  }

  command(arm: string, mode: Inside, id: string): LaunchCommand | null {
    return this.#of(arm).command(arm, mode, id);
  }

  daemonSocket(arm: string): string | null {
    return this.#of(arm).daemonSocket?.(arm) ?? null;
  }

  builderOf(arm: string): FilterBuilder {
    const engine = this.#of(arm);
    return engine.builderOf?.(arm) ?? unknownBuilder(engine.facts.name);
  }

  loadsOf(arm: string): NonNullable<Engine['loads']> {
    return this.#of(arm).loads ?? new Set();
  }

  makesFiltersOf(arm: string): boolean {
    return this.#of(arm).makesFilters === true;
  }

  no32Bit(arm: string): string | undefined {
    return this.#of(arm).no32Bit?.(arm);
  }

  async prepareProgram(arm: string, program: ContainerProgram): Promise<void> {
    await this.#of(arm).prepareProgram?.(arm, program);
  }

  run(request: BatchRequest): Promise<BatchRun> {
    return this.#of(request.arm).run(request);
  }

  serve(start: ServerStart): Promise<StartedServer> {
    const engine = this.#of(start.arm);
    if (engine.serve !== undefined) return engine.serve(start);
    throw new BenchError('runFailed', `${engine.facts.name} starts no servers`);
  }

  create(arm: string, id: string, mode: PayloadMode): Promise<CreatedContainer> {
    return this.#of(arm).create(arm, id, mode);
  }

  async betweenBlocks(): Promise<void> {
    for (const engine of this.#engines()) await engine.betweenBlocks();
  }

  async list(): Promise<readonly string[]> {
    return (await Promise.all(this.#engines().map((engine) => engine.list()))).flat();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const engine of this.#engines()) await engine[Symbol.asyncDispose]();
  }

  #engines(): readonly Engine[] {
    return [...new Set(this.#byArm.values())];
  }

  #of(arm: string): Engine {
    const engine = this.#byArm.get(arm);
    if (engine === undefined) throw new BenchError('runFailed', `arm ${arm} has no engine`);
    return engine;
  }
}

function commonLimits(engines: readonly Engine[]): RuntimeLimits {
  const known = engines.flatMap((engine) =>
    engine.limits.knownArchitectures === undefined ? [] : [engine.limits.knownArchitectures],
  );
  const [first, ...others] = known;
  return first === undefined
    ? {}
    : { knownArchitectures: new Set([...first].filter((name) => others.every((set) => set.has(name)))) };
}
