import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Advice } from '../../src/model/analysis/advice.js';
import type { ArmEvidence } from '../../src/model/run/evidence.js';
import { needs, needsRoot, Sandbox, workspaces, reportsIn } from './bench.js';

const sandbox = new Sandbox();
afterEach(() => {
  sandbox.clear();
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

describe('bench advise', () => {
  it('measures every option at a start and per call, keeps both results, and names what it did not measure', (ctx) => {
    needsRoot(ctx);
    const { status, stdout } = sandbox.bench([
      'advise',
      '--json',
      '--blocks',
      '2',
      '--call-blocks',
      '1',
      '--calls',
      'getppid,personality',
      '--seed',
      '7',
    ]);
    expect(status).toBe(0);
    const advice = JSON.parse(stdout) as Advice;
    expect(advice.options.map(({ option, state }) => [option, state])).toEqual([
      ['hostOnly', 'measured'],
      ['nativeOnly', 'measured'],
      ['tree', 'measured'],
      ['ordered', 'notMeasured'],
      ['prebuilt', 'measured'],
    ]);
    for (const one of advice.options) {
      expect(one.security).not.toBe('');
      if (one.state === 'measured')
        expect([one.option, one.startNs.cpu.every((ns) => (ns ?? 0) > 0), one.calls.length]).toEqual([
          one.option,
          true,
          one.option === 'prebuilt' ? 0 : 3,
        ]);
    }
    const results = readdirSync(join(sandbox.folder, 'results'));
    expect([
      results.length,
      workspaces().filter((name) => results.some((folder) => folder.endsWith(name.replace(/^sb/, '')))),
    ]).toEqual([2, []]);
    const report = join(sandbox.folder, 'reports', reportsIn(join(sandbox.folder, 'reports'))[0] ?? '');
    expect(readdirSync(report).sort()).toEqual([
      'advise.png',
      'advise.svg',
      'index.html',
      'summary.json',
      'summary.md',
    ]);
    expect(readFileSync(join(report, 'summary.md'), 'utf8')).toContain('Binary tree');
    // The starts are results as any other run's.
    expect(sandbox.bench(['report', advice.results.starts, '--name', 'starts']).status).toBe(0);
  });

  it('measures the order of rules by the counts of calls, and names calls that gain nothing', (ctx) => {
    needsRoot(ctx);
    writeFileSync(join(sandbox.folder, 'counts.txt'), COUNTS);
    const { status, stdout } = sandbox.bench([
      'advise',
      '--counts',
      'counts.txt',
      '--blocks',
      '1',
      '--call-blocks',
      '1',
      '--calls',
      'personality',
      '--no-report',
      '--seed',
      '7',
    ]);
    expect(status).toBe(0);
    expect(stdout).toContain(
      'Order by counts.txt: personality, read\nCached by the kernel, so they gain nothing: 1 of 2 (read)\n',
    );
    expect(stdout).not.toContain('Not measured');
  });

  it('measures every option on crun, where other forms are compared with the plain filter that is finished, too', (ctx) => {
    needs(ctx, 'crun');
    needsRoot(ctx);
    writeFileSync(join(sandbox.folder, 'counts.txt'), COUNTS);
    const { status, stdout } = sandbox.bench([
      ...['advise', '--json', '--engine', 'crun', '--counts', 'counts.txt', '--blocks', '1', '--call-blocks', '1'],
      ...['--calls', 'personality', '--no-report', '--seed', '7'],
    ]);
    expect(status).toBe(0);
    const { options, results } = JSON.parse(stdout) as Advice;
    expect(
      options.map((one) => [one.option, one.state === 'measured' ? (one.against ?? 'unchanged') : one.reason]),
    ).toEqual([
      ['hostOnly', 'unchanged'],
      ['nativeOnly', 'unchanged'],
      ['tree', 'prebuilt'],
      ['ordered', 'prebuilt'],
      ['prebuilt', 'unchanged'],
    ]);
    const calls = options.map((one) => (one.state === 'measured' ? one.calls.map(({ call }) => call) : []));
    expect(calls.map((priced) => priced.includes('personality'))).toEqual([true, true, true, true, false]);
    for (const [folder, arms] of [
      [results.starts, ['tree', 'ordered', 'prebuilt']],
      [results.calls ?? '', ['tree', 'ordered']],
    ] as const) {
      const all = JSON.parse(readFileSync(join(sandbox.folder, folder, 'evidence.json'), 'utf8')) as ArmEvidence[];
      const given = all.filter(({ filterGiven }) => filterGiven?.kind === 'annotation');
      expect(given.map(({ arm }) => arm)).toEqual(arms);
      for (const { loaded, filterGiven } of given)
        expect(loaded).toMatchObject({
          state: 'seen',
          programs: [{ sha256: filterGiven?.kind === 'annotation' ? filterGiven.sha256 : '' }],
        });
    }
  });

  it('refuses to advise by the calls of a command that is not there', (ctx) => {
    needs(ctx, 'strace');
    needsRoot(ctx);
    expect(sandbox.bench(['advise', '--observe', 'nosuchcmd'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('could not run the observed command: nosuchcmd: exit code 127') as string,
    });
  });

  it('says what an engine cannot be asked for, and refuses a profile it could not read twice', (ctx) => {
    needs(ctx, 'runc');
    needsRoot(ctx);
    const { stdout } = sandbox.bench([
      'advise',
      '--json',
      '--engine',
      'runc',
      '--blocks',
      '1',
      '--call-blocks',
      '1',
      '--calls',
      'getppid',
      '--no-report',
    ]);
    expect(
      (JSON.parse(stdout) as Advice).options.map((one) => (one.state === 'measured' ? one.option : one.reason)),
    ).toEqual([
      'hostOnly',
      'nativeOnly',
      expect.stringMatching(/^runc \S+ builds (?:only the plain form; .*|a binary tree already: .*, more than 32)$/),
      'there are no counts to order rules by (output of strace -c, a syscalls.json, or a command to observe)',
      expect.stringMatching(/^runc \S+ builds its filters itself and takes none that is built already; --engine/),
    ]);
    expect(sandbox.bench(['advise', '-'])).toMatchObject({
      status: 2,
      stderr:
        'bench: profile: expected a file, got standard input, which can be read only once\n' +
        '  Write it to a file first.\n',
    });
  });
});

const COUNTS = [
  '% time     seconds  usecs/call     calls    errors syscall',
  '------ ----------- ----------- --------- --------- ----------------',
  ' 50.00    0.000050           1        90           mount',
  ' 30.00    0.000030           1        40           personality',
  ' 20.00    0.000020           1        10           read',
  '------ ----------- ----------- --------- --------- ----------------',
  '100.00    0.000100           1       140           total',
  '',
].join('\n');
