import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runExperiment } from '../../../src/experiment/index.js';
import type { ExperimentParts } from '../../../src/experiment/index.js';
import type { BatchRequest, Exit } from '../../../src/model/container/container.js';
import type { ExperimentEvent } from '../../../src/model/experiment/events.js';
import type { ExperimentRequest } from '../../../src/model/experiment/request.js';
import type { RunResult } from '../../../src/model/results/result.js';
import { nanoseconds } from '../../../src/model/time.js';
import { readPercallFolder, readResultFolder } from '../../../src/results/index.js';
import { analyse, analysePercall } from '../../../src/statistics/index.js';
import { callsRequest, startsRequest, sweepRequest, useBench, workloadRequest } from './fake-engine.js';
import type { FakeOptions } from './fake-engine.js';

const bench = useBench();
const SECOND = 1e9;

const eventsOf = <Kind extends ExperimentEvent['kind']>(kind: Kind) =>
  bench().events.filter((event): event is Extract<ExperimentEvent, { readonly kind: Kind }> => event.kind === kind);

async function run(request: ExperimentRequest, options: FakeOptions = {}, parts: Partial<ExperimentParts> = {}) {
  const { context, engine } = bench();
  const fake = engine(options);
  const result = await runExperiment(request, context, { ...fake.parts, ...parts });
  const folders = result.folders.map((folder) => join(bench().folder, folder));
  return { result, folders, started: fake.engine.started };
}

/** Stands still while a container with this in its id runs. */
function standingStill(isPaused: (id: string) => boolean) {
  let owed = 0;
  const onRun = ({ ids }: BatchRequest): void => {
    if (ids.some(isPaused)) owed += 2 * SECOND;
  };
  const watchPauses = () => ({
    take: () => {
      const taken = nanoseconds(owed);
      owed = 0;
      return Promise.resolve(taken);
    },
    [Symbol.dispose]: () => undefined,
  });
  return { options: { onRun }, parts: { watchPauses } };
}

const placeOf = ({ block, attempt = 0 }: { readonly block: number; readonly attempt?: number }) => [block, attempt];

describe('a block that stood still', () => {
  it('is run again whole, and only its last attempt is a sample of the run', async () => {
    const { options, parts } = standingStill((id) => id.includes('-b1-1-'));
    const { result, folders } = await run(startsRequest(), options, parts);
    const { samples, repeated = [], breaks, ledger } = readResultFolder(folders[0] ?? '');
    expect([result.ended, result.failed, ledger?.ended]).toEqual(['complete', 0, 'complete']);
    expect(samples.map(placeOf).filter(([block]) => block === 1)).toEqual(Array(3).fill([1, 1]));
    expect(repeated.map(placeOf)).toEqual(Array(3).fill([1, 0]));
    expect(repeated.map((sample) => ('gapNs' in sample ? sample.gapNs : 0))).toEqual([0, 2 * SECOND, 0]);
    expect(breaks).toEqual([{ kind: 'paused', block: 1, warmup: false, attempt: 0, gapNs: 2 * SECOND }]);
    expect(eventsOf('blockPaused')).toEqual([
      { kind: 'blockPaused', block: 1, warmup: false, gapNs: 2 * SECOND, again: true },
    ]);
    expect(eventsOf('blockDone').at(-1)).toMatchObject({ done: 5, total: 5, containers: 15 });
  });

  it('is run in the same order again, in containers of other ids', async () => {
    const { options, parts } = standingStill((id) => id.includes('-b2-0-'));
    const { started } = await run(startsRequest(), options, parts);
    expect(new Set(started).size).toBe(started.length);
    expect(started.filter((id) => id.includes('-b2a1-')).length).toBe(3);
  });

  it('is run again where one container alone was stopped', async () => {
    const { folders } = await run(startsRequest(), { heldNs: (id) => (id.includes('-b0-2-') ? SECOND : 0) });
    const { repeated = [], breaks } = readResultFolder(folders[0] ?? '');
    expect(repeated.map((sample) => ('gapNs' in sample ? sample.gapNs : 0))).toEqual([0, 0, SECOND]);
    expect(breaks).toMatchObject([{ kind: 'paused', block: 0, gapNs: SECOND }]);
  });

  it('counts no failure that came of the standstill', async () => {
    const { options, parts } = standingStill((id) => id.includes('-b1-0-'));
    const script = (_: BatchRequest, id: string): Exit | undefined =>
      id.includes('-b1-0-') ? { kind: 'timedOut', afterMs: 1000 } : undefined;
    const { result } = await run(startsRequest({ maxFailures: 0 }), { ...options, script }, parts);
    expect([result.ended, result.failed]).toEqual(['complete', 0]);
  });

  it('is run four times at most, and nothing is run again once three blocks came to nothing', async () => {
    const { options, parts } = standingStill((id) => /-b\d/.test(id));
    const { result, folders } = await run(startsRequest(), options, parts);
    const read = readResultFolder(folders[0] ?? '');
    const attempts = [0, 1, 2, 3].map((block) => read.samples.find((one) => one.block === block && !one.warmup));
    expect(attempts.map((sample) => sample?.attempt ?? 0)).toEqual([3, 3, 3, 0]);
    expect([result.ended, read.breaks?.length]).toEqual(['complete', 13]);
    expect(eventsOf('blockPaused').filter(({ again }) => !again).length).toBe(4);
    expect(analyse(read, { margin: 0.01 }).warnings).toContainEqual({
      code: 'paused',
      times: 13,
      blocks: 4,
      gapNs: 13 * 3 * 2 * SECOND,
      left: 4,
    });
  });

  it('is run again at its level of a sweep, in the folder of that level', async () => {
    const { options, parts } = standingStill((id) => id.includes('-c2-b1-0-'));
    const { folders } = await run(sweepRequest(), options, parts);
    const [one, two] = folders.map(readResultFolder);
    expect([one?.repeated, one?.breaks, two?.breaks?.length]).toEqual([undefined, undefined, 1]);
    expect(two?.samples.filter(({ block, attempt }) => block === 1 && attempt === 1).length).toBe(9);
  });

  it('is run again where calls are timed', async () => {
    const { options, parts } = standingStill((id) => id.includes('-b1-0'));
    const { folders } = await run(callsRequest(), options, parts);
    const read = readPercallFolder(folders[0] ?? '');
    expect([read.repeated?.length, read.breaks?.length, read.samples.length]).toEqual([3, 1, 12]);
    expect(analysePercall(read).warnings).toContainEqual(expect.objectContaining({ code: 'paused', left: 0 }));
  });
});

/** A runtime's program, which the test may replace. */
function program(): string {
  mkdirSync(join(bench().folder, 'bin'));
  const path = join(bench().folder, 'bin', 'runtime');
  writeFileSync(path, '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  return path;
}

describe('a runtime that is replaced while the run goes on', () => {
  const replacedIn = (block: string, replace: (path: string) => void): FakeOptions => {
    const path = program();
    let done = false;
    const onRun = ({ ids }: BatchRequest): void => {
      if (done || ids[0]?.includes(block) !== true) return;
      done = true;
      replace(path);
    };
    return { path, onRun };
  };
  const replace = (path: string): void => {
    writeFileSync(`${path}.new`, '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    renameSync(`${path}.new`, path);
  };

  it('ends it after that block, and makes its comparisons invalid', async () => {
    const options = replacedIn('-b1-', replace);
    const { result, folders } = await run(startsRequest(), options);
    const read = readResultFolder(folders[0] ?? '');
    expect([result.ended, read.ledger?.ended, result.failed]).toEqual(['runtimeChanged', 'runtimeChanged', 0]);
    expect(new Set(read.samples.filter(({ warmup }) => !warmup).map(({ block }) => block))).toEqual(new Set([0, 1]));
    const [noted] = read.plan.programs ?? [];
    expect(noted).toMatchObject({ role: 'runtime', path: options.path, sizeBytes: 17 });
    expect(read.breaks).toEqual([
      expect.objectContaining({ kind: 'programChanged', block: 1, path: options.path, before: noted?.sha256 }),
    ]);
    const analysis = analyse(read, { margin: 0.01 });
    expect(new Set(analysis.comparisons.map(({ verdict, invalid }) => `${verdict} ${invalid}`))).toEqual(
      new Set(['invalid runtimeChanged']),
    );
    expect(analysis.warnings).toContainEqual({ code: 'runtimeChanged', path: options.path });
    expect(eventsOf('programChanged')).toMatchObject([{ path: options.path, before: noted?.sha256 }]);
  });

  it('is found where its bytes were written in place, and where it is gone', async () => {
    const inPlace = await run(
      startsRequest(),
      replacedIn('-b0-', (path) => {
        writeFileSync(path, '#!/bin/sh\nexit 2\n');
      }),
    );
    expect(inPlace.result.ended).toBe('runtimeChanged');
    rmSync(join(bench().folder, 'bin'), { recursive: true });
    rmSync(join(bench().folder, 'results'), { recursive: true });
    const gone = await run(startsRequest(), replacedIn('-b0-', rmSync));
    expect(readResultFolder(gone.folders[0] ?? '').breaks).toMatchObject([{ kind: 'programChanged', after: null }]);
  });

  it('is the same where only its times changed, or the same bytes were installed again', async () => {
    const options = replacedIn('-b1-', (path) => {
      utimesSync(path, 1, 1);
      writeFileSync(`${path}.new`, '#!/bin/sh\nexit 0\n', { mode: 0o755 });
      renameSync(`${path}.new`, path);
    });
    const { result } = await run(startsRequest(), options);
    expect(result.ended).toBe('complete');
  });

  it('ends a sweep at all levels, and prices of calls', async () => {
    const sweep = await run(sweepRequest(), replacedIn('-b1-', replace));
    const reads = sweep.folders.map(readResultFolder);
    expect(reads.map(({ ledger, breaks }) => [ledger?.ended, breaks?.[0]?.kind])).toEqual(
      Array(2).fill(['runtimeChanged', 'programChanged']),
    );
    rmSync(join(bench().folder, 'bin'), { recursive: true });
    const calls = await run(callsRequest(), replacedIn('-b1-', replace));
    const analysis = analysePercall(readPercallFolder(calls.folders[0] ?? ''));
    expect([calls.result.ended, analysis.doubted.length]).toEqual(['runtimeChanged', 3]);
  });
});

describe('blocks that fail wholly', () => {
  const refused: Exit = { kind: 'refused', answer: 'ECONNREFUSED' };
  const from = (first: RegExp) => {
    let gone = false;
    return (_: BatchRequest, id: string): Exit | undefined => {
      gone ||= first.test(id);
      return gone ? refused : undefined;
    };
  };

  it.each([
    ['starts', startsRequest({ scenario: { ...startsRequest().scenario, count: 36 } as never })],
    ['a program', workloadRequest({ scenario: { ...workloadRequest().scenario, count: 36 } as never })],
    ['priced calls', callsRequest({ scenario: { ...callsRequest().scenario, count: 36 } })],
    ['a sweep', sweepRequest({ scenario: { ...sweepRequest().scenario, rounds: 36 } })],
  ] as const)('end a run of %s after three of them in a row, with what was answered', async (_, request) => {
    const { result } = await run(request, { script: from(/-b2-/) });
    expect(result.ended).toBe('failedBlocks');
    expect(eventsOf('blocksFailed')).toEqual([
      { kind: 'blocksFailed', engine: 'fake', blocks: 3, cause: 'refused: ECONNREFUSED', stderr: 'fake: no' },
    ]);
    expect(eventsOf('blockDone').at(-1)?.done).toBeLessThan(10);
  });

  it('end nothing where the request says how many containers may fail', async () => {
    const { result } = await run(startsRequest({ maxFailures: 100 }), { script: from(/-b0-/) });
    expect([result.ended, result.failed]).toEqual(['complete', 12]);
  });

  it('end nothing where one arm alone fails, or a block between them was ok', async () => {
    const one = await run(startsRequest(), {
      script: ({ arm }, id) => (arm === 'after' && id.includes('-b') ? refused : undefined),
    });
    expect([one.result.ended, one.result.failed]).toEqual(['complete', 4]);
    rmSync(join(bench().folder, 'results'), { recursive: true });
    const between = await run(startsRequest(), { script: (_, id) => (/-b[013]-/.test(id) ? refused : undefined) });
    expect(between.result.ended).toBe('complete');
  });
});

describe('a busy machine', () => {
  const reading = (busy: number, stolen: number) => {
    let at = 0;
    return () => {
      at += 1;
      const ticks = { total: 1000 * at, busy: busy * at, stolen: stolen * at, own: 0 };
      return { processors: 2, load: 1.5, ticks };
    };
  };
  const conditionsOf = (folder = ''): NonNullable<RunResult['ledger']>['conditions'] =>
    readResultFolder(folder).ledger?.conditions;

  it('is told before the first block, and recorded over the whole run', async () => {
    const { folders } = await run(
      startsRequest(),
      {},
      { readHostUse: reading(400, 30), otherRuns: () => ['sb-other'] },
    );
    const expected = {
      processors: 2,
      loadBefore: 1.5,
      loadAfter: 1.5,
      othersShare: 0.4,
      stolenShare: 0.03,
      otherRuns: ['sb-other'],
    };
    expect(eventsOf('hostBusy')).toEqual([{ kind: 'hostBusy', ...expected }]);
    expect(bench().events.findIndex(({ kind }) => kind === 'hostBusy')).toBeLessThan(
      bench().events.findIndex(({ kind }) => kind === 'planned'),
    );
    expect(conditionsOf(folders[0])).toEqual(expected);
    const { warnings } = analyse(readResultFolder(folders[0] ?? ''), { margin: 0.01 });
    expect(warnings).toContainEqual({ code: 'hostBusy', ...expected });
  });

  it('is not told of where it is quiet, and what was seen is recorded all the same', async () => {
    const { folders } = await run(startsRequest(), {}, { readHostUse: reading(100, 5) });
    expect(eventsOf('hostBusy')).toEqual([]);
    expect(conditionsOf(folders[0])).toMatchObject({ othersShare: 0.1, stolenShare: 0.005, otherRuns: [] });
    const { warnings } = analyse(readResultFolder(folders[0] ?? ''), { margin: 0.01 });
    expect(warnings.map(({ code }) => code)).not.toContain('hostBusy');
  });

  it('says nothing of this machine where the containers run on another', async () => {
    const host = { machine: 'x86_64', kernelRelease: '6.1', os: 'Far', cpuCount: 8 };
    const { folders } = await run(startsRequest(), { host }, { readHostUse: reading(900, 0) });
    expect([eventsOf('hostBusy'), conditionsOf(folders[0])]).toEqual([[], undefined]);
  });
});
