import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { constants, machine, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import { nativePrograms, needCommand } from './machine.js';

/** Numbers of calls on the machines that programs are built for. */
const NUMBER =
  machine() === 'x86_64'
    ? { getppid: 110, personality: 135, uname: 63, read: 0, clock_gettime: 228 }
    : { getppid: 173, personality: 92, uname: 160, read: 63, clock_gettime: 113 };
const NO_SUCH_CALL = 65_535;

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'caller-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function call(ctx: TestContext, args: readonly (string | number)[]) {
  const { status, stdout, stderr } = spawnSync(nativePrograms(ctx).caller, args.map(String), { encoding: 'utf8' });
  return { status, stdout, stderr };
}

const linesOf = (stdout: string): readonly string[][] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' '));

describe('caller', () => {
  it('times every call in every round next to an empty loop, each round beginning with another call', (ctx) => {
    const { status, stdout, stderr } = call(ctx, [10, 3, NUMBER.getppid, `${NUMBER.personality},0xffffffff`]);
    expect([status, stderr]).toEqual([0, '']);
    const lines = linesOf(stdout);
    expect(lines[0]?.slice(0, 5)).toEqual(['caller', '2', 'clock', 'cpu', 'seccomp']);
    expect(lines.slice(1).map(([word, a, b]) => (word === 'call' ? `${word} ${a} ${b}` : `${word} ${a}`))).toEqual([
      'empty 0',
      'call 0 0',
      'call 1 0',
      'empty 1',
      'call 1 1',
      'call 0 1',
      'empty 2',
      'call 0 2',
      'call 1 2',
      'done undefined',
    ]);
    for (const [word, ...rest] of lines.slice(1, -1))
      expect(Number(word === 'call' ? rest[2] : rest[1])).toBeGreaterThan(0);
    // Asking for the personality changes nothing; the parent of the caller is this process.
    expect(lines.filter(([word]) => word === 'call').map(([, index, , , result]) => [index, result])).toEqual(
      expect.arrayContaining([
        ['0', String(process.pid)],
        ['1', '0'],
      ]),
    );
  });

  it('gives -errno of a call that fails', (ctx) => {
    expect(linesOf(call(ctx, [2, 1, NO_SUCH_CALL]).stdout)[2]?.[4]).toBe(String(-constants.errno.ENOSYS));
  });

  it('hands over six arguments and its own memory', (ctx) => {
    const badDescriptor = `${NUMBER.read},99,@,1`;
    const results = linesOf(
      call(ctx, [1, 1, `${NUMBER.uname},@`, `${NUMBER.uname},1`, badDescriptor, `${NUMBER.read},99,1,2,3,4,5`]).stdout,
    )
      .filter(([word]) => word === 'call')
      .map((line) => line[4]);
    expect(results).toEqual([
      '0',
      String(-constants.errno.EFAULT),
      String(-constants.errno.EBADF),
      String(-constants.errno.EBADF),
    ]);
  });

  it('walks through memory between calls in both orders, and says where there is not enough', (ctx) => {
    needCommand(ctx, 'prlimit');
    const { caller } = nativePrograms(ctx);
    for (const order of ['sequential', 'random']) {
      const { status, stdout } = call(ctx, [3, 2, 'touch', 1024, order, 64, NUMBER.getppid]);
      expect([status, linesOf(stdout).map(([word]) => word)]).toEqual([
        0,
        ['caller', 'empty', 'call', 'empty', 'call', 'done'],
      ]);
    }
    const { status, stderr } = spawnSync(
      'prlimit',
      ['--as=8388608', caller, '3', '1', 'touch', '16384', 'random', '64', '39'],
      { encoding: 'utf8' },
    );
    expect([status, stderr]).toEqual([71, `caller: mmap: errno ${constants.errno.ENOMEM}\n`]);
  });

  it('tells its filter mode and its speculation state under a filter', (ctx) => {
    const { loader, caller } = nativePrograms(ctx);
    const filter = join(folder, 'allow');
    writeFileSync(filter, Buffer.from([6, 0, 0, 0, 0, 0, 0xff, 0x7f]));
    const fd = openSync(filter, 'r');
    const { stdout } = spawnSync(loader, ['3', caller, '1', '1', String(NUMBER.getppid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit', fd],
    });
    closeSync(fd);
    expect(stdout).toMatch(/^caller 2 clock cpu seccomp 2 speculation -?\d+ -?\d+\n/);
  });

  it('names the call that a filter denies it and ends with 71', (ctx) => {
    const { loader, caller } = nativePrograms(ctx);
    const filter = join(folder, 'no-clock');
    // Load the number; clock_gettime gives EPERM, all else is allowed.
    const instruction = (code: number, jt: number, jf: number, k: number): Buffer => {
      const bytes = Buffer.alloc(8);
      bytes.writeUInt16LE(code, 0);
      bytes.writeUInt8(jt, 2);
      bytes.writeUInt8(jf, 3);
      bytes.writeUInt32LE(k, 4);
      return bytes;
    };
    writeFileSync(
      filter,
      Buffer.concat([
        instruction(0x20, 0, 0, 0),
        instruction(0x15, 0, 1, NUMBER.clock_gettime),
        instruction(6, 0, 0, 0x0005_0001),
        instruction(6, 0, 0, 0x7fff_0000),
      ]),
    );
    const fd = openSync(filter, 'r');
    const { status, stderr } = spawnSync(loader, ['3', caller, '1', '1', String(NUMBER.getppid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe', fd],
    });
    closeSync(fd);
    expect([status, stderr]).toEqual([71, 'caller: clock_gettime: errno 1\n']);
  });

  it('refuses arguments it does not understand with exit 64', (ctx) => {
    const cases: readonly [readonly (string | number)[], string][] = [
      [[], 'expected LOOPS ROUNDS [touch KIB sequential|random STRIDE] [under ANSWER FILTER] CALL...'],
      [[0, 1, 39], 'expected 1 to 1000000000 loops, got 0'],
      [[1, 'x', 39], 'expected 1 to 100000 rounds, got x'],
      [[1, 1, 'getppid'], 'expected NUMBER[,ARGUMENT]..., got getppid'],
      [[1, 1, '39,'], 'expected NUMBER[,ARGUMENT]..., got 39,'],
      [[1, 1, '39,-1'], 'expected NUMBER[,ARGUMENT]..., got 39,-1'],
      [[1, 1, '39,0x10000000000000000'], 'expected NUMBER[,ARGUMENT]..., got 39,0x10000000000000000'],
      [[1, 1, '39,1,2,3,4,5,6,7'], 'expected at most 6 arguments, got 39,1,2,3,4,5,6,7'],
      [[1, 1, 'touch', 4, 'random', 64], 'expected 1 to 64 calls'],
      [[1, 1, 'touch', 4, 'sideways', 64, 39], 'expected sequential or random, got sideways'],
      [[1, 1, 'touch', 0, 'random', 64, 39], 'expected 1 to 4194304 KiB, got 0'],
      [[1, 1, 'touch', 4, 'random', 8, 39], 'expected a stride of 64 to 1048576 bytes, got 8'],
      [[1, 1, 'touch', 4, 'random', 8192, 39], 'expected a stride that 8 divides, no larger than the memory, got 8192'],
      [[1, 1, ...Array.from({ length: 65 }, () => 39)], 'expected 1 to 64 calls'],
    ];
    for (const [args, words] of cases)
      expect(call(ctx, args)).toEqual({ status: 64, stdout: '', stderr: `caller: ${words}\n` });
  });

  it('does not claim success where nobody reads what it writes', (ctx) => {
    const fd = openSync('/dev/full', 'w');
    expect(spawnSync(nativePrograms(ctx).caller, ['1', '1', '39'], { stdio: ['ignore', fd, 'inherit'] }).status).toBe(
      74,
    );
    closeSync(fd);
  });
});
