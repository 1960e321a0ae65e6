import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
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

  it('warns in numbers of calls that are logged or ask a tracer, and says where the numbers are from', (ctx) => {
    needsRoot(ctx);
    writeFileSync(join(sandbox.folder, 'asking.json'), JSON.stringify(asking({ acct: 'LOG', kexec_load: 'TRACE' })));
    writeFileSync(join(sandbox.folder, 'counts.txt'), COUNTS.replace('mount', 'acct '));
    const { status, stdout, stderr } = sandbox.bench([
      ...['advise', 'asking.json', '--json', '--engine', 'namespaces', '--counts', 'counts.txt', '--blocks', '1'],
      ...['--call-blocks', '6', '--calls', 'getppid', '--no-report', '--seed', '7'],
    ]);
    expect([status, stderr.includes('bench:')]).toEqual([0, false]);
    const { actions = [], warnings, results } = JSON.parse(stdout) as Advice;
    expect(actions.map(({ action, names, reason, counted }) => [action, names, reason, counted?.calls])).toEqual([
      ['log', ['acct'], null, [{ name: 'acct', calls: 90 }]],
      ['trace', ['kexec_load'], null, []],
    ]);
    // Six blocks are the fewest that give an interval.
    const { low, ns, high } = actions[1]?.added ?? { ns: NaN, low: null, high: null };
    expect([low !== null && low <= ns, high !== null && high >= ns]).toEqual([true, true]);
    const price = String.raw`[\d.,]+ [nµm]s \[[^\]]+\]`;
    expect(warnings).toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          new RegExp(
            String.raw`^The profile writes a log line \(SCMP_ACT_LOG\) for 90 calls of counts\.txt \(acct 90\)\. A logged ` +
              `call costs ${price} more than an allowed one, ${price} for 90 calls, measured on this machine in 6 blocks ` +
              'with namespaces\\.$',
          ),
        ) as string,
        expect.stringMatching(/asks a tracer \(SCMP_ACT_TRACE\) for calls that counts\.txt does not make\./) as string,
      ]),
    );
    const priced = sandbox.bench(['percall', '--from', results.actions ?? '', '--no-report']);
    expect([priced.status, priced.stderr, priced.stdout]).toEqual([
      0,
      '',
      expect.stringContaining('A logged call costs'),
    ]);
  });

  it('warns in numbers of calls that ask a listener, under a runtime that hands the listener over', async (ctx) => {
    needs(ctx, 'runc');
    needsRoot(ctx);
    const listenerPath = join(sandbox.folder, 'listener.sock');
    const agent = createServer((connection) => {
      connection.resume().on('error', () => undefined);
    }).listen(listenerPath);
    await once(agent, 'listening');
    try {
      const profile = { ...asking({ swapon: 'NOTIFY' }), listenerPath };
      writeFileSync(join(sandbox.folder, 'asking.json'), JSON.stringify(profile));
      const { status, stdout } = await sandbox.start([
        ...['advise', 'asking.json', '--json', '--engine', 'runc', '--blocks', '1', '--call-blocks', '1'],
        ...['--calls', 'getppid', '--no-report', '--seed', '7'],
      ]).end;
      expect(status).toBe(0);
      const { warnings } = JSON.parse(stdout) as Advice;
      expect(warnings.find((one) => one.startsWith('The profile asks a listener'))).toMatch(
        /^The profile asks a listener \(SCMP_ACT_NOTIFY\) for swapon; how often .* costs [\d.,]+ [nµm]s more than an allowed one, measured on this machine in 1 block with runc\. What the listener itself does comes on top\.$/,
      );
    } finally {
      agent.close();
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

/** A profile that allows everything but the calls that have another action. */
const asking = (actions: Readonly<Record<string, 'NOTIFY' | 'LOG' | 'TRACE'>>): object => ({
  defaultAction: 'SCMP_ACT_ALLOW',
  syscalls: Object.entries(actions).map(([name, action]) => ({ names: [name], action: `SCMP_ACT_${action}` })),
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
