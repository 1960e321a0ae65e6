import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { resumeExperiment, runExperiment } from '../../../src/experiment/index.js';
import type { StartsRequest } from '../../../src/model/experiment/request.js';
import type { RunResult } from '../../../src/model/results/result.js';
import { readResultFolder, verifyChecksums } from '../../../src/results/index.js';
import { callsRequest, startsRequest, sweepRequest, useBench } from './fake-engine.js';
import type { FakeOptions } from './fake-engine.js';

const bench = useBench();

/** Runs a request to its end; gives the path of its results folder. */
async function measured(request: StartsRequest = startsRequest(), options: FakeOptions = {}): Promise<string> {
  const { context, folder, engine } = bench();
  const { folders } = await runExperiment(request, context, engine(options).parts);
  return join(folder, folders[0] ?? '');
}

/** Leaves a folder as a kill does after so many lines of samples and a part of the next one. */
function killAfter(path: string, lines: number, part = ''): void {
  for (const file of ['ledger.json', 'SHA256SUMS']) rmSync(join(path, file));
  const samples = join(path, 'samples.jsonl');
  const kept = readFileSync(samples, 'utf8').split('\n').slice(0, lines);
  writeFileSync(samples, kept.map((line) => `${line}\n`).join('') + part);
}

const resumed = (path: string, options: FakeOptions = {}) => {
  const { context, engine } = bench();
  return resumeExperiment(path, context, engine(options).parts);
};

/** The arms of the measured blocks, in the order of their turns. */
const orderOf = ({ samples }: RunResult): readonly string[] =>
  samples
    .filter(({ warmup }) => !warmup)
    .sort((a, b) => a.block - b.block || a.position - b.position)
    .map(({ block, arm }) => `${block} ${arm}`);

const PARALLEL = startsRequest({
  scenario: { ...startsRequest().scenario, kind: 'parallel', count: 3, concurrency: 2, rounds: 4 },
});
/** Lines of samples.jsonl in a block of the three arms. */
const LINES = { sequential: 3, parallel: 12 } as const;

describe('a run that is resumed', () => {
  for (const [kind, request] of [
    ['sequential', startsRequest()],
    ['parallel', PARALLEL],
  ] as const)
    for (const blocks of [0, 1, 2, 3, 4])
      it(`has the order of arms of an unbroken one, and every sample once: ${kind}, killed after ${blocks} blocks`, async () => {
        const path = await measured(request);
        const unbroken = readResultFolder(path);
        killAfter(path, LINES[kind] * (1 + blocks), '{"kind":"container","blo');
        const result = await resumed(path);
        expect([result.ended, result.failed]).toEqual(['complete', 0]);
        const again = readResultFolder(path);
        expect(orderOf(again)).toEqual(orderOf(unbroken));
        expect(again.samples.filter(({ warmup }) => !warmup)).toHaveLength(LINES[kind] * 4);
        expect([again.ledger?.ended, again.warnings]).toEqual(['complete', []]);
        expect(verifyChecksums(path)).toBeGreaterThan(5);
        expect(again.breaks).toEqual([
          { kind: 'resumed', block: blocks, warmup: false, at: '2026-11-26T18:00:00.000Z', after: null },
        ]);
      });
});

const edit = (path: string, change: (document: Record<string, unknown>) => unknown): void => {
  writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>)));
};

describe('what a resumed run keeps', () => {
  it('has the warm-up and a block that was cut again, with the next attempt, and nothing twice', async () => {
    const path = await measured();
    killAfter(path, 3 + 3 + 2);
    await resumed(path);
    const { samples, repeated = [] } = readResultFolder(path);
    expect(repeated.map(({ warmup, block }) => `${warmup ? 'w' : 'b'}${block}`)).toEqual([
      'w0',
      'w0',
      'w0',
      'b1',
      'b1',
    ]);
    const again = samples.filter(({ attempt = 0 }) => attempt > 0);
    expect(again.map(({ warmup, block, attempt }) => [warmup, block, attempt])).toEqual([
      ...[0, 1, 2].map(() => [true, 0, 1]),
      ...[0, 1, 2].map(() => [false, 1, 1]),
    ]);
  });

  it('keeps the bytes of a truncated last line, and the ledger and checksums of the part before', async () => {
    const path = await measured();
    killAfter(path, 4, '{"kind":"contai');
    await resumed(path);
    expect(readFileSync(join(path, 'resumed-1/samples.jsonl.tail'), 'utf8')).toBe('{"kind":"contai');
    expect(readdirSync(join(path, 'resumed-1')).sort()).toEqual(['evidence.json', 'host.json', 'samples.jsonl.tail']);
  });

  it('adds the newline to a last line that is whole without it', async () => {
    const path = await measured();
    const lines = readFileSync(join(path, 'samples.jsonl'), 'utf8').split('\n');
    killAfter(path, 5, lines[5]);
    await resumed(path);
    const { samples } = readResultFolder(path);
    expect([samples.length, existsSync(join(path, 'resumed-1/samples.jsonl.tail'))]).toEqual([15, false]);
    expect(
      samples.filter(({ warmup, block }) => !warmup && block === 0).every(({ attempt }) => attempt === undefined),
    ).toBe(true);
  });

  it('counts times from the end of the part before', async () => {
    const path = await measured();
    killAfter(path, 6);
    const before = Math.max(...readResultFolder(path).samples.map(({ startNs }) => startNs));
    await resumed(path);
    const later = readResultFolder(path).samples.filter(({ warmup, block }) => !warmup && block > 0);
    expect(Math.min(...later.map(({ startNs }) => startNs))).toBeGreaterThan(before);
  });

  it('is continued again and again', async () => {
    const path = await measured();
    const unbroken = orderOf(readResultFolder(path));
    for (const lines of [3, 9, 15]) {
      killAfter(path, lines);
      await resumed(path);
    }
    const again = readResultFolder(path);
    expect(orderOf(again)).toEqual(unbroken);
    expect(again.breaks).toHaveLength(3);
    expect(
      readdirSync(path)
        .filter((name) => name.startsWith('resumed-'))
        .sort(),
    ).toEqual(['resumed-1', 'resumed-2', 'resumed-3']);
  });

  it('does not need the files of the profiles', async () => {
    const path = await measured();
    killAfter(path, 6);
    rmSync(join(bench().folder, 'profile.json'));
    expect((await resumed(path)).ended).toBe('complete');
  });

  it('continues a run that the user stopped, and tells how it had ended', async () => {
    const { context, abort, folder, engine } = bench();
    const fake = engine({
      onRun: ({ ids }) => {
        if (ids[0]?.includes('-b2-1') === true) abort.abort();
      },
    });
    const { folders } = await runExperiment(startsRequest(), context, fake.parts);
    const path = join(folder, folders[0] ?? '');
    expect(readResultFolder(path).ledger?.ended).toBe('interrupted');
    const next = { ...context, signal: new AbortController().signal };
    await resumeExperiment(path, next, engine().parts);
    const again = readResultFolder(path);
    expect([again.ledger?.ended, again.breaks?.[0]]).toMatchObject(['complete', { after: 'interrupted', block: 2 }]);
    expect(again.samples.every((sample) => sample.kind === 'batch' || sample.state === 'ok')).toBe(true);
    expect(readdirSync(join(path, 'resumed-1')).sort()).toEqual([
      'SHA256SUMS',
      'evidence.json',
      'host.json',
      'ledger.json',
    ]);
  });

  it('does not run a block with failed containers again, and counts failures of the new part alone', async () => {
    const once: FakeOptions = {
      script: ({ arm }, id) =>
        arm === 'after' && id.includes('-b') && !id.includes('-b0') ? { kind: 'exited', code: 1 } : undefined,
    };
    const path = await measured(startsRequest({ maxFailures: 1 }), once);
    expect(readResultFolder(path).ledger?.ended).toBe('maxFailures');
    const result = await resumed(path);
    expect([result.ended, result.failed]).toEqual(['complete', 2]);
    const { samples, ledger } = readResultFolder(path);
    const failed = samples.filter((sample) => sample.kind === 'container' && sample.state === 'failed');
    expect([failed.map(({ block }) => block), ledger?.maxFailures]).toEqual([[1, 2], 1]);
  });

  it('writes ledger and checksums of a run that was killed after its last block, and starts no block', async () => {
    const path = await measured();
    killAfter(path, 15);
    const { context, engine } = bench();
    const fake = engine();
    const result = await resumeExperiment(path, context, fake.parts);
    expect([result.ended, fake.engine.started.filter((id) => /-[wb]\d/.test(id))]).toEqual(['complete', []]);
    expect(readResultFolder(path).ledger?.ended).toBe('complete');
  });
});

describe('a sweep that is resumed', () => {
  /** Leaves so many blocks of each level, as a kill in the middle of a round does; gives the folders and the order. */
  async function killedSweep(blocks: readonly number[]) {
    const { context, folder, engine } = bench();
    const fake = engine();
    const { folders } = await runExperiment(sweepRequest(), context, fake.parts);
    const paths = folders.map((one) => join(folder, one));
    const unbroken = paths.map((path) => orderOf(readResultFolder(path)));
    paths.forEach((path, index) => {
      killAfter(path, 9 * (1 + (blocks[index] ?? 0)));
    });
    return { paths, unbroken, started: turnsOf(fake.engine.started) };
  }

  /** Levels and measured blocks in the order of their first containers: `c1-b0`. */
  const turnsOf = (ids: readonly string[]): readonly string[] => [
    ...new Set(ids.flatMap((id) => /c\d+-b\d+/.exec(id)?.[0] ?? [])),
  ];

  it('continues all levels from any of them, in the order in which they take turns', async () => {
    const { paths, unbroken, started } = await killedSweep([2, 1]);
    const { context, engine } = bench();
    const fake = engine();
    const result = await resumeExperiment(paths[1] ?? '', context, fake.parts);
    expect([result.kind, result.ended, result.folders.length]).toEqual(['sweep', 'complete', 2]);
    expect(paths.map((path) => orderOf(readResultFolder(path)))).toEqual(unbroken);
    expect(paths.map((path) => readResultFolder(path).ledger?.ended)).toEqual(['complete', 'complete']);
    const left = ['c1-b2', 'c2-b1', 'c2-b2'];
    expect(turnsOf(fake.engine.started)).toEqual(started.filter((turn) => left.includes(turn)));
  });

  it('is refused where a level is missing, and where all are complete', async () => {
    const { paths } = await killedSweep([1, 1]);
    const [first = '', second = ''] = paths;
    await resumed(first);
    await expect(resumed(second)).rejects.toThrow(/^nothing left to run/);
    rmSync(second, { recursive: true });
    await expect(resumed(first)).rejects.toThrow(/is one of 2 levels, and 1 are missing/);
  });
});

describe('what is not resumed', () => {
  it('are prices of calls', async () => {
    const { context, folder, engine } = bench();
    const { folders } = await runExperiment(callsRequest(), context, engine().parts);
    await expect(resumed(join(folder, folders[0] ?? ''))).rejects.toThrow(
      /holds prices of calls, which are not resumed$/,
    );
  });

  const refusal = (path: string, options: FakeOptions = {}) =>
    resumed(path, options).then(
      () => 'it was resumed',
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );

  it('is a run that is complete, or that its rule ended', async () => {
    const path = await measured();
    expect(await refusal(path)).toMatch(/^nothing left to run: the run of results\/\S+ is complete$/);
    rmSync(join(path, 'SHA256SUMS'));
    edit(join(path, 'ledger.json'), (ledger) => ({ ...ledger, ended: 'rule' }));
    expect(await refusal(path)).toMatch(/^nothing left to run: a rule ended the run of/);
  });

  it('is a run of builds, which are gone with it', async () => {
    const path = await measured();
    edit(join(path, 'ledger.json'), (ledger) => ({ ...ledger, ended: 'interrupted' }));
    const revision = { given: 'main', commit: 'a'.repeat(40), label: null, committedAt: null, build: 'make' };
    edit(join(path, 'plan.json'), (plan) => {
      const { scenario } = plan as { readonly scenario: { readonly arms: readonly object[] } };
      return {
        ...plan,
        scenario: { ...scenario, arms: scenario.arms.map((arm) => ({ ...arm, runtime: '/x', revision })) },
      };
    });
    rmSync(join(path, 'SHA256SUMS'));
    expect(await refusal(path)).toMatch(/^the builds that results\/\S+ compares were removed when its run ended$/);
  });

  it('is a run that still goes on', async () => {
    const { context, engine } = bench();
    let refused = '';
    const fake = engine({
      onRun: async ({ ids }) => {
        if (ids[0]?.includes('-b1-0') !== true) return;
        const [name = ''] = readdirSync(join(bench().folder, 'results'));
        const path = join(bench().folder, 'results', name);
        expect(readResultFolder(path).unended).toBe('running');
        refused = await refusal(path);
      },
    });
    const { folders } = await runExperiment(startsRequest(), context, fake.parts);
    expect(refused).toBe(`the run of ${folders[0] ?? ''} still goes on`);
  });

  it('is a run of another host, and says what differs', async () => {
    const path = await measured();
    killAfter(path, 6);
    edit(join(path, 'host.json'), (host) => ({ ...host, kernel: '5.4.0', mitigations: { meltdown: 'Vulnerable' } }));
    const said = await refusal(path);
    expect(said).toMatch(/^this is not the host where the run began: kernel 5\.4\.0, now \S+; mitigation/);
    expect(said).toContain('mitigation meltdown "Vulnerable", now');
    expect(existsSync(join(path, 'resumed-1'))).toBe(false);
  });

  it('is a run whose host has another name after a reboot; without a reboot the name may differ', async () => {
    const path = await measured();
    killAfter(path, 6);
    edit(join(path, 'host.json'), (host) => ({ ...host, hostname: 'other' }));
    expect(await refusal(path)).toMatch(/host name other, now/);
  });

  it('is a run with another runtime', async () => {
    const path = await measured();
    killAfter(path, 6);
    edit(join(path, 'plan.json'), (plan) => ({
      ...plan,
      engine: { ...(plan['engine'] as object), version: 'fake 0' },
    }));
    expect(await refusal(path)).toBe('this is not the runtime that the run began with: version fake 0, now fake 1');
  });

  it('is a run whose spec was changed in the folder, or lacks evidence', async () => {
    const path = await measured();
    killAfter(path, 6);
    const spec = join(path, 'specs/after.json');
    const text = readFileSync(spec, 'utf8');
    writeFileSync(spec, text.replace('"getppid",', ''));
    expect(await refusal(path)).toBe('arm after: its spec has other bytes than before');
    writeFileSync(spec, `${text} `);
    expect(await refusal(path)).toBe(`${spec} is not a spec as this version of bench writes it`);
    writeFileSync(spec, text);
    rmSync(join(path, 'evidence.json'));
    expect(await refusal(path)).toMatch(/has no evidence\.json/);
  });

  it('is a run whose containers load another filter now', async () => {
    const path = await measured();
    killAfter(path, 6);
    const seen = { state: 'seen', via: 'ptrace', programs: [{ instructions: 9, sha256: 'ab'.repeat(32) }] };
    const evidence = JSON.parse(readFileSync(join(path, 'evidence.json'), 'utf8')) as object[];
    writeFileSync(join(path, 'evidence.json'), JSON.stringify(evidence.map((one) => ({ ...one, loaded: seen }))));
    expect(await refusal(path)).toMatch(/^arm before: the filter that its containers load was seen before and cannot/);
    const lines = readFileSync(join(path, 'samples.jsonl'), 'utf8').trim().split('\n');
    expect(lines).toHaveLength(6);
  });

  it('is a run of an earlier format', async () => {
    const path = await measured();
    killAfter(path, 6);
    edit(join(path, 'plan.json'), (plan) => ({ ...plan, formatVersion: 1, asked: undefined }));
    expect(await refusal(path)).toMatch(/was written by bench \S+, in a format without what is resumed$/);
  });
});
