import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nativePrograms } from './machine.js';

/** A filter of one instruction: BPF_RET|BPF_K with the given answer to every call. */
function always(answer: number): Buffer {
  const program = Buffer.alloc(8);
  program.writeUInt16LE(6, 0);
  program.writeUInt32LE(answer, 4);
  return program;
}
const ALLOW = 0x7fff0000;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'programs-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function run(file: string, args: readonly string[] = [], extra: readonly number[] = []) {
  const { status, signal, stdout, stderr } = spawnSync(file, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe', ...extra],
    env: {},
  });
  return { status, signal, stdout, stderr };
}

describe('payload', () => {
  it('writes ok and ends', (ctx) => {
    expect(run(nativePrograms(ctx).payload)).toEqual({ status: 0, signal: null, stdout: 'ok\n', stderr: '' });
  });

  it('tells its own seccomp mode', (ctx) => {
    const { payload, loader } = nativePrograms(ctx);
    expect(run(payload, ['seccomp']).stdout).toMatch(/^seccomp [02]\n$/);
    const filter = join(folder, 'allow');
    writeFileSync(filter, always(ALLOW));
    const fd = openSync(filter, 'r');
    expect(run(loader, ['3', payload, 'seccomp'], [fd])).toEqual({
      status: 0,
      signal: null,
      stdout: 'seccomp 2\n',
      stderr: '',
    });
    closeSync(fd);
  });

  it('stamps the monotonic clock that Node reads', (ctx) => {
    const before = process.hrtime.bigint();
    const { status, stdout } = run(nativePrograms(ctx).payload, ['stamp']);
    const stamp = BigInt(/^ok (\d+)\n$/.exec(stdout)?.[1] ?? 0);
    expect([status, stamp > before, stamp < process.hrtime.bigint()]).toEqual([0, true, true]);
  });

  it('says that it is ready and sleeps until it is killed', async (ctx) => {
    const child = spawn(nativePrograms(ctx).payload, ['sleep'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
    expect(chunk.toString()).toBe('ready\n');
    expect(child.exitCode).toBeNull();
    child.kill('SIGKILL');
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  });

  it('refuses any other argument with exit 64', (ctx) => {
    expect(run(nativePrograms(ctx).payload, ['dance'])).toEqual({
      status: 64,
      signal: null,
      stdout: '',
      stderr: 'payload: expected no argument, stamp, sleep or seccomp, got dance\n',
    });
  });

  it('does not claim success where nobody reads what it writes', (ctx) => {
    const fd = openSync('/dev/full', 'w');
    expect(spawnSync(nativePrograms(ctx).payload, { stdio: ['ignore', fd, 'inherit'] }).status).toBe(74);
    closeSync(fd);
  });
});

describe('loader', () => {
  it('becomes the program with its arguments and environment where there is no filter', (ctx) => {
    const { status, stdout } = spawnSync(
      nativePrograms(ctx).loader,
      ['-', '/bin/sh', '-c', 'echo "$0 $1 $KEPT"', 'one', 'two'],
      { encoding: 'utf8', env: { KEPT: 'kept' } },
    );
    expect([status, stdout]).toEqual([0, 'one two kept\n']);
  });

  it('loads what the descriptor holds, from its beginning, and closes it', (ctx) => {
    const { loader } = nativePrograms(ctx);
    const filter = join(folder, 'open');
    writeFileSync(filter, always(ALLOW));
    const fd = openSync(filter, 'r');
    const script =
      'test -e /proc/self/fd/3 && echo open; grep -E "^(Seccomp|NoNewPrivs):" /proc/self/status | tr -d "\\t"';
    // Twice from one open file: the second must not find the offset that the first left at the end.
    const outputs = [1, 2].map(
      () =>
        spawnSync(loader, ['3', '/bin/sh', '-c', script], {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'inherit', fd],
        }).stdout,
    );
    expect(outputs).toEqual(['NoNewPrivs:1\nSeccomp:2\n', 'NoNewPrivs:1\nSeccomp:2\n']);
    closeSync(fd);
  });

  it('hands the flags that follow the descriptor to the kernel', (ctx) => {
    const { loader, payload } = nativePrograms(ctx);
    const filter = join(folder, 'flags');
    writeFileSync(filter, always(ALLOW));
    const fd = openSync(filter, 'r');
    const [LOG, NO_SUCH_FLAG] = [2, 1 << 20];
    expect(run(loader, [`3:${LOG}`, payload, 'seccomp'], [fd]).stdout).toBe('seccomp 2\n');
    expect(run(loader, [`3:${NO_SUCH_FLAG}`, payload, 'seccomp'], [fd])).toEqual({
      status: 125,
      signal: null,
      stdout: '',
      stderr: `loader: load filter: errno ${constants.errno.EINVAL}\n`,
    });
    closeSync(fd);
  });

  it('ends with 125 and one line for each of its own faults', (ctx) => {
    const { loader, payload } = nativePrograms(ctx);
    const cases: readonly [string, Buffer, string][] = [
      ['3', Buffer.alloc(0), 'loader: expected whole instructions of 8 bytes in descriptor 3\n'],
      ['3', Buffer.alloc(9), 'loader: expected whole instructions of 8 bytes in descriptor 3\n'],
      ['3', Buffer.alloc(4097 * 8), 'loader: expected at most 4096 instructions in descriptor 3\n'],
      ['3', Buffer.alloc(8, 0xff), `loader: load filter: errno ${constants.errno.EINVAL}\n`],
      ['99', always(ALLOW), `loader: read filter from descriptor 99: errno ${constants.errno.EBADF}\n`],
      ['three', always(ALLOW), 'loader: expected a descriptor number, got three\n'],
      ['3:', always(ALLOW), 'loader: expected a descriptor number, got 3:\n'],
    ];
    for (const [name, bytes, stderr] of cases) {
      const filter = join(folder, 'faulty');
      writeFileSync(filter, bytes);
      const fd = openSync(filter, 'r');
      expect(run(loader, [name, payload], [fd])).toEqual({ status: 125, signal: null, stdout: '', stderr });
      closeSync(fd);
    }
  });

  it('takes a filter of the longest length that the kernel takes', (ctx) => {
    const { loader, payload } = nativePrograms(ctx);
    const filter = join(folder, 'longest');
    // 4095 times "load the call's number", then allow.
    const load = Buffer.from([0x20, 0, 0, 0, 0, 0, 0, 0]);
    writeFileSync(filter, Buffer.concat([...Array.from({ length: 4095 }, () => load), always(ALLOW)]));
    const fd = openSync(filter, 'r');
    expect(run(loader, ['3', payload], [fd]).stdout).toBe('ok\n');
    closeSync(fd);
  });

  it('tells a program that is missing (127) from one that cannot run (126)', (ctx) => {
    const { loader } = nativePrograms(ctx);
    expect(run(loader, ['-', '/no/such/program'])).toMatchObject({
      status: 127,
      stderr: `loader: exec /no/such/program: errno ${constants.errno.ENOENT}\n`,
    });
    const text = join(folder, 'text');
    writeFileSync(text, 'neither ELF nor script', { mode: 0o755 });
    expect(run(loader, ['-', text])).toMatchObject({
      status: 126,
      stderr: `loader: exec ${text}: errno ${constants.errno.ENOEXEC}\n`,
    });
    expect(run(loader, ['-', folder])).toMatchObject({
      status: 126,
      stderr: `loader: exec ${folder}: errno ${constants.errno.EACCES}\n`,
    });
  });
});

describe('gate', () => {
  it('waits until every write end is closed, then becomes the program', async (ctx) => {
    const { gate, payload } = nativePrograms(ctx);
    const child = spawn(gate, ['0', payload], { stdio: ['pipe', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.stdin.write('this does not open it');
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
    expect(output).toBe('');
    child.stdin.end();
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(output).toBe('ok\n');
  });

  it('ends with 125 where it has no descriptor to wait for, and 127 where there is no program', (ctx) => {
    const { gate, payload } = nativePrograms(ctx);
    expect(run(gate, ['99', payload])).toMatchObject({
      status: 125,
      stderr: `gate: read descriptor 99: errno ${constants.errno.EBADF}\n`,
    });
    expect(run(gate, ['x', payload])).toMatchObject({
      status: 125,
      stderr: 'gate: expected a descriptor number, got x\n',
    });
    expect(run(gate, ['0'])).toMatchObject({ status: 125, stderr: 'gate: expected FD PROGRAM [ARGS...]\n' });
    expect(run(gate, ['0', '/no/such/program'])).toMatchObject({ status: 127 });
  });
});
