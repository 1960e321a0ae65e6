import { constants, machine } from 'node:os';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import {
  AUDIT_ARCH,
  buildFilter,
  executeAll,
  RETURN,
  Simulator,
  surveyCalls,
  verifyFilter,
} from '../../../src/filter/index.js';
import { BPF } from '../../../src/filter/simulate/bpf.js';
import { encodeFilter } from '../../../src/filter/inspect/instructions.js';
import type { Instruction } from '../../../src/filter/inspect/instructions.js';
import type { SeccompSpec } from '../../../src/model/profile/seccomp.js';
import { drawsOf, randomCall, randomProgram } from './random-programs.js';
import type { Draw } from './random-programs.js';

const IS_ARM = machine() === 'aarch64';
const ARCH = IS_ARM ? AUDIT_ARCH.AARCH64 : AUDIT_ARCH.X86_64;
/** getppid: takes no arguments, so any may be given, and never fails of itself. */
const NR = IS_ARM ? 173 : 110;
/** More of them, for a longer search: THREADS=400 npx vitest run ... */
const THREADS = Number(process.env['THREADS'] ?? 14);
/** Errno values that no thread gets by itself. */
const ERRNOS = Array.from({ length: 12 }, (_, index) => 100 + index);
const RETURNS = [
  ...Array.from({ length: 30 }, () => RETURN.ALLOW),
  RETURN.LOG,
  ...ERRNOS.map((errno) => RETURN.ERRNO + errno),
];

/** Lets everything through but the one call, which the program decides. */
const onlyFor = (nr: number, body: readonly Instruction[]): Instruction[] => [
  { code: BPF.LD | BPF.W | BPF.ABS, k: 0, ifTrue: 0, ifFalse: 0 },
  { code: BPF.JMP | BPF.JEQ | BPF.K, k: nr, ifTrue: 1, ifFalse: 0 },
  { code: BPF.RET | BPF.K, k: RETURN.ALLOW, ifTrue: 0, ifFalse: 0 },
  ...body,
];

interface Answer {
  readonly loaded: number;
  readonly results: readonly number[];
}

/** A separate thread, to load filters on. */
class FilteredThread implements AsyncDisposable {
  readonly #worker = new Worker(new URL('./kernel-filters.mjs', import.meta.url), { workerData: { nr: NR } });

  async load(instructions: readonly Instruction[], calls: readonly (readonly bigint[])[]): Promise<Answer> {
    this.#worker.postMessage({ program: encodeFilter(instructions), calls });
    const [answer] = (await once(this.#worker, 'message')) as [Answer];
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}

function needNative(ctx: TestContext): void {
  if (!['x86_64', 'aarch64'].includes(machine()))
    ctx.skip(`the numbers of ${machine()}'s calls are not known to this test`);
}

/** Changes one field of one instruction to something that is likely to be wrong. */
function damaged(draw: Draw, body: readonly Instruction[]): Instruction[] {
  const place = draw(0, body.length - 1);
  return body.map((instruction, at) => {
    if (at !== place) return instruction;
    switch (draw(0, 4)) {
      case 0:
        return { ...instruction, code: draw(0, 255) };
      case 1:
        return { ...instruction, code: draw(0, 0xffff) };
      case 2:
        return { ...instruction, ifTrue: draw(0, 80) };
      case 3:
        return { ...instruction, k: draw(0, 80) };
      default:
        return {
          ...instruction,
          code: [BPF.LD | BPF.MEM, BPF.LDX | BPF.MEM, BPF.ST, BPF.STX][draw(0, 3)]!,
          k: draw(0, 17),
        };
    }
  });
}

const acceptable = (instructions: readonly Instruction[]): boolean => {
  try {
    return new Simulator(instructions).length > 0;
  } catch {
    return false;
  }
};

describe('the simulator compared with the kernel', () => {
  it('answers as the kernel does, for random programs stacked one on the other and random arguments', async (ctx) => {
    needNative(ctx);
    const draw = drawsOf(41);
    let [compared, denied] = [0, 0];
    for (let thread = 0; thread < THREADS; thread += 1) {
      await using filtered = new FilteredThread();
      const loaded: Simulator[] = [];
      for (let stacked = 0; stacked < 3; stacked += 1) {
        const program = onlyFor(
          NR,
          randomProgram(draw, {
            length: draw(5, 120),
            returns: RETURNS,
            wild: (thread + stacked) % 2 === 1,
            pointer: false,
          }),
        );
        loaded.push(new Simulator(program));
        // A division by an X of 0 ends the thread: the kernel's answer to that is not asked for here.
        const calls = Array.from({ length: 60 }, () => randomCall(draw, ARCH, NR)).filter(
          (call) => executeAll(loaded, call).value !== RETURN.KILL_THREAD,
        );
        const answer = await filtered.load(
          program,
          calls.map(({ args }) => args ?? []),
        );
        expect(answer.loaded).toBe(0);
        const expected = calls.map((call) => {
          const { value } = executeAll(loaded, call);
          return (value & 0xffff0000) === RETURN.ERRNO ? value & 0xffff : 0;
        });
        expect(answer.results).toEqual(expected);
        compared += expected.length;
        denied += expected.filter((errno) => errno !== 0).length;
      }
    }
    // The agreement is not one of programs that all say the same.
    expect(compared).toBeGreaterThan(1500);
    expect(Math.min(denied, compared - denied)).toBeGreaterThan(200);
  }, 900_000);

  it('finds a rule about an argument not cacheable, and the kernel enforces it at every call', async (ctx) => {
    needNative(ctx);
    const spec: SeccompSpec = {
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [
        {
          names: ['getppid'],
          action: 'SCMP_ACT_ERRNO',
          errnoRet: 101,
          args: [{ index: 0, value: 8, op: 'SCMP_CMP_EQ' }],
        },
      ],
    };
    const filter = new Simulator(buildFilter(spec).program);
    const verdicts = surveyCalls(filter, [IS_ARM ? 'aarch64' : 'x86_64']);
    expect(verdicts.find(({ name }) => name === 'getppid')).toMatchObject({
      constantAllow: false,
      cacheable: false,
      dependsOnArguments: true,
    });
    expect(verdicts.find(({ name }) => name === 'getpid')).toMatchObject({
      constantAllow: true,
      cacheable: true,
      dependsOnArguments: false,
    });
    await using filtered = new FilteredThread();
    // Were the first answer kept, the later ones would be wrong.
    const calls = Array.from({ length: 1000 }, (_, index) => [BigInt(index % 3 === 0 ? 8 : index), 0n, 0n, 0n, 0n, 0n]);
    const { loaded, results } = await filtered.load(filter.instructions, calls);
    expect(loaded).toBe(0);
    expect(results).toEqual(calls.map(([first]) => (first === 8n ? 101 : 0)));
  });

  it('is right where a filter differs from its rules: the kernel answers as the simulator does', async (ctx) => {
    needNative(ctx);
    const compare = (op: string, value: bigint) => [{ index: 0, value, op }];
    const allow = { names: ['getppid'], action: 'SCMP_ACT_ERRNO', errnoRet: 101 };
    // libseccomp before 2.6.1 merges the two comparisons wrongly (GHSA-4q85-33p6-j5g6).
    const spec: SeccompSpec = {
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [
        { ...allow, args: compare('SCMP_CMP_GE', 0x1_0000_0005n) },
        { ...allow, args: compare('SCMP_CMP_LE', 5n) },
      ],
    };
    const filter = new Simulator(buildFilter(spec).program);
    const { differences } = verifyFilter([filter], spec, { machine: machine() });
    const tried = [0n, 5n, 6n, 0xffff_ffffn, 0x1_0000_0000n, 0x1_0000_0004n, 0x1_0000_0005n, 2n ** 64n - 1n];
    const examples = differences.map(({ example }) => example.args[0] ?? 0n);
    const calls = [...tried, ...examples].map((first) => [first, 0n, 0n, 0n, 0n, 0n]);
    await using filtered = new FilteredThread();
    const { loaded, results } = await filtered.load(filter.instructions, calls);
    expect(loaded).toBe(0);
    const simulated = calls.map((args) => filter.execute({ arch: ARCH, nr: NR, args }).value);
    expect(results).toEqual(simulated.map((value) => (value === RETURN.ALLOW ? 0 : value & 0xffff)));
    const rules = (first: bigint): number => (first <= 5n || first >= 0x1_0000_0005n ? 101 : 0);
    // What verify calls a difference is one in the kernel too, and nothing else here is.
    expect(calls.some(([first = 0n], index) => results[index] !== rules(first))).toBe(differences.length > 0);
  });

  it('refuses what the kernel refuses and accepts what it accepts', async (ctx) => {
    needNative(ctx);
    const draw = drawsOf(4242);
    await using filtered = new FilteredThread();
    let [taken, refused] = [0, 0];
    for (let round = 0; round < 400; round += 1) {
      const body = randomProgram(draw, { length: draw(1, 30), returns: RETURNS, wild: true, pointer: true });
      const program = onlyFor(NR, damaged(draw, body));
      const { loaded } = await filtered.load(program, []);
      const expected = acceptable(program) ? 0 : constants.errno.EINVAL;
      expect({ round, loaded, damaged: program }).toEqual({ round, loaded: expected, damaged: program });
      if (loaded === 0) taken += 1;
      else refused += 1;
    }
    expect(Math.min(taken, refused)).toBeGreaterThan(50);
  });
});

/** Codes with a meaning in classic BPF, or one bit away from it. */
const CODES = [BPF.LD, BPF.LDX, BPF.ST, BPF.STX, BPF.ALU, BPF.JMP, BPF.RET, BPF.MISC].flatMap((group) =>
  [0x00, 0x08, 0x10, 0x20, 0x28, 0x30, 0x40, 0x50, 0x60, 0x70, 0x80, 0x90, 0xa0, 0xb0].map((rest) => group | rest),
);
/** Ends of what is allowed: offsets into seccomp_data, words of memory, shifts, and the kernel's own offsets. */
const EDGES = [0, 1, 2, 3, 4, 15, 16, 17, 31, 32, 33, 59, 60, 61, 63, 64, 68, 0xfffff000, 0xfffff004, 0xffffffff];

/** Instructions from nothing but codes and edges; most have a fault. */
function fromEdges(draw: Draw): Instruction[] {
  const length = draw(1, 6);
  return Array.from({ length }, (_, at): Instruction => {
    const isLast = at === length - 1;
    return {
      code: isLast && draw(0, 4) > 0 ? BPF.RET | (draw(0, 1) === 0 ? BPF.K : BPF.A) : CODES[draw(0, CODES.length - 1)]!,
      ifTrue: draw(0, 3) === 0 ? draw(0, 7) : 0,
      ifFalse: draw(0, 3) === 0 ? draw(0, 7) : 0,
      k: isLast ? RETURN.ALLOW : EDGES[draw(0, EDGES.length - 1)]!,
    };
  });
}

describe("the kernel's checks before it loads a filter", () => {
  it('are those of bench, for thousands of filters made of edges', async (ctx) => {
    needNative(ctx);
    const draw = drawsOf(777);
    let [taken, refused] = [0, 0];
    for (let thread = 0; thread < 12; thread += 1) {
      // Every filter that is loaded slows the thread down, and the kernel limits their sum.
      await using filtered = new FilteredThread();
      for (let round = 0; round < 300; round += 1) {
        const body = draw(0, 2) === 0 ? damaged(draw, fromEdges(draw)) : fromEdges(draw);
        const program = onlyFor(NR, body);
        const { loaded } = await filtered.load(program, []);
        const expected = acceptable(program) ? 0 : constants.errno.EINVAL;
        expect({ thread, round, loaded, program }).toEqual({ thread, round, loaded: expected, program });
        if (loaded === 0) taken += 1;
        else refused += 1;
      }
    }
    expect(Math.min(taken, refused)).toBeGreaterThan(300);
  });

  it('refuse no instruction and more than 4096 of them', async (ctx) => {
    needNative(ctx);
    await using filtered = new FilteredThread();
    for (const [length, expected] of [
      [0, constants.errno.EINVAL],
      [1, 0],
      [4096, 0],
      [4097, constants.errno.EINVAL],
    ] as const) {
      const program = Array.from({ length }, () => ({ code: BPF.RET | BPF.K, k: RETURN.ALLOW, ifTrue: 0, ifFalse: 0 }));
      const { loaded } = await filtered.load(program, []);
      expect({ length, loaded, acceptable: acceptable(program) }).toEqual({
        length,
        loaded: expected,
        acceptable: expected === 0,
      });
    }
  });
});
