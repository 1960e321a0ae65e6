import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import { openEngine } from '../../src/engine/open.js';
import { assertProgram, nameOfInside } from '../../src/engine/programs.js';
import { writeRootfs } from '../../src/payload/index.js';
import type { ContainerRun, Engine, EngineChoice } from '../../src/model/container/container.js';
import { payloadIn } from '../../src/model/container/program.js';
import type { ContainerProgram } from '../../src/model/container/program.js';
import { clock } from '../unit/process/commands.js';
import { needCommand } from '../unit/payload/machine.js';
import { FakeHost } from '../unit/engine/parts.js';
import { machine } from 'node:os';

const ENGINES: readonly EngineChoice[] = ['runc', 'crun', 'namespaces', 'bwrap'];
/** What a program of the host's own needs. */
const HOST = ['/usr', '/lib', '/lib64', '/bin'].map((path) => ({ source: path, target: path }));
const PATH = 'PATH=/usr/bin:/bin';
const shell = (script: string, more: Partial<ContainerProgram> = {}): ContainerProgram => ({
  kind: 'program',
  args: ['/bin/sh', '-c', script],
  env: [PATH],
  cwd: '/',
  binds: HOST,
  ...more,
});

let host: FakeHost;
beforeEach(() => {
  host = new FakeHost();
});
afterEach(() => {
  host[Symbol.dispose]();
});

async function open(ctx: TestContext, choice: EngineChoice): Promise<Engine> {
  if (process.geteuid?.() !== 0) ctx.skip('mounting folders of the host into a container needs root');
  if (choice !== 'namespaces') needCommand(ctx, choice);
  const parts = {
    ...host.parts(ctx),
    env: process.env,
    writeRootfs: async (folder: string) => {
      await writeRootfs(folder, machine());
    },
  };
  const { engine } = await openEngine({ choice, parts, clock, signal: new AbortController().signal });
  await engine.prepare({ name: 'plain', spec: null, text: 'null' });
  const spec = {
    defaultAction: 'SCMP_ACT_ALLOW',
    syscalls: [{ names: ['uname'], action: 'SCMP_ACT_ERRNO', errnoRet: 38 }],
  };
  await engine.prepare({ name: 'noUname', spec, text: JSON.stringify(spec) });
  return engine;
}

async function run(engine: Engine, arm: string, program: ContainerProgram): Promise<ContainerRun> {
  const batch = await engine.run({
    arm,
    mode: program,
    ids: [`sb-test${process.pid}-x`],
    concurrency: 1,
    timeoutMs: 20_000,
    signal: new AbortController().signal,
  });
  await engine.betweenBlocks();
  return batch.containers[0]!;
}

describe.each(ENGINES)('a program in a container of %s', (choice) => {
  it("runs with the host's folders bound read-only, its own environment, folder and scratch space", async (ctx) => {
    await using engine = await open(ctx, choice);
    const script =
      'echo "$WORD $(pwd)"; touch /tmp/a && echo wrote; touch /usr/no 2>/dev/null || echo refused; grep -c . /proc/self/status >/dev/null && echo proc; echo x >/dev/null && echo null';
    const { exit, stdout, stderr } = await run(
      engine,
      'plain',
      shell(script, { env: [PATH, 'WORD=hello'], cwd: '/tmp' }),
    );
    expect([stderr, stdout.split('\n'), exit]).toEqual([
      '',
      ['hello /tmp', 'wrote', 'refused', 'proc', 'null', ''],
      { kind: 'exited', code: 0 },
    ]);
  });

  it("runs under the arm's filter, and gives its exit code", async (ctx) => {
    await using engine = await open(ctx, choice);
    expect((await run(engine, 'plain', shell('uname -s'))).stdout).toBe('Linux\n');
    const denied = await run(engine, 'noUname', shell('uname -s; exit 7'));
    expect([denied.stdout, denied.exit]).toEqual(['', { kind: 'exited', code: 7 }]);
    expect(denied.stderr).toContain('Function not implemented');
  });

  it("runs in a root of the caller's, links and all, into which nothing is written", async (ctx) => {
    await using engine = await open(ctx, choice);
    const rootfs = join(host.folder, 'root');
    for (const folder of ['usr', 'data']) mkdirSync(join(rootfs, folder), { recursive: true });
    for (const name of ['bin', 'lib', 'lib64']) symlinkSync(`usr/${name}`, join(rootfs, name));
    writeFileSync(join(rootfs, 'data/word'), 'inside\n');
    const before = readdirSync(rootfs, { recursive: true });
    const program = shell('cat /data/word; touch /data/no 2>/dev/null || echo refused', {
      rootfs,
      binds: [{ source: '/usr', target: '/usr' }],
    });
    const { stdout, stderr } = await run(engine, 'plain', program);
    expect([stderr, stdout, readdirSync(rootfs, { recursive: true })]).toEqual(['', 'inside\nrefused\n', before]);
  });
});

describe.each(['runc', 'crun'] as const)('a program in a running container of %s', (choice) => {
  it("runs next to the payload that sleeps there, under the arm's filter, and gives its exit code", async (ctx) => {
    await using engine = await open(ctx, choice);
    const inside = (script: string): ContainerProgram => shell(script, { via: 'exec', cwd: '/tmp' });
    const first = await run(engine, 'plain', inside('tr "\\0" " " </proc/1/cmdline; pwd; uname -s; exit 3'));
    expect([first.stderr, first.stdout, first.exit]).toEqual([
      '',
      '/payload sleep /tmp\nLinux\n',
      { kind: 'exited', code: 3 },
    ]);
    const denied = await run(engine, 'noUname', inside('uname -s; grep Seccomp: /proc/self/status'));
    expect([denied.stdout, denied.exit]).toEqual(['Seccomp:\t2\n', { kind: 'exited', code: 0 }]);
    expect(denied.stderr).toContain('Function not implemented');
    // The containers that wait for programs are no containers of the run.
    expect(await engine.list()).toEqual([]);
  });

  it("runs in a root of the caller's, where the payload sleeps without being written there", async (ctx) => {
    await using engine = await open(ctx, choice);
    const rootfs = join(host.folder, 'root');
    for (const folder of ['usr', 'proc', 'tmp', 'dev', 'sys']) mkdirSync(join(rootfs, folder), { recursive: true });
    for (const name of ['bin', 'lib', 'lib64']) symlinkSync(`usr/${name}`, join(rootfs, name));
    const before = readdirSync(rootfs, { recursive: true });
    const { stdout, stderr } = await run(
      engine,
      'plain',
      shell('ls /', { rootfs, via: 'exec', binds: [{ source: '/usr', target: '/usr' }] }),
    );
    expect([stderr, stdout.split('\n').filter(Boolean), readdirSync(rootfs, { recursive: true })]).toEqual([
      '',
      ['bin', 'dev', 'lib', 'lib64', 'proc', 'sys', 'tmp', 'usr'],
      before,
    ]);
  });

  it('is killed where it hangs, and its container runs on', async (ctx) => {
    await using engine = await open(ctx, choice);
    const batch = await engine.run({
      arm: 'plain',
      mode: shell('sleep 60', { via: 'exec' }),
      ids: [`sb-test${process.pid}-h`],
      concurrency: 1,
      timeoutMs: 300,
      signal: new AbortController().signal,
    });
    expect(batch.containers[0]?.exit).toEqual({ kind: 'timedOut', afterMs: 300 });
    expect((await run(engine, 'plain', shell('pidof sleep || echo none', { via: 'exec' }))).stdout).toBe('none\n');
  });
});

describe.each(ENGINES)("the payload in a program's place in %s", (choice) => {
  it("says its words, also in a root of the caller's", async (ctx) => {
    await using engine = await open(ctx, choice);
    const rootfs = join(host.folder, 'root');
    for (const folder of ['usr', 'proc', 'tmp', 'dev', 'sys']) mkdirSync(join(rootfs, folder), { recursive: true });
    expect([
      (await run(engine, 'plain', payloadIn(shell('true')))).stdout,
      (await run(engine, 'plain', payloadIn(shell('true', { rootfs, binds: [] })))).stdout,
    ]).toEqual(['ok\n', 'ok\n']);
  });
});

describe('programs', () => {
  it('have a name of their own each, the same for the same', () => {
    expect([
      nameOfInside('exit'),
      nameOfInside(shell('a')) === nameOfInside(shell('a')),
      nameOfInside(shell('a')) === nameOfInside(shell('b')),
    ]).toEqual(['exit', true, false]);
  });

  it('are refused by engines that cannot run them', () => {
    const facts = { name: 'lxc', version: '', path: null, rootless: false, notes: [] };
    expect(() => {
      assertProgram({ facts, programs: 'none' }, shell('a'));
    }).toThrow('--engine lxc cannot run /bin/sh');
    expect(() => {
      assertProgram({ facts, programs: 'binds' }, shell('a', { rootfs: '/r' }));
    }).toThrow('--engine lxc cannot run /bin/sh in the root /r');
    expect(() => {
      assertProgram({ facts, programs: 'binds' }, shell('a'));
    }).not.toThrow();
    expect(() => {
      assertProgram({ facts, programs: 'binds' }, shell('a', { via: 'exec' }));
    }).toThrow('--engine lxc cannot start /bin/sh in a running container');
    expect(() => {
      assertProgram({ facts, programs: 'binds', execs: true }, shell('a', { via: 'exec' }));
    }).not.toThrow();
  });
});
