import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { needsRoot, Sandbox, workspaces } from './bench.js';

const sandbox = new Sandbox();
afterEach(() => {
  sandbox.clear();
});
afterAll(() => {
  sandbox[Symbol.dispose]();
});

const COUNTS = [
  '% time     seconds  usecs/call     calls    errors syscall',
  '------ ----------- ----------- --------- --------- ----------------',
  ' 60,00    0,000600           6       100           read',
  ' 30,00    0,000300           3       100           socket',
  ' 10,00    0,000100           1       100           mount',
  '------ ----------- ----------- --------- --------- ----------------',
  '100,00    0,001000           3       300           total',
  '',
].join('\n');
const QUICK = ['--blocks', '2', '--seed', '7'];

describe('bench price', () => {
  it('prices a table by calls timed here, again from the results kept, and leaves nothing behind', (ctx) => {
    needsRoot(ctx);
    writeFileSync(join(sandbox.folder, 'counts.txt'), COUNTS);
    const { status, stdout, stderr } = sandbox.bench(['price', 'counts.txt', ...QUICK]);
    expect([status, stderr]).toEqual([0, expect.stringContaining('engine namespaces') as string]);
    expect(stdout).toContain('Price of the system calls in counts.txt under the built-in profile');
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(
      'Denied by the built-in profile: mount (100 calls, ERRNO(EPERM)).',
    );
    expect(stdout).toMatch(/^read +100 +cached +– +[\d.]+ +[\d.]+ µs$/m);
    expect(stdout).toMatch(/^mount +100 +denied +\d+ /m);
    const prices = /^Prices: (.+)$/m.exec(stdout)?.[1] ?? '';
    const { id } = JSON.parse(readFileSync(join(sandbox.folder, prices, 'plan.json'), 'utf8')) as { id: string };
    expect(workspaces().filter((name) => name === `sb-${id}`)).toEqual([]);
    expect(existsSync(join(sandbox.folder, prices, 'SHA256SUMS'))).toBe(true);
    const again = sandbox.bench(['price', 'counts.txt', '--prices', prices]);
    expect([again.status, again.stdout, again.stderr]).toEqual([0, stdout, '']);
    expect(sandbox.bench(['percall', '--from', prices, '--no-report']).status).toBe(0);
  });

  it('compares two profiles; the same filter costs the same', (ctx) => {
    needsRoot(ctx);
    writeFileSync(join(sandbox.folder, 'counts.txt'), COUNTS);
    const open = { defaultAction: 'SCMP_ACT_ALLOW', syscalls: [{ names: ['mount'], action: 'SCMP_ACT_ERRNO' }] };
    writeFileSync(join(sandbox.folder, 'open.json'), JSON.stringify(open));
    const priced = sandbox.bench(['price', 'counts.txt', '--against', 'open.json', '--json', ...QUICK]);
    expect([priced.status, priced.stderr.includes('against')]).toEqual([0, true]);
    const { rows, against } = JSON.parse(priced.stdout) as {
      against: string;
      rows: { call: string; against: { cached: boolean } }[];
    };
    expect([against, rows.find(({ call }) => call === 'socket')?.against.cached]).toEqual(['open.json', true]);
    const same = sandbox.bench(['price', 'counts.txt', '--profile', 'open.json', '--against', 'open.json', ...QUICK]);
    expect([same.status, same.stdout]).toEqual([0, expect.stringContaining('300 calls cost 0.0 ns more') as string]);
  });

  it.each([
    [[], '<table> is required', null],
    [['counts.txt', '--prices', 'nowhere'], 'nowhere', COUNTS],
    [['counts.txt', '--prices', 'a', '--blocks', '3'], '--prices cannot be combined with --blocks', COUNTS],
    [['counts.txt', '--profile', '-'], 'a profile: expected a file, got standard input', COUNTS],
    [['counts.txt#2'], 'counts.txt#2: expected a table from 1 to 1, got 2', COUNTS],
    [['counts.txt'], 'counts.txt has 2 tables of system calls, at lines 1, 8', COUNTS + COUNTS],
    [['counts.txt'], 'counts.txt is not a table of system calls', 'hello\n'],
    [['counts.txt', '--profile', 'none.json'], 'could not read none.json', COUNTS],
  ])('refuses %j before anything is measured: %s', (args, message, content) => {
    if (content !== null) writeFileSync(join(sandbox.folder, 'counts.txt'), content);
    const { status, stderr, stdout } = sandbox.bench(['price', ...args]);
    expect([status, stdout, stderr.includes(message)], stderr).toEqual([2, '', true]);
    expect(existsSync(join(sandbox.folder, 'results'))).toBe(false);
  });
});
