import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, machine, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import { actionFilter, allowed } from '../../../src/experiment/percall/actions.js';
import { refusalIn } from '../../../src/experiment/percall/refused-answers.js';
import { encodeFilter, libseccompVersion } from '../../../src/filter/index.js';
import { ANSWERED_VALUE, ANSWERS, answerFacts } from '../../../src/model/results/percall/action-price.js';
import type { AnswerName } from '../../../src/model/results/percall/action-price.js';
import { answeredProgram, isMachine, readAnswered } from '../../../src/payload/index.js';
import { nativePrograms } from './machine.js';

const NUMBER =
  machine() === 'x86_64' ? { getppid: 110, ptrace: 101, seccomp: 317 } : { getppid: 173, ptrace: 117, seccomp: 277 };
const CALL = { name: 'getppid', nr: NUMBER.getppid, args: [] };

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'answer-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function work(answer: AnswerName, { rounds = 2, loops = 5 } = {}) {
  const here = machine();
  if (!isMachine(here)) throw new Error('no such machine');
  const { action } = answerFacts(answer);
  const filter = actionFilter(action ?? 'log', CALL, here);
  return { answer, filter: action === null ? allowed(filter) : filter, call: CALL, rounds, loops };
}

/** The arguments without the path that the program has in a container. */
const argsOf = (answer: AnswerName, shape?: Parameters<typeof work>[1]): string[] =>
  answeredProgram(work(answer, shape)).args.slice(1);

function needLibseccomp(ctx: TestContext): void {
  if (libseccompVersion() === null) ctx.skip('libseccomp is not installed');
}

function run(ctx: TestContext, answer: AnswerName) {
  needLibseccomp(ctx);
  return spawnSync(nativePrograms(ctx).caller, argsOf(answer), { encoding: 'utf8', timeout: 20_000 });
}

/** Runs the caller under another filter, with flags of seccomp(2). */
function runUnder(ctx: TestContext, filter: Buffer, flags: number, answer: AnswerName) {
  const { loader, caller } = nativePrograms(ctx);
  const file = join(folder, 'outer');
  writeFileSync(file, filter);
  const fd = openSync(file, 'r');
  const done = spawnSync(loader, [`3:${flags}`, caller, ...argsOf(answer)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe', fd],
    timeout: 20_000,
  });
  closeSync(fd);
  if (done.error !== undefined) throw done.error;
  return done;
}

/** A filter that answers one call and allows all others. */
const onlyFor = (nr: number, value: number): Buffer =>
  encodeFilter([
    { code: 0x20, ifTrue: 0, ifFalse: 0, k: 0 },
    { code: 0x15, ifTrue: 0, ifFalse: 1, k: nr },
    { code: 0x06, ifTrue: 0, ifFalse: 0, k: value },
    { code: 0x06, ifTrue: 0, ifFalse: 0, k: 0x7fff_0000 },
  ]);

describe('the caller under an answer', () => {
  it.each(Object.keys(ANSWERS) as AnswerName[])('counts as many answers of %s as calls were made', (answer, ctx) => {
    const { status, stdout, stderr } = run(ctx as unknown as TestContext, answer);
    const refusal = refusalIn(stderr);
    // The kernel may be older than the flag, and the machine may have one processor.
    if (status === 69 && refusal?.errno === constants.errno.EINVAL) return;
    expect([status, stderr]).toEqual([0, '']);
    const report = readAnswered(stdout, work(answer));
    const { action } = answerFacts(answer);
    expect(report).toMatchObject({
      clock: 'monotonic',
      seccompMode: 2,
      answered: action === 'notify' || action === 'trace' ? 10 : 0,
    });
    if ('fault' in report) throw new Error(report.fault);
    if (existsSync('/proc/self/status')) expect(report.procMode).toBe(2);
    expect(report.calls[0]?.result === ANSWERED_VALUE).toBe(answer === 'notify-value');
  });

  it('says that another listener is there already', (ctx) => {
    needLibseccomp(ctx);
    const NEW_LISTENER = 8;
    const { caller } = nativePrograms(ctx);
    const file = join(folder, 'listening');
    writeFileSync(file, onlyFor(65_000, 0x7fc0_0000));
    const script = `import ctypes, os, sys
lib = ctypes.CDLL(None, use_errno=True)
data = open(${JSON.stringify(file)}, 'rb').read()
class Program(ctypes.Structure):
    _fields_ = [('length', ctypes.c_ushort), ('filter', ctypes.c_char_p)]
lib.prctl(38, 1, 0, 0, 0)
program = Program(len(data) // 8, data)
listener = lib.syscall(${NUMBER.seccomp}, 1, ${NEW_LISTENER}, ctypes.byref(program))
if listener < 0: sys.exit(3)
os.set_inheritable(listener, True)
os.execv(sys.argv[1], sys.argv[1:])`;
    const done = spawnSync('/usr/bin/python3', ['-c', script, caller, ...argsOf('notify')], {
      encoding: 'utf8',
      timeout: 20_000,
    });
    if (done.error !== undefined || done.status === 3) ctx.skip('no python3, or no listener is possible here');
    expect([done.status, refusalIn(done.stderr)]).toEqual([
      69,
      { step: 'load filter of notify', errno: constants.errno.EBUSY },
    ]);
  });

  it('says that it may not trace, and leaves no child behind', (ctx) => {
    needLibseccomp(ctx);
    const { status, stderr } = runUnder(ctx, onlyFor(NUMBER.ptrace, 0x0005_0001), 0, 'trace');
    expect([status, refusalIn(stderr)]).toEqual([
      69,
      { step: 'trace the caller under trace', errno: constants.errno.EPERM },
    ]);
  });

  it('takes its child along where the listener or the tracer is killed', async (ctx) => {
    needLibseccomp(ctx);
    for (const answer of ['notify', 'trace', 'allow'] as const) {
      const parent = spawn(nativePrograms(ctx).caller, argsOf(answer, { rounds: 100_000, loops: 1000 }), {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      await new Promise((resolve) => parent.stdout.once('data', resolve));
      const children = childrenOf(parent.pid ?? 0);
      expect(children).toHaveLength(1);
      parent.kill('SIGKILL');
      await new Promise((resolve) => parent.once('exit', resolve));
      await expect.poll(() => children.filter(isAlive), { timeout: 10_000 }).toEqual([]);
    }
  });

  it.each([
    [['under'], 'caller: expected under ANSWER FILTER\n'],
    [['under', 'sing', '00'], 'caller: expected allow, log, trace, notify or one of its forms, got sing\n'],
    [['under', 'log', '06'], 'caller: expected 1 to 64 instructions of 16 hexadecimal digits, got 06\n'],
    [['under', 'log', 'x600000000000000'], 'caller: expected hexadecimal digits, got x600000000000000\n'],
  ])('refuses %j', (words, message) => {
    const here = machine();
    if (!isMachine(here)) return;
    const caller = join('payload/bin', here, 'caller');
    const { status, stderr } = spawnSync(caller, ['1', '1', ...words, ...(words.length < 3 ? [] : ['1'])], {
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([64, message]);
  });
});

const childrenOf = (pid: number): readonly number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

describe('a report of answered calls', () => {
  const text = (lines: readonly string[]): string =>
    [
      'caller 2 clock monotonic seccomp 2 speculation 0 0',
      'proc 2 1',
      'empty 0 10',
      'call 0 0 5000 7',
      ...lines,
      'done',
      '',
    ].join('\n');
  const ONE = { answer: 'notify', call: CALL, rounds: 1, loops: 5 } as const;

  it('is a fault where not every call was answered', () => {
    expect(readAnswered(text(['answered 4']), ONE)).toEqual({ fault: '4 of 5 calls were answered' });
    expect(readAnswered(text([]), ONE)).toEqual({ fault: 'expected what answered the call, got nothing' });
  });

  it('is a fault where the call returned something else than its answer', () => {
    expect(readAnswered(text(['answered 5']), { ...ONE, answer: 'notify-value' })).toEqual({
      fault: 'the call returned 7, which is not what answers it',
    });
  });

  it('has the numbers of both processes', () => {
    expect(readAnswered(text(['answered 5']), ONE)).toEqual({
      clock: 'monotonic',
      seccompMode: 2,
      speculation: [0, 0],
      emptyNs: [10],
      calls: [{ ns: [5000], result: 7 }],
      procMode: 2,
      procFilters: 1,
      answered: 5,
    });
  });
});
