import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { realParts, runExperiment } from '../../../src/experiment/index.js';
import type { ExperimentEvent } from '../../../src/model/experiment/events.js';
import type { ExperimentRequest } from '../../../src/model/experiment/request.js';
import type { Exit } from '../../../src/model/container/container.js';
import type { RunLedger } from '../../../src/model/results/ledger.js';
import { readPercallFolder, readResultFolder, verifyChecksums } from '../../../src/results/index.js';
import { callsRequest, countsRequest, startsRequest, sweepRequest, useBench, workloadRequest } from './fake-engine.js';

const bench = useBench();

const kindsOf = (events: readonly ExperimentEvent[]): readonly string[] => [
  ...new Set(events.map((event) => (event.kind === 'stepStarted' ? `${event.kind} ${event.step}` : event.kind))),
];
const ledgerIn = (folder: string): RunLedger =>
  JSON.parse(readFileSync(join(bench().folder, folder, 'ledger.json'), 'utf8')) as RunLedger;
const listed = (...ids: readonly string[]) => ({ state: 'listed', ids });
/** The announced folder, for an experiment that throws. */
const announcedFolder = (): string => {
  const told = bench().events.find(({ kind }) => kind === 'planned' || kind === 'callsPlanned');
  return told !== undefined && 'folder' in told ? told.folder : '';
};
const failing: Exit = { kind: 'exited', code: 1 };

describe('an experiment of starts', () => {
  it('goes from open to closed and leaves a results folder with ledger and checksums', async () => {
    const { context, events, folder, engine } = bench();
    const fake = engine();
    const result = await runExperiment(startsRequest(), context, fake.parts);
    expect(result).toEqual({
      kind: 'starts',
      folders: ['results/20261126T180000Z-made-fake'],
      ended: 'complete',
      failed: 0,
      notRemoved: null,
    });
    expect(kindsOf(events)).toEqual([
      'filesRead',
      'engineOpened',
      'armsProved',
      'planned',
      'blocksStarted',
      'blockDone',
      'blockCompared',
      'blocksEnded',
      'closed',
    ]);
    const [path = ''] = result.folders;
    const read = readResultFolder(join(folder, path));
    expect([read.samples.length, read.evidence.length, read.ledger?.ended]).toEqual([15, 3, 'complete']);
    expect(verifyChecksums(join(folder, path))).toBeGreaterThan(5);
    expect(fake.engine.disposals).toBe(1);
  });

  it('looks at the loaded filter of every arm once', async () => {
    const { context, engine } = bench();
    const fake = engine();
    await runExperiment(startsRequest(), context, fake.parts);
    expect(fake.engine.seen).toEqual(['before', 'after', 'control']);
  });

  it('keeps what was measured where it is interrupted, and is closed like any other', async () => {
    const { context, abort, folder, engine } = bench();
    const fake = engine({
      onRun: ({ ids }) => {
        if (ids[0]?.includes('-b2-') === true) abort.abort();
      },
    });
    const result = await runExperiment(startsRequest(), context, fake.parts);
    expect([result.ended, result.failed]).toEqual(['interrupted', 0]);
    const read = readResultFolder(join(folder, result.folders[0] ?? ''));
    expect(read.samples.filter(({ warmup }) => !warmup).length).toBe(7);
    expect([read.ledger?.ended, fake.engine.disposals]).toEqual(['interrupted', 1]);
  });

  it('does not wait for the end of a pause where it is interrupted', async () => {
    const { context, abort, engine } = bench();
    const { parts } = engine({
      onRun: ({ ids }) => {
        if (ids[0]?.includes('-b0-0-') === true) setTimeout(abort.abort.bind(abort), 20);
      },
    });
    const { scenario } = startsRequest();
    const request = startsRequest({ scenario: { ...scenario, warmup: 0, pauseMs: 600_000 } });
    const result = await runExperiment(request, context, { ...parts, sleep: realParts().sleep });
    expect(result.ended).toBe('interrupted');
  });

  it('throws where it is stopped before its first measured container, and leaves nothing', async () => {
    const { context, abort, folder, engine } = bench();
    const fake = engine({
      onRun: () => {
        abort.abort();
      },
    });
    await expect(runExperiment(startsRequest(), context, fake.parts)).rejects.toMatchObject({ code: 'interrupted' });
    expect([existsSync(join(folder, 'results')), fake.engine.disposals]).toEqual([false, 1]);
  });

  it('refuses an arm that does not start, with the words of the runtime', async () => {
    const { context, folder, engine } = bench();
    const fake = engine({ script: ({ arm }) => (arm === 'after' ? failing : undefined) });
    await expect(runExperiment(startsRequest(), context, fake.parts)).rejects.toThrow(
      'a container of arm after did not start: exit code 1: fake: no',
    );
    expect([existsSync(join(folder, 'results')), fake.engine.disposals]).toEqual([false, 1]);
  });

  it('ends early where more containers fail than it allows', async () => {
    const { context, events, engine } = bench();
    const fake = engine({ script: ({ arm }, id) => (arm === 'after' && /-b\d/.test(id) ? failing : undefined) });
    const result = await runExperiment(startsRequest({ maxFailures: 1 }), context, fake.parts);
    expect([result.ended, result.failed]).toEqual(['maxFailures', 2]);
    expect(ledgerIn(result.folders[0] ?? '')).toMatchObject({ ended: 'maxFailures', maxFailures: 1 });
    expect(events.at(-1)).toMatchObject({ kind: 'closed', ended: 'maxFailures', failed: 2, maxFailures: 1 });
  });

  it('counts a container that hangs among the failed ones, and goes on', async () => {
    const { context, folder, engine } = bench();
    const hangs: Exit = { kind: 'timedOut', afterMs: 1000 };
    const fake = engine({ script: (_, id) => (id.endsWith('-b1-0-0') ? hangs : undefined) });
    const result = await runExperiment(startsRequest(), context, fake.parts);
    expect([result.ended, result.failed]).toEqual(['complete', 1]);
    const read = readResultFolder(join(folder, result.folders[0] ?? ''));
    expect(read.samples.filter((sample) => 'state' in sample && sample.state === 'timedOut')).toHaveLength(1);
  });

  it('tells and records a container that the runtime left behind', async () => {
    const { context, events, engine } = bench();
    const fake = engine({ lists: [['old'], ['old', 'sb-fake-b0-1-0']] });
    const { folders } = await runExperiment(startsRequest(), context, fake.parts);
    const lists = { before: listed('old'), after: listed('old', 'sb-fake-b0-1-0'), left: listed() };
    expect(ledgerIn(folders[0] ?? '')).toMatchObject(lists);
    expect(events.at(-1)).toMatchObject({ kind: 'closed', ...lists });
  });

  it('does not lose what was measured because the engine cannot be asked, or cannot remove what it made', async () => {
    const { context, engine } = bench();
    const left = new Error('still mounted');
    const fake = engine({ lists: [new Error('no answer')], disposal: left });
    const result = await runExperiment(startsRequest(), context, fake.parts);
    const unknown = { state: 'unknown', reason: 'no answer' };
    expect(ledgerIn(result.folders[0] ?? '')).toMatchObject({ before: unknown, after: unknown, left: unknown });
    expect(result.notRemoved).toBe(left);
  });

  it('keeps samples and ledger where an error ends it, and throws the error once all is closed', async () => {
    const { context, events, folder, engine } = bench();
    const fake = engine({
      onRun: ({ ids }) => {
        if (ids[0]?.includes('-b2-') === true) throw new Error('the daemon is gone');
      },
    });
    await expect(runExperiment(startsRequest(), context, fake.parts)).rejects.toThrow('the daemon is gone');
    expect(ledgerIn(announcedFolder()).ended).toBe('error');
    expect(readResultFolder(join(folder, announcedFolder())).samples).toHaveLength(9);
    expect(verifyChecksums(join(folder, announcedFolder()))).toBeGreaterThan(5);
    expect(events.at(-1)).toMatchObject({ kind: 'closed', ended: 'error', folders: [announcedFolder()] });
    expect(fake.engine.disposals).toBe(1);
  });

  it('refuses arms without a difference before anything is timed', async () => {
    const { context, engine } = bench();
    const { scenario } = startsRequest();
    const same = { ...scenario, arms: scenario.arms.map((arm) => ({ ...arm, policy: 'all' as const })) };
    await expect(runExperiment(startsRequest({ scenario: same }), context, engine().parts)).rejects.toMatchObject({
      code: 'notComparable',
      message: expect.stringMatching(/^arms after and before have the same spec \(\d+ bytes\)/) as string,
    });
  });
});

describe('an experiment on a daemon on another machine', () => {
  it("converts for that machine's kernel, and stores what the daemon says of it", async () => {
    const { context, folder, engine } = bench();
    const host = { machine: 'aarch64', kernelRelease: '4.7.0', os: 'Debian', cpuCount: 64 };
    const request = startsRequest({ engine: { choice: 'docker' } });
    const { folders } = await runExperiment(request, context, engine({ host }).parts);
    const path = join(folder, folders[0] ?? '');
    const { plan, host: stored, evidence } = readResultFolder(path);
    expect(readFileSync(join(path, 'specs/after.json'), 'utf8')).not.toContain('ptrace');
    expect([plan.kernelForProfile, plan.machine, stored.daemon]).toEqual(['4.7.0', 'aarch64', host]);
    expect(evidence.map(({ architectures }) => architectures?.[0])).toContain('SCMP_ARCH_AARCH64');
  });

  it('is refused where there is no payload for that machine', async () => {
    const { context, engine } = bench();
    const host = { machine: 'riscv64', kernelRelease: null, os: null, cpuCount: null };
    const fake = engine({ host });
    await expect(runExperiment(startsRequest(), context, fake.parts)).rejects.toThrow('this is riscv64');
    expect(fake.engine.disposals).toBe(1);
  });
});

describe('an experiment of a program', () => {
  it('finds out more after the blocks, and tells what it could not', async () => {
    const { context, events, folder, engine } = bench();
    const { folders, ended } = await runExperiment(workloadRequest(), context, engine().parts);
    const { workload, syscalls, ledger } = readResultFolder(join(folder, folders[0] ?? ''));
    expect([ended, ledger?.ended, syscalls?.counter.name]).toEqual(['complete', 'complete', 'strace']);
    expect(workload?.starts.map(({ arm }) => arm)).toEqual(['before', 'after', 'control']);
    expect(workload?.prices?.times[0]?.ns).toEqual(Array.from({ length: 12 }, () => 99));
    expect(workload?.touch).toHaveLength(3);
    expect(workload?.notTaken.map(({ what }) => what)).toEqual(['rate', 'profiles']);
    expect(events.filter(({ kind }) => kind === 'stepSkipped')).toHaveLength(2);
  });

  it('keeps times, findings and ledger where an error ends one of its steps', async () => {
    const { context, folder, engine } = bench();
    const fake = engine({
      onRun: ({ ids }) => {
        if (ids[0]?.includes('-start-b3') === true) throw new Error('the daemon is gone');
      },
    });
    const { folders, ended } = await runExperiment(workloadRequest(), context, fake.parts);
    const { workload, ledger } = readResultFolder(join(folder, folders[0] ?? ''));
    expect([ended, ledger?.ended]).toEqual(['complete', 'complete']);
    expect(workload?.notTaken[0]).toEqual({ what: 'starts', reason: 'the daemon is gone' });
    expect(workload?.prices).not.toBeNull();
  });

  it('tells under which arms the program fails, and refuses one that fails under all', async () => {
    const { context, events, engine } = bench();
    const fails = (arms: RegExp) =>
      engine({ script: ({ arm }, id) => (id.includes('-program-') && arms.test(arm) ? failing : undefined) }).parts;
    await runExperiment(workloadRequest(), context, fails(/after/));
    expect(events).toContainEqual({ kind: 'programFails', arm: 'after', cause: 'exit code 1: fake: no' });
    await expect(runExperiment(workloadRequest(), context, fails(/./))).rejects.toThrow(
      '/payload fails under every arm: before: exit code 1: fake: no',
    );
  });
});

describe('a sweep', () => {
  it('has a results folder per level, all with the ledger of their own containers', async () => {
    const { context, folder, engine } = bench();
    const fake = engine({ lists: [[], [], ['sb-fake-c1-b0-0-0', 'sb-fake-c2-b0-0-0']] });
    const result = await runExperiment(sweepRequest(), context, fake.parts);
    expect([result.ended, result.levels, result.folders]).toEqual([
      'complete',
      [1, 2],
      ['results/20261126T180000Z-made-c1-fake', 'results/20261126T180000Z-made-c2-fake'],
    ]);
    expect(result.folders.map((path) => ledgerIn(path).after)).toEqual([
      listed('sb-fake-c1-b0-0-0'),
      listed('sb-fake-c2-b0-0-0'),
    ]);
    for (const path of result.folders) expect(readResultFolder(join(folder, path)).plan.sweep?.levels).toEqual([1, 2]);
  });

  it('ends at all levels where too many containers fail at one', async () => {
    const { context, engine } = bench();
    const fake = engine({ script: (_, id) => (id.startsWith('sb-fake-c2-b1') ? failing : undefined) });
    const result = await runExperiment(sweepRequest({ maxFailures: 2 }), context, fake.parts);
    expect([result.ended, result.failed]).toEqual(['maxFailures', 6]);
    expect(result.folders.map((path) => ledgerIn(path).ended)).toEqual(['maxFailures', 'maxFailures']);
  });
});

describe('an experiment of calls', () => {
  it('keeps all that the containers say, with ledger and checksums', async () => {
    const { context, events, folder, engine } = bench();
    const fake = engine();
    const result = await runExperiment(callsRequest(), context, fake.parts);
    expect(result).toMatchObject({ kind: 'calls', ended: 'complete', failed: 0, notRemoved: null });
    const path = join(folder, result.folders[0] ?? '');
    const read = readPercallFolder(path);
    expect([read.samples.length, read.simulated.length, read.ledger?.ended]).toEqual([12, 6, 'complete']);
    expect(readFileSync(join(path, 'SHA256SUMS'), 'utf8')).toContain('ledger.json');
    expect(events).toContainEqual(expect.objectContaining({ kind: 'callsPlanned', calls: 2, blocks: 3, arms: 3 }));
    expect(fake.engine.seen).toEqual(['unconfined', 'before', 'after']);
  });

  it('ends where it is interrupted or too many containers fail', async () => {
    const { context, abort, engine } = bench();
    const fails = engine({ script: (_, id) => (/-b\d-1$/.test(id) ? failing : undefined) });
    const failed = await runExperiment(callsRequest({ maxFailures: 1 }), context, fails.parts);
    expect([failed.ended, failed.failed]).toEqual(['maxFailures', 2]);
    expect(ledgerIn(failed.folders[0] ?? '')).toMatchObject({ ended: 'maxFailures', maxFailures: 1 });
    const stops = engine({
      onRun: ({ ids }) => {
        if (ids[0]?.includes('-b1-') === true) abort.abort();
      },
    });
    const request = callsRequest({ resultsFolder: 'others' });
    const stopped = await runExperiment(request, context, stops.parts);
    expect([stopped.ended, ledgerIn(stopped.folders[0] ?? '').ended]).toEqual(['interrupted', 'interrupted']);
  });

  it('leaves out arms that come out equal, where that is wanted', async () => {
    const { context, events, engine } = bench();
    const { scenario } = callsRequest();
    const arms = [...scenario.arms, { name: 'again', policy: 'host' as const }];
    const request = callsRequest({ scenario: { ...scenario, arms }, equalArms: 'drop' });
    const { folders } = await runExperiment(request, context, engine().parts);
    expect(events).toContainEqual({ kind: 'armLeftOut', arm: 'again', like: 'after' });
    expect(readPercallFolder(join(bench().folder, folders[0] ?? '')).plan.arms.map(({ name }) => name)).toEqual([
      'unconfined',
      'before',
      'after',
    ]);
  });

  it('refuses what the machine does not have and what a filter would kill, before a container is started', async () => {
    const { context, engine } = bench();
    const fake = engine();
    const unheard = callsRequest({ calls: [{ name: 'getpid_', args: [] }] });
    await expect(runExperiment(unheard, context, fake.parts)).rejects.toThrow('did you mean "getpid"?');
    expect(fake.engine.started).toEqual([]);
    const broken = engine({ script: (_, id) => (id.includes('-try-after') ? failing : undefined) });
    await expect(runExperiment(callsRequest(), context, broken.parts)).rejects.toThrow(
      'the program that times system calls failed under arm after: exit code 1: fake: no',
    );
  });
});

describe('an experiment of counts', () => {
  it('gives the counts, and writes nothing', async () => {
    const { context, events, folder, engine } = bench();
    const { counts, folders, ended } = await runExperiment(countsRequest(), context, engine().parts);
    expect([ended, folders, existsSync(join(folder, 'results'))]).toEqual(['complete', [], false]);
    expect(counts.arms.map((own) => [own.arm, own.state === 'counted' ? own.runs.length : 0])).toEqual([
      ['before', 2],
      ['after', 2],
    ]);
    expect(kindsOf(events)).toEqual([
      'filesRead',
      'engineOpened',
      'armsProved',
      'counterRefused',
      'stepStarted counting',
      'closed',
    ]);
  });

  it('gives what was counted until it was stopped', async () => {
    const { context, abort, engine } = bench();
    let counted = 0;
    const fake = engine({
      onRun: ({ ids }) => {
        if (ids[0] === 'counted' && ++counted === 3) abort.abort();
      },
    });
    const { counts, ended } = await runExperiment(countsRequest(), context, fake.parts);
    expect([ended, counts.arms.map((own) => (own.state === 'counted' ? own.runs.length : 0))]).toEqual([
      'interrupted',
      [1, 1],
    ]);
  });
});

describe('every experiment', () => {
  const requests: readonly ExperimentRequest[] = [
    startsRequest(),
    workloadRequest(),
    sweepRequest(),
    callsRequest(),
    countsRequest(),
  ];

  it.each(requests)('of $kind is closed once, and reported as closed', async (request) => {
    const { context, events, engine } = bench();
    const fake = engine();
    await runExperiment(request, context, fake.parts);
    expect(events.at(-1)).toMatchObject({ kind: 'closed', ended: 'complete', engine: 'fake' });
    expect(fake.engine.disposals).toBe(1);
  });
});
