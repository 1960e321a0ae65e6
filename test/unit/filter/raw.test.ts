import { describe, expect, it } from 'vitest';
import { BenchError } from '../../../src/errors.js';
import {
  AUDIT_ARCH,
  architectureFacts,
  buildFilter,
  inspectFilter,
  rawFilter,
  RETURN,
} from '../../../src/filter/index.js';
import { encodeFilter } from '../../../src/filter/inspect/instructions.js';
import type { Instruction } from '../../../src/filter/inspect/instructions.js';
import { BPF } from '../../../src/filter/simulate/bpf.js';

const one = (code: number, k = 0, ifTrue = 0, ifFalse = 0): Instruction => ({ code, k, ifTrue, ifFalse });
const load = (offset: number): Instruction => one(BPF.LD | BPF.W | BPF.ABS, offset);
const equals = (k: number, ifTrue: number, ifFalse: number): Instruction =>
  one(BPF.JMP | BPF.JEQ | BPF.K, k, ifTrue, ifFalse);
const ret = (k: number): Instruction => one(BPF.RET | BPF.K, k);

/** For x86_64: kills other architectures, mount and x32 get ENOSYS, all else is allowed. */
const BY_HAND: readonly Instruction[] = [
  load(4),
  equals(AUDIT_ARCH.X86_64, 1, 0),
  ret(RETURN.KILL_PROCESS),
  load(0),
  one(BPF.JMP | BPF.JSET | BPF.K, 0x40000000, 1, 0),
  equals(165, 0, 1),
  ret(RETURN.ERRNO + 38),
  ret(RETURN.ALLOW),
];
const named = (instructions: readonly Instruction[], order?: 'big-endian') => ({
  name: 'mine.bpf',
  filter: encodeFilter(instructions, order),
});

function refusalOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof BenchError) return `${error.code}: ${error.message} | ${error.hint ?? ''}`;
    throw error;
  }
  return 'accepted';
}

describe('a filter that was built elsewhere', () => {
  it('is refused with the file and the first instruction that the kernel would refuse', () => {
    const atAByte = BY_HAND.map((instruction, at) => (at === 3 ? one(BPF.LD | BPF.B | BPF.ABS, 0) : instruction));
    expect(refusalOf(() => rawFilter(named(atAByte)))).toBe(
      `input: mine.bpf: BPF instruction 3: expected a load that seccomp allows, got code 48 | \
The kernel would refuse this filter.`,
    );
    expect(refusalOf(() => rawFilter(named(BY_HAND.slice(0, -1).concat(load(0)))))).toMatch(
      /^input: mine\.bpf: BPF instruction 8: expected an instruction, got the end of the filter/,
    );
  });

  it('is read in the byte order of its machine, and refused by name in the other one', () => {
    const big = named(BY_HAND, 'big-endian');
    expect(rawFilter(big, 'big-endian').instructions).toEqual(BY_HAND);
    expect(refusalOf(() => rawFilter(big))).toBe(
      `input: mine.bpf is a big-endian filter | \
Name the machine it is for, such as --arch s390x. No engine here can load it.`,
    );
    expect(refusalOf(() => rawFilter(named(BY_HAND), 'big-endian'))).toMatch(/mine\.bpf is a little-endian filter/);
  });

  it('says which architectures it knows and what others get', () => {
    expect(architectureFacts(rawFilter(named(BY_HAND)))).toEqual({
      checked: true,
      known: ['x86_64'],
      x32: { toldApart: true, answers: ['ERRNO(ENOSYS)'] },
      others: ['KILL_PROCESS'],
    });
  });

  it('is told from one that takes calls of x32 for calls of x86_64', () => {
    const open = [...BY_HAND.slice(0, 4), equals(165, 0, 1), ret(RETURN.ERRNO + 38), ret(RETURN.ALLOW)];
    expect(architectureFacts(rawFilter(named(open))).x32).toEqual({ toldApart: false, answers: ['ALLOW'] });
  });

  it('that does not look at the architecture is surveyed for the machine', () => {
    const blind = rawFilter(named([load(0), equals(0, 0, 1), ret(RETURN.ERRNO + 13), ret(RETURN.ALLOW)]));
    expect(architectureFacts(blind)).toEqual({
      checked: false,
      known: [],
      others: ['ALLOW', 'ERRNO(EACCES)'],
    });
    const { counts, calls } = inspectFilter([blind], { kind: 'given', form: 'bpf', name: 'mine.bpf' }, 'aarch64');
    expect(counts.map(({ arch, denied }) => [arch, denied])).toEqual([['aarch64', 1]]);
    expect(calls.find(({ nr }) => nr === 0)?.outcomes[0]?.action).toBe('ERRNO(EACCES)');
  });

  it('names an architecture that libseccomp does not know by its number', () => {
    const odd = rawFilter(named([load(4), equals(0x1234, 0, 1), ret(RETURN.ALLOW), ret(RETURN.TRAP)]));
    expect(architectureFacts(odd)).toEqual({ checked: true, known: ['0x1234'], others: ['TRAP(0)'] });
  });

  it('built by libseccomp with a list of x32 calls tells them apart without testing the bit', () => {
    const spec = {
      defaultAction: 'SCMP_ACT_ERRNO',
      architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X32'],
      syscalls: [{ names: ['read'], action: 'SCMP_ACT_ALLOW' }],
    };
    expect(architectureFacts(rawFilter({ name: 'x', filter: buildFilter(spec, 'x86_64').program })).x32).toEqual({
      toldApart: true,
      answers: ['ALLOW', 'ERRNO(EPERM)'],
    });
  });
});
