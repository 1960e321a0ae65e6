import { describe, expect, it } from 'vitest';
import {
  actionText,
  buildFilter,
  compareFilters,
  executeAll,
  machinesKnown,
  RETURN,
  Simulator,
} from '../../../src/filter/index.js';
import { cellsOf } from '../../../src/filter/compare/cells.js';
import { BPF } from '../../../src/filter/simulate/bpf.js';
import type { Instruction } from '../../../src/filter/inspect/instructions.js';
import type { ArchitectureDiff, CallDiff, FilterDiff } from '../../../src/model/filter/diff.js';
import type { SeccompArg, SeccompSpec } from '../../../src/model/profile/seccomp.js';

const WHOLE = 0xffffffff;
const MOST = 2n ** 64n - 1n;
const one = (code: number, k = 0, ifTrue = 0, ifFalse = 0): Instruction => ({ code, k, ifTrue, ifFalse });
const load = (word: number): Instruction => one(BPF.LD | BPF.W | BPF.ABS, word * 4);
const ret = (value: number): Instruction => one(BPF.RET | BPF.K, value);

const arg = (op: string, value: bigint | number, index = 0, valueTwo: bigint | number = 0): SeccompArg => ({
  index,
  value,
  valueTwo,
  op: `SCMP_CMP_${op}`,
});
const allow = (name: string, ...args: readonly SeccompArg[]) => ({ names: [name], action: 'SCMP_ACT_ALLOW', args });
const specOf = (...syscalls: NonNullable<SeccompSpec['syscalls']>): SeccompSpec => ({
  defaultAction: 'SCMP_ACT_ERRNO',
  architectures: ['SCMP_ARCH_X86_64'],
  syscalls,
});
const filterOf = (spec: SeccompSpec, machine = 'x86_64'): Simulator => {
  const { program, order } = buildFilter(spec, machine);
  return new Simulator(program, order);
};
const diffOf = (before: SeccompSpec, after: SeccompSpec): FilterDiff =>
  compareFilters([filterOf(before)], [filterOf(after)], 'x86_64');
const abi = (diff: FilterDiff, name = 'x86_64'): ArchitectureDiff =>
  diff.architectures.find(({ arch }) => arch === name)!;
const call = (diff: FilterDiff, name: string, arch = 'x86_64'): CallDiff =>
  abi(diff, arch).calls.find((found) => found.name === name)!;
const ranges = (...list: readonly (readonly [bigint, bigint])[]) => ({
  exact: true,
  except: false,
  cases: [[{ kind: 'ranges', argument: 0, part: 'whole', ranges: list }]],
});

describe('cellsOf', () => {
  it('cuts at every constant of a comparison', () => {
    const tests = [
      { mask: WHOLE, code: BPF.JEQ, k: 38 },
      { mask: WHOLE, code: BPF.JGT, k: 40 },
      { mask: WHOLE, code: BPF.JGE, k: WHOLE },
    ];
    expect(cellsOf(tests, 100)!.map(({ low, high }) => [low, high])).toEqual([
      [0, 37],
      [38, 38],
      [39, 40],
      [41, WHOLE - 1],
      [WHOLE, WHOLE],
    ]);
  });

  it('counts the values of masked comparisons', () => {
    const cells = cellsOf(
      [
        { mask: WHOLE, code: BPF.JSET, k: 0b11 },
        { mask: 0b101, code: BPF.JEQ, k: 0b100 },
      ],
      100,
    )!;
    expect(cells.reduce((sum, { count }) => sum + count, 0)).toBe(2 ** 32);
    expect(cells).toEqual([
      { low: 0, high: 0xfffffff8, count: 2 ** 29 },
      { low: 1, high: 0xffffffff, count: 2 ** 31 + 2 ** 29 },
      { low: 4, high: 0xfffffffc, count: 2 ** 29 },
      { low: 6, high: 0xfffffffe, count: 2 ** 29 },
    ]);
  });

  it('finds no value for a mask that its constant has bits outside of', () => {
    expect(cellsOf([{ mask: 0xf0, code: BPF.JEQ, k: 0x1f }], 10)).toHaveLength(1);
  });

  it('gives up on too many', () => {
    const tests = Array.from({ length: 12 }, (_, bit) => ({ mask: WHOLE, code: BPF.JSET, k: 1 << bit }));
    expect(cellsOf(tests, 1000)).toBeNull();
    expect(cellsOf(tests, 5000)).toHaveLength(4096);
  });
});

describe('compareFilters', () => {
  it('says which values of an argument pass before, and which also pass now', () => {
    const diff = diffOf(
      specOf(allow('socket', arg('LT', 38)), allow('socket', arg('EQ', 39)), allow('socket', arg('GT', 40))),
      specOf(allow('socket', arg('NE', 38))),
    );
    const { kinds, changes, before } = call(diff, 'socket');
    expect(kinds).toEqual(['opened']);
    expect(before.passes).toEqual(ranges([0n, 37n], [39n, 39n], [41n, MOST]));
    expect(changes).toEqual([
      {
        kind: 'opened',
        before: 'ERRNO(EPERM)',
        after: 'ALLOW',
        when: ranges([40n, 40n]),
        example: expect.objectContaining({ nr: 41, args: [40n, 0n, 0n, 0n, 0n, 0n] }) as unknown,
      },
    ]);
    expect(diff.proof).toMatchObject({ state: 'proved', why: [] });
  });

  it('describes masked conditions by their bits, and several arguments together', () => {
    const flags = 0x7e020000;
    const diff = diffOf(
      specOf(allow('socket')),
      specOf(allow('clone', arg('MASKED_EQ', flags, 0, 0)), allow('socket', arg('EQ', 16), arg('EQ', 9, 2))),
    );
    expect(call(diff, 'clone').changes[0]!.when).toEqual({
      exact: true,
      except: false,
      cases: [[{ kind: 'bits', argument: 0, mask: BigInt(flags), value: 0n, equal: true }]],
    });
    expect(call(diff, 'socket').changes[0]!.when).toEqual({
      exact: true,
      except: true,
      cases: [
        [
          { kind: 'ranges', argument: 0, part: 'whole', ranges: [[16n, 16n]] },
          { kind: 'ranges', argument: 2, part: 'whole', ranges: [[9n, 9n]] },
        ],
      ],
    });
  });

  it('tells errno and action apart from opening and closing', () => {
    const errno = (errnoRet: number) => ({ names: ['bpf'], action: 'SCMP_ACT_ERRNO', errnoRet });
    const action = (name: string) => ({ names: ['bpf'], action: `SCMP_ACT_${name}` });
    const base = { ...specOf(), defaultAction: 'SCMP_ACT_ALLOW' };
    const kindsOf = (before: object, after: object) =>
      call(diffOf({ ...base, syscalls: [before as never] }, { ...base, syscalls: [after as never] }), 'bpf').kinds;
    expect(kindsOf(errno(1), errno(38))).toEqual(['changed']);
    expect(kindsOf(action('KILL'), errno(1))).toEqual(['changed']);
    expect(kindsOf(action('KILL'), action('LOG'))).toEqual(['opened']);
    expect(kindsOf(action('TRACE'), action('LOG'))).toEqual(['opened']);
    expect(kindsOf(action('NOTIFY'), errno(1))).toEqual(['closed']);
    expect(kindsOf(errno(1), action('TRACE'))).toEqual(['opened']);
  });

  it('compares the ABIs of the machine, and the numbers that no table knows', () => {
    const spec = specOf(allow('read'));
    const open: SeccompSpec = {
      ...spec,
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ ...spec.syscalls![0]!, action: 'SCMP_ACT_KILL' }],
    };
    const diff = diffOf(spec, open);
    expect(diff.architectures.map(({ arch }) => arch)).toEqual(['x86_64', 'x86', 'x32']);
    expect(abi(diff, 'x86')).toMatchObject({ uniformBefore: 'KILL_THREAD', uniformAfter: 'KILL_THREAD' });
    const { others, newer } = abi(diff);
    expect(others.filter(({ kinds }) => kinds.includes('opened')).flatMap((found) => found.ranges)).toContainEqual([
      newer.nr,
      0x3fffffff,
    ]);
    expect(newer).toMatchObject({ before: 'ERRNO(EPERM)', after: 'ALLOW' });
    expect(call(diff, 'read')).toMatchObject({ kinds: ['closed'], before: { cached: true }, after: { cached: false } });
  });

  it('finds one number that a filter treats differently, between those with a name', () => {
    const program = (nr: number): Simulator =>
      new Simulator([load(0), one(BPF.JMP | BPF.JEQ | BPF.K, nr, 0, 1), ret(RETURN.ALLOW), ret(RETURN.ERRNO + 1)]);
    const diff = compareFilters([program(0)], [program(0x12345678)], 'x86_64');
    expect(abi(diff).others.filter(({ kinds }) => kinds.length > 0)).toEqual([
      expect.objectContaining({ ranges: [[0x12345678, 0x12345678]], count: 1, kinds: ['opened'] }),
    ]);
  });

  it('says that it is not proved where a filter computes with an argument, and still finds the difference', () => {
    const program = (k: number): Simulator =>
      new Simulator([
        load(4),
        one(BPF.ALU | BPF.ADD | BPF.K, 1),
        one(BPF.JMP | BPF.JEQ | BPF.K, k, 0, 1),
        ret(RETURN.ALLOW),
        ret(RETURN.ERRNO + 1),
      ]);
    const diff = compareFilters([program(39)], [program(41)], 'x86_64');
    expect(diff.proof).toMatchObject({ state: 'sampled', why: ['the filter computes with arguments'] });
    const { kinds, notProved, changes } = call(diff, 'socket');
    expect([kinds, notProved]).toEqual([['opened', 'closed'], 'the filter computes with arguments']);
    for (const { example, before, after } of changes)
      expect([program(39), program(41)].map((filter) => actionText(filter.execute(example).value))).toEqual([
        before,
        after,
      ]);
  });

  it('says that it is not proved where a filter computes with the number', () => {
    const program = new Simulator([
      load(0),
      one(BPF.ALU | BPF.RSH | BPF.K, 1),
      one(BPF.JMP | BPF.JEQ | BPF.K, 5000, 0, 1),
      ret(RETURN.ALLOW),
      ret(RETURN.ERRNO + 1),
    ]);
    expect(compareFilters([program], [], 'x86_64').proof).toMatchObject({
      state: 'sampled',
      why: ["the filter computes with the call's number"],
    });
  });

  it('knows a filter and itself by their instructions, and takes an empty stack for no filter', () => {
    const filter = filterOf(specOf(allow('read')));
    expect(compareFilters([filter], [filter], 'x86_64').proof.state).toBe('identical');
    const diff = compareFilters([], [filter], 'x86_64');
    expect(call(diff, 'read')).toMatchObject({
      kinds: [],
      before: { cached: false, most: 0 },
      after: { cached: true },
    });
    expect(call(diff, 'bpf').kinds).toEqual(['closed']);
    expect(diff.before).toEqual({ filters: 0, instructions: 0, longest: 0, architectures: [] });
  });

  it('adds up stacked filters', () => {
    const [one, other] = [filterOf(specOf(allow('read'))), filterOf(specOf(allow('read'), allow('write')))];
    const diff = compareFilters([other], [one, other], 'x86_64');
    const { before, after, kinds } = call(diff, 'write');
    expect([kinds, after.most - before.most]).toEqual([
      ['closed'],
      executeAll([one], { arch: 0xc000003e, nr: 1 }).instructions,
    ]);
  });

  it('compares on machines of either byte order, and refuses a filter of the other one', () => {
    const spec = (op: string) => ({ ...specOf(allow('socket', arg(op, 0x1_0000_0028n))), architectures: [] });
    const filters = ['EQ', 'GE'].map((op) => filterOf(spec(op), 's390x')) as [Simulator, Simulator];
    const diff = compareFilters([filters[0]], [filters[1]], 's390x');
    expect(call(diff, 'socket', 's390x').changes[0]!.when).toEqual(ranges([0x1_0000_0029n, MOST]));
    expect(() => compareFilters([filters[0]], [], 'x86_64')).toThrow(/big-endian/);
    expect(() => compareFilters([], [], 'pdp11')).toThrow(/does not know pdp11/);
  });

  it('knows the machines that are no second ABI of another', () => {
    expect(machinesKnown()).toEqual(expect.arrayContaining(['x86_64', 'aarch64', 's390x', 'mips']));
    expect(machinesKnown()).not.toContain('x32');
  });
});
