import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runAdvice } from '../../../src/advise/index.js';
import type { AdviceRequest } from '../../../src/model/experiment/advice-request.js';
import {
  callsFolderOf,
  isAdviceFolder,
  readAdvice,
  readPercallFolder,
  readResultFolder,
} from '../../../src/results/index.js';
import { startsRequest, useBench } from '../experiment/fake-engine.js';

const bench = useBench();

function request(more: Partial<AdviceRequest> = {}): AdviceRequest {
  const { engine, conversion, seed, timeoutMs, maxFailures, resultsFolder, commandLine } = startsRequest();
  return {
    profile: 'profile.json',
    dialect: 'moby',
    counts: null,
    calls: [{ name: 'getppid', args: [] }],
    startBlocks: 2,
    callBlocks: 2,
    engine,
    conversion,
    seed,
    timeoutMs,
    maxFailures,
    resultsFolder,
    commandLine,
    ...more,
  };
}

describe('advice', () => {
  it('is an experiment of starts and one of calls, and a record that its report can be made from', async () => {
    const { context, folder, engine } = bench();
    writeFileSync(join(folder, 'counts.txt'), COUNTS);
    const counts = { kind: 'file', path: 'counts.txt' } as const;
    const result = await runAdvice(request({ counts, engine: { choice: 'runc' } }), context, () => engine().parts);
    expect(result).toMatchObject({ ended: 'complete', failed: 0, notRemoved: null });
    const starts = join(folder, result.starts);
    const record = readAdvice(starts);
    expect(record).toMatchObject({ kind: 'advise', profile: 'profile.json', baseline: 'as-is' });
    expect(record.counts?.from).toBe('counts.txt');
    // A runtime makes its filters itself.
    expect(record.options.map((one) => ('arm' in one ? one.arm : one.option))).toEqual([
      'all',
      'native',
      'tree',
      'ordered',
      'prebuilt',
    ]);
    expect(readResultFolder(starts).plan.scenario).toMatchObject({ name: 'advise', pauseMs: 5 });
    expect(join(folder, result.calls ?? '')).toBe(callsFolderOf(starts, record));
    expect(readPercallFolder(callsFolderOf(starts, record) ?? '').plan.arms.map(({ name }) => name)).toEqual([
      'as-is',
      'all',
      'native',
      'control',
    ]);
  });

  it('ends with the starts where it is stopped during them, and is no advice then', async () => {
    const { context, abort, folder, engine } = bench();
    const stopping = () =>
      engine({
        onRun: ({ ids }) => {
          if (ids[0]?.includes('-b1-') === true) abort.abort();
        },
      }).parts;
    const result = await runAdvice(request(), context, stopping);
    expect([result.ended, result.calls]).toEqual(['interrupted', null]);
    expect(isAdviceFolder(join(folder, result.starts))).toBe(false);
    expect(readResultFolder(join(folder, result.starts)).ledger?.ended).toBe('interrupted');
  });

  it('ends with the starts where it is stopped before the first call', async () => {
    const { context, abort, folder, engine } = bench();
    const stopping = () =>
      engine({
        onRun: ({ ids }) => {
          if (ids[0]?.includes('-try-') === true) abort.abort();
        },
      }).parts;
    const result = await runAdvice(request(), context, stopping);
    expect([result.ended, result.calls, existsSync(join(folder, result.starts))]).toEqual(['interrupted', null, true]);
  });

  it('refuses standard input, which two experiments would have to read', async () => {
    const { context, engine } = bench();
    await expect(runAdvice(request({ profile: '-' }), context, () => engine().parts)).rejects.toThrow(
      'profile: expected a file, got standard input',
    );
  });
});

const COUNTS = [
  '% time     seconds  usecs/call     calls    errors syscall',
  '------ ----------- ----------- --------- --------- ----------------',
  ' 60.00    0.000060           6        10           getppid',
  ' 40.00    0.000040           4        10           write',
  '------ ----------- ----------- --------- --------- ----------------',
  '100.00    0.000100           5        20           total',
  '',
].join('\n');
