import { describe, expect, it } from 'vitest';
import type { BatchRequest, ContainerRun, Engine } from '../../../src/model/container/container.js';
import type { Scenario } from '../../../src/model/run/scenario.js';
import { nanoseconds } from '../../../src/model/time.js';
import { runBlocks } from '../../../src/results/index.js';
import type { BlockSamples, RunnerOptions } from '../../../src/results/runner.js';

const sequential: Scenario = {
  kind: 'sequential',
  name: 's',
  count: 2,
  warmup: 1,
  pauseMs: 0,
  dialect: 'moby',
  arms: [
    { name: 'a', policy: 'all' },
    { name: 'b', policy: 'host' },
  ],
};
const parallel: Scenario = { ...sequential, kind: 'parallel', count: 3, concurrency: 2, rounds: 1, warmup: 0 };

/** Keeps a log of all that happens; every container takes 10 ns of its own clock. */
class MemoryEngine implements Engine {
  readonly facts = { name: 'memory', version: '1', path: null, rootless: true, notes: [] };
  readonly limits = {};
  readonly programs = 'none';
  readonly stages = 'never';
  readonly log: string[] = [];
  readonly requests: BatchRequest[] = [];
  readonly changes: (id: string) => Partial<ContainerRun>;
  #now = 1000;

  constructor(changes: (id: string) => Partial<ContainerRun> = () => ({})) {
    this.changes = changes;
  }

  run = (request: BatchRequest) => {
    this.log.push(`run ${request.arm}`);
    this.requests.push(request);
    const startedAt = nanoseconds(this.#now);
    const containers = request.ids.map((id) => this.#container(id));
    return Promise.resolve({ startedAt, makespan: nanoseconds(this.#now - startedAt), containers });
  };

  #container(id: string): ContainerRun {
    const startedAt = nanoseconds(this.#now);
    this.#now += 10;
    const usage = {
      user: nanoseconds(4),
      system: nanoseconds(3),
      maxRssKiB: 2,
      minorFaults: 5,
      majorFaults: 6,
      voluntarySwitches: 7,
      involuntarySwitches: 8,
    };
    return {
      exit: { kind: 'exited', code: 0 },
      startedAt,
      wall: nanoseconds(10),
      usage,
      stdout: 'ok\n',
      stderr: '',
      ...this.changes(id),
    };
  }

  betweenBlocks = (): Promise<void> => {
    this.log.push('between');
    return Promise.resolve();
  };

  prepare = () => Promise.resolve();
  command = () => ({ file: '/nothing', args: [], env: [] });
  create = () => Promise.reject(new Error('not asked for'));
  list = () => Promise.resolve([]);
  [Symbol.asyncDispose] = () => Promise.resolve();
}

async function collect(
  engine: MemoryEngine,
  scenario: Scenario,
  more: Partial<RunnerOptions> = {},
): Promise<BlockSamples[]> {
  const options: RunnerOptions = {
    engine,
    scenario,
    warmup: scenario.warmup > 0 ? [['b', 'a']] : [],
    measured: [
      ['a', 'b'],
      ['b', 'a'],
    ],
    runId: 'sb-1',
    timeoutMs: 500,
    signal: new AbortController().signal,
    sleep: () => Promise.resolve(),
    originNs: 1000,
    ...more,
  };
  const blocks: BlockSamples[] = [];
  for await (const block of runBlocks(options)) {
    engine.log.push('stored');
    blocks.push(block);
  }
  return blocks;
}

describe('running a scenario', () => {
  it('runs warm-up, then every block in its order; storing and housekeeping only between blocks', async () => {
    const engine = new MemoryEngine();
    const blocks = await collect(engine, sequential);
    expect(engine.log).toEqual([
      'run b',
      'run a',
      'stored',
      'between',
      'run a',
      'run b',
      'stored',
      'between',
      'run b',
      'run a',
      'stored',
      'between',
    ]);
    expect(blocks.map(({ block, warmup }) => [block, warmup])).toEqual([
      [0, true],
      [0, false],
      [1, false],
    ]);
  });

  it("gives every container its own id that begins with the run's", async () => {
    const engine = new MemoryEngine();
    await collect(engine, sequential);
    await collect(engine, parallel);
    expect(engine.requests.map(({ ids, concurrency }) => [ids.join(' '), concurrency])).toEqual([
      ['sb-1-w0-0-0', 1],
      ['sb-1-w0-1-0', 1],
      ['sb-1-b0-0-0', 1],
      ['sb-1-b0-1-0', 1],
      ['sb-1-b1-0-0', 1],
      ['sb-1-b1-1-0', 1],
      ['sb-1-b0-0-0 sb-1-b0-0-1 sb-1-b0-0-2', 2],
      ['sb-1-b0-1-0 sb-1-b0-1-1 sb-1-b0-1-2', 2],
      ['sb-1-b1-0-0 sb-1-b1-0-1 sb-1-b1-0-2', 2],
      ['sb-1-b1-1-0 sb-1-b1-1-1 sb-1-b1-1-2', 2],
    ]);
  });

  it('writes down where, when and how long, counted from the start of the run', async () => {
    const [warmup, block] = await collect(new MemoryEngine(), sequential);
    const times = {
      state: 'ok',
      wallNs: 10,
      userNs: 4,
      systemNs: 3,
      maxRssKiB: 2,
      minorFaults: 5,
      majorFaults: 6,
      voluntarySwitches: 7,
      involuntarySwitches: 8,
    };
    expect(warmup?.samples[0]).toEqual({
      kind: 'container',
      block: 0,
      warmup: true,
      position: 0,
      arm: 'b',
      index: 0,
      startNs: 0,
      ...times,
    });
    expect(block?.samples).toEqual([
      { kind: 'container', block: 0, warmup: false, position: 0, arm: 'a', index: 0, startNs: 20, ...times },
      { kind: 'container', block: 0, warmup: false, position: 1, arm: 'b', index: 0, startNs: 30, ...times },
    ]);
  });

  it('writes no time of a container that failed, but its cause and last words', async () => {
    const engine = new MemoryEngine((id) =>
      id === 'sb-1-b1-0-0' ? { exit: { kind: 'exited', code: 1 }, stderr: 'why\n' } : {},
    );
    const blocks = await collect(engine, sequential);
    expect(blocks[2]?.samples[0]).toEqual({
      kind: 'container',
      block: 1,
      warmup: false,
      position: 0,
      arm: 'b',
      index: 0,
      state: 'failed',
      startNs: 40,
      cause: 'exit code 1',
      stderr: 'why',
    });
    expect(blocks[2]?.samples[1]).toMatchObject({ state: 'ok' });
  });

  it('pauses between the turns of a block, and not before the first', async () => {
    const engine = new MemoryEngine();
    const sleep = (ms: number): Promise<void> => {
      engine.log.push(`sleep ${ms}`);
      return Promise.resolve();
    };
    await collect(engine, { ...sequential, pauseMs: 5 }, { sleep, warmup: [], measured: [['a', 'b', 'a']] });
    expect(engine.log).toEqual(['run a', 'sleep 5', 'run b', 'sleep 5', 'run a', 'stored', 'between']);
  });

  it('ends after the turn in which it was stopped, and keeps what the block got to', async () => {
    const abort = new AbortController();
    const engine = new MemoryEngine((id) => {
      if (id === 'sb-1-b0-0-0') abort.abort();
      return {};
    });
    const blocks = await collect(engine, sequential, { signal: abort.signal });
    expect(blocks.map(({ warmup, samples }) => [warmup, samples.map((sample) => sample.arm)])).toEqual([
      [true, ['b', 'a']],
      [false, ['a']],
    ]);
    expect(engine.log.slice(-3)).toEqual(['run a', 'stored', 'between']);
  });

  it('runs nothing where it was stopped before', async () => {
    const engine = new MemoryEngine();
    expect([await collect(engine, sequential, { signal: AbortSignal.abort() }), engine.log]).toEqual([[], []]);
  });
});

describe("a batch's line", () => {
  it('follows those of its containers and holds the makespan where all were ok', async () => {
    const [block] = await collect(new MemoryEngine(), parallel, { measured: [['b', 'a']] });
    expect(
      block?.samples.map((sample) => (sample.kind === 'batch' ? 'batch' : `${sample.arm}${sample.index}`)),
    ).toEqual(['b0', 'b1', 'b2', 'batch', 'a0', 'a1', 'a2', 'batch']);
    expect(block?.samples[3]).toEqual({
      kind: 'batch',
      block: 0,
      warmup: false,
      position: 0,
      arm: 'b',
      startNs: 0,
      makespanNs: 30,
      planned: 3,
      ok: 3,
      failed: 0,
    });
  });

  it('has no makespan where one failed: less work would look like speed', async () => {
    const engine = new MemoryEngine((id) => (id.endsWith('-1') ? { stdout: '' } : {}));
    const [block] = await collect(engine, parallel, { measured: [['a']] });
    expect(block?.samples[3]).toEqual({
      kind: 'batch',
      block: 0,
      warmup: false,
      position: 0,
      arm: 'a',
      startNs: 0,
      planned: 3,
      ok: 2,
      failed: 1,
    });
  });
});
