import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { libseccompVersion } from '../../src/filter/index.js';
import { FAKE, PrivateSandbox } from './bench.js';

const sandbox = new PrivateSandbox();
afterAll(() => {
  sandbox[Symbol.dispose]();
});

const HALF = 4_294_967_295;
const rule = (...args: readonly object[]) => ({ names: ['lseek'], action: 'SCMP_ACT_ERRNO', args });
const above = { index: 0, value: HALF, op: 'SCMP_CMP_GT' };
/** libseccomp 2.5.4 never comes back from this. */
const ENDLESS = {
  defaultAction: 'SCMP_ACT_ALLOW',
  syscalls: [
    rule(above, { index: 1, value: 77, op: 'SCMP_CMP_GE' }),
    rule(above, { index: 1, value: 12_884_901_889, op: 'SCMP_CMP_EQ' }),
  ],
};
const hint = 'Its rules for lseek compare several arguments with operators other than equality. Leave some out.';

beforeEach((ctx) => {
  if (libseccompVersion() !== '2.5.4') ctx.skip('only libseccomp 2.5.4 was seen not to finish this');
  sandbox.clear();
  writeFileSync(join(sandbox.folder, 'endless.json'), JSON.stringify(ENDLESS));
});

/** What a process has used, in hundredths of a second. */
const cpuTicks = (pid: string): number =>
  Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[11] ?? NaN);

/** The process that builds the filter, once it is there. */
async function builderOf(pid: number): Promise<string> {
  for (;;) {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    if (children !== '') return children;
    await sleep(10);
  }
}

describe('a profile whose filter libseccomp never finishes', () => {
  it('ends inspect, build, diff, verify and exact with one line and one hint', async () => {
    const commands = [
      ['inspect', 'endless.json'],
      ['build', 'endless.json', '-o', 'out.bpf'],
      ['diff', 'default', 'endless.json'],
      ['verify', 'endless.json'],
      ['exact', 'endless.json'],
    ];
    // At once: each takes the 5 s.
    const ended = await Promise.all(commands.map(async (args) => [args[0], await sandbox.start(args).end] as const));
    const stderr = `bench: libseccomp 2.5.4 does not finish building endless.json within 5 s\n  ${hint}\n`;
    expect(ended).toEqual(commands.map(([name]) => [name, { status: 2, stdout: '', stderr }]));
    expect(existsSync(join(sandbox.folder, 'out.bpf'))).toBe(false);
  });

  it('can be converted, which needs no filter', () => {
    const { status, stdout } = sandbox.bench(['convert', 'endless.json']);
    expect([status, JSON.parse(stdout)]).toMatchObject([0, { syscalls: ENDLESS.syscalls }]);
  });

  it('ends an experiment before its first container', () => {
    const log = join(sandbox.folder, 'calls');
    const { status, stderr } = sandbox.bench(
      ['sequential', '--no-report', '--count', '2', '--engine', 'oci', '--runtime', FAKE, '--profile', 'endless.json'],
      { FAKE_LOG: log },
    );
    expect([status, stderr.split('\n').slice(-3)]).toEqual([
      2,
      [expect.stringContaining('libseccomp 2.5.4 does not finish building'), `  ${hint}`, ''],
    ]);
    expect(readFileSync(log, 'utf8')).not.toMatch(/ (?:run|create) /);
    expect(readdirSync(sandbox.tmp)).toEqual([]);
  });

  it('lets Ctrl-C, which a terminal sends to all of its processes, end the wait', async () => {
    const { pid, end } = sandbox.start(['inspect', 'endless.json']);
    process.kill(Number(await builderOf(pid)), 'SIGINT');
    const { status, stdout, stderr } = await end;
    expect([status, stdout, stderr]).toEqual([130, '', 'bench: stopped by SIGINT\n']);
  });

  it('leaves no process behind where bench is killed', async () => {
    const { pid, end } = sandbox.start(['inspect', 'endless.json']);
    const child = await builderOf(pid);
    // It has asked for its end by then.
    while (cpuTicks(child) < 100) await sleep(10);
    process.kill(pid, 'SIGKILL');
    await end;
    while (existsSync(`/proc/${child}`)) await sleep(10);
  });
});
